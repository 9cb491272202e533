"""``gr.Interface`` that predicts once per image and never shows a stale result."""

import gradio as gr

from page.states import SILENT, state_for

REQUIRE_IMAGE = "(image) => { if (!image) throw 0; return image; }"
"""JavaScript for a listener: Gradio sends no request when it throws, here for a cleared image."""


class PredictInterface(gr.Interface):
    """Live interface from an image to a result that says when it is waiting or has failed."""

    def attach_submit_events(self, *buttons):
        """Predict every new image once, and drop the result as soon as its image goes."""
        (image,), (result,) = self.input_components, self.output_components
        # Gradio runs the listeners of an event in order, so the waiting state must come first.
        image.change(None, image, result, js=state_for("waiting"), **SILENT)
        prediction = super().attach_submit_events(*buttons)
        # gr.Interface has no argument for the JavaScript of its listener.
        (listener,) = (fn for fn in self.fns.values() if fn.api_name == self.api_name)
        listener.js = REQUIRE_IMAGE
        prediction.failure(None, image, result, js=state_for("failed"), **SILENT)
        return prediction
