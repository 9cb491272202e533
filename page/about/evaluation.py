"""Template functions about the evaluation: sorted tables, charts and limits."""

import math

from markupsafe import Markup

from page.about.charts import Axis, Line, line_chart
from page.i18n import Locale

WORST = 3
"""Number of worst sources and corruptions in the section "Limits"."""


def recall_per_source(split: dict) -> list[dict]:
    """Return the sources of a split with label, images and recall, lowest recall first."""
    rows = []
    for name, row in split["recall_per_source"].items():
        label, _, source = name.partition("/")
        rows.append({"label": label, "source": source, **row})
    return sorted(rows, key=lambda row: (row["recall"], -row["images"]))


def reliability_chart(split: dict, title: str, locale: Locale) -> Markup:
    """Draw the accuracy of a split's predictions against their confidence (reliability diagram)."""
    columns = (split["reliability"][key] for key in ("share", "confidence", "accuracy"))
    bins = [row for row in zip(*columns, strict=True) if row[0]]
    share, confidence, accuracy = max(bins)
    measured = Line("measured", [row[1:] for row in bins], [2 + 8 * row[0] ** 0.5 for row in bins])

    def percent(share):
        return locale.percent(share, 0)

    return line_chart(
        title,
        locale.text(
            "reliability_description",
            error=locale.decimal(split["expected_calibration_error"]["value"]),
            share=locale.percent(share),
            confidence=locale.percent(confidence),
            accuracy=locale.percent(accuracy),
        ),
        Axis(locale.text("confidence"), 0, 1, percent),
        Axis(title, 0, 1, percent),
        [Line("ideal", [(0, 0), (1, 1)]), measured],
    )


def corruption_rows(robustness: dict) -> list[tuple[str, list[dict]]]:
    """Return each corruption with every network's balanced accuracy, uncorrupted images first."""
    networks = robustness["networks"].values()
    names = list(next(iter(networks)))
    return [
        (name, [measured[name]["balanced_accuracy"] for measured in networks]) for name in names
    ]


def scale_start(rows: list[tuple[str, list[dict]]]) -> float:
    """Return where the scale of ``corruption_rows`` starts: the tenth below all intervals."""
    return math.floor(10 * min(figure["low"] for _, row in rows for figure in row)) / 10


def corruption_means(robustness: dict, locale: Locale) -> str:
    """Write each network's mean balanced accuracy over all corruptions."""
    columns = zip(*(row for _, row in corruption_rows(robustness)[1:]), strict=True)
    means = (sum(figure["value"] for figure in column) / len(column) for column in columns)
    return ", ".join(
        f"{locale.decimal(mean)} ({locale.name(network)})"
        for network, mean in zip(robustness["networks"], means, strict=True)
    )


def measured_limits(results: dict, locale: Locale) -> list[Markup]:
    """Write where the results are worst: a sentence for each result that exists."""
    limits = []
    if selection := results["figures"]["splits"].get("external"):
        worst = [row for row in recall_per_source(selection)[:WORST] if row["recall"] < 1]
        sources = ", ".join(
            f"{row['source']} ({locale.label(row['label'])}, {locale.percent(row['recall'])})"
            for row in worst
        )
        limits.append(locale.text("limit_sources", sources=sources))
    if "robustness" in results:
        rows = corruption_rows(results["robustness"])[1:]
        worst = sorted(rows, key=lambda row: row[1][0]["value"])[:WORST]
        corruptions = ", ".join(
            f"{locale.name(name)} ({locale.decimal(row[0]['value'])})" for name, row in worst
        )
        limits.append(locale.text("limit_corruptions", corruptions=corruptions))
    if "ood" in results:
        kinds = results["ood"]["kinds"].items()
        kind, measured = max(kinds, key=lambda item: item[1]["above_half"])
        share, half = locale.percent(measured["above_half"]), locale.percent(0.5, 0)
        limits.append(locale.text("limit_ood", kind=locale.name(kind), share=share, half=half))
    return limits
