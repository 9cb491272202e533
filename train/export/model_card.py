"""Write the model card of a release for its page on the Hub."""

import csv
import json
from pathlib import Path

from model.release import LABELS, Release
from train.errors import UserError
from train.eval.markdown import markdown_table
from train.eval.tables import evaluation_report, independent_table
from train.files import INDEPENDENT_TEST

ORIGINS = {
    "class": "class",
    "source": "source",
    "train": "train",
    "val": "val",
    "external": "external",
    "origin": "origin",
    "licence": "licence as stated there",
}
"""The columns of origins.csv, and their headings in the card."""

NOT_PUBLISHED = "mistakes.png"
"""Contact sheet of images whose licences may forbid redistribution."""

OUR_LABELS = """\
- `brain`: brain imaging (MRI, CT, PET), in any plane; by convention also ultrasound of a newborn's
  head, MRI of a fetal brain, cortical surfaces, and statistical maps on a brain
- `lung`: lung imaging (chest X-ray or CT), in any view; by convention also ultrasound of the lung,
  ventilation and perfusion scans, PET/CT of the chest, and renderings of lungs or airways from
  scans
- `other`: anything else, such as other anatomy, photographs, documents or drawings; by convention
  also drawings and plastic models of brains and lungs, skull and dental X-rays, phantoms, tissue
  under the microscope, and EEG maps"""

INTRODUCTION = """\
- brain
- lung
- medical-imaging
- radiology
---

# Brain, lung or other?

Does an image show brain imaging, lung imaging or something else? This is the network
`{network}` of the demo with that name. It takes one image and returns a confidence for each
of three labels.

*Cerveau, poumon ou autre ? Ce réseau indique si une image montre une imagerie du cerveau, du poumon
ou autre chose. Une démonstration, pas un dispositif médical.*
"""

INTRODUCTION_TO_OTHER_LABELS = """\
{tags}
---

# {title}?

This network `{network}` takes one image and returns a confidence for each of its labels.
"""

ADVICE = "run: python -m train evaluate, then python -m train release"
"""How to get missing results."""


def model_card(release: Release, repo_id: str) -> str:
    """Write the card as Markdown, with the figures and plots of the results folder.

    Args:
        release: the release to publish.
        repo_id: "user/name", where it is published.

    Raises:
        UserError: figures.json or origins.csv is missing, malformed or about other weights.
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
{_introduction(release)}

## Labels

{_labels(release)}

## How to use

`{weights}` is for prediction with LiteRT, and all metrics are measured with it. Its convolutions
compute with 8-bit integers. `{release.keras_weights_file.name}` has the weights before this
rounding, for Keras and further training. Decoding images is part of the code, not of the weights.
In a folder with the code of the demo (a Space that uses this model) and with its
`requirements.txt` installed:

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

The demo also verifies the sha256 of the file before it loads it:
`{release.sha256}`.

## Intended use and limits

A demonstration of image classification, for learning and for sorting images by what they show.

- **It is not a medical device.** It says nothing about health; do not use it for diagnosis or for
  any decision about a person.
- It always predicts one of its labels, whatever the image shows. A high confidence does not prove
  that a prediction is right.
- The validation set (`val`) has other images, mostly from the sources that the network was trained
  on; temperature and threshold are fitted to these images. The selection set (`external`), if there
  is one, has images from other sources. Nothing was trained or calibrated on them, but the network
  may have been chosen among several by its metrics there: do not expect better ones on new images.
- It was trained on a limited number of sources, listed below; some are small and uniform.

## Evaluation

{_evaluation(release)}
{_independent_test(release)}## Plots

{plots}

## Training data

The sources of the images and the number of images used from each. The images are not part of this
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
    """Return the files of the results folder to publish, by name."""
    return [
        file
        for file in sorted(release.results_folder.glob("[!.]*"))
        if file.is_file()
        and file.name not in (NOT_PUBLISHED, "release.json")
        and not file.name.endswith((".tflite", ".weights.h5", ".npz"))
    ]


def _introduction(release: Release) -> str:
    if release.labels == LABELS:
        return INTRODUCTION.format(network=release.network)
    tags = "\n".join(f'- "{label}"' for label in release.labels)
    title = f"{', '.join(release.labels[:-1])} or {release.labels[-1]}"
    return INTRODUCTION_TO_OTHER_LABELS.format(tags=tags, title=title, network=release.network)


def _labels(release: Release) -> str:
    if release.labels == LABELS:
        return OUR_LABELS
    return "\n".join(f"- `{label}`" for label in release.labels)


def _evaluation(release: Release) -> str:
    file = release.results_folder / "figures.json"
    try:
        figures = json.loads(file.read_text(encoding="utf-8"))
        if figures["sha256"] == release.sha256 and figures["splits"]:
            return evaluation_report(figures)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        pass
    raise UserError(f"{file} does not have figures of these weights; {ADVICE}")


def _independent_test(release: Release) -> str:
    if release.labels != LABELS or not INDEPENDENT_TEST.is_file():
        return ""
    test = json.loads(INDEPENDENT_TEST.read_text(encoding="utf-8"))
    return f"### Independent test\n\n{independent_table(test, release.sha256)}\n"


def _origins_table(release: Release) -> str:
    file = release.results_folder / "origins.csv"
    try:
        rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file} is missing or cannot be read; {ADVICE}") from error
    if not rows or any(None in map(row.get, ORIGINS) for row in rows):
        raise UserError(f"{file} must have the columns {', '.join(ORIGINS)}; {ADVICE}")
    cells = [tuple(_cell(row[column]) for column in ORIGINS) for row in rows]
    return markdown_table("", [tuple(ORIGINS.values()), *cells])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
