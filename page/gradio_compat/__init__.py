"""All dependence on Gradio's internals; README.md lists each with its reason and its test."""
