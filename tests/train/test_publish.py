import ast
import json
import re
import subprocess
import sys

import pytest
from huggingface_hub import ModelCard, SpaceCard

from model.release import LABELS, ReleaseError, read_release
from model.weights import find_weights, sha256_of
from train import publish as publish_module
from train.errors import UserError
from train.eval.markdown import split_heading
from train.files import INDEPENDENT_TEST
from train.publish import publish

RESULTS = {"confusion.png", "figures.json", "history.json", "origins.csv"}


@pytest.fixture
def release_file(checkout):
    return checkout / "model" / "release.json"


@pytest.fixture
def results(release_file):
    return read_release(release_file).results_folder


@pytest.fixture
def card(hub, release_file):
    publish("user/name", release_file=release_file)
    return published(hub)["README.md"].decode()


def published(hub):
    return hub.commits["user/name"][hub.head("user/name")]


def run_command(checkout, hub, **environment):
    return subprocess.run(
        [sys.executable, "-m", "train", "publish", "--repo-id", "user/name"],
        cwd=checkout,
        env=hub.client_environment(checkout / "home") | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def refusal(release_file, kind=UserError, repo_id="user/name"):
    """Return the one line with which publishing fails; it leaves the release as it was."""
    before = release_file.read_bytes()
    with pytest.raises(kind) as caught:
        publish(repo_id, release_file=release_file)
    assert release_file.read_bytes() == before
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_weights_card_and_results_are_one_commit(hub, release_file):
    release = read_release(release_file)
    publish("user/name", release_file=release_file)
    assert len(hub.commits["user/name"]) == 1
    files = published(hub)
    weights = (release.weights_file, release.keras_weights_file)
    names = {file.name for file in weights}
    assert set(files) == {"README.md"} | names | {f"results/{name}" for name in RESULTS}
    for file in weights:
        assert files[file.name] == file.read_bytes()
    for name in RESULTS:
        assert files[f"results/{name}"] == (release.results_folder / name).read_bytes()


def test_the_release_names_the_commit_and_keeps_the_rest(hub, release_file):
    before = json.loads(release_file.read_text())
    publish("user/name", release_file=release_file)
    changes = {"repository": "user/name", "revision": hub.head("user/name")}
    assert json.loads(release_file.read_text()) == before | changes


def test_a_space_preloads_the_published_commit(hub, release_file):
    readme = release_file.parents[1] / "README.md"
    text = SpaceCard.load(readme).text
    publish("user/name", release_file=release_file)
    card = SpaceCard.load(readme)
    weights = read_release(release_file).weights_file.name
    assert card.data.preload_from_hub == [f"user/name {weights} {hub.head('user/name')}"]
    assert card.data.models == ["user/name"]
    assert card.text == text


def test_the_app_finds_what_was_published(hub, release_file):
    publish("user/name", release_file=release_file)
    release = read_release(release_file)
    found = find_weights(release)
    assert (found.origin, found.fallback_reason) == (f"user/name@{hub.head('user/name')}", None)
    assert sha256_of(found.file) == release.sha256


def test_a_second_publication_replaces_the_first(hub, release_file, results):
    first = hub.publish(
        "user/name",
        {
            "LICENSE": b"kept",
            "old.tflite": b"old",
            "old.weights.h5": b"old",
            "results/old.png": b"old",
        },
    )
    publish("user/name", release_file=release_file)
    assert list(hub.commits["user/name"]) == [first, hub.head("user/name")]
    assert {"old.tflite", "old.weights.h5", "results/old.png"}.isdisjoint(published(hub))
    assert published(hub)["LICENSE"] == b"kept"


def test_the_command_prints_no_token_and_says_where_it_wrote(hub, checkout, release_file):
    done = run_command(checkout, hub)
    assert done.returncode == 0, done.stderr
    assert hub.head("user/name") in done.stdout
    assert str(release_file) in done.stdout
    assert hub.token not in done.stdout + done.stderr
    assert read_release(release_file).revision == hub.head("user/name")


def test_a_dry_run_lists_everything_and_uploads_nothing(hub, release_file, capsys):
    before = release_file.read_bytes()
    publish("user/name", dry_run=True, release_file=release_file)
    printed = capsys.readouterr().out
    assert hub.requests == []
    assert release_file.read_bytes() == before
    publish("user/name", release_file=release_file)
    for path, content in published(hub).items():
        assert f"{len(content):,}  {path}\n" in printed
    assert published(hub)["README.md"].decode() in printed


def test_the_card_has_the_metadata_that_the_hub_shows(card):
    data = ModelCard(card).data
    assert data.license == "apache-2.0"
    assert data.library_name == "litert"
    assert data.pipeline_tag == "image-classification"


def test_the_card_has_the_measured_figures_and_plots(card, results):
    figures = json.loads((results / "figures.json").read_text())
    rows = re.findall(r"^\| balanced accuracy \| (.+) \|$", card, re.MULTILINE)
    for name, split in figures["splits"].items():
        assert split_heading(name, split) in card
        assert any(f"{split['balanced_accuracy']['value']:.3f} [" in row for row in rows)
    assert "![confusion](results/confusion.png)" in card


@pytest.mark.parametrize("splits", [["val"], ["val", "external"]])
def test_the_card_says_if_only_validation_images_were_measured(hub, release_file, results, splits):
    file = results / "figures.json"
    figures = json.loads(file.read_text())
    val = figures["splits"]["val"]
    file.write_text(json.dumps(figures | {"splits": dict.fromkeys(splits, val)}))
    publish("user/name", release_file=release_file)
    card = published(hub)["README.md"].decode()
    assert ("Measured on validation images only" in card) == (splits == ["val"])


@pytest.mark.skipif(read_release().labels != LABELS, reason="it is about brain, lung and other")
def test_the_card_has_the_independent_test_and_says_which_release_it_is_of(card, release_file):
    test = json.loads(INDEPENDENT_TEST.read_text())
    for part in test["sets"]:
        assert f"{part['name']}: {part['images']:,} images, {part['sources']} sources" in card
        assert f"{part['balanced_accuracy']:.3f} [{part['interval'][0]:.3f}, " in card
    other = test["weights_sha256"] != read_release(release_file).sha256
    assert ("with the weights of an earlier release" in card) == other


def test_the_card_lists_the_sources_of_the_images(card):
    assert "| brain | one | 20 | 5 | 0 | example.org/one | CC BY 4.0 |\n" in card
    assert "| other | two | 0 | 0 | 7 | example.org/two, part \\| b | &lt;unknown> |\n" in card


def test_every_file_the_card_links_to_is_published(card, hub):
    links = re.findall(r"\]\(([^)]+)\)", card)
    assert links
    assert set(links) <= set(published(hub))


def test_the_code_in_the_card_runs_what_was_published(card, checkout, hub, monkeypatch, capsys):
    (snippet,) = re.findall(r"```python\n(.+?)```", card, re.DOTALL)
    monkeypatch.chdir(checkout)
    exec(snippet, {})
    confidences = ast.literal_eval(capsys.readouterr().out)
    assert list(confidences) == list(read_release().labels)
    assert sum(confidences.values()) == pytest.approx(1)
    assert any(request.startswith("GET /store/") for request in hub.requests)


def test_without_a_token_the_command_ends_in_one_line(hub, checkout):
    done = run_command(checkout, hub, HF_TOKEN="")
    assert done.returncode == 1
    assert done.stderr == (
        "error: there is no Hugging Face token; "
        "log in with a token that may write to user/name: hf auth login\n"
    )
    assert hub.requests == []


def test_a_refused_token_is_one_line(hub, release_file, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_stranger")
    assert refusal(release_file) == (
        "the Hub refused the token (HTTP status 401); "
        "log in with a token that may write to user/name: hf auth login"
    )


def test_a_token_that_breaks_the_request_is_not_shown(hub, release_file, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_sécret")
    assert refusal(release_file) == (
        "the upload failed (UnicodeEncodeError); "
        "check the connection to the Hub and the token, and try again"
    )


def test_a_hub_that_cannot_be_reached_is_one_line(hub, release_file):
    hub.stop()
    assert refusal(release_file) == (
        "the upload failed (ConnectError); "
        "check the connection to the Hub and the token, and try again"
    )


def test_a_hub_that_is_down_is_one_line(hub, release_file):
    hub.fault = "status 500"
    assert refusal(release_file) == "the Hub answered with HTTP status 500; try again later"


@pytest.mark.parametrize("repo_id", ["name", "a/b/c", "a--b/c", "user/na me", "user/name.git", ""])
def test_a_malformed_name_is_one_line(hub, release_file, repo_id):
    assert refusal(release_file, repo_id=repo_id) == (
        f"{repo_id!r} is not a repository name; give --repo-id as user/name"
    )
    assert hub.requests == []


@pytest.mark.parametrize("name", ["figures.json", "origins.csv"])
def test_a_missing_result_is_refused_with_the_commands_that_write_it(
    hub, release_file, results, name
):
    (results / name).unlink()
    message = refusal(release_file)
    assert name in message
    assert message.endswith("run: python -m train evaluate, then python -m train release")
    assert hub.requests == []


@pytest.mark.parametrize(
    "content",
    [
        '{"sha256": "%s", "splits": {}}',
        '{"sha256": "%s", "splits": {"val": {}}}',
        '{"sha256": "%s", "splits": {"val": {}, "external": {}}}',
        '{"sha256": "0000", "splits": {"val": {}, "external": {}}}',
        "[]",
        "{",
    ],
)
def test_figures_that_are_incomplete_or_of_other_weights_are_refused(
    hub, release_file, results, content
):
    sha256 = read_release(release_file).sha256
    (results / "figures.json").write_text(content.replace("%s", sha256))
    message = refusal(release_file)
    assert "does not have figures of these weights" in message
    assert hub.requests == []


def test_origins_without_licences_are_refused(hub, release_file, results):
    (results / "origins.csv").write_text("class,source,train,val,external,origin\n,,,,,\n")
    assert refusal(release_file).endswith(
        "licence; run: python -m train evaluate, then python -m train release"
    )


def test_weights_that_are_not_the_released_ones_are_refused(hub, release_file):
    read_release(release_file).weights_file.write_bytes(b"other weights")
    assert "is not the file that release.json names" in refusal(release_file, ReleaseError)
    assert hub.requests == []


def test_an_unwritable_release_still_says_which_commit_was_made(hub, release_file, monkeypatch):
    def fail(*_, **__):
        raise PermissionError

    monkeypatch.setattr(publish_module.Release, "write", fail)
    message = refusal(release_file)
    assert f'"repository": "user/name", "revision": "{hub.head("user/name")}"' in message
