"""``gr.Interface`` around ``predict`` with a layout and listeners of its own."""

from collections.abc import Callable

import gradio as gr


class PredictInterface(gr.Interface):
    """Interface from an image to an answer.

    ``gr.Interface`` has two columns and no place for anything between their components, and its
    live listener takes no JavaScript.

    Args:
        predict: the function that is wrapped.
        image: its input.
        answer: its output.
        lay_out: renders both with everything around them, adds their listeners, and returns the
            button that clears them.
    """

    def __init__(
        self, predict: Callable, image: gr.Image, answer: gr.HTML, lay_out: Callable[[], gr.Button]
    ):
        self._lay_out = lay_out
        super().__init__(
            predict,
            image,
            answer,
            live=True,
            flagging_mode="never",
            # Never called; the default creates a lock, which needs a writable folder.
            flagging_callback=gr.SimpleCSVLogger(),
            analytics_enabled=False,
            deep_link=False,
        )

    def render_input_column(self) -> tuple:
        """Render everything; return the button that clears, in the second place of five."""
        return None, self._lay_out(), None, None, None

    def render_output_column(self, _submit: gr.Button | None) -> tuple:
        """Render nothing, as ``render_input_column`` has rendered everything."""
        return None, None, None, None, None

    def attach_submit_events(self, *_buttons: gr.Button | None) -> None:
        """Add no listener, as ``lay_out`` has added them."""

    def attach_clear_events(self, *_parts) -> None:
        """Add no listener, as ``lay_out`` has added them."""
