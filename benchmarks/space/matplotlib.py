"""In the place of a library that a Space lacks and Gradio imports with its first answer."""

raise ModuleNotFoundError("a Space has no matplotlib", name="matplotlib")
