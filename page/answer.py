"""The answer: what the picture shows, how sure that is, and what helps when it is not."""

import operator

import gradio as gr
from gradio.components.label import LabelConfidence, LabelData

from page.i18n import translate, words
from page.template import template

WAITING = "(picture) => (picture ? { state: 'waiting' } : null)"
"""JavaScript that gives the value to show for a new picture, or for none, before its answer."""

FAILED = "(picture) => (picture ? { state: 'failed' } : null)"
"""JavaScript that gives the value to show when a picture, or none, gets no answer."""


class Answer(gr.HTML):
    """Confidences as meters, in the visitor's language; to a program the same as ``gr.Label``.

    Gradio's own component rounds to whole percents, which makes 99.6 % a certainty.

    Args:
        confidence_threshold: the confidence, 0 to 1, below which the answer is called unsure.
    """

    data_model = LabelData

    def __init__(self, confidence_threshold: float):
        super().__init__(
            label=translate("answer"),
            html_template=template("answer.js", "value", "unsureBelow"),
            js_on_load=None,
            apply_default_css=False,
            elem_classes="answer-block",
            unsureBelow=confidence_threshold,
            words=words(
                *("brain", "lung", "other", "answer", "empty", "waiting", "failed"),
                *("sure_brain", "sure_lung", "sure_other", "unsure", "no_device"),
            ),
        )

    def postprocess(self, value: dict[str, float] | None) -> LabelData | dict:
        """The label and the confidences, highest first, or an empty value for no answer."""
        if not value:
            return {}
        ranked = sorted(value.items(), key=operator.itemgetter(1), reverse=True)
        return LabelData(
            label=ranked[0][0],
            confidences=[LabelConfidence(label=label, confidence=c) for label, c in ranked],
        )

    def api_info(self) -> dict:
        """What a program gets: a label and confidences."""
        confidence = {
            "type": "object",
            "properties": {"label": {"type": "string"}, "confidence": {"type": "number"}},
        }
        return {
            "type": "object",
            "description": "the top_label label; the confidence of each, 0 to 1, highest first",
            "properties": {
                "label": {"type": "string"},
                "confidences": {"type": "array", "items": confidence},
            },
        }

    def example_payload(self) -> dict:
        """An answer as a program gets it."""
        return self.postprocess(self.example_value()).model_dump()

    def example_value(self) -> dict[str, float]:
        """An answer as ``predict`` gives it."""
        return {"brain": 0.97, "lung": 0.01, "other": 0.02}
