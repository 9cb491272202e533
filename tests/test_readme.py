"""The README does what it says, and its figures are those of the files."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import SpaceCard

from train.readme import with_figures

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


def test_the_python_call_answers(app, readme):
    code = block(readme, "python", "gradio_client").replace(SPACE, app.url)
    printed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert re.search(r"^brain \{.*'brain': 0\.\d+", printed, flags=re.MULTILINE)


def test_the_curl_call_answers(app, readme):
    script = block(readme, "bash", "curl -sF").replace(SPACE, app.url)
    printed = subprocess.run(
        ["bash", "-ec", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert printed.startswith("event: complete")
    assert '"label": "brain"' in printed
