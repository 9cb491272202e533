"""Numbers as the page shows them."""

import re


def formatted(number, language, places=3):
    """Format a number as the page must, by other means than the page's own."""
    whole, _, rest = f"{number:.{places}f}".partition(".")
    groups = re.sub(r"(?<=\d)(?=(\d{3})+$)", {"en": ",", "fr": "\u202f"}[language], whole)
    return groups + ({"en": ".", "fr": ","}[language] + rest if rest else "")
