"""An app that cannot start exits with one line that says what to do."""

import os
import socket
import subprocess
import sys

import pytest

from model.release import read_release
from page.gradio_compat import environment
from tests.helpers.running_app import ROOT, free_port


def _no_release(checkout):
    (checkout / "model" / "release.json").unlink()


def _no_weights(checkout):
    read_release(checkout / "model" / "release.json").weights_file.unlink()


# Other faults of a release are in tests/model; this one is found before the page is served, and the
# next one while it is.
FAULTS = {
    _no_release: "release.json cannot be read (FileNotFoundError): restore it from git",
    _no_weights: "is missing; restore it from git",
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
        start(fault, checkout, free_port())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        start("port", ROOT, taken.getsockname()[1])
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
def test_an_unusable_release_exits_with_one_line(ends, fault):
    assert FAULTS[fault] in one_line(ends[fault])


def test_a_port_in_use_exits_with_one_line(ends):
    assert "set GRADIO_SERVER_PORT to a free one" in one_line(ends["port"])


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("GRADIO_SERVER_PORT", "http", "is 'http'; set it to a number of 1 to 65535"),
        ("GRADIO_SERVER_PORT", "70000", "is '70000'; set it to a number of 1 to 65535"),
        (
            "GRADIO_SERVER_NAME",
            "192.0.2.1",
            "is not an IPv4 address of this machine; set it to 127.",
        ),
        ("GRADIO_SERVER_NAME", "nowhere.invalid", "is not an IPv4 address of this machine"),
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
