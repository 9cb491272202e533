"""Format the figures of the studies as Markdown tables."""

from train.eval.markdown import (
    INTERVALS,
    SPLIT_TITLES,
    figure_row,
    format_interval,
    markdown_table,
    split_heading,
)


def original_table(runs: dict[str, dict]) -> str:
    """Format the results of the original network on few uniform and on many varied sources.

    Args:
        runs: settings, history and figures of a run, by its description.
    """
    rows = [("quantity", *runs)]
    columns = []
    for run in runs.values():
        images, splits = run["settings"]["images"], run["figures"]["splits"]
        external = splits["external"]
        columns.append(
            (
                len(run["settings"].get("sources", ())) or splits["val"]["sources"],
                f"{sum(images['train'].values()):,} / {sum(images['val'].values()):,}",
                ", ".join(f"{epoch['val_accuracy']:.4f}" for epoch in run["history"]),
                f"{external['images']:,} of {external['sources']} sources",
                format_interval(external["accuracy"]),
                format_interval(external["balanced_accuracy"]),
            )
        )
    titles = (
        "sources to train on",
        "images to train on / to validate on",
        "validation accuracy after each epoch",
        "images of other sources (external)",
        "accuracy on these",
        "balanced accuracy on these",
    )
    return markdown_table(INTERVALS, rows + list(zip(titles, *columns, strict=True)))


def ablations_table(figures: dict) -> str:
    """Format the content of ablations.json."""
    splits = figures["splits"]
    rows = [("variant", *map(split_heading, splits, splits.values()))]
    for title, measured in figures["variants"].items():
        rows.append(
            (title, *(format_interval(measured[name]["balanced_accuracy"]) for name in splits))
        )
    caption = (
        f"Balanced accuracy after one epoch of {figures['samples_per_epoch']:,} images, a fraction "
        f"of the released network's training. {INTERVALS}"
    )
    return markdown_table(caption, rows)


def leave_one_group_out_table(figures: dict) -> str:
    """Format the content of leave_one_group_out.json."""
    rows = [("group left out", "class", "images", "sources", "recall", "calibration error")]
    for group, measured in figures["groups"].items():
        error = format_interval(measured["expected_calibration_error"])
        for label, row in measured["classes"].items():
            counts = f"{row['images']:,}", row["sources"]
            rows.append((group, label, *counts, format_interval(row["recall"]), error))
    caption = (
        f"For each group, a network is trained for one epoch of {figures['samples_per_epoch']:,} "
        "images without the sources of the group, and evaluated on their images in train and val. "
        f"{INTERVALS}"
    )
    return markdown_table(caption, rows) + "\n" + _left_out_scores_table(figures["groups"])


def _left_out_scores_table(groups: dict) -> str:
    rows = [("score", *groups)]
    for score in next(iter(groups.values()))["scores"]:
        cells = (group["scores"][score] for group in groups.values())
        rows.append((score, *map(_format_accepted, cells)))
    caption = (
        "Share of the images of each group that a score accepts, and share of wrong predictions "
        "among them. The thresholds come from the validation images of the other sources, as below."
    )
    return markdown_table(caption, rows)


def _format_accepted(cell: dict) -> str:
    wrong = cell["wrong_among_accepted"]
    return "none" if wrong is None else f"{cell['coverage']:.1%}, of these {wrong:.1%} wrong"


def rejection_table(figures: dict) -> str:
    """Format the content of rejection.json."""
    splits = figures["splits"]
    titles = {
        "auroc": "AUROC of right against wrong",
        "coverage": "accepted",
        "wrong_among_accepted": "wrong among the accepted",
    }
    headings = (f"{SPLIT_TITLES.get(s, s)}: {title}" for s in splits for title in titles.values())
    rows = [("score", *headings)]
    for score, measured in figures["scores"].items():
        cells = (_format_score(measured[name], title) for name in splits for title in titles)
        rows.append((score, *cells))
    counts = "; ".join(
        f"{split_heading(name, split)}, {split['wrong']} predictions wrong"
        for name, split in splits.items()
    )
    caption = (
        f"Measured on {counts}. Each score accepts the images above a threshold, the lowest one "
        "with at most 0.5% wrong predictions on the validation images, original and augmented. "
        f"{INTERVALS}"
    )
    return markdown_table(caption, rows)


def _format_score(cell: dict, name: str) -> str:
    if cell[name] is None:
        return "not defined"
    digits = {"auroc": ".3f", "coverage": ".1%", "wrong_among_accepted": ".2%"}[name]
    low, high = cell["intervals"][name]
    return f"{cell[name]:{digits}} [{low:{digits}}, {high:{digits}}]"


def shortcuts_table(figures: dict) -> str:
    """Format the content of shortcuts.json."""
    splits = figures["splits"]
    rows = [("features", *map(split_heading, splits, splits.values()))]
    for title, measured in figures["features"].items():
        rows.append((title, *(format_interval(measured[name]) for name in splits)))
    caption = (
        "Balanced accuracy of gradient-boosted trees that see only an image's size and background "
        f"(chance: 0.333). {INTERVALS}"
    )
    return markdown_table(caption, rows)


def small_folders_table(figures: dict) -> str:
    """Format the content of small_folders.json, with the folders side by side."""
    groups = figures["groups"].values()
    rows = [
        ("quantity", *(f"{int(group):,} images" for group in figures["groups"])),
        ("images drawn", *(f"{group['images']:,}" for group in groups)),
        ("their sources", *(len(group["sources"]) for group in groups)),
        ("time to train", *(f"{group['seconds'] / 60:.1f} minutes" for group in groups)),
        ("run on disk", *(f"{group['bytes'] / 1e6:.0f} MB" for group in groups)),
    ]
    parts = {"own": "other images of these sources", "others": "selection (external)"}
    for key, images in parts.items():
        measured = [group[key] for group in groups]
        counts = (f"{part['images']:,} of {part['sources']} sources" for part in measured)
        rows.append((images, *counts))
        for name in ("before", "after", "gain"):
            rows.append(figure_row(f"{images}: {name}", measured, name))
    caption = (
        "Balanced accuracy of a network before and after adapting it to a folder. It was trained "
        "without the sources of all folders, in less time than the released one. Adapted on "
        f"{figures['cores']} cores, in an environment of "
        f"{figures['environment_bytes'] / 1e9:.1f} GB. {INTERVALS}"
    )
    return markdown_table(caption, rows)


def training_sentence(figures: dict) -> str:
    """Write how long training took in small_folders.json, and the size of its environment."""
    images = [int(group) for group in figures["groups"]]
    minutes = [group["seconds"] / 60 for group in figures["groups"].values()]
    return (
        f"Training on {min(images):,} to {max(images):,} images took {min(minutes):.0f} to "
        f"{max(minutes):.0f} minutes on {figures['cores']} cores, in an environment of "
        f"{figures['environment_bytes'] / 1e9:.1f} GB that is installed in a few minutes."
    )
