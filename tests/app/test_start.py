"""The app starts whether the Hub is right, down or wrong."""

import json
import urllib.request
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from model.release import read_release
from model.weights import FallbackReason, Weights
from page.health import health_route
from page.start_log import start_line
from tests.helpers.hub_server import HubServer
from tests.helpers.release_file import edit_release
from tests.helpers.running_app import RunningApp

REPOSITORY = "user/name"

BUNDLED = {"refused": "it cannot be reached"}
"""The faulty Hub, and the fallback reason that the app logs; others are in test_weights.py."""


DEAD_PROXY = {"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "", "no_proxy": ""}
"""A proxy that nobody serves, which the app must not ask for its own page."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory, make_checkout):
    return make_checkout(tmp_path_factory.mktemp("start") / "checkout")


@pytest.fixture(scope="module")
def apps(checkout, tmp_path_factory):
    """One app per Hub, each with a fresh cache; all start at once to save time."""
    release_file = checkout / "model" / "release.json"
    weights = read_release(release_file).weights_file
    hubs = {name: HubServer() for name in ("good", *BUNDLED)}
    for hub in hubs.values():
        revision = hub.publish(REPOSITORY, {weights.name: weights.read_bytes()})
    edit_release(release_file, repository=REPOSITORY, revision=revision)
    hubs["refused"].stop()
    apps = {
        name: RunningApp(
            checkout,
            hub.client_environment(tmp_path_factory.mktemp("home"))
            | {"MODEL_DEADLINE": "60"}
            | (DEAD_PROXY if name == "refused" else {}),
        )
        for name, hub in hubs.items()
    }
    try:
        for app in apps.values():
            app.wait()
        yield apps
    finally:
        for app in apps.values():
            app.stop()
        for hub in hubs.values():
            hub.stop()


@pytest.mark.parametrize("name", ["good", *BUNDLED])
def test_the_app_starts_and_says_which_weights_it_runs(apps, checkout, name):
    release = read_release(checkout / "model" / "release.json")
    source = f"{REPOSITORY}@{release.revision}"
    origin = f"bundled ({source}: {BUNDLED[name]})" if name in BUNDLED else source
    assert apps[name].weights_line == f"weights: {release.network}, {origin}"


@pytest.mark.parametrize("name", ["good", *BUNDLED])
def test_the_page_is_served_before_the_weights_are_there(apps, name):
    before, _, _ = apps[name].log.partition("weights: ")
    assert apps[name].url in before
    with urllib.request.urlopen(apps[name].url) as answer:
        assert answer.status == 200


def test_health_tells_whether_the_network_is_loaded():
    ready = False
    client = TestClient(Starlette(routes=[health_route(lambda: ready)]))
    loading = client.get("/health")
    assert (loading.status_code, loading.json()) == (503, {"status": "loading"})
    ready = True
    assert (client.get("/health").status_code, client.head("/health").status_code) == (200, 200)


def test_a_running_app_is_healthy(apps):
    with urllib.request.urlopen(f"{apps['good'].url}/health") as answer:
        assert (answer.status, json.load(answer)) == (200, {"status": "ready"})


def test_the_start_is_one_line_of_json_if_asked(monkeypatch):
    weights = Weights(Path("w"), "bundled", FallbackReason("unreachable", origin="user/name@main"))
    monkeypatch.setenv("LOG_FORMAT", "JSON")
    line = start_line("http://127.0.0.1:7860/", "small", weights)
    record = json.loads(line)
    assert "\n" not in line
    assert record.pop("time").endswith("+00:00")
    assert record == {
        "event": "ready",
        "url": "http://127.0.0.1:7860/",
        "network": "small",
        "weights": "bundled",
        "fallback_reason": "user/name@main: it cannot be reached",
    }


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_and_published_weights_predict_the_same(apps, checkout, name):
    expected, answer = (_confidences(apps[app], checkout) for app in ("good", name))
    assert answer == pytest.approx(expected, abs=1e-6)


def _confidences(app, checkout):
    # The Python client would take ten times as long, and gets the same: test_predict_route.py.
    image = (checkout / "examples" / "lung-ct.png").read_bytes()
    answer = httpx.post(f"{app.url}/predict", content=image, timeout=60).json()
    return {entry["label"]: entry["confidence"] for entry in answer["confidences"]}
