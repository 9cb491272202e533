"""Blocks that log no payload, and describe the API in English."""

import gradio as gr
from gradio.i18n import I18nData

from page.gradio_compat.image_input import ImageInput, as_file_data
from page.i18n import TEXTS


class AppBlocks(gr.Blocks):
    """``gr.Blocks`` with private error handling and API documentation in English."""

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
