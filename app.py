"""Brain, lung or other? The page, its API and its start: python app.py."""

import contextlib
import functools
import html
import io
import os
import signal
import sys
import threading
from pathlib import Path

try:
    import page
except OSError:
    sys.exit("error: no folder may be written, and uploads need one: set TMPDIR to one that may")

# isort: split

import gradio as gr
from starlette.requests import Request

from model.imaging import read_image
from model.release import ReleaseError, read_release
from model.weights import Weights, find_weights, keras_weights
from page import api_docs as api
from page.about import about
from page.answer import Answer
from page.examples import FILES, examples
from page.explanation import explanation
from page.head import head
from page.image_input import ImageInput, open_image
from page.interface import PredictInterface
from page.predict_route import Direct
from page.sessions import forgetting, share_one_heap
from page.i18n import TEXTS, language_of, translate
from page.theme import Theme
from page.uploads import delete_uploads, sweep_uploads

try:
    # A ZeroGPU Space stops an app without a GPU function; elsewhere the package is absent.
    import spaces

    spaces.GPU(lambda: None)
except ImportError:
    pass

STYLE = Path(page.__file__).with_name("static") / "style.css"

QUEUE_SIZE = 64
"""Pictures that may wait at once: by Gradio, and as many that are sent directly."""

CONCURRENCY = 2
"""Pictures that are answered at once by Gradio: a Space has two cores."""

ROUTE_CONCURRENCY = 4
"""And of those that are sent directly: while one holds the network, others are decoded."""


def predict(image: str | io.BytesIO | None, request: gr.Request | None = None) -> dict[str, float]:
    """Say whether a picture is brain imaging, lung imaging or something other.

    Args:
        image: the picture, a file such as a JPEG, PNG, TIFF or WebP; the first one of several.
        request: who asks; the language of an error message is theirs.

    Returns:
        The confidence of each label, "brain", "lung" and "other": 0 to 1, summing to 1.

    Raises:
        gr.Error: the file cannot be answered; the message is one sentence.
    """
    picture = open_image(image, request)
    classifier, _ = load()
    return classifier.classify(picture)


def describe_weights(request: gr.Request) -> str:
    """A line of HTML, in the visitor's language, about the weights that run; waits for them."""
    _, weights = load()
    key = "weights_bundled" if weights.origin == "bundled" else "weights_hub"
    line = TEXTS[key][language_of(request)]
    return html.escape(line.format(network=release.network, origin=weights.origin))


def load():
    """The released classifier and its weights; loaded by the first call, while others wait."""
    with _loading:
        return _load_once()


_loading = threading.Lock()


@functools.cache
def _load_once():
    # Imported when the page answers already.
    from model.classifier import Classifier

    release = read_release()
    weights = find_weights(release)
    classifier = Classifier(weights.file, release.labels, release.temperature)
    # Better refused now than by the first explanation.
    keras_weights(release)
    # What the first picture would wait for: decoders, and memory for the network.
    classifier.classify(read_image(FILES["example_brain"]))
    print(_weights_line(release.network, weights), flush=True)
    return classifier, weights


def _weights_line(network: str, weights: Weights) -> str:
    reason = f" ({weights.fallback_reason})" if weights.fallback_reason else ""
    return f"weights: {network}, {weights.origin}{reason}"


try:
    release = read_release()
except ReleaseError as error:
    sys.exit(f"error: {error}")

answer = Answer(release.confidence_threshold)
picture = ImageInput(
    type="filepath",
    image_mode=None,
    sources=["upload", "clipboard", "webcam"],
    label=translate("picture"),
    buttons=["fullscreen"],
    height=240,
    placeholder=translate("drop"),
    elem_classes="picture",
)
interface = PredictInterface(
    predict,
    picture,
    answer,
    live=True,
    clear_btn=gr.Button(translate("clear"), size="sm", elem_classes="clear"),
    flagging_mode="never",
    # Never called; the default makes a lock, for which a read-only system may have no place.
    flagging_callback=gr.SimpleCSVLogger(),
    show_progress="hidden",
    analytics_enabled=False,
    deep_link=False,
    api_name="predict",
    api_description=api.PREDICT,
)
with interface, picture.parent:
    examples(picture)
with interface, answer.parent:
    explanation(picture, load)

# The browser tab cannot be translated.
with api.EnglishApiBlocks(title=TEXTS["title"]["en"], analytics_enabled=False) as demo:
    gr.Markdown(f"<h1>{translate('title')}</h1>", elem_classes="title")
    gr.Markdown(translate("purpose"), elem_classes="purpose")
    with gr.Tabs():
        with gr.Tab(translate("tab_try")):
            interface.render()
            weights_line = gr.HTML(elem_classes="weights")
        with gr.Tab(translate("tab_about")):
            about(load)
    demo.load(describe_weights, None, weights_line, api_visibility="private", queue=False)
# Each visitor learns of their place once a second; by default all do with each answer.
demo.queue(max_size=QUEUE_SIZE, default_concurrency_limit=CONCURRENCY, status_update_rate=1)


def predict_directly(image: io.BytesIO | None, request: Request) -> dict:
    """What ``predict`` answers, in the form in which programs get it from Gradio."""
    return answer.postprocess(predict(image, request)).model_dump()


direct = Direct(predict_directly, QUEUE_SIZE, ROUTE_CONCURRENCY)


def main() -> None:
    """Serve the page at once, then load the model while it is already answering."""
    port = os.environ.get("GRADIO_SERVER_PORT")
    share_one_heap()
    sweep_uploads()
    try:
        demo.launch(
            prevent_thread_lock=True,
            # Without a port Gradio takes the first free one; a port that was asked for is meant.
            server_port=int(port) if port else None,
            max_file_size="20mb",
            # A data: URL of such a file takes a third more.
            app_kwargs={
                "max_body_size": 28 * 2**20,
                "routes": [direct.route],
                "lifespan": forgetting,
            },
            ssr_mode=False,
            # Each call from a program leaves a session of 60 kB, of which Gradio keeps 10,000.
            state_session_capacity=64,
            run_history=False,
            footer_links=["api", "gradio"],
            i18n=translate,
            head=head(),
            theme=Theme(),
            css_paths=STYLE,
        )
        load()
    except ReleaseError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        if "empty port" not in str(error):
            raise
        sys.exit(f"error: port {port} is in use; set GRADIO_SERVER_PORT to a free one")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with contextlib.suppress(KeyboardInterrupt):
        stop.wait()
    # Each takes five seconds at most: the first lets running answers end, the second ends the
    # connections of open pages too.
    demo.server.close()
    demo.close(verbose=False)
    delete_uploads()


if __name__ == "__main__":
    main()
