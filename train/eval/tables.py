"""Figures -> Markdown, for the terminal, the README and the model card."""

from model.release import LABELS

_SCALARS = {
    "balanced_accuracy": "balanced accuracy",
    "accuracy": "accuracy",
    "auroc_other": "AUROC of “other”",
    "expected_calibration_error": "expected calibration error",
    "brier_score": "Brier score (0 to 2)",
}


def summary(figures: dict) -> str:
    """The main figures of one network, its splits side by side, as figures.json holds them."""
    splits = figures["splits"]
    rows = [("figure", *(_heading(name, split) for name, split in splits.items()))]
    for key, title in _SCALARS.items():
        rows.append((title, *(_interval(split[key]) for split in splits.values())))
    for label in LABELS:
        for metric in ("recall", "precision", "f1"):
            cells = (_interval(split["classes"][label][metric]) for split in splits.values())
            rows.append((f"{metric} of {label}", *cells))
    calls = [split["selective"] for split in splits.values()]
    rows += [
        (
            f"called unsure: confidence under {calls[0]['threshold']}",
            *(f"{1 - c['coverage']:.1%}" for c in calls),
        ),
        ("right when sure", *(_interval(call["selective_accuracy"]) for call in calls)),
        ("right when unsure", *(_interval(call["rejected_accuracy"]) for call in calls)),
    ]
    return "\n".join(
        [
            f"Network `{figures['network']}`, temperature {figures['temperature']}. "
            "In brackets: 95 % interval of a bootstrap over sources.",
            "",
            *_table(rows),
        ]
    )


def report(figures: dict) -> str:
    """The summary, confusion matrices, and the recall of every source of the last split."""
    lines = [summary(figures)]
    splits = figures["splits"]
    for name, split in splits.items():
        lines += ["", f"Confusion matrix on {name} (rows: truth; columns: answer):", ""]
        counts = zip(LABELS, split["confusion_matrix"], strict=True)
        lines += _table([("truth", *LABELS), *((label, *row) for label, row in counts)])
    name, split = list(splits.items())[-1]
    lines += ["", f"Recall per source on {name}, lowest first:", ""]
    sources = sorted(split["recall_per_source"].items(), key=lambda item: item[1]["recall"])
    lines += _table(
        [
            ("source", "pictures", "recall"),
            *((source, row["images"], f"{row['recall']:.3f}") for source, row in sources),
        ]
    )
    return "\n".join(lines) + "\n"


def comparison(figures: dict) -> str:
    """The main figures of several networks on the same splits, side by side."""
    networks = figures["networks"]
    splits = next(iter(networks.values()))["splits"]
    rows = [("figure", *(f"`{name}`" for name in networks))]
    for split in splits:
        for key, title in _SCALARS.items():
            cells = (_interval(network["splits"][split][key]) for network in networks.values())
            rows.append((f"{split}: {title}", *cells))
        for label in LABELS:
            classes = (network["splits"][split]["classes"] for network in networks.values())
            cells = (_interval(measured[label]["recall"]) for measured in classes)
            rows.append((f"{split}: recall of {label}", *cells))
    megabytes = (f"{network['bytes'] / 1e6:.1f} MB" for network in networks.values())
    rows.append(("weights file", *megabytes))
    times = (f"{network['milliseconds']:.1f} ms" for network in networks.values())
    rows.append(("forward pass of one picture, median", *times))
    headings = "; ".join(_heading(name, measured) for name, measured in splits.items())
    caption = f"On {headings}. In brackets: 95 % interval of a bootstrap over sources."
    return "\n".join([caption, "", *_table(rows)]) + "\n"


