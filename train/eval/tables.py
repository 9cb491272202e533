"""Format figures as Markdown tables, for the terminal, docs/results.md and the model card."""

from collections.abc import Iterable

from train.eval.markdown import (
    INTERVALS,
    SPLIT_TITLES,
    figure_row,
    format_interval,
    markdown_table,
    split_heading,
)

_SCALARS = {
    "balanced_accuracy": "balanced accuracy",
    "accuracy": "accuracy",
    "auroc_other": "AUROC of “other”",
    "expected_calibration_error": "expected calibration error",
    "brier_score": "Brier score (0 to 2)",
}


VALIDATION_ONLY = """\
**Measured on validation images only.** They were set aside from the images that the network was
trained on; nothing here says how well it recognises images from elsewhere.

"""


def evaluation_report(figures: dict) -> str:
    """Format the content of figures.json: summary, confusion matrices and recall per source."""
    parts = [summary_table(figures), *_confusion_tables(figures), source_table(figures)]
    if "folders" in figures:
        parts.insert(1, folders_table(figures))
    if "released" in figures:
        parts.insert(0, _released_table(figures))
    return "\n".join(parts)


def _released_table(figures: dict) -> str:
    splits, released = figures["splits"], figures["released"]["splits"]
    rows = [("balanced accuracy", *map(split_heading, splits, splits.values()))]
    rows.append(figure_row("these weights", splits.values(), "balanced_accuracy"))
    rows.append(figure_row("the release at that time", released.values(), "balanced_accuracy"))
    return markdown_table(f"On the same images. {INTERVALS}", rows)


def summary_table(figures: dict) -> str:
    """Format the scalar figures of one network, with its splits side by side."""
    splits = figures["splits"].values()
    rows = [("metric", *map(split_heading, figures["splits"], splits))]
    rows += [figure_row(title, splits, key) for key, title in _scalars(splits).items()]
    for label in _labels(splits):
        for key, title in {"recall": "recall", "precision": "precision", "f1": "F1"}.items():
            rows.append(figure_row(f"{title} of {label}", splits, "classes", label, key))
    rows += _selective_rows(splits)
    rows.append(figure_row("rejected accuracy", splits, "selective", "rejected_accuracy"))
    caption = f"Network `{figures['network']}`, temperature {figures['temperature']}. {INTERVALS}"
    return _warning(figures) + markdown_table(caption, rows)


def headline_table(figures: dict) -> str:
    """Format the few figures of figures.json that matter most."""
    splits = figures["splits"].values()
    rows = [
        ("metric", *map(split_heading, figures["splits"], splits)),
        figure_row("balanced accuracy", splits, "balanced_accuracy"),
        *(
            figure_row(f"recall of {label}", splits, "classes", label, "recall")
            for label in _labels(splits)
        ),
        figure_row("expected calibration error", splits, "expected_calibration_error"),
        *_selective_rows(splits),
    ]
    return _warning(figures) + markdown_table(INTERVALS, rows)


def _warning(figures: dict) -> str:
    return "" if set(figures["splits"]) - {"val"} else VALIDATION_ONLY


def folders_table(figures: dict) -> str:
    """Format the figures of the last split in figures.json for each folder of the dataset."""
    name = list(figures["splits"])[-1]
    folders = figures["folders"].values()
    rows = [
        ("metric", *map(split_heading, figures["folders"], folders)),
        *(
            figure_row(title, folders, key)
            for key, title in _SCALARS.items()
            if key != "auroc_other"
        ),
        *(
            figure_row(f"recall of {label}", folders, "classes", label, "recall")
            for label in _labels(folders)
        ),
        *_selective_rows(folders),
    ]
    return markdown_table(
        f"{SPLIT_TITLES.get(name, name)}, by folder of the dataset. {INTERVALS}", rows
    )


def independent_headline(independent: dict, sha256: str) -> str:
    """Format the balanced accuracy of an independent test as one sentence.

    Args:
        independent: content of independent_test.json.
        sha256: the weights that are released; the sentence says if others were tested.
    """
    parts = [
        f"**{_independent_accuracy(split)}** on {split['images']:,} images of {split['name']} from "
        f"{split['sources']} sources"
        for split in independent["sets"]
    ]
    return (
        "Balanced accuracy on an independent test set, unseen in training and selection: "
        f"{' and '.join(parts)}{_earlier(independent, sha256)}."
    )


