"""Template functions about the training: settings, curves and data sources."""

import math

from markupsafe import Markup

from page.about.charts import Axis, Line, line_chart
from page.i18n import Locale


def training_settings(settings: dict, locale: Locale) -> list[tuple[str, str]]:
    """Return the rows (text key, value) of settings.json.

    For an average of runs, a setting lists the different values of the runs.
    """
    runs = settings.get("average_of") or [settings]
    trained = settings["images"]["train"]

    def each(key, write):
        return ", ".join(dict.fromkeys(str(write(run[key])) for run in runs))

    def samples(count):
        if not count:
            return locale.text("every_image_once")
        return locale.text("sampled_evenly", samples=locale.number(count))

    return [
        ("network", each("network", locale.name)),
        ("initial_weights", each("initial_weights", locale.name)),
        (
            "training_images",
            ", ".join(
                f"{locale.label(label)} {locale.number(count)}" for label, count in trained.items()
            ),
        ),
        ("samples_per_epoch", each("samples_per_epoch", samples)),
        ("epochs", each("epochs", locale.number)),
        ("batch_size", each("batch_size", locale.number)),
        ("learning_rate", each("learning_rate", locale.number)),
        (
            "augmented",
            each("augmented", lambda augmented: locale.text("yes" if augmented else "no")),
        ),
        ("seed", each("seed", str)),
        (
            "versions",
            ", ".join(f"{name} {version}" for name, version in settings["versions"].items()),
        ),
    ]


def curve_chart(history: list[dict], metric: str, title: str, locale: Locale) -> Markup:
    """Draw the "loss" or the "accuracy" per epoch, in training and in validation."""
    training, validation = ([logs[key] for logs in history] for key in (metric, f"val_{metric}"))
    values = training + validation
    # One end is the best possible value, the other the tenth beyond all values.
    low, high = (0, max(values)) if metric == "loss" else (min(*values, 0.9), 1)
    low, high = math.floor(10 * low) / 10, math.ceil(10 * high) / 10
    return line_chart(
        title,
        locale.text(
            "curve_description",
            epochs=locale.number(len(history)),
            training=locale.decimal(training[-1]),
            validation=locale.decimal(validation[-1]),
        ),
        Axis(locale.text("epoch"), 0, len(history), lambda value: locale.number(round(value, 2))),
        Axis(title, low, high, lambda value: locale.decimal(value, 2)),
        [
            Line(style, list(enumerate(line, 1)), [2.5] * len(history))
            for style, line in (("training", training), ("validation", validation))
        ],
    )


def sources_per_class(
    origins: list[dict], splits: tuple[str, ...], locale: Locale
) -> list[tuple[str, list[tuple[int, int]]]]:
    """Return, for each class and in total, its name and (images, sources) in every split."""
    rows = []
    for label in (*dict.fromkeys(row["class"] for row in origins), None):
        members = [row for row in origins if label in (None, row["class"])]
        counts = [[int(row[split]) for row in members] for split in splits]
        totals = [(sum(column), sum(map(bool, column))) for column in counts]
        rows.append((locale.label(label) if label else locale.text("all"), totals))
    return rows
