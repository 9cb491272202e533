"""Who made the app and where it is: what a fork changes (see docs/deploy.md)."""

AUTHOR = "Victor Ouledi"

SPACE = "Victorouledi/brain-lung-other"
"""The Space as the Hub names it."""

SOURCE = f"https://huggingface.co/spaces/{SPACE}/tree/main"

APP = f"https://{SPACE.lower().replace('/', '-')}.hf.space"
"""The running app of the Space."""