def independent_table(independent: dict, sha256: str) -> str:
    """Format the content of independent_test.json, with its sets side by side.

    Args: as of ``independent_headline``.
    """
    sets = independent["sets"]
    headings = (f"{s['name']}: {s['images']:,} images, {s['sources']} sources" for s in sets)
    rows = [
        ("metric", *headings),
        ("balanced accuracy", *map(_independent_accuracy, sets)),
        *(
            (f"recall of {label}", *(f"{s['recall'][label]:.3f}" for s in sets))
            for label in sets[0]["recall"]
        ),
        ("expected calibration error", *(f"{s['expected_calibration_error']:.3f}" for s in sets)),
        ("threshold", *(s["threshold"] for s in sets)),
        ("coverage", *(f"{s['coverage']:.1%}" for s in sets)),
        ("selective accuracy", *(f"{s['selective_accuracy']:.3f}" for s in sets)),
    ]
    described = "; ".join(f"{s['name']}: {s['description']}" for s in sets)
    caption = (
        f"Measured on {independent['date']}{_earlier(independent, sha256)}. "
        f"{described[0].upper()}{described[1:]}. {INTERVALS}"
    )
    return markdown_table(caption, rows)


def _independent_accuracy(split: dict) -> str:
    low, high = split["interval"]
    return f"{split['balanced_accuracy']:.3f} [{low:.3f}, {high:.3f}]"


def _earlier(independent: dict, sha256: str) -> str:
    same = independent["weights_sha256"] == sha256
    return "" if same else ", with the weights of an earlier release"


def source_table(figures: dict) -> str:
    """Format the recall of every source of the last split in figures.json, lowest first."""
    name, split = list(figures["splits"].items())[-1]
    sources = sorted(split["recall_per_source"].items(), key=lambda item: item[1]["recall"])
    return markdown_table(
        f"Recall of every source of {SPLIT_TITLES.get(name, name)}, lowest first:",
        [
            ("source", "images", "recall"),
            *((source, row["images"], f"{row['recall']:.3f}") for source, row in sources),
        ],
    )


def comparison_table(figures: dict) -> str:
    """Format the content of comparison.json, with the networks side by side."""
    networks = figures["networks"].values()
    splits = next(iter(networks))["splits"]
    rows = [("metric", *(f"`{name}`" for name in figures["networks"]))]
    for split in splits:
        measured = [network["splits"][split] for network in networks]
        rows += [
            figure_row(f"{split}: {title}", measured, key)
            for key, title in _scalars(measured).items()
        ]
        for label in _labels(measured):
            rows.append(
                figure_row(f"{split}: recall of {label}", measured, "classes", label, "recall")
            )
    rows.append(("weights file", *(f"{network['bytes'] / 1e6:.1f} MB" for network in networks)))
    times = (f"{network['milliseconds']:.1f} ms" for network in networks)
    rows.append(("forward pass of one image, median", *times))
    headings = "; ".join(map(split_heading, splits, splits.values()))
    caption = f"Evaluated on {headings}. {INTERVALS}{_earlier_releases(figures['networks'])}"
    return markdown_table(caption, rows)


def _earlier_releases(networks: dict) -> str:
    """Explain the names that ``train.release`` gives to earlier releases."""
    names = [f"`{name}`" for name, n in networks.items() if name.endswith(f"-{n['sha256'][:8]}")]
    if not names:
        return ""
    return f" Earlier releases, named after the first digits of their sha256: {', '.join(names)}."


def robustness_table(figures: dict) -> str:
    """Format the content of robustness.json, with the networks side by side."""
    networks = figures["networks"]
    metrics = {
        "balanced_accuracy": "balanced accuracy",
        "expected_calibration_error": "calibration error",
    }
    columns = [(network, metric) for network in networks.values() for metric in metrics]
    uncorrupted, *corruptions = next(iter(networks.values()))
    rows = [
        ("corruption", *(f"`{name}`: {title}" for name in networks for title in metrics.values()))
    ]
    for corruption in (uncorrupted, *corruptions):
        cells = (format_interval(network[corruption][metric]) for network, metric in columns)
        rows.append((corruption, *cells))
    means = (
        sum(network[corruption][metric]["value"] for corruption in corruptions) / len(corruptions)
        for network, metric in columns
    )
    rows.append(("mean of all corruptions", *(f"{mean:.3f}" for mean in means)))
    caption = (
        f"Each corruption on {split_heading(figures['split'], figures)}. {INTERVALS} "
        "Training uses similar augmentations (from separate code), so most corruptions are not new "
        "to the network."
    )
    return markdown_table(caption, rows)


