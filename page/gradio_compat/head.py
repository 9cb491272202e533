"""The script that the page adds to its head: dom.js with its texts."""

import json
from pathlib import Path

from page.i18n import GRADIO_IN_FRENCH, TEXTS
from page.template import BROWSER_LANGUAGE


def head() -> str:
    """Return HTML for the ``head`` of ``launch``."""
    script = Path(__file__).with_name("dom.js").read_text(encoding="utf-8")
    french = json.dumps(GRADIO_IN_FRENCH)
    no_preview = json.dumps(TEXTS["no_preview"])
    constants = (
        f"const LANGUAGE = {BROWSER_LANGUAGE};\n"
        f"const FRENCH = {french};\n"
        f"const NO_PREVIEW = {no_preview}[LANGUAGE];"
    )
    return f"<script>{{\n{constants}\n{script}}}</script>"
