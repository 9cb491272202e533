"""Hides matplotlib, which a Space lacks and Gradio imports with its first prediction."""

raise ModuleNotFoundError("a Space has no matplotlib", name="matplotlib")
