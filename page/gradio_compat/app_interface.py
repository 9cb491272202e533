"""``gr.Interface`` around ``predict`` with a layout of its own, private about payloads."""

from collections.abc import Callable

import gradio as gr
from gradio.i18n import I18nData

from page.gradio_compat.image_input import ImageInput, as_file_data
from page.i18n import TEXTS


class AppInterface(gr.Interface):
    """Interface from an image to an answer; what lies around both is part of it.

    ``gr.Interface`` has two columns and no place for anything between their components, and its
    live listener takes no JavaScript.

    Args:
        predict: the function that is wrapped.
        image: its input.
        answer: its output.
        title: title of the browser tab.
        lay_out: is called with the interface, renders both components and everything around them,
            adds all listeners, and returns the button that clears both.
    """

    def __init__(
        self,
        predict: Callable,
        image: ImageInput,
        answer: gr.HTML,
        title: str,
        lay_out: Callable[[gr.Interface], gr.Button],
    ):
        self._lay_out = lay_out
        super().__init__(
            predict,
            image,
            answer,
            title=title,
            live=True,
            flagging_mode="never",
            # Never called; the default creates a lock, which needs a writable folder.
            flagging_callback=gr.SimpleCSVLogger(),
            analytics_enabled=False,
            deep_link=False,
        )

    def render_title_description(self) -> None:
        """Render nothing, as ``lay_out`` renders a title in the visitor's language."""

    def render_input_column(self) -> tuple:
        """Render everything; return the button that clears, in the second place of five."""
        # Gradio's row would squeeze several elements beside each other.
        with gr.Column(min_width=0):
            clear = self._lay_out(self)
        return None, clear, None, None, None

    def render_output_column(self, _submit: gr.Button | None) -> tuple:
        """Render nothing, as ``render_input_column`` has rendered everything."""
        return None, None, None, None, None

    def attach_submit_events(self, *_buttons: gr.Button | None) -> None:
        """Add no listener, as ``lay_out`` has added them."""

    def attach_clear_events(self, *_parts) -> None:
        """Add no listener, as ``lay_out`` has added them."""

    async def preprocess_data(self, block_fn, inputs, *args, **kwargs):
        """Turn any error about a payload into a ``gr.Error`` that the client sees.

        Gradio would log a traceback with the path, address or text that was sent, and tell the
        client nothing.
        """
        try:
            inputs = [
                as_file_data(value) if isinstance(block, ImageInput) else value
                for block, value in zip(block_fn.inputs, inputs, strict=True)
            ]
            return await super().preprocess_data(block_fn, inputs, *args, **kwargs)
        except gr.Error:
            raise
        except Exception as error:
            # The page never sends such a payload, and the client's language is unknown here.
            message = TEXTS["not_an_image"]["en"]
            raise gr.Error(message, title="", print_exception=False) from error

    def get_api_info(self, *args, **kwargs):
        """Return what ``gr.Blocks`` returns, with labels in English instead of translation keys."""
        info = super().get_api_info(*args, **kwargs)
        for endpoint in info["named_endpoints"].values():
            for value in endpoint["parameters"] + endpoint["returns"]:
                if isinstance(value["label"], I18nData):
                    value["label"] = TEXTS[value["label"].key]["en"]
        return info
