"""Options of listeners."""

SILENT = {"show_progress": "hidden", "api_visibility": "private"}
"""Options of a listener without Gradio's progress bar and without an endpoint for programs."""
