"""What a component shows before its result is there, set by JavaScript without a request."""

SILENT = {"show_progress": "hidden", "api_visibility": "private"}
"""Options of listeners that only change what is shown."""


def state_for(state: str) -> str:
    """Return JavaScript that maps an image to ``{state}``, and no image to an empty value."""
    return f"(image) => (image ? {{ state: '{state}' }} : null)"
