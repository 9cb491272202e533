"""Whether an accordion is open, which Gradio does not tell its listeners."""

IS_OPEN = 'document.querySelector("gradio-app .explanation > button.open")'
"""JavaScript: an element while the accordion "Why this answer?" is open, else null."""
