"""Keep Gradio from writing type stubs for components."""

import contextlib
import inspect
from collections.abc import Iterator


@contextlib.contextmanager
def no_component_stubs() -> Iterator[None]:
    """Import Gradio within this context, and it writes no type stubs then or later.

    Gradio would parse the source of its components at each start to renew a ``.pyi`` file beside
    each. That is two fifths of the time of ``import gradio``, and only editors read the files.
    """
    getfile = inspect.getfile

    def of_no_component(thing) -> str:
        if getattr(thing, "__module__", "").startswith("gradio."):
            raise OSError("without a file there is no stub")
        return getfile(thing)

    inspect.getfile = of_no_component
    try:
        yield
        from gradio import blocks_events, component_meta

        # For the components and blocks of this app.
        for module in (blocks_events, component_meta):
            module.create_or_modify_pyi = lambda *_: None
    finally:
        inspect.getfile = getfile
