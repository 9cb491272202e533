"""Code to call the app from programs and to embed it, to be copied."""

from collections.abc import Sequence

from page.addresses import APP
from page.i18n import Locale, wording


def snippets(labels: Sequence[str], locale: Locale) -> dict[str, str]:
    """Return code by the key of its caption in page/locales; ``labels`` are those of the app."""
    title = locale.text(wording("title", labels))
    return {
        "programs_shell": f"curl --data-binary @image.png {APP}/predict",
        "programs_python": f"""\
from gradio_client import Client, handle_file

client = Client("{APP}")
print(client.predict(handle_file("image.png"), api_name="/predict"))""",
        "programs_page": f"""\
<iframe src="{APP}/?__theme=light" title="{title}"
  height="900" width="100%" loading="lazy"
  allow="clipboard-read; camera" style="border: 0"></iframe>""",
    }
