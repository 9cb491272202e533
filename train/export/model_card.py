"""A release -> the model card that stands on its page on the Hub."""

import csv
from pathlib import Path

from model.release import Release
from train.errors import UserError

ORIGINS = {
    "class": "class",
    "source": "source",
    "train": "train",
    "val": "val",
    "external": "external",
    "origin": "taken from",
    "licence": "licence as stated there",
}
"""The columns of origins.csv, and their headings in the card."""

NOT_PUBLISHED = "mistakes.png"
"""The contact sheet shows pictures whose licences may forbid to pass them on."""


def model_card(release: Release, repo_id: str) -> str:
    """The card as Markdown; every figure in it comes from the release and its results folder.

    Args:
        release: what is published.
        repo_id: "user/name", where it is published.

    Raises:
        UserError: figures.md or origins.csv is missing or malformed.
    """
    weights = release.weights_file.name
    plots = "\n\n".join(
        f"![{file.stem}](results/{file.name})"
        for file in result_files(release)
        if file.suffix == ".png"
    )
    return f"""\
---
license: apache-2.0
library_name: litert
pipeline_tag: image-classification
language:
- en
- fr
tags:
- brain
- lung
- medical-imaging
- radiology
---

# Brain, lung or other?

What does a picture show: brain imaging, lung imaging or something other? This is the network
`{release.network}` behind the demo of that name. One picture goes in; a confidence for each of the
three labels comes out.

*Cerveau, poumon ou autre ? Ce réseau dit si une image montre une imagerie du cerveau, du poumon
ou autre chose. Ceci est une démonstration, pas un dispositif médical.*

## Labels

- `brain`: brain imaging (MRI, CT, PET), in any plane
- `lung`: lung imaging (chest X-ray or CT), in any view
- `other`: anything else, such as other anatomy, photographs, documents or drawings

## How to load

`{weights}` answers, run by LiteRT; `{release.keras_weights_file.name}` holds the same weights for
Keras, to explain answers and to train on. Reading pictures is code, not part of either. In a folder
with the code of the demo (a Space that uses this model) and what its `requirements.txt` installs:

```python
from pathlib import Path

from huggingface_hub import hf_hub_download

from model.classifier import Classifier
from model.imaging import read_image
from model.release import read_release

weights = Path(hf_hub_download("{repo_id}", "{weights}"))
release = read_release()
classifier = Classifier(weights, release.labels, release.temperature)
print(classifier.classify(read_image("examples/brain-mri.png")))
```

The demo also checks the file's sha256 before it loads it:
`{release.sha256}`.

## Intended use and limits

A demonstration of image classification, for learning and for sorting pictures by what they show.

- **It is not a medical device.** It says nothing about health; do not use it for diagnosis, nor
  for any decision about a person.
- It always answers with the three labels, whatever it is shown. A high confidence is no proof.
- Validation (`val`) holds other pictures of the origins that it was trained on, and was used to
  fit the temperature of its confidences. `external` holds origins that it was never trained, tuned
  or calibrated on, though finished candidates may have been chosen by it. Expect of new pictures
  what `external` shows, not what `val` shows.
- It learned from pictures of a limited number of origins, listed below; some are small and
  uniform.

## Measured

{_read_results(release, "figures.md").strip()}

## Plots

{plots}

## Training data

Where the pictures came from, and how many of each origin were used. They are not part of this
repository; their licences differ, and some are unknown or forbid commercial use.

{_origins_table(release)}

## Citation

This continues a portfolio project by Victor Ouledi, a Streamlit app around a plain Keras CNN:

```bibtex
@misc{{ouledi-brain-lung-other,
  author = {{Victor Ouledi}},
  title = {{Brain, lung or other: a Streamlit app around a Keras CNN}},
  howpublished = {{Hugging Face Hub, Victorouledi/brain-lung-other}}
}}
```
"""


def result_files(release: Release) -> list[Path]:
    """The files of the results folder that are published, by name."""
    return [
        file
        for file in sorted(release.results_folder.glob("[!.]*"))
        if file.is_file()
        and file.name not in (NOT_PUBLISHED, "release.json")
        and not file.name.endswith((".tflite", ".weights.h5"))
    ]


def _read_results(release: Release, name: str) -> str:
    file = release.results_folder / name
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"{file} is missing or cannot be read; run: python -m train evaluate, "
            "then python -m train release"
        ) from error


def _origins_table(release: Release) -> str:
    rows = list(csv.DictReader(_read_results(release, "origins.csv").splitlines()))
    if not rows or any(None in map(row.get, ORIGINS) for row in rows):
        raise UserError(
            f"{release.results_folder / 'origins.csv'} must have the columns {', '.join(ORIGINS)}; "
            "run: python -m train release"
        )
    lines = ["| " + " | ".join(ORIGINS.values()) + " |", "|" + "---|" * len(ORIGINS)]
    for row in rows:
        lines.append("| " + " | ".join(_cell(row[column]) for column in ORIGINS) + " |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
