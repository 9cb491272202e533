"""HTML templates of components: a JavaScript function per file, called with the visitor's words."""

from pathlib import Path

VISITORS_LANGUAGE = "(navigator.language.split('-')[0] === 'fr' ? 'fr' : 'en')"
"""As Gradio chooses for what it translates itself."""


def template(name: str, *props: str) -> str:
    """A ``html_template`` for ``gr.HTML``.

    Args:
        name: the file in this folder that holds one JavaScript function, which returns HTML.
        props: the names of the component's properties that the function gets, after the words.

    Returns:
        A call of the function with the prop ``words``, from ``texts.words``, in one language.
    """
    function = (
        (Path(__file__).with_name("static") / name).read_text(encoding="utf-8").strip().rstrip(";")
    )
    # Gradio reads two braces as a Handlebars tag.
    assert "{{" not in function and "}}" not in function, name  # nosec B101  # files of ours, seen by tests
    return f"${{({function})({', '.join((f'words[{VISITORS_LANGUAGE}]', *props))})}}"
