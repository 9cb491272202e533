"""``gr.HTML`` that computes its configuration once, instead of once for each session."""

import gradio as gr


class HTML(gr.HTML):
    """Component of HTML whose configuration does not change once the page is built.

    Every call through the API is a session, and for every session Gradio asks each component for
    its configuration, for which ``gr.HTML`` searches its scripts once for each property.
    """

    def get_config(self, cls: type | None = None) -> dict:
        """Return the component's properties, as Gradio sends them to the browser."""
        if cls is not None:
            return super().get_config(cls)
        if "_config" not in vars(self):
            self._config = super().get_config()
        return dict(self._config)
