"""Brain, lung or other? The page, its API and its start: python app.py."""

import functools
import io
import os
import sys
import threading

from page import uploads
from page.gradio_compat import environment
from page.gradio_compat.component_stubs import no_component_stubs

if __name__ == "__main__":
    try:
        environment.check()
        environment.configure(uploads.create_folder())
    except environment.BadEnvironment as error:
        sys.exit(f"error: {error}")
    except OSError:
        sys.exit("error: there is no writable folder for uploads; set TMPDIR to one")

with no_component_stubs():
    import gradio as gr

# isort: split

from starlette.requests import Request

from model.decoding.frames import Frames
from model.imaging import read_image
from model.release import Release, ReleaseError, read_release
from model.weights import find_weights
from page.about import about
from page.about.results import read_results
from page.answer import Answer, to_label_data
from page.body_limit import MAX_BYTES
from page.examples import FILES, examples
from page.explanation import explanation
from page.gradio_compat.app_interface import AppInterface
from page.gradio_compat.image_input import ImageInput
from page.gradio_compat.launch import NoFreePort, launch, shut_down
from page.gradio_compat.polling import poll_less
from page.heading import heading
from page.health import health_route
from page.heap import share_one_heap
from page.i18n import TEXTS, translate, wording
from page.listeners import SILENT
from page.open_image import open_image
from page.predict_route import PredictRoute
from page.prediction import prediction
from page.request_body import MAX_BODY_BYTES
from page.start_log import start_line, wants_json
from page.stop_signals import StopSignals
from page.strip import Strip
from page.template import STATIC
from page.theme import Theme
from page.weights_line import weights_line

try:
    # A ZeroGPU Space stops an app without a GPU function; elsewhere the package is absent.
    import spaces

    spaces.GPU(lambda: None)
except ImportError:
    pass

QUEUE_SIZE = 64
"""Maximum number of images waiting in Gradio's queue, and of those waiting or in progress at
``POST /predict``."""

CONCURRENCY = 2
"""Number of images that Gradio's endpoint predicts at the same time: a Space has two cores."""

ROUTE_CONCURRENCY = 4
"""Number of images that ``POST /predict`` handles at the same time: some are decoded meanwhile."""


def predict(image: str | io.BytesIO | None, request: gr.Request | None = None) -> dict[str, float]:
    """Predict whether an image shows brain imaging, lung imaging or something else.

    Args:
        image: an image file such as JPEG, PNG, TIFF, WebP, HEIC, DICOM or NIfTI.
            Its path, or the open file; up to twelve images of a stack or a volume are used.
        request: determines the language of error messages.

    Returns:
        The confidence of each label, such as "brain", "lung" and "other": 0 to 1, summing to 1.

    Raises:
        gr.Error: the file cannot be read as an image; the message is one sentence for the client.
    """
    confidences, *_ = predict_frames(image, request)
    return confidences


def predict_frames(
    image: str | io.BytesIO | None, request: gr.Request | None = None
) -> tuple[dict[str, float], Frames, int]:
    """Predict like ``predict``; also return the frames and the index of the most confident."""
    frames = open_image(image, request)
    classifier, _ = get_classifier()
    confidences, most_confident = classifier.classify_frames(frames.images)
    return confidences, frames, most_confident


def predict_body(file: io.BytesIO | None, request: Request) -> dict:
    """Predict the body of a request to ``POST /predict``; respond like Gradio's endpoint."""
    return to_label_data(predict(file, request)).model_dump()


def get_classifier():
    """Return the classifier and its ``Weights``; the first call loads them, and others wait."""
    with _loading:
        return _load_classifier()


_loading = threading.Lock()


@functools.cache
def _load_classifier():
    # Imported while the page is already being served.
    from model.classifier import load_classifier

    release = read_release()
    weights = find_weights(release)
    classifier = load_classifier(release, weights.file)
    # Loads decoders and allocates memory, which the first visitor would otherwise wait for.
    classifier.classify(read_image(FILES["example_brain"]))
    return classifier, weights


