"""Template functions about the running network: its weights and its layers."""

import dataclasses
import itertools

from markupsafe import Markup

from model.release import Release
from model.weights import Weights
from page.i18n import FALLBACK_REASONS, Locale


@dataclasses.dataclass(frozen=True)
class Layer:
    """One layer: its Keras class, the shape of its output for one image, its parameters."""

    kind: str
    shape: tuple[int, ...]
    parameters: int

    @property
    def output(self) -> str:
        """The shape as text, with multiplication signs."""
        return " \N{MULTIPLICATION SIGN} ".join(map(str, self.shape))


def weights_facts(release: Release, weights: Weights, locale: Locale) -> list[tuple[str, str]]:
    """Return the rows (text key, value) about the weights in use."""
    if weights.fallback_reason:
        reason = weights.fallback_reason.text(FALLBACK_REASONS[locale.language])
        origin = locale.text("from_bundle", reason=reason)
    else:
        origin = locale.text("from_hub", origin=weights.origin)
    temperature = locale.number(release.temperature)
    return [
        ("network", locale.name(release.network)),
        ("weights", origin),
        ("sha256", Markup("<code>{}</code>").format(release.sha256)),
        ("temperature", locale.text("temperature_value", temperature=temperature)),
    ]


def network_facts(network: dict, locale: Locale) -> list[tuple[str, str]]:
    """Return the rows (text key, value) about the size of the network in network.json."""
    counts = {key: locale.number(network[key]) for key in ("parameters", "trainable")}
    return [
        ("input", network_layers(network)[0].output),
        ("layers", locale.number(len(network["layers"]))),
        ("parameters", locale.text("parameters_value", **counts)),
    ]


def network_layers(network: dict) -> list[Layer]:
    """Return the layers of network.json, from the input on."""
    return [Layer(kind, tuple(shape), parameters) for kind, shape, parameters in network["layers"]]


def network_stages(network: dict) -> list[tuple[str, list[Layer]]]:
    """Group successive layers whose outputs have the same size, under the last one's output."""
    layers = network_layers(network)
    stages = (list(stage) for _, stage in itertools.groupby(layers, lambda layer: layer.shape[:-1]))
    return [(stage[-1].output, stage) for stage in stages]
