"""What the page adds to its head: its stylesheets, connection.js, and dom.js with its texts."""

import json
from pathlib import Path

from page.i18n import GRADIO_IN_FRENCH, TEXTS
from page.template import BROWSER_LANGUAGE


def head(stylesheets: list[Path]) -> str:
    """Return HTML for the ``head`` of ``launch``.

    Args:
        stylesheets: files that its argument ``css_paths`` would take, which breaks rules in
            ``@media`` and applies all of them only after Gradio's scripts have loaded.
    """
    style = "\n".join(file.read_text(encoding="utf-8") for file in stylesheets)
    connection, dom = (
        Path(__file__).with_name(name).read_text(encoding="utf-8")
        for name in ("connection.js", "dom.js")
    )
    french = json.dumps(GRADIO_IN_FRENCH)
    no_preview = json.dumps(TEXTS["no_preview"])
    constants = (
        f"const LANGUAGE = {BROWSER_LANGUAGE};\n"
        f"const FRENCH = {french};\n"
        f"const NO_PREVIEW = {no_preview}[LANGUAGE];"
    )
    # A block each, so that their constants are their own.
    scripts = f"{{\n{connection}}}\n{{\n{constants}\n{dom}}}"
    return f"<style>{style}</style><script>{scripts}</script>"
