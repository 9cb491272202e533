"""What is running: where the weights came from, and the network layer by layer."""

import dataclasses
import itertools

from markupsafe import Markup

from model.release import Release
from model.weights import Weights
from page.about.reasons import reason_in
from page.about.rendering import render
from page.about.results import read_results
from page.about.wording import Wording

TIMES = " \N{MULTIPLICATION SIGN} "


@dataclasses.dataclass(frozen=True)
class Layer:
    """One layer: its Keras class, the shape of its output for one picture, its parameters."""

    kind: str
    output: str
    parameters: int


def render_running(release: Release, weights: Weights, wording: Wording) -> Markup:
    """The HTML of the sections about the weights and the network that are running.

    Args:
        release: what is running.
        weights: where its weights came from.
        wording: the visitor's language.
    """
    sections = [
        render("weights", wording, weights_facts=lambda: weights_facts(release, weights, wording))
    ]
    if network := read_results(release).get("network"):
        layers = network_layers(network)
        views = {
            "network_facts": lambda: network_facts(network, wording),
            "layers": lambda: layers,
            "stages": lambda: stages(layers),
        }
        sections.append(render("network", wording, **views))
    return Markup("").join(sections)


def weights_facts(release: Release, weights: Weights, wording: Wording) -> list[tuple[str, str]]:
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


def network_facts(network: dict, wording: Wording) -> list[tuple[str, str]]:
    """The size of the network that network.json tells of, as text keys and values."""
    counts = {key: wording.count(network[key]) for key in ("parameters", "trainable")}
    return [
        ("input", network_layers(network)[0].output),
        ("layers", wording.count(len(network["layers"]))),
        ("parameters", wording.text("parameters_value", **counts)),
    ]


def network_layers(network: dict) -> list[Layer]:
    """The layers that network.json tells of, from the input on."""
    return [
        Layer(kind, TIMES.join(map(str, shape)), parameters)
        for kind, shape, parameters in network["layers"]
    ]


def stages(layers: list[Layer]) -> list[tuple[str, list[Layer]]]:
    """Successive layers of outputs with the same width and height, under the last one's output."""
    groups = (
        list(group)
        for _, group in itertools.groupby(layers, lambda layer: layer.output.split(TIMES)[:-1])
    )
    return [(group[-1].output, group) for group in groups]
