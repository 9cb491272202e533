"""The card with the answer: label, confidences, and how often such an answer is right."""

import math
import operator
from collections.abc import Sequence

from gradio.components.label import LabelConfidence, LabelData

from model.release import LABELS
from page.gradio_compat.html import HTML
from page.i18n import about_labels, translate, wording, words
from page.template import script, template


def to_label_data(confidences: dict[str, float]) -> LabelData:
    """Return what clients receive: the top label, and all confidences, highest first."""
    ranked = sorted(confidences.items(), key=operator.itemgetter(1), reverse=True)
    return LabelData(
        label=ranked[0][0],
        confidences=[LabelConfidence(label=label, confidence=c) for label, c in ranked],
    )


def rates(figures: dict | None) -> dict[str, int]:
    """Return how many of a hundred sure and unsure predictions on the selection set are right.

    Args:
        figures: content of figures.json; nothing is returned without it or for a set without such
            predictions.
    """
    selective = (figures or {}).get("splits", {}).get("external", {}).get("selective", {})
    keys = {"sure": "selective_accuracy", "unsure": "rejected_accuracy"}
    # Rounded down, because a hundred of a hundred would be a certainty.
    return {
        name: math.floor(100 * selective[key]["value"])
        for name, key in keys.items()
        if selective.get(key)
    }


class Answer(HTML):
    """Label and confidences in the visitor's language; the same data as ``gr.Label`` in the API.

    ``gr.Label`` rounds to whole percents, which turns 99.6 % into certainty.

    Args:
        confidence_threshold: confidence, 0 to 1, below which a prediction is shown as unsure.
        figures: content of figures.json about the released weights, if it exists.
        labels: the labels of the released weights.
    """

    data_model = LabelData

    def __init__(
        self, confidence_threshold: float, figures: dict | None, labels: Sequence[str] = LABELS
    ):
        self._labels = labels
        super().__init__(
            label=translate("answer"),
            html_template=template("answer.js", "value", "confidenceThreshold", "rates", "labels"),
            js_on_load=script("save.js", "answer_image.js", "answer_listeners.js"),
            apply_default_css=False,
            elem_classes="answer-block",
            confidenceThreshold=confidence_threshold,
            rates=rates(figures),
            labels=about_labels(labels),
            words=words(
                *("answer", "empty", "sending", "cancel", "waiting"),
                *("file_too_large", "unreadable", "no_clipboard", "no_drag", "no_camera"),
                *("no_reply", "again"),
                *("rate_sure", "rate_unsure", "sampled_frames", "sampled_slices"),
                *("no_device", "save", wording("advice", labels), wording("title", labels)),
            ),
        )

    def postprocess(self, value: dict[str, float] | None) -> LabelData | dict:
        """Return label and confidences."""
        return to_label_data(value) if value else {}

    def api_info(self) -> dict:
        """Describe what clients receive."""
        confidence = {
            "type": "object",
            "properties": {"label": {"type": "string"}, "confidence": {"type": "number"}},
        }
        return {
            "type": "object",
            "description": "the top label; the confidence of each label, 0 to 1, highest first",
            "properties": {
                "label": {"type": "string"},
                "confidences": {"type": "array", "items": confidence},
            },
        }

    def example_payload(self) -> dict:
        """Return an example as clients receive it."""
        return to_label_data(self.example_value()).model_dump()

    def example_value(self) -> dict[str, float]:
        """Return an example as ``predict`` returns it."""
        first, *rest = self._labels
        return {first: 0.96} | dict.fromkeys(rest, 0.04 / len(rest))
