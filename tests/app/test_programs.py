"""The API documentation of the running app."""

import base64

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from page.i18n import FOR_PROGRAMS
from tests.helpers.running_app import EXAMPLES


@pytest.fixture(scope="module")
def client(app):
    return Client(app.url, verbose=False, analytics_enabled=False)


@pytest.fixture(scope="module")
def shown(client):
    """Output of ``view_api()`` by endpoint."""
    _, *parts = client.view_api(print_info=False, return_format="str").split("\n - predict(")
    return {part.partition('api_name="')[2].partition('"')[0]: part for part in parts}


def test_view_api_describes_predict(shown):
    call, _, taken, _, given, *_ = shown["/predict"].splitlines()
    assert call == 'image, api_name="/predict") -> answer'
    assert taken.strip().startswith("- [Image] image: filepath (required)  (An image file ")
    gives = "answer: dict(label: str, confidences: list[dict(label: str, confidence: float)]) ("
    assert gives in given
    assert "the confidence of each label, 0 to 1, highest first)" in given


def test_a_data_url_needs_no_handle_file(client):
    content = base64.b64encode(EXAMPLES["lung"].read_bytes()).decode()
    for mime in ("image/png", ""):
        image = f"data:{mime};base64,{content}"
        assert client.predict(image, api_name="/predict")["label"] == "lung"


def test_a_path_without_handle_file_is_named(client):
    with pytest.raises(AppError) as error:
        client.predict(str(EXAMPLES["lung"]), api_name="/predict")
    assert error.value.message == FOR_PROGRAMS["path_without_file"]


def test_no_endpoint_shows_translation_keys(app):
    api = httpx.get(f"{app.url}/gradio_api/info").json()["named_endpoints"]
    for endpoint in api.values():
        assert endpoint["description"].endswith(".")
        for value in endpoint["parameters"] + endpoint["returns"]:
            assert isinstance(value["label"], str)
            assert not value["label"].startswith("__i18n__")


def test_the_description_says_when_to_use_it_and_what_it_returns(app):
    api = httpx.get(f"{app.url}/gradio_api/info").json()["named_endpoints"]["/predict"]
    for words in ("brain imaging", "lung imaging", "Use it to", "not a medical", "Returns the"):
        assert words in api["description"]


def test_the_snippets_send_an_image_of_this_project(app):
    api = httpx.get(f"{app.url}/gradio_api/info").json()["named_endpoints"]["/predict"]
    snippets = api["code_snippets"]
    assert "handle_file('https://huggingface.co/spaces/" in snippets["python"]
    assert "image: handle_file(exampleImage)" in snippets["javascript"]
    for language in ("python", "javascript"):
        assert "/examples/brain-mri.png" in snippets[language]
