"""``gr.Interface`` that predicts once per image and never shows a stale result."""

import gradio as gr

from page.states import SILENT, state_for

REQUIRE_IMAGE = "(image) => { if (!image) throw 0; return image; }"
"""JavaScript for a listener: Gradio sends no request when it throws, here for a cleared image."""


class PredictInterface(gr.Interface):
    """Live interface from an image to a result that says when it is waiting or has failed."""

    def attach_submit_events(self, *_buttons):
        """Predict every new image once, and drop the result as soon as its image goes."""
        (image,), (result,) = self.input_components, self.output_components
        # Gradio runs the listeners of an event in order, so the waiting state must come first.
        image.change(None, image, result, js=state_for("waiting"), **SILENT)
        # The listener of a live ``gr.Interface``, which has no argument for its JavaScript.
        prediction = gr.on(
            image.change,
            self.fn,
            image,
            result,
            js=REQUIRE_IMAGE,
            api_name=self.api_name,
            api_description=self.api_description,
            show_progress=self.show_progress,
            trigger_mode="always_last",
        )
        prediction.failure(None, image, result, js=state_for("failed"), **SILENT)
        return prediction
