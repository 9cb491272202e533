"""Options of listeners."""

SILENT = {"show_progress": "hidden", "api_visibility": "private"}
"""Of a listener that shows no progress of Gradio's and is no endpoint for programs."""
