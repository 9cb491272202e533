"""An app that cannot start exits with one line that says what to do."""

import os
import socket
import subprocess
import sys

import keras
import numpy as np
import pytest

from model.release import read_release
from model.weights import sha256_of
from page.gradio_compat import environment
from tests.helpers.release_file import edit_release
from train.export.tflite import convert_to_tflite


def _no_release(checkout):
    (checkout / "model" / "release.json").unlink()


def _malformed_release(checkout):
    (checkout / "model" / "release.json").write_text('{"network": "original"')


def _no_weights(checkout):
    read_release(checkout / "model" / "release.json").weights_file.unlink()


def _weights_of_another_network(checkout):
    inputs = keras.Input((16, 16, 3))
    _release(checkout, keras.Model(inputs, keras.layers.Dense(4)(keras.layers.Flatten()(inputs))))


def _weights_that_are_no_numbers(checkout):
    inputs = keras.Input((16, 16, 3))
    network = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Flatten()(inputs)))
    network.set_weights([np.full_like(weights, np.nan) for weights in network.get_weights()])
    _release(checkout, network)


def _release(checkout, network):
    """Replace the released network."""
    file = checkout / "model" / "release.json"
    weights = read_release(file).weights_file
    weights.write_bytes(convert_to_tflite(network))
    edit_release(file, sha256=sha256_of(weights))


FAULTS = {
    _no_release: "release.json cannot be read (FileNotFoundError): restore it from git",
    _malformed_release: "release.json cannot be read",
    _no_weights: "is missing; restore it from git",
    _weights_of_another_network: "a network with other inputs or other labels",
    _weights_that_are_no_numbers: "is not finite; release working weights",
}


@pytest.fixture(scope="module")
def ends(make_checkout, tmp_path_factory):
    """Output and status of ``python app.py`` for each fault; all start at once."""
    variables = os.environ | {"HF_HUB_OFFLINE": "1", "MODEL_REPO": "", "MODEL_DEADLINE": ""}
    processes = {}

    def start(name, checkout, port):
        processes[name] = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=checkout,
            env=variables | {"GRADIO_SERVER_PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    for fault in FAULTS:
        checkout = make_checkout(tmp_path_factory.mktemp("faulty") / "checkout")
        fault(checkout)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        start(fault, checkout, port)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        checkout = make_checkout(tmp_path_factory.mktemp("port") / "checkout")
        start("port", checkout, taken.getsockname()[1])
        try:
            yield {
                name: (*p.communicate(timeout=120), p.returncode) for name, p in processes.items()
            }
        finally:
            for process in processes.values():
                process.kill()


def one_line(end):
    _, errors, status = end
    assert status == 1
    assert "Traceback" not in errors
    line = errors.strip().splitlines()[-1]
    assert line.startswith("error: ")
    return line


@pytest.mark.parametrize("fault", FAULTS)
def test_unusable_weights_exit_with_one_line(ends, fault):
    assert FAULTS[fault] in one_line(ends[fault])


def test_a_port_in_use_exits_with_one_line(ends):
    assert "set GRADIO_SERVER_PORT to a free one" in one_line(ends["port"])


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("GRADIO_SERVER_PORT", "http", "is 'http'; set it to a number of 1 to 65535"),
        ("GRADIO_SERVER_PORT", "70000", "is '70000'; set it to a number of 1 to 65535"),
        ("GRADIO_SERVER_NAME", "192.0.2.1", "is no IPv4 address of this machine; set it to 127."),
        ("GRADIO_SERVER_NAME", "nowhere.invalid", "is no IPv4 address of this machine"),
        ("SSL_CERT_FILE", "/missing.pem", "No such file or directory); correct it or unset it"),
        ("https_proxy", "gopher://proxy", "HTTPS_PROXY cannot be used (Unknown scheme"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(monkeypatch, name, value, sentence):
    for variable in environment.HTTP_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv(name, value)
    with pytest.raises(environment.BadEnvironment) as error:
        environment.check()
    assert name.upper() in str(error.value)
    assert sentence in str(error.value)
