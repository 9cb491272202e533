"""Format figures as Markdown tables, for the terminal, docs/results.md and the model card."""

import functools
import operator
from collections.abc import Iterable

SPLIT_TITLES = {"val": "validation (val)", "external": "selection (external)"}
"""Titles of the splits; any other split is shown by its name."""

INTERVALS = "In brackets: 95% interval of a bootstrap over sources."

_SCALARS = {
    "balanced_accuracy": "balanced accuracy",
    "accuracy": "accuracy",
    "auroc_other": "AUROC of “other”",
    "expected_calibration_error": "expected calibration error",
    "brier_score": "Brier score (0 to 2)",
}


def split_heading(name: str, split: dict) -> str:
    """Format the title of a split with its numbers of images and sources."""
    title = SPLIT_TITLES.get(name, name)
    return f"{title}: {split['images']:,} images, {split['sources']} sources"


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
    rows.append(_row("these weights", splits.values(), "balanced_accuracy"))
    rows.append(_row("the released network", released.values(), "balanced_accuracy"))
    return _table(f"On the same images. {INTERVALS}", rows)


def summary_table(figures: dict) -> str:
    """Format the scalar figures of one network, with its splits side by side."""
    splits = figures["splits"].values()
    rows = [("figure", *map(split_heading, figures["splits"], splits))]
    rows += [_row(title, splits, key) for key, title in _scalars(splits).items()]
    for label in _labels(splits):
        for key, title in {"recall": "recall", "precision": "precision", "f1": "F1"}.items():
            rows.append(_row(f"{title} of {label}", splits, "classes", label, key))
    rows += _selective_rows(splits)
    rows.append(_row("rejected accuracy", splits, "selective", "rejected_accuracy"))
    caption = f"Network `{figures['network']}`, temperature {figures['temperature']}. {INTERVALS}"
    return _table(caption, rows)


def headline_table(figures: dict) -> str:
    """Format the few figures of figures.json that matter most."""
    splits = figures["splits"].values()
    rows = [
        ("figure", *map(split_heading, figures["splits"], splits)),
        _row("balanced accuracy", splits, "balanced_accuracy"),
        *(
            _row(f"recall of {label}", splits, "classes", label, "recall")
            for label in _labels(splits)
        ),
        _row("expected calibration error", splits, "expected_calibration_error"),
        *_selective_rows(splits),
    ]
    return _table(INTERVALS, rows)


def folders_table(figures: dict) -> str:
    """Format the figures of the last split in figures.json for each folder of the dataset."""
    name = list(figures["splits"])[-1]
    folders = figures["folders"].values()
    rows = [
        ("figure", *map(split_heading, figures["folders"], folders)),
        *(_row(title, folders, key) for key, title in _SCALARS.items() if key != "auroc_other"),
        *(
            _row(f"recall of {label}", folders, "classes", label, "recall")
            for label in _labels(folders)
        ),
        *_selective_rows(folders),
    ]
    return _table(f"{SPLIT_TITLES.get(name, name)}, by folder of the dataset. {INTERVALS}", rows)


def original_table(runs: dict[str, dict]) -> str:
    """Format what the original network reaches on few uniform and on many varied sources.

    Args:
        runs: settings, history and figures of a run, by its description.
    """
    rows = [("figure", *runs)]
    columns = []
    for run in runs.values():
        images, splits = run["settings"]["images"], run["figures"]["splits"]
        external = splits["external"]
        columns.append(
            (
                len(run["settings"].get("sources", ())) or splits["val"]["sources"],
                f"{sum(images['train'].values()):,} / {sum(images['val'].values()):,}",
                f"{run['history'][-1]['val_accuracy']:.4f}",
                f"{external['images']:,} of {external['sources']} sources",
                _interval(external["accuracy"]),
                _interval(external["balanced_accuracy"]),
            )
        )
    titles = (
        "sources to train on",
        "images to train on / to validate on",
        "validation accuracy after the last epoch",
        "images of other sources (external)",
        "accuracy on these",
        "balanced accuracy on these",
    )
    return _table(INTERVALS, rows + list(zip(titles, *columns, strict=True)))


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
        "Independent test, on images that nobody who trains or selects has seen: balanced "
        f"accuracy {' and '.join(parts)}{_earlier(independent, sha256)}."
    )


