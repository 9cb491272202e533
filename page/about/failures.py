"""Examples of failures: the hard examples that the running network is wrong or unsure about."""

from model.classifier import Classifier
from model.imaging import read_image
from page.examples import FILES, HARD, thumbnail

TRUE_LABEL = "other"
"""The true label of every hard example."""


def failed_examples(classifier: Classifier, confidence_threshold: float) -> list[dict]:
    """Predict the hard examples, and return those with a wrong or an unsure prediction.

    Args:
        classifier: the running network.
        confidence_threshold: confidence, 0 to 1, below which a prediction is unsure.

    Returns:
        For each, the "key" of its caption, its "thumbnail", the predicted "label", the "confidence"
        in it, and whether it is "unsure".
    """
    failed = []
    for key in HARD:
        confidences = classifier.classify(read_image(FILES[key]))
        label = max(confidences, key=confidences.get)
        unsure = confidences[label] < confidence_threshold
        if unsure or label != TRUE_LABEL:
            failed.append({"key": key, "thumbnail": thumbnail(FILES[key]), "label": label})
            failed[-1] |= {"confidence": confidences[label], "unsure": unsure}
    return failed
