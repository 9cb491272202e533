"""Descriptions of the endpoints, for ``view_api()``, "Use via API" and MCP tools."""

from collections.abc import Sequence

from model.release import LABELS

PREDICT = (
    "Predict whether an image shows brain imaging (MRI, CT, PET), lung imaging (chest X-ray, CT) "
    "or something else. Use it to sort images by what they show; it is not a medical device and "
    "says nothing about health. Returns the top label and the confidence of each of brain, lung "
    "and other, 0 to 1, summing to 1; a low top confidence means that the prediction is unsure."
)

PREDICT_ANY = (
    "Predict which of these labels an image has: {labels}. Use it to sort images by what they "
    "show. Returns the top label and the confidence of each, 0 to 1, summing to 1; a low top "
    "confidence means that the prediction is unsure."
)

EXPLAIN = (
    "Show which parts of an image its prediction depends on. Use it on an image that /predict has "
    "predicted, to see why: parts of it are covered in turn, and those without which the top label "
    "loses most are bright. Returns the image with this heat map, or nothing for a confident "
    '"other", which no part of an image explains.'
)


def predict(labels: Sequence[str]) -> str:
    """Describe the endpoint ``/predict`` of a network with these labels."""
    return PREDICT if tuple(labels) == LABELS else PREDICT_ANY.format(labels=", ".join(labels))