def independent_table(independent: dict, sha256: str) -> str:
    """Format the content of independent_test.json, with its sets side by side.

    Args: as of ``independent_headline``.
    """
    sets = independent["sets"]
    headings = (f"{s['name']}: {s['images']:,} images, {s['sources']} sources" for s in sets)
    rows = [
        ("figure", *headings),
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
    return _table(caption, rows)


def _independent_accuracy(split: dict) -> str:
    low, high = split["interval"]
    return f"{split['balanced_accuracy']:.3f} [{low:.3f}, {high:.3f}]"


def _earlier(independent: dict, sha256: str) -> str:
    same = independent["weights_sha256"] == sha256
    return "" if same else ", measured with the weights of an earlier release"


def source_table(figures: dict) -> str:
    """Format the recall of every source of the last split in figures.json, lowest first."""
    name, split = list(figures["splits"].items())[-1]
    sources = sorted(split["recall_per_source"].items(), key=lambda item: item[1]["recall"])
    return _table(
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
    rows = [("figure", *(f"`{name}`" for name in figures["networks"]))]
    for split in splits:
        measured = [network["splits"][split] for network in networks]
        rows += [
            _row(f"{split}: {title}", measured, key) for key, title in _scalars(measured).items()
        ]
        for label in _labels(measured):
            rows.append(_row(f"{split}: recall of {label}", measured, "classes", label, "recall"))
    rows.append(("weights file", *(f"{network['bytes'] / 1e6:.1f} MB" for network in networks)))
    times = (f"{network['milliseconds']:.1f} ms" for network in networks)
    rows.append(("forward pass of one image, median", *times))
    headings = "; ".join(map(split_heading, splits, splits.values()))
    return _table(f"Evaluated on {headings}. {INTERVALS}", rows)


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
        cells = (_interval(network[corruption][metric]) for network, metric in columns)
        rows.append((corruption, *cells))
    means = (
        sum(network[corruption][metric]["value"] for corruption in corruptions) / len(corruptions)
        for network, metric in columns
    )
    rows.append(("mean of all corruptions", *(f"{mean:.3f}" for mean in means)))
    caption = (
        f"Each corruption on {split_heading(figures['split'], figures)}. {INTERVALS} "
        "Training uses similar augmentations (separate code), so most of these are not unseen."
    )
    return _table(caption, rows)


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
        "last columns are of the confidence in brain or in lung, whichever is larger."
    )
    return _table(caption, rows)


def explanation_table(figures: dict) -> str:
    """Format the content of explanation.json."""
    titles = {"occlusion": "covering parts", "random": "random map"}
    rows = [("heat map", "insertion", "deletion", "insertion minus deletion")]
    for name, measured in figures["maps"].items():
        rows.append((titles[name], *map(_interval, measured.values())))
    caption = (
        "Mean confidence in the predicted label while the image is restored from a blurred one "
        "(insertion, the higher the better) or blurred (deletion, the lower the better), the "
        "hottest parts first (Petsiuk, Das and Saenko 2018, arXiv:1806.07421), on one image of "
        f"each source of {split_heading(figures['split'], figures)}. {INTERVALS}"
    )
    return _table(caption, rows)


def ablations_table(figures: dict) -> str:
    """Format the content of ablations.json."""
    splits = figures["splits"]
    rows = [("variant", *map(split_heading, splits, splits.values()))]
    for title, measured in figures["variants"].items():
        rows.append((title, *(_interval(measured[name]["balanced_accuracy"]) for name in splits)))
    caption = (
        f"Balanced accuracy after one epoch of {figures['samples_per_epoch']:,} images, a fraction "
        f"of the released network's training. {INTERVALS}"
    )
    return _table(caption, rows)


def leave_one_group_out_table(figures: dict) -> str:
    """Format the content of leave_one_group_out.json."""
    rows = [("group left out", "class", "images", "sources", "recall", "calibration error")]
    for group, measured in figures["groups"].items():
        error = _interval(measured["expected_calibration_error"])
        for label, row in measured["classes"].items():
            counts = f"{row['images']:,}", row["sources"]
            rows.append((group, label, *counts, _interval(row["recall"]), error))
    caption = (
        f"Each group: a network trained for one epoch of {figures['samples_per_epoch']:,} images "
        "without the sources of the group, evaluated on their images in train and val. "
        f"{INTERVALS}"
    )
    return _table(caption, rows)


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
        row = [score]
        for cell in (measured[name] for name in splits):
            wrong = cell["wrong_among_accepted"]
            row += [f"{cell['auroc']:.3f}", f"{cell['coverage']:.1%}"]
            row.append("none accepted" if wrong is None else f"{wrong:.2%}")
        rows.append(tuple(row))
    counts = "; ".join(
        f"{split_heading(name, split)}, {split['wrong']} predictions wrong"
        for name, split in splits.items()
    )
    caption = (
        f"Measured on {counts}. Each score accepts what is above a threshold, the lowest above "
        "which at most 0.5% of the validation images, as they are and augmented, are wrong."
    )
    return _table(caption, rows)


def shortcuts_table(figures: dict) -> str:
    """Format the content of shortcuts.json."""
    splits = figures["splits"]
    rows = [("features", *map(split_heading, splits, splits.values()))]
    for title, measured in figures["features"].items():
        rows.append((title, *(_interval(measured[name]) for name in splits)))
    caption = (
        "Balanced accuracy of gradient-boosted trees that see only an image's size and background "
        f"(chance: 0.333). {INTERVALS}"
    )
    return _table(caption, rows)


def _confusion_tables(figures: dict) -> list[str]:
    return [
        _table(
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
        _row("selective accuracy", selective, "selective_accuracy"),
    ]


def _row(title: str, columns: Iterable[dict], *keys: str) -> tuple:
    """Return a row with the figure that each column has under nested keys."""
    return title, *(_interval(functools.reduce(operator.getitem, keys, c)) for c in columns)


def _interval(figure: dict[str, float] | None) -> str:
    if figure is None:
        return "no such prediction"
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def _table(caption: str, rows: list[tuple]) -> str:
    head, *body = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join([caption, "", head, "|" + "---|" * len(rows[0]), *body]) + "\n"
