"""Brain, lung or other? The page, its API and its start: python app.py."""

import base64
import functools
import html
import io
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gradio as gr

from model.imaging import UnreadablePicture, read_picture
from model.release import ReleaseError, read_release
from model.weights import Weights, find_weights

try:
    # A ZeroGPU Space stops an app without a GPU function; elsewhere the package is absent.
    import spaces

    spaces.GPU(lambda: None)
except ImportError:
    pass

EXAMPLES = Path(__file__).with_name("examples")

TEXTS = {
    "en": {
        "title": "Brain, lung or other?",
        "purpose": "Drop a picture: a small neural network says whether it shows brain imaging, "
        "lung imaging or something other, and how sure it is.",
        "examples": "The network was never trained on these examples; the scans are slices of "
        "volumes in its external test set.",
        "no_device": "This is not a medical device: do not use it for diagnosis.",
        "picture": "Picture",
        "answer": "Answer (not a medical device)",
        "clear": "Clear",
        "examples_label": "Examples",
        "no_picture": "Drop a picture first.",
        "not_a_picture": "This file is not a picture that can be read; try a JPEG or a PNG.",
        "damaged": "This picture is damaged and cannot be read to its end; try another copy.",
        "too_large": "This picture has too many pixels; send a smaller copy.",
    },
    "fr": {
        "title": "Cerveau, poumon ou autre ?",
        "purpose": "Déposez une image : un petit réseau de neurones dit si elle montre une "
        "imagerie du cerveau, du poumon ou autre chose, et à quel point il en est sûr.",
        "examples": "Le réseau n'a jamais été entraîné sur ces exemples ; les images médicales "
        "sont des coupes de volumes de son jeu de test externe.",
        "no_device": "Ceci n'est pas un dispositif médical : ne l'utilisez pas pour un diagnostic.",
        "picture": "Image",
        "answer": "Réponse (pas un dispositif médical)",
        "clear": "Effacer",
        "examples_label": "Exemples",
        "no_picture": "Déposez d'abord une image.",
        "not_a_picture": "Ce fichier n'est pas une image lisible ; essayez un JPEG ou un PNG.",
        "damaged": "Cette image est endommagée et ne peut être lue jusqu'au bout ; essayez une "
        "autre copie.",
        "too_large": "Cette image a trop de pixels ; envoyez une copie plus petite.",
    },
}

translate = gr.I18n(**TEXTS)


class PictureFile(gr.Image):
    """The picture component, handing over the uploaded file as it came.

    Gradio's own preprocessing opens the file, which clips 16-bit pictures and turns what is no
    picture into an anonymous error; here ``model.imaging`` is the only reader.
    """

    def get_block_name(self) -> str:
        """The page shows it as the picture component it is."""
        return "image"

    def preprocess(self, payload):
        """The uploaded file, unopened: its path, or the bytes of a base64 ``data:`` URL."""
        if payload is None or payload.path:
            return payload and payload.path
        try:
            return io.BytesIO(base64.b64decode((payload.url or "").partition(",")[2]))
        except ValueError:
            return io.BytesIO()  # No picture, which ``predict`` says in the caller's language.


def predict(
    image: str | io.BytesIO, request: gr.Request | None = None, event: gr.EventData = None
) -> dict[str, float] | None:
    """Say whether a picture is brain imaging, lung imaging or something other.

    Args:
        image: a picture file, as its path or opened.
        request: who asks; the language of an error message is theirs.
        event: what triggered the call.

    Returns:
        The confidence of each label, "brain", "lung" and "other": 0 to 1, summing to 1.

    Raises:
        gr.Error: the file cannot be answered; the message is one sentence.
    """
    if image is None:
        # Gradio passes the event only where the annotation is the bare class, without "| None".
        if event and event.target:
            return None  # The page's picture was cleared, so its answer is too.
        raise _refusal("no_picture", request)
    try:
        picture = read_picture(image)
    except UnreadablePicture as error:
        raise _refusal(error.reason, request) from None
    classifier, _ = load()
    return classifier.classify(picture)


