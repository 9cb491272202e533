"""The result: label and confidences, how sure the prediction is, and what helps when it is not."""

import operator

import gradio as gr
from gradio.components.label import LabelConfidence, LabelData

from page.i18n import translate, words
from page.template import template


def to_label_data(confidences: dict[str, float]) -> LabelData:
    """Return what clients receive: the top label, and all confidences, highest first."""
    ranked = sorted(confidences.items(), key=operator.itemgetter(1), reverse=True)
    return LabelData(
        label=ranked[0][0],
        confidences=[LabelConfidence(label=label, confidence=c) for label, c in ranked],
    )


class Answer(gr.HTML):
    """Label and confidences in the visitor's language; the same data as ``gr.Label`` in the API.

    ``gr.Label`` rounds to whole percents, which turns 99.6 % into certainty.

    Args:
        confidence_threshold: confidence, 0 to 1, below which a prediction is shown as unsure.
    """

    data_model = LabelData

    def __init__(self, confidence_threshold: float):
        super().__init__(
            label=translate("answer"),
            html_template=template("answer.js", "value", "confidenceThreshold"),
            js_on_load=None,
            apply_default_css=False,
            elem_classes="answer-block",
            confidenceThreshold=confidence_threshold,
            words=words(
                *("brain", "lung", "other", "answer", "empty", "waiting", "failed"),
                *("sure_brain", "sure_lung", "sure_other", "unsure", "no_device"),
            ),
        )

    def postprocess(self, value: dict[str, float] | None) -> LabelData | dict:
        """Return label and confidences, or an empty value without a prediction."""
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
        return {"brain": 0.97, "lung": 0.01, "other": 0.02}