def ood_table(figures: dict) -> str:
    """Format the content of ood.json."""
    rows = [
        ("type", "images", "brain or lung above 0.5", "median", "90th percentile", "maximum"),
    ]
    for kind, measured in figures["kinds"].items():
        median, ninth_decile, _, highest = (f"{value:.3f}" for value in measured["quantiles"])
        share = f"{measured['above_half']:.1%}"
        rows.append((kind, measured["images"], share, median, ninth_decile, highest))
    caption = (
        f"Network `{figures['network']}` on synthetic images, which should all be “other”. The "
        "last three columns show the larger of the confidences in brain and in lung. Training uses "
        "similar images (from separate code), so most of these types are not new to the network."
    )
    return markdown_table(caption, rows)


def explanation_table(figures: dict) -> str:
    """Format the content of explanation.json."""
    titles = {"occlusion": "occlusion", "random": "random map"}
    rows = [("heat map", "insertion", "deletion", "insertion minus deletion")]
    for name, measured in figures["maps"].items():
        rows.append((titles[name], *map(format_interval, measured.values())))
    caption = (
        "Mean confidence in the predicted label while the image is restored from a blurred one "
        "(insertion, the higher the better) or blurred (deletion, the lower the better), the "
        "hottest parts first (Petsiuk, Das and Saenko 2018, arXiv:1806.07421), on one image of "
        f"each source of {split_heading(figures['split'], figures)}. {INTERVALS}"
    )
    return markdown_table(caption, rows)


def scaled_photos_table(figures: dict) -> str:
    """Format the content of scaled_photos.json."""
    sides, threshold = figures["sides"], figures["confidence_threshold"]
    saved = {str(figures["photo_side"]): "saved again"}
    rows = [("metric", *(saved.get(side, f"reduced to {int(side):,} pixels") for side in sides))]
    titles = {
        "other_label": "photos with another label",
        "other_label_when_sure": f"of these, with a confidence of {threshold} or more",
    }
    rows += [(title, *(side[key] for side in sides.values())) for key, title in titles.items()]
    for key, title in {"median_change": "median", "largest_change": "largest"}.items():
        changes = (f"{side[key]:.4f}" for side in sides.values())
        rows.append((f"{title} change of the confidence", *changes))
    caption = (
        "The page reduces large photos before it sends them. One image of each source of "
        f"{split_heading(figures['split'], figures)}, enlarged to a photo of "
        f"{figures['photo_side']:,} pixels with noise, is predicted before and after. The size was "
        "chosen on these images."
    )
    return markdown_table(caption, rows)


def _confusion_tables(figures: dict) -> list[str]:
    return [
        markdown_table(
            f"Confusion matrix of {SPLIT_TITLES.get(name, name)}, true labels by row:",
            [
                ("true label", *split["classes"]),
                *(
                    (label, *row)
                    for label, row in zip(split["classes"], split["confusion_matrix"], strict=True)
                ),
            ],
        )
        for name, split in figures["splits"].items()
    ]


def _labels(splits: Iterable[dict]) -> list[str]:
    """Return the labels that splits were evaluated with, in their order."""
    return list(next(iter(splits))["classes"])


def _scalars(splits: Iterable[dict]) -> dict[str, str]:
    """Return those of ``_SCALARS`` that splits have; without a class "other" there is no AUROC."""
    present = next(iter(splits))
    return {key: title for key, title in _SCALARS.items() if key in present}


def _selective_rows(splits: Iterable[dict]) -> list[tuple]:
    selective = [split["selective"] for split in splits]
    coverages = (f"{row['coverage']:.1%}" for row in selective)
    return [
        (f"coverage at threshold {selective[0]['threshold']}", *coverages),
        figure_row("selective accuracy", selective, "selective_accuracy"),
    ]
