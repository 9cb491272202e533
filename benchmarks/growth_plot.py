"""How cost grows, as one picture of four panels."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.colors import TABLEAU_COLORS
from matplotlib.ticker import LogLocator, NullFormatter


def plot_growth(growth: dict, file: Path) -> None:
    """Draw what tests/bench/growth.py measured.

    Args:
        growth: pairs of what varies and what was measured, by panel and line.
        file: where to write the PNG.
    """
    figure, axes = plt.subplots(2, 2, figsize=(9, 7), layout="constrained")
    size, clients, length, workers = axes.flat

    for kind, rates in growth["pictures"].items():
        size.loglog(*_columns(rates), "o-", label=kind)
    size.set(title="size of a picture, in process", xlabel="megapixels", ylabel="pictures a second")
    size.legend()

    waits = clients.twinx()
    lines = []
    for (way, crowd), colour in zip(growth["clients"].items(), TABLEAU_COLORS, strict=False):
        name = way.replace("`", "")
        counts, rates = _columns(crowd["answers a second"])
        lines += clients.plot(counts, rates, "o-", color=colour, label=f"answers {name}")
        counts, seconds = _columns(crowd["median wait"])
        lines += waits.plot(counts, seconds, "s--", color=colour, label=f"wait {name}")
    clients.set_xscale("log", base=2)
    clients.set_xticks(counts, counts)
    clients.set(title="clients at once, over HTTP", xlabel="clients", ylabel="answers a second")
    waits.set(ylabel="median wait in seconds")
    for axis in (clients, waits):
        axis.set_ylim(0, 1.7 * axis.get_ylim()[1])  # Room for the legend.
    clients.legend(handles=lines, loc="upper left")

    for command, seconds in growth["folders"].items():
        length.loglog(*_columns(seconds), "o-", label=command)
    length.set(title="length of a folder, start included", xlabel="pictures", ylabel="seconds")
    bottom, top = length.get_ylim()
    length.set_ylim(bottom, 4 * top)  # Room for the legend.
    length.legend(loc="upper left")

    counts, rates = _columns(growth["workers"])
    workers.bar(counts, rates, width=0.5, label="measured")
    ideal = [rates[0] * count / counts[0] for count in counts]
    workers.plot(counts, ideal, "o:", color="grey", label="in proportion")
    workers.set_xticks(counts, counts)
    workers.set(
        title="workers of python -m model.bulk", xlabel="workers", ylabel="pictures a second"
    )
    workers.set_ylim(0, 1.15 * max(*rates, *ideal))
    workers.legend(loc="upper left")

    for axis in (size.xaxis, size.yaxis, length.xaxis, length.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 3)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())
    for axis in axes.flat:
        axis.grid(axis="y", alpha=0.4)
    figure.savefig(file, dpi=110)
    plt.close(figure)


def _columns(pairs: list[list[float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in pairs], [y for _, y in pairs]
