"""HTML templates of components: one JavaScript function per file, called with localised words."""

from pathlib import Path

STATIC = Path(__file__).with_name("static")

BROWSER_LANGUAGE = "(navigator.language.split('-')[0] === 'fr' ? 'fr' : 'en')"
"""JavaScript for the language that Gradio's own translation chooses as well."""

HELPERS = (STATIC / "text.js").read_text(encoding="utf-8")


def script(*names: str) -> str:
    """Return files in page/static after each other, for the ``js_on_load`` of ``gr.HTML``.

    They have the language of the visitor's texts as ``LANGUAGE``.
    """
    files = "".join((STATIC / name).read_text(encoding="utf-8") for name in names)
    return f"const LANGUAGE = {BROWSER_LANGUAGE};\n{files}"


def template(name: str, *props: str) -> str:
    """Return an ``html_template`` for ``gr.HTML``.

    Args:
        name: file in page/static with one JavaScript function, which returns HTML.
        props: names of the component's properties that the function gets after the words.

    Returns:
        A call of the function with the prop ``words``, from ``i18n.words``, in one language. The
        function may use ``HELPERS``.
    """
    function = (STATIC / name).read_text(encoding="utf-8").strip().rstrip(";")
    # Gradio would take two braces for a Handlebars tag.
    assert "{{" not in function and "}}" not in function, name  # nosec B101  # our own files
    arguments = ", ".join((f"words[{BROWSER_LANGUAGE}]", *props))
    return f"${{(() => {{ {HELPERS} return ({function})({arguments}); }})()}}"
