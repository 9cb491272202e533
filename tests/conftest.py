"""Fixtures that several test modules need."""

import gc
import os

# Before numpy is imported: its threads spin, which costs the most when all workers are busy.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import shutil
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from huggingface_hub import close_session, constants, file_download
from PIL import Image

from model.release import read_release
from page.gradio_compat.component_stubs import no_component_stubs

with no_component_stubs():  # As app.py does, which takes half of the time.
    # Gradio and TensorFlow make a million objects that stay; looking for garbage among them takes a
    # fifth of the time until the tests are collected, and a tenth of that of tests that train.
    gc.disable()
    import gradio  # noqa: F401

from tests.helpers.browser import Visitors, chromium
from tests.helpers.hub_server import HubServer
from tests.helpers.release_file import edit_release
from tests.helpers.running_app import RunningApp

ROOT = Path(__file__).parents[1]

LONGEST = ("browser", "test_explanation", "test_several", "test_faults", "test_corpus", "test_fit")
LONGEST += ("test_security", "test_start_errors", "test_start", "test_privacy", "test_studies")
"""Folder and files of the tests that take longest."""


def pytest_collection_modifyitems(items):
    """Run the longest files first, so that at the end no worker waits for the other."""

    def place(item):
        names = [name for name in LONGEST if name in (item.path.stem, item.path.parent.name)]
        return LONGEST.index(names[0]) if names else len(LONGEST)

    items.sort(key=place)


@pytest.fixture(scope="module", autouse=True)
def collect_garbage():
    """Look for garbage at the end of each file only, and only among what its tests have left."""
    gc.freeze()
    yield
    gc.collect()


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A loopback Hub that the client of this process uses, with an empty cache."""
    hub = HubServer()
    # The client read these from the environment when it was imported.
    for name, value in {
        "ENDPOINT": hub.url,
        "HUGGINGFACE_CO_URL_TEMPLATE": hub.url + "/{repo_id}/resolve/{revision}/{filename}",
        "HF_HUB_CACHE": str(tmp_path / "cache"),
        "HF_TOKEN_PATH": str(tmp_path / "no-token"),
        "HF_HUB_DISABLE_XET": True,
        "HF_HUB_OFFLINE": False,
    }.items():
        monkeypatch.setattr(constants, name, value)
    # It sleeps for a second before it requests the rest of a truncated body.
    monkeypatch.setattr(file_download, "time", SimpleNamespace(sleep=lambda seconds: None))
    for name in ("HF_OIDC_RESOURCE", "HUGGING_FACE_HUB_TOKEN", "MODEL_REPO", "MODEL_DEADLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_TOKEN", hub.token)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    close_session()
    yield hub
    hub.stop()
    for thread in threading.enumerate():
        if thread.name == "hub-download":
            thread.join()
    close_session()


@pytest.fixture
def checkout(tmp_path, make_checkout):
    """A copy of the product with its released weights and their figures."""
    return make_checkout(tmp_path / "checkout")


@pytest.fixture(scope="session")
def make_checkout():
    """Return a function that creates a ``checkout``, for fixtures of a wider scope."""
    return _make_checkout


def _make_checkout(folder: Path) -> Path:
    # With the compiled modules, which the app would have to compile again.
    ignored = shutil.ignore_patterns("results")
    for name in ("examples", "model", "page", "train"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("app.py", "README.md"):
        shutil.copy(ROOT / name, folder)
    file = folder / "model" / "release.json"
    edit_release(file, repository="nobody/nothing", revision="main")
    release = read_release(file)
    results = release.results_folder
    results.mkdir(parents=True)
    shutil.copy(read_release().results_folder / "figures.json", results)
    (results / "origins.csv").write_text(
        "class,source,train,val,external,origin,licence\n"
        "brain,one,20,5,0,example.org/one,CC BY 4.0\n"
        'other,two,0,0,7,"example.org/two, part | b",<unknown>\n'
    )
    (results / "history.json").write_text("[]\n")
    for name in ("confusion", "mistakes"):
        Image.new("RGB", (8, 8), "white").save(results / f"{name}.png")
    return folder


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The running app with the bundled weights, shared by tests that do not change it."""
    with RunningApp.bundled(tmp_path_factory.mktemp("uploads")) as app:
        yield app


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def visitors(browser):
    return Visitors(browser)
