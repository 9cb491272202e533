"""What a component shows before its result is there, set by JavaScript without a request."""

SILENT = {"show_progress": "hidden", "api_visibility": "private"}
"""Options of listeners that only change what is shown."""

SENT = "image?.path"
"""JavaScript that tells a picture on the server from none and from one that is still being sent."""
