"""What the page adds to its head: its stylesheets, and the scripts about Gradio's elements."""

import json
from pathlib import Path

from page.i18n import GRADIO_IN_FRENCH, TEXTS
from page.template import BROWSER_LANGUAGE, STATIC

SCRIPTS = (
    "connection",
    "frame",
    "tabs",
    "skeleton",
    "french",
    "drop",
    "sources",
    "preview",
    "print",
    "accordions",
)
"""Files in static; each but the first may use what those before it declare."""


def head(stylesheets: list[Path]) -> str:
    """Return HTML for the ``head`` of ``launch``.

    Args:
        stylesheets: files that its argument ``css_paths`` would take, which breaks rules in
            ``@media`` and applies all of them only after Gradio's scripts have loaded.
    """
    style = "\n".join(file.read_text(encoding="utf-8") for file in stylesheets)
    # Where the page is an element of another one, nothing has run before.
    app = (STATIC / "app.js").read_text(encoding="utf-8")
    static = Path(__file__).with_name("static")
    connection, *scripts = ((static / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    no_preview = json.dumps(TEXTS["no_preview"])
    constants = (
        f"const LANGUAGE = {BROWSER_LANGUAGE};\n"
        f"const FRENCH = {json.dumps(GRADIO_IN_FRENCH)};\n"
        f"const NO_PREVIEW = {no_preview}[LANGUAGE];\n"
    )
    # A block each, so that their constants are their own.
    blocks = f"{{\n{connection}}}\n{{\n{constants}{''.join(scripts)}}}"
    return f"<style>{style}</style><script>{app}{blocks}</script>"