def describe_weights() -> str:
    """One line of Markdown that says which weights are running, and why; waits for them."""
    classifier, weights = load()
    return f"<small>{html.escape(_weights_line(classifier.release.network, weights))}</small>"


def load():
    """The released classifier and its weights; loaded by the first call, while others wait."""
    with _loading:
        return _load_once()


_loading = threading.Lock()


@functools.cache
def _load_once():
    release = read_release()
    with ThreadPoolExecutor(1) as pool:
        search = pool.submit(find_weights, release)
        # Importing TensorFlow takes seconds, in which the Hub may answer.
        from model.classifier import Classifier

        weights = search.result()
    classifier = Classifier(release, weights.file)
    print(_weights_line(release.network, weights), flush=True)
    return classifier, weights


def _weights_line(network: str, weights: Weights) -> str:
    reason = f" ({weights.reason})" if weights.reason else ""
    return f"weights: {network}, {weights.origin}{reason}"


def _refusal(reason: str, request: gr.Request | None) -> gr.Error:
    accepted = request.headers.get("accept-language", "") if request else ""
    language = "fr" if accepted.lower().startswith("fr") else "en"
    return gr.Error(TEXTS[language][reason], title="", print_exception=False)


HEAD = """<script>
// Gradio loses a picture dropped on the one that is shown, lets the browser open what is dropped
// beside its zone, has no Ctrl+V, and turns some files away in English: take files before it does.
const take = (event, files) => {
  const input = document.querySelector("input[type=file]");
  if (!input || !files?.length) return;
  event.preventDefault();
  event.stopPropagation();
  input.closest(".upload-container").dispatchEvent(new DragEvent("drop")); // Clears the old one.
  const { name, type } = files[0];
  const transfer = new DataTransfer();
  transfer.items.add(
    new File([files[0]], name, { type: type.startsWith("image/") ? type : "image/unknown" })
  );
  input.files = transfer.files;
  input.dispatchEvent(new Event("change"));
};
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => take(event, event.dataTransfer?.files), true);
addEventListener("paste", (event) => take(event, event.clipboardData.files), true);
</script>"""

# Made before the picture: Gradio takes the trigger with the number 0 for none.
answer = gr.Label(label=translate("answer"))
demo = gr.Interface(
    predict,
    PictureFile(
        type="filepath",
        image_mode=None,
        sources=["upload", "clipboard", "webcam"],
        label=translate("picture"),
        buttons=["fullscreen"],
        height=360,
    ),
    answer,
    examples=[[str(EXAMPLES / name)] for name in ("brain-mri.png", "lung-ct.png", "landscape.jpg")],
    cache_examples=False,
    live=True,
    title=translate("title"),
    description=str(translate("purpose")),
    clear_btn=gr.Button(translate("clear")),
    flagging_mode="never",
    analytics_enabled=False,
    deep_link=False,
    delete_cache=(600, 3000),
    api_name="predict",
)
demo.title = TEXTS["en"]["title"]  # The tab cannot be translated.
demo.examples_handler.dataset.label = translate("examples_label")
demo.queue(max_size=64, default_concurrency_limit=2)
with demo:
    gr.Markdown(translate("examples"))
    gr.Markdown(translate("no_device"))
    weights_line = gr.Markdown()
    demo.load(describe_weights, None, weights_line, api_visibility="private", queue=False)


def main() -> None:
    """Serve the page at once, then load the model while it is already answering."""
    port = os.environ.get("GRADIO_SERVER_PORT")
    try:
        read_release()
        demo.launch(
            prevent_thread_lock=True,
            # Without a port Gradio takes the first free one; a port that was asked for is meant.
            server_port=int(port) if port else None,
            max_file_size="20mb",
            ssr_mode=False,
            run_history=False,
            footer_links=["api", "gradio"],
            i18n=translate,
            head=HEAD,
            theme=gr.themes.Default(font=("system-ui", "sans-serif"), font_mono="monospace"),
        )
        load()
    except ReleaseError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        if "empty port" not in str(error):
            raise
        sys.exit(f"error: port {port} is in use; set GRADIO_SERVER_PORT to a free one")
    demo.block_thread()


if __name__ == "__main__":
    main()
