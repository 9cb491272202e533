"""Figures -> Markdown, for the terminal, the README and the model card."""

from model.release import LABELS

_SCALARS = {
    "balanced_accuracy": "balanced accuracy",
    "accuracy": "accuracy",
    "auroc_other": "AUROC of “other”",
    "expected_calibration_error": "expected calibration error",
    "brier_score": "Brier score (0 to 2)",
}


def figures_table(figures: dict) -> str:
    """One network's figures, its splits side by side, as figures.json holds them."""
    splits = figures["splits"]
    rows = [("figure", *(_heading(name, split) for name, split in splits.items()))]
    for key, title in _SCALARS.items():
        rows.append((title, *(_interval(split[key]) for split in splits.values())))
    for label in LABELS:
        for metric in ("recall", "precision", "f1"):
            cells = (_interval(split["classes"][label][metric]) for split in splits.values())
            rows.append((f"{metric} of {label}", *cells))
    lines = [
        f"Network `{figures['network']}`, temperature {figures['temperature']}. "
        "In brackets: 95 % interval of a bootstrap over sources.",
        "",
        *_table(rows),
    ]
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
            *((source, row["pictures"], f"{row['recall']:.3f}") for source, row in sources),
        ]
    )
    return "\n".join(lines) + "\n"


def _heading(name: str, split: dict) -> str:
    return f"{name} ({split['pictures']:,} pictures, {split['sources']} sources)"


def _interval(figure: dict[str, float]) -> str:
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def _table(rows: list[tuple]) -> list[str]:
    head, *body = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return [head, "|" + "---|" * len(rows[0]), *body]
