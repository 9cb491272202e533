"""Charts as inline SVG and HTML, which use the page's colours, language and width."""

import dataclasses
import itertools
import math
from collections.abc import Callable

from markupsafe import Markup

WIDTH, HEIGHT = 320, 240
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 10, 44
"""Size and margins of a line chart, in the units of its view box."""

_chart_ids = itertools.count()


@dataclasses.dataclass(frozen=True)
class Axis:
    """One axis of a line chart: its title, its ends and the format of its tick labels."""

    title: str
    low: float
    high: float
    format: Callable[[float], str]
    ticks: int = 5

    def tick_values(self) -> list[float]:
        """Return about ``ticks`` round numbers between the ends."""
        rough = (self.high - self.low) / self.ticks
        power = 10 ** math.floor(math.log10(rough))
        step = next(power * digit for digit in (1, 2, 2.5, 5, 10) if power * digit >= rough * 0.99)
        first, last = math.ceil(self.low / step - 1e-6), math.floor(self.high / step + 1e-6)
        return [step * i for i in range(first, last + 1)]


@dataclasses.dataclass(frozen=True)
class Line:
    """Points joined by a line; ``style`` is its CSS class, ``radii`` are those of its points."""

    style: str
    points: list[tuple[float, float]]
    radii: list[float] | None = None


def line_chart(title: str, description: str, x: Axis, y: Axis, lines: list[Line]) -> Markup:
    """Draw a line chart with a grid; title and description are for screen readers."""

    def place(point):
        across = (point[0] - x.low) / (x.high - x.low)
        up = (point[1] - y.low) / (y.high - y.low)
        return (
            round(LEFT + across * (WIDTH - LEFT - RIGHT), 1),
            round(HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM), 1),
        )

    parts = []
    for value in y.tick_values():
        _, height = place((x.low, value))
        parts.append(_GRID.format(x1=LEFT, x2=WIDTH - RIGHT, y1=height, y2=height))
        parts.append(_TEXT.format(x=LEFT - 6, y=height + 4, anchor="end", text=y.format(value)))
    for value in x.tick_values():
        across, bottom = place((value, y.low))
        parts.append(_TEXT.format(x=across, y=bottom + 16, anchor="middle", text=x.format(value)))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(_TEXT.format(x=middle, y=HEIGHT - 8, anchor="middle", text=x.title))
    for line in lines:
        places = [place(point) for point in line.points]
        path = " ".join(f"{across},{height}" for across, height in places)
        parts.append(_LINE.format(path, line.style))
        for (across, height), radius in zip(places, line.radii or (), strict=False):
            parts.append(_POINT.format(across, height, round(radius, 1), line.style))
    return _CHART.format(
        id=next(_chart_ids),
        width=WIDTH,
        height=HEIGHT,
        title=title,
        description=description,
        parts=Markup("").join(parts),
    )


def range_plot(figures: list[dict[str, float]], low: float) -> Markup:
    """Draw values and their intervals above each other, on a scale of ``low`` to 1.

    Screen readers skip it.
    """

    def place(value):
        return round(100 * (max(value, low) - low) / (1 - low), 1)

    rows = [
        _RANGE.format(
            series=series,
            start=place(figure["low"]),
            width=round(place(figure["high"]) - place(figure["low"]), 1),
            dot=place(figure["value"]),
        )
        for series, figure in enumerate(figures)
    ]
    return Markup('<span class="ranges" aria-hidden="true">{}</span>').format(Markup("").join(rows))


_CHART = Markup(
    '<svg viewBox="0 0 {width} {height}" role="img" aria-labelledby="chart-{id}-title" '
    'aria-describedby="chart-{id}-description"><title id="chart-{id}-title">{title}'
    '</title><desc id="chart-{id}-description">{description}</desc>{parts}</svg>'
)
_GRID = Markup('<line class="grid" x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}"/>')
_TEXT = Markup('<text x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>')
_LINE = Markup('<polyline points="{}" class="line {}"/>')
_POINT = Markup('<circle cx="{}" cy="{}" r="{}" class="point {}"/>')
_RANGE = Markup(
    '<span class="range series-{series}"><i style="left:{start}%;width:{width}%"></i>'
    '<b style="left:{dot}%"></b></span>'
)
