"""What the templates show of the results: sorted, summed up and drawn."""

import functools
import math

from markupsafe import Markup

from model.release import LABELS
from page.about.charts import Axis, Line, line_chart, range_plot
from page.about.wording import Wording

UNALTERED = "as it is"
NAMED_IN_LIMITS = 3
"""How many of the worst origins and alterations the limits name."""


def views(results: dict, wording: Wording) -> dict:
    """The functions that templates call, by name, bound to the results and the language."""
    bound = {
        function.__name__: functools.partial(function, results, wording)
        for function in (
            reliability,
            robustness_low,
            robustness_means,
            alterations,
            measured_limits,
            training_settings,
            curve,
            origins_by_class,
        )
    }
    return bound | {"by_recall": by_recall, "range_plot": range_plot}


def by_recall(split: dict) -> list[dict]:
    """The sources of a split with label, pictures and recall, lowest recall first."""
    rows = []
    for name, measured in split["recall_per_source"].items():
        label, _, source = name.partition("/")
        rows.append({"label": label, "source": source, **measured})
    return sorted(rows, key=lambda row: (row["recall"], -row["images"]))


def reliability(results: dict, wording: Wording, split: dict, title: str) -> Markup:
    """How often the answers of a split are right, by their confidence."""
    bins = [row for row in zip(*(split["reliability"][key] for key in _BIN), strict=True) if row[0]]
    share, confidence, accuracy = max(bins)
    measured = Line("measured", [row[1:] for row in bins], [2 + 8 * row[0] ** 0.5 for row in bins])
    return line_chart(
        title,
        wording.text(
            "reliability_description",
            error=wording.decimal(split["expected_calibration_error"]["value"]),
            share=wording.percent(share),
            confidence=wording.percent(confidence),
            accuracy=wording.percent(accuracy),
        ),
        Axis(wording.text("confidence"), 0, 1, wording.rounded_percent),
        Axis(title, 0, 1, wording.rounded_percent),
        [Line("ideal", [(0, 0), (1, 1)]), measured],
    )


def alterations(results: dict, wording: Wording) -> list[tuple[str, list[dict]]]:
    """Each alteration with the balanced accuracy of every network, the unaltered pictures first."""
    networks = results["robustness"]["networks"].values()
    names = list(next(iter(networks)))
    return [
        (name, [measured[name]["balanced_accuracy"] for measured in networks]) for name in names
    ]


def robustness_low(results: dict, wording: Wording) -> float:
    """Where the scale of the alterations begins: the tenth below all intervals."""
    figures = (figure for _, row in alterations(results, wording) for figure in row)
    return math.floor(10 * min(figure["low"] for figure in figures)) / 10


def robustness_means(results: dict, wording: Wording) -> str:
    """Each network's mean over all alterations, as words."""
    means = []
    for network, measured in results["robustness"]["networks"].items():
        values = [
            figures["balanced_accuracy"]["value"]
            for name, figures in measured.items()
            if name != UNALTERED
        ]
        mean = wording.decimal(sum(values) / len(values))
        means.append(wording.text("mean_of", mean=mean, network=wording.name(network)))
    return Markup(", ").join(means)


def measured_limits(results: dict, wording: Wording) -> list[Markup]:
    """Where the figures are worst, in sentences; as many as there are figures for."""
    limits = []
    external = results["figures"]["splits"].get("external")
    if external:
        weakest = [row for row in by_recall(external)[:NAMED_IN_LIMITS] if row["recall"] < 1]
        sources = ", ".join(
            f"{row['source']} ({wording.name(row['label'])}, {wording.percent(row['recall'])})"
            for row in weakest
        )
        limits.append(wording.text("limit_sources", sources=sources))
    if "robustness" in results:
        altered = [row for row in alterations(results, wording) if row[0] != UNALTERED]
        worst = sorted(altered, key=lambda row: row[1][0]["value"])[:NAMED_IN_LIMITS]
        named = ", ".join(
            f"{wording.name(name)} ({wording.decimal(row[0]['value'])})" for name, row in worst
        )
        limits.append(wording.text("limit_alterations", alterations=named))
    if "ood" in results:
        kinds = results["ood"]["kinds"].items()
        kind, measured = max(kinds, key=lambda item: item[1]["above_half"])
        share, half = wording.percent(measured["above_half"]), wording.rounded_percent(0.5)
        limits.append(wording.text("limit_ood", kind=wording.name(kind), share=share, half=half))
    return limits


def training_settings(results: dict, wording: Wording) -> list[tuple[str, str]]:
    """What the training was told, as text keys and values."""
    settings = results["settings"]
    by_label = settings["images"]["train"]
    draws = settings.get("samples_per_epoch")
    parts = settings.get("average_of", [])
    averaged = [("averaged", wording.text("average_of", count=wording.count(len(parts))))]
    return [
        ("network", wording.name(settings["network"])),
        ("initial_weights", wording.text(settings["initial_weights"])),
        (
            "trained_pictures",
            ", ".join(
                f"{wording.name(label)} {wording.count(by_label[label])}" for label in LABELS
            ),
        ),
        (
            "samples_per_epoch",
            wording.text("sampled_evenly", draws=wording.count(draws))
            if draws
            else wording.text("every_once"),
        ),
        ("epochs", wording.count(settings["epochs"])),
        ("batch_size", wording.count(settings["batch_size"])),
        ("learning_rate", wording.exact(settings["learning_rate"])),
        ("augmented", wording.text("yes" if settings["augmented"] else "no")),
        ("seed", str(settings["seed"])),
        *(averaged if parts else []),
        (
            "versions",
            ", ".join(f"{name} {number}" for name, number in settings["versions"].items()),
        ),
    ]


def curve(results: dict, wording: Wording, name: str, title: str) -> Markup:
    """The "loss" or the "accuracy" by epoch, in training and in validation."""
    history = results["history"]
    training, validation = ([logs[key] for logs in history] for key in (name, f"val_{name}"))
    values = training + validation
    # The loss ends at nothing, the accuracy at 1; the other end is the tenth beyond all values.
    low, high = (0, max(values)) if name == "loss" else (min(*values, 0.9), 1)
    low, high = math.floor(10 * low) / 10, math.ceil(10 * high) / 10
    return line_chart(
        title,
        wording.text(
            "curve_description",
            epochs=wording.count(len(history)),
            training=wording.decimal(training[-1]),
            validation=wording.decimal(validation[-1]),
        ),
        Axis(wording.text("epoch"), 0, len(history), lambda value: wording.exact(round(value, 2))),
        Axis(title, low, high, lambda value: wording.decimal(value, 2)),
        [
            Line(style, list(enumerate(line, 1)), [2.5] * len(history))
            for style, line in (("training", training), ("validation", validation))
        ],
    )


def origins_by_class(results: dict, wording: Wording, splits: tuple[str, ...]) -> list[tuple]:
    """For each class, and for all: its name and (pictures, sources) in every split."""
    rows = []
    for label in (*LABELS, None):
        members = [row for row in results["origins"] if label in (None, row["class"])]
        counts = [[int(row[split]) for row in members] for split in splits]
        totals = [(sum(column), sum(map(bool, column))) for column in counts]
        rows.append((wording.name(label) if label else wording.text("all"), totals))
    return rows


_BIN = ("share", "confidence", "accuracy")