def build(release: Release) -> gr.Interface:
    """Build the page and its API around ``predict``, for what ``model/release.json`` names."""
    answer = Answer(
        release.confidence_threshold, read_results(release).get("figures"), release.labels
    )
    image = ImageInput(
        type="filepath",
        image_mode=None,
        sources=["upload", "clipboard", "webcam"],
        # Not mirrored, and on a phone the rear camera.
        webcam_options=gr.WebcamOptions(
            mirror=False, constraints={"video": {"facingMode": "environment"}}
        ),
        label=translate("picture"),
        buttons=["fullscreen"],
        height=240,
        placeholder=translate("drop"),
        elem_classes="picture",
    )

    def lay_out(interface: gr.Interface) -> gr.Button:
        heading(release.labels)
        with gr.Tabs():
            with gr.Tab(translate("tab_try")):
                clear = _lay_out_trial(image, answer, release)
                weights_line(interface, release, get_classifier)
            with gr.Tab(translate("tab_about")) as tab:
                about(tab, release, get_classifier)
        return clear

    # Also the title of the API's documentation.
    title = TEXTS[wording("title", release.labels)]["en"]
    interface = AppInterface(predict, image, answer, title, lay_out)
    # By default, Gradio sends all waiting visitors their position after each prediction.
    interface.queue(
        max_size=QUEUE_SIZE, default_concurrency_limit=CONCURRENCY, status_update_rate=1
    )
    poll_less(interface)
    return interface


def _lay_out_trial(image: ImageInput, answer: Answer, release: Release) -> gr.Button:
    """Render the first tab; return the button that clears the picture and its answer."""
    with gr.Column(elem_classes="try"):
        image.render()
        strip = Strip(release.confidence_threshold, release.labels)
        with gr.Column(elem_classes="result"):
            answer.render()
            prediction(image, answer, strip, predict, predict_frames, release.labels)
            overlay = explanation(image, get_classifier, release.confidence_threshold)
        examples(strip, overlay, predict_frames, release.labels)
        clear = gr.Button(translate("clear"), size="sm", elem_classes="clear")
        clear.click(None, None, None, js="() => imageApp.clear()", **SILENT)
    return clear


def main() -> None:
    """Serve the page at once, and load the classifier while it is already being served.

    Run it with ``python app.py``, which configures Gradio before importing it.
    """
    port = os.environ.get("GRADIO_SERVER_PORT")
    share_one_heap()
    folder = uploads.create_folder()
    uploads.sweep_forever(folder)
    ready = threading.Event()
    try:
        release = read_release()
        interface = build(release)
        launch(
            interface,
            routes=[
                PredictRoute(predict_body, QUEUE_SIZE, ROUTE_CONCURRENCY).route,
                health_route(ready.is_set),
            ],
            max_body_size=MAX_BODY_BYTES,
            stylesheets=[STATIC / "style.css"],
            title=TEXTS[wording("title", release.labels)],
            description=TEXTS[wording("purpose", release.labels)],
            # An explicit port must be used or fail, not fall through to the next free one.
            server_port=int(port) if port else None,
            max_file_size=MAX_BYTES,
            ssr_mode=False,
            # Each call of a client leaves a session of 60 kB; the default keeps 10,000.
            state_session_capacity=64,
            run_history=False,
            footer_links=["api", "gradio"],
            # Its lines about the address are not JSON.
            quiet=wants_json(),
            i18n=translate,
            theme=Theme(),
        )
        _, weights = get_classifier()
    except ReleaseError as error:
        sys.exit(f"error: {error}")
    except NoFreePort:
        sys.exit("error: there is no free port; set GRADIO_SERVER_PORT to one")
    stop = StopSignals()
    ready.set()
    print(start_line(interface.local_url, release.network, weights), flush=True)
    stop.wait()
    shut_down(interface)
    uploads.delete_folder(folder)
    # Without this, the interpreter would wait for threads that are still decoding.
    os._exit(0)


def __getattr__(name: str):
    """Build ``demo`` at its first use (PEP 562), because ``gr.Blocks()`` creates a folder."""
    if name != "demo":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    global demo
    demo = build(read_release())
    return demo


if __name__ == "__main__":
    main()