def robustness_report(figures: dict) -> str:
    """Balanced accuracy and calibration under each corruption, networks side by side."""
    networks = figures["networks"]
    heads = [
        f"{network}: {title}"
        for network in networks
        for title in ("balanced accuracy", "calibration error")
    ]
    names = list(next(iter(networks.values())))
    rows = [("picture", *heads)]
    for name in names:
        cells = [
            _interval(network[name][key])
            for network in networks.values()
            for key in ("balanced_accuracy", "expected_calibration_error")
        ]
        rows.append((name, *cells))
    corrupted = [name for name in names if name != "as it is"]
    rows.append(
        (
            "mean of all corruptions",
            *(
                f"{sum(network[name][key]['value'] for name in corrupted) / len(corrupted):.3f}"
                for network in networks.values()
                for key in ("balanced_accuracy", "expected_calibration_error")
            ),
        )
    )
    caption = (
        f"Each corruption on all of {_heading(figures['split'], figures)}. "
        "In brackets: 95 % interval of a bootstrap over sources. Augmented training varies "
        "pictures in kindred ways, by other code, so most of these are not news to it."
    )
    return "\n".join([caption, "", *_table(rows)]) + "\n"


def unlike_report(figures: dict) -> str:
    """Confidence in brain or lung on pictures that show neither."""
    rows = [
        ("made on the spot", "pictures", "brain or lung above 0.5", "median", "90 %", "highest")
    ]
    for kind, measured in figures["kinds"].items():
        median, ninth, _, highest = (f"{value:.3f}" for value in measured["quantiles"])
        share = f"{measured['above_half']:.1%}"
        rows.append((kind, measured["images"], share, median, ninth, highest))
    caption = (
        f"Network `{figures['network']}`. The last columns: the larger of its confidences in "
        "brain and in lung, at the median, at the 90th percentile and at most."
    )
    return "\n".join([caption, "", *_table(rows)]) + "\n"


def ablations_report(figures: dict) -> str:
    """Balanced accuracy of short runs that differ in one part of the recipe."""
    splits = figures["splits"]
    rows = [("one short run", *(_heading(name, split) for name, split in splits.items()))]
    for title, measured in figures["variants"].items():
        rows.append((title, *(_interval(measured[name]["balanced_accuracy"]) for name in splits)))
    caption = (
        f"Balanced accuracy after one pass of {figures['samples_per_epoch']:,} pictures, a fraction of the "
        "released network's training. In brackets: 95 % interval of a bootstrap over sources."
    )
    return "\n".join([caption, "", *_table(rows)]) + "\n"


def folds_report(figures: dict) -> str:
    """Recall on kinds of source that a short run was trained without."""
    rows = [("kind left out", "class", "pictures", "sources", "recall", "calibration error")]
    for kind, fold in figures["groups"].items():
        for label, row in fold["classes"].items():
            counts = f"{row['images']:,}", row["sources"]
            error = _interval(fold["expected_calibration_error"])
            rows.append((kind, label, *counts, _interval(row["recall"]), error))
    caption = (
        "Each line: a network trained for one pass of "
        f"{figures['samples_per_epoch']:,} pictures without any source of that kind, measured on the pictures "
        "of those sources in train and val. In brackets: 95 % interval of a bootstrap over sources."
    )
    return "\n".join([caption, "", *_table(rows)]) + "\n"


def shortcuts_report(figures: dict) -> str:
    """Balanced accuracy of trees that see size and background, not what is pictured."""
    splits = figures["splits"]
    rows = [("known of a picture", *(_heading(name, split) for name, split in splits.items()))]
    for title, measured in figures["features"].items():
        rows.append((title, *(_interval(measured[name]) for name in splits)))
    caption = (
        "Balanced accuracy of gradient-boosted trees that see a picture's size and background "
        "alone (guessing: 0.333). In brackets: 95 % interval of a bootstrap over sources."
    )
    return "\n".join([caption, "", *_table(rows)]) + "\n"


def _heading(name: str, split: dict) -> str:
    return f"{name} ({split['images']:,} pictures, {split['sources']} sources)"


def _interval(figure: dict[str, float] | None) -> str:
    if figure is None:
        return "no such answer"
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def _table(rows: list[tuple]) -> list[str]:
    head, *body = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return [head, "|" + "---|" * len(rows[0]), *body]
