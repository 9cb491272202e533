"""What the page should say about an example, by the network that is released."""

import functools

from model.batch_predict import bundled_classifier
from model.imaging import read_image
from model.release import read_release
from page.examples import FILES, HARD
from page.i18n import NAMES, TEXTS


@functools.cache
def _confidences(key):
    return bundled_classifier().classify(read_image(FILES[key]))


def expected_answer(key, language="en"):
    """Return the words for an example, such as "brain" or "Perhaps brain"."""
    confidences = _confidences(key)
    label = max(confidences, key=confidences.get)
    if confidences[label] < read_release().confidence_threshold:
        return TEXTS[f"perhaps_{label}"][language]
    return NAMES[label][language]


def hardest_example():
    """Return the text key of the example with the least confident prediction."""
    return min(HARD, key=lambda key: max(_confidences(key).values()))
