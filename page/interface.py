"""``gr.Interface``, asked once per picture, with an answer that never belongs to another one."""

import gradio as gr

from page.answer import FAILED, WAITING

ONLY_A_PICTURE = "(picture) => { if (!picture) throw 0; return picture; }"
"""JavaScript that keeps a cleared picture from being asked about: what throws makes no request."""


class PredictInterface(gr.Interface):
    """A live interface from a picture to an answer, which says that it waits or has failed."""

    def attach_submit_events(self, *buttons):
        """Ask about every new picture, once; an answer goes as soon as its picture does."""
        (picture,), (answer,) = self.input_components, self.output_components
        silent = {"show_progress": "hidden", "api_visibility": "private"}
        picture.change(None, picture, answer, js=WAITING, **silent)
        asked = super().attach_submit_events(*buttons)
        (call,) = (call for call in self.fns.values() if call.api_name == self.api_name)
        call.js = ONLY_A_PICTURE
        asked.failure(None, picture, answer, js=FAILED, **silent)
        return asked
