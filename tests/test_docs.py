"""The README does what it says, and its figures are those of the files."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import SpaceCard

from train.docs import with_figures

ROOT = Path(__file__).parents[1]
SPACE = "https://victorouledi-brain-lung-other.hf.space"


@pytest.fixture(scope="module")
def readme():
    return (ROOT / "README.md").read_text(encoding="utf-8")


def block(readme, language, containing):
    blocks = re.findall(rf"```{language}\n(.*?)```", readme, flags=re.DOTALL)
    (found,) = (block for block in blocks if containing in block)
    return found


def test_the_figures_are_those_of_the_released_network(readme):
    assert with_figures(readme) == readme, "renew them: python -m train readme"


def test_a_space_gets_the_gradio_that_was_tested():
    card = SpaceCard.load(ROOT / "README.md").data
    assert f"\ngradio=={card.sdk_version}\n" in (ROOT / "requirements.txt").read_text()


def test_the_head_fits_what_the_hub_allows():
    card = SpaceCard.load(ROOT / "README.md").data
    assert len(card.short_description) <= 60
    assert (ROOT / card.app_file).is_file()
    assert card.license == "apache-2.0"


def test_every_linked_file_exists(readme):
    links = re.findall(r"\]\((?!http)([^)#]+)\)", readme)
    assert len(links) > 4
    for link in links:
        assert (ROOT / link).exists(), link


def run(command, folder):
    """Run what a reader copied, as that reader in that folder, and hand back what it printed."""
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"HF_HUB_DISABLE_TELEMETRY": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )


def test_the_python_call_answers(app, readme):
    code = block(readme, "python", "client.predict").replace(SPACE, app.url)
    printed = run([sys.executable, "-c", code], ROOT).stdout
    assert re.search(r"^brain \{.*'brain': 0\.\d+", printed, flags=re.MULTILINE)


def test_the_python_call_for_a_folder_names_a_bad_file_and_goes_on(app, readme, tmp_path):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "examples" / "broken.png").write_text("Seen on Monday.")
    code = block(readme, "python", "client.submit").replace(SPACE, app.url)
    ended = run([sys.executable, "-c", code], tmp_path)
    assert [line for line in ended.stdout.splitlines() if line.startswith("examples")] == [
        "examples/brain-mri-contrast.png: brain",
        "examples/brain-mri.png: brain",
        "examples/landscape.jpg: other",
        "examples/lung-ct-coronal.png: lung",
        "examples/lung-ct.png: lung",
    ]
    assert "examples/broken.png: This file is not a picture that can be read" in ended.stderr
    assert "6/6" in ended.stderr


def test_one_request_with_curl_answers(app, readme):
    script = block(readme, "bash", "--data-binary").replace(SPACE, app.url)
    assert json.loads(run(["bash", "-ec", script], ROOT).stdout)["label"] == "brain"


def test_one_request_for_each_file_of_a_folder_answers_all(app, readme, tmp_path):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "examples" / "broken.png").write_text("Seen on Monday.")
    code = block(readme, "python", "httpx.Client").replace(SPACE, app.url)
    assert run([sys.executable, "-c", code], tmp_path).stdout.splitlines() == [
        "examples/brain-mri-contrast.png: brain",
        "examples/brain-mri.png: brain",
        "examples/broken.png: This file is not a picture that can be read; try a JPEG or a PNG.",
        "examples/landscape.jpg: other",
        "examples/lung-ct-coronal.png: lung",
        "examples/lung-ct.png: lung",
    ]


def test_the_curl_call_answers(app, readme):
    script = block(readme, "bash", "curl -sF").replace(SPACE, app.url)
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


def test_the_javascript_call_answers(app, readme, node_project):
    script = node_project / "call.mjs"
    script.write_text(block(readme, "js", "@gradio/client").replace(SPACE, app.url))
    printed = run(["node", script.name], node_project).stdout
    assert re.match(r"brain \[\s*\{ label: 'brain', confidence: 0\.\d+ \}", printed)


def test_the_command_without_the_page_answers(readme):
    script = block(readme, "bash", "-m model examples").replace(".venv/bin/python", sys.executable)
    printed = run(["bash", "-ec", script], ROOT).stdout
    assert [line.split("\t")[:2] for line in printed.splitlines()] == [
        ["examples/brain-mri-contrast.png", "brain"],
        ["examples/brain-mri.png", "brain"],
        ["examples/landscape.jpg", "other"],
        ["examples/lung-ct-coronal.png", "lung"],
        ["examples/lung-ct.png", "lung"],
    ]


def test_the_command_for_many_pictures_answers_each_once(readme, tmp_path):
    for name in ("examples", "model"):
        (tmp_path / name).symlink_to(ROOT / name)
    script = block(readme, "bash", "-m model.bulk").replace(".venv/bin/python", sys.executable)
    run(["bash", "-ec", script], tmp_path)
    rows = map(json.loads, (tmp_path / "answers.jsonl").read_text().splitlines())
    assert sorted((row["path"], row["label"]) for row in rows) == [
        ("examples/brain-mri-contrast.png", "brain"),
        ("examples/brain-mri.png", "brain"),
        ("examples/landscape.jpg", "other"),
        ("examples/lung-ct-coronal.png", "lung"),
        ("examples/lung-ct.png", "lung"),
    ]
