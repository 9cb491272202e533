"""What is running: where the weights came from, and the network layer by layer."""

import dataclasses
import functools
import itertools
import math

from markupsafe import Markup

from model.weights import Weights
from page.about.reasons import reason_in
from page.about.rendering import render
from page.about.wording import Wording

TIMES = " \N{MULTIPLICATION SIGN} "


@dataclasses.dataclass(frozen=True)
class Layer:
    """One layer: its Keras class, the shape of its output for one picture, its parameters."""

    kind: str
    output: str
    parameters: int


def render_running(classifier, weights: Weights, wording: Wording) -> Markup:
    """The HTML of the sections about the weights and the network that are running.

    Args:
        classifier: the running ``model.classifier.Classifier``.
        weights: where its weights came from.
        wording: the visitor's language.
    """
    views = {
        "weights_facts": functools.partial(weights_facts, classifier.release, weights, wording),
        "network_facts": lambda: network_facts(classifier.network, wording),
        "layers": lambda: network_layers(classifier.network),
        "stages": lambda: stages(network_layers(classifier.network)),
    }
    return Markup("").join(render(section, wording, **views) for section in ("weights", "network"))


def weights_facts(release, weights: Weights, wording: Wording) -> list[tuple[str, str]]:
    """Whose weights they are and where they came from, as text keys and values."""
    origin = (
        wording.text("weights_bundled", reason=reason_in(wording.language, weights.reason))
        if weights.reason
        else wording.text("weights_hub", origin=weights.origin)
    )
    temperature = wording.exact(release.temperature)
    return [
        ("network", wording.name(release.network)),
        ("weights", origin),
        ("sha256", Markup("<code>{}</code>").format(release.sha256)),
        ("temperature", wording.text("temperature_value", temperature=temperature)),
    ]


def network_facts(network, wording: Wording) -> list[tuple[str, str]]:
    """The size of a Keras network, as text keys and values."""
    trainable = sum(math.prod(variable.shape) for variable in network.trainable_variables)
    return [
        ("input", _shape(network.input_shape)),
        ("layers", wording.count(len(network.layers))),
        (
            "parameters",
            wording.text(
                "parameters_value",
                parameters=wording.count(network.count_params()),
                trainable=wording.count(trainable),
            ),
        ),
    ]


def network_layers(network) -> list[Layer]:
    """The layers of a Keras network, from its input on."""
    return [
        Layer(type(layer).__name__, _shape(layer.output.shape), layer.count_params())
        for layer in network.layers
    ]


def stages(layers: list[Layer]) -> list[tuple[str, list[Layer]]]:
    """Successive layers of outputs with the same width and height, under the last one's output."""
    groups = (
        list(group)
        for _, group in itertools.groupby(layers, lambda layer: layer.output.split(TIMES)[:-1])
    )
    return [(group[-1].output, group) for group in groups]


def _shape(shape: tuple[int | None, ...]) -> str:
    return TIMES.join(str(size) for size in shape[1:])
