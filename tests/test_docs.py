"""README.md and docs/: links resolve, snippets run, and the Hub accepts the front matter."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import SpaceCard

from model.batch_predict import bundled_classifier
from model.decoding.file_formats import is_image_file
from model.imaging import read_image
from tests.helpers.refusals import refusals

ROOT = Path(__file__).parents[1]
SPACE = "https://victorouledi-brain-lung-other.hf.space"
API = ROOT / "docs" / "api.md"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

CLASSIFIER = bundled_classifier()
CONFIDENCES = {
    f"examples/{file.name}": CLASSIFIER.classify(read_image(file))
    for file in sorted(ROOT.glob("examples/*"))
    if is_image_file(file)
}
PREDICTIONS = {name: max(row, key=row.get) for name, row in CONFIDENCES.items()}
"""The label that the released network predicts for each example image, right or wrong."""


def snippet(document, language, containing):
    text = (ROOT / document).read_text(encoding="utf-8")
    blocks = re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)
    (found,) = (block for block in blocks if containing in block)
    return found


def anchors(file):
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_a_space_installs_the_gradio_version_that_is_tested():
    card = SpaceCard.load(ROOT / "README.md").data
    assert f"\ngradio[mcp]=={card.sdk_version}\n" in (ROOT / "requirements.txt").read_text()


def test_the_hub_accepts_the_front_matter():
    card = SpaceCard.load(ROOT / "README.md").data
    assert len(card.short_description) <= 60
    assert (ROOT / card.app_file).is_file()
    assert card.license == "apache-2.0"


def test_the_readme_stays_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 200


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_links_lead_to_files_and_headings(document):
    links = re.findall(r"\]\((?!http)([^)]+)\)", document.read_text(encoding="utf-8"))
    for link in links:
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def run(command, folder):
    """Run what a reader copied, in that folder, and return what it printed."""
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"HF_HUB_DISABLE_TELEMETRY": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )


@pytest.fixture
def folder(tmp_path):
    """A folder with the examples and one file that is not an image."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "examples" / "broken.png").write_text("Seen on Monday.")
    return tmp_path


def test_python_client(app):
    code = snippet("README.md", "python", "client.predict").replace(SPACE, app.url)
    printed = run([sys.executable, "-c", code], ROOT).stdout
    assert re.search(r"^brain \{.*'brain': [01]\.\d+", printed, flags=re.MULTILINE)


LOSE_A_CALL = """
from concurrent import futures
from gradio_client.client import Job

calls, original = [], Job.result

def lose_the_second(job):
    calls.append(job)
    if len(calls) == 2:
        raise futures.CancelledError
    return original(job)

Job.result = lose_the_second
"""
"""What gradio_client does now and then when several threads share a client."""


def test_python_client_on_a_folder_names_a_bad_file_and_asks_again(app, folder):
    code = snippet("docs/api.md", "python", "client.submit").replace(SPACE, app.url)
    ended = run([sys.executable, "-c", LOSE_A_CALL + code], folder)
    lines = [line for line in ended.stdout.splitlines() if line.startswith("examples")]
    assert lines == [f"{file}: {label}" for file, label in PREDICTIONS.items()]
    assert f"examples/broken.png: {refusals('text')['en']}" in ended.stderr
    files = len(PREDICTIONS) + 1
    assert f"{files}/{files}" in ended.stderr


def test_one_request_with_curl_and_the_command_line(app):
    script = snippet("README.md", "bash", "--data-binary").replace(SPACE, app.url)
    script = script.replace("/predict\n", "/predict; echo\n")
    script = script.replace(".venv/bin/python", sys.executable)
    response, *lines = run(["bash", "-ec", script], ROOT).stdout.splitlines()
    response = json.loads(response)
    assert response["label"] == "brain"
    documented = json.loads(snippet("docs/api.md", "json", '"confidences"'))
    assert documented.keys() == response.keys()
    assert documented["confidences"][0].keys() == response["confidences"][0].keys()
    assert [line.split("\t")[:2] for line in lines] == [list(row) for row in PREDICTIONS.items()]


def test_every_form_of_a_request_with_curl(app):
    script = snippet("docs/api.md", "bash", "curl -F file=").replace(SPACE, app.url)
    printed = run(["bash", "-ec", script], ROOT).stdout
    assert printed.count('{"label":"brain","confidences"') == script.count("curl ")


def test_mcp_client(app):
    code = snippet("docs/api.md", "python", "list_tools").replace(SPACE, app.url)
    *tools, answer = run([sys.executable, "-c", code], ROOT).stdout.splitlines()
    assert [tool.partition(": ")[0] for tool in tools] == ["predict", "explain"]
    assert json.loads(answer)["label"] == "brain"


def test_readme_configures_agents_as_the_api_page_does():
    readme, page = (snippet(file, "json", "mcpServers") for file in ("README.md", "docs/api.md"))
    assert json.loads(readme) == json.loads(page)


def test_one_request_per_file_of_a_folder(app, folder):
    code = snippet("docs/api.md", "python", "httpx.Client").replace(SPACE, app.url)
    expected = PREDICTIONS | {"examples/broken.png": refusals("text")["en"]}
    printed = run([sys.executable, "-c", code], folder).stdout.splitlines()
    assert printed == [f"{file}: {expected[file]}" for file in sorted(expected)]


def test_gradio_protocol_with_curl(app):
    script = snippet("docs/api.md", "bash", "curl -sF").replace(SPACE, app.url)
    printed = run(["bash", "-ec", script], ROOT).stdout
    assert printed.startswith("event: complete")
    assert '"label": "brain"' in printed


@pytest.fixture
def node_project(tmp_path):
    """A folder with the npm package and the examples, as a reader has who calls from Node."""
    packages = ROOT / "tests" / "node_modules"
    if not shutil.which("node") or not (packages / "@gradio" / "client").is_dir():
        missing = "no @gradio/client: install Node.js, then run: npm ci --prefix tests"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    (tmp_path / "node_modules").symlink_to(packages)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    return tmp_path


def test_javascript_client(app, node_project):
    script = node_project / "call.mjs"
    script.write_text(snippet("docs/api.md", "js", "@gradio/client").replace(SPACE, app.url))
    printed = run(["node", script.name], node_project).stdout
    assert re.match(r"brain \[\s*\{ label: 'brain', confidence: [01][\d.]* \}", printed)


@pytest.mark.parametrize("variant", ["--out predictions.jsonl\n", "--workers 2"])
def test_command_line_to_a_file(tmp_path, variant):
    for name in ("examples", "model"):
        (tmp_path / name).symlink_to(ROOT / name)
    script = snippet("docs/api.md", "bash", variant).replace(".venv/bin/python", sys.executable)
    run(["bash", "-ec", script], tmp_path)
    rows = map(json.loads, (tmp_path / "predictions.jsonl").read_text().splitlines())
    assert sorted((row["path"], row["label"]) for row in rows) == sorted(PREDICTIONS.items())
