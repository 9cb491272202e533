"""Words, names and numbers as one language writes them."""

import re

from markupsafe import Markup

from page.about.texts import NAMES, TEXTS


class Wording:
    """How the tab speaks.

    Args:
        language: "en" or "fr".
    """

    def __init__(self, language: str):
        self.language = language

    def text(self, key: str, **values) -> Markup:
        """A text of the tab as HTML, with values filled in, which are escaped."""
        text = self._typeset(TEXTS[key][self.language])
        return Markup(text).format(**values)  # nosec B704  # it is ours; format escapes the values

    def name(self, key: str) -> str:
        """What the files call ``key``, in the visitor's language where it is a known name."""
        return self._typeset(NAMES[key][self.language]) if key in NAMES else key

    def decimal(self, value: float, places: int = 3) -> str:
        """A number with that many decimal places: 0.976, or 0,976."""
        return self._localise(f"{value:,.{places}f}")

    def percent(self, share: float) -> str:
        """A share of 0 to 1 in percent: 97.6%, or 97,6 %."""
        return self.decimal(100 * share, 1) + ("\N{NO-BREAK SPACE}%" if self._french else "%")

    def rounded_percent(self, share: float) -> str:
        """A share of 0 to 1 in whole percent: 80%, or 80 %."""
        return f"{100 * share:.0f}" + ("\N{NO-BREAK SPACE}%" if self._french else "%")

    def exact(self, value: float) -> str:
        """A number with the decimal places it has: 0.0006, or 0,0006."""
        return self._localise(f"{value:,}")

    def count(self, number: int) -> str:
        """A whole number: 4,217, or 4 217."""
        return self._localise(f"{number:,}")

    def interval(self, figure: dict[str, float], form=None) -> str:
        """The ends of a figure's interval, each written by ``form`` (``decimal`` by default)."""
        form = form or self.decimal
        return f"{form(figure['low'])}\N{EN DASH}{form(figure['high'])}"

    @property
    def _french(self) -> bool:
        return self.language == "fr"

    def _typeset(self, text: str) -> str:
        """French sets these marks apart, by a space at which no line ends."""
        if not self._french:
            return text
        return re.sub(r"(?<=«) | (?=[»:;?!%])", "\N{NO-BREAK SPACE}", text)

    def _localise(self, number: str) -> str:
        if not self._french:
            return number
        return number.translate({ord(","): "\N{NARROW NO-BREAK SPACE}", ord("."): ","})
