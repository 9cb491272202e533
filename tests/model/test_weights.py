import dataclasses
import random
import time

import h5py
import pytest
from huggingface_hub import hf_hub_download

from model.release import Release, ReleaseError
from model.weights import find_weights, sha256_of

NAME = "some.tflite"
CONTENT = random.Random(0).randbytes(300_000)


@pytest.fixture
def release(tmp_path):
    bundle = tmp_path / "bundled" / NAME
    bundle.parent.mkdir()
    bundle.write_bytes(CONTENT)
    return Release(
        folder=tmp_path,
        network="some",
        labels=("brain", "lung", "other"),
        temperature=1.0,
        confidence_threshold=0.8,
        weights=f"bundled/{NAME}",
        sha256=sha256_of(bundle),
        keras_weights="bundled/some.weights.h5",
        keras_sha256="0" * 64,
        results="results",
        repository="user/name",
        revision="main",
    )


@pytest.fixture
def pinned(release, hub):
    """The release, published and pinned to the commit."""
    return dataclasses.replace(release, revision=hub.publish("user/name", {NAME: CONTENT}))


def assert_from_hub(found, release, origin):
    assert (found.origin, found.fallback_reason) == (origin, None)
    assert found.file.read_bytes() == CONTENT
    assert found.file != release.weights_file


def assert_bundled(found, release, reason):
    assert (found.origin, found.fallback_reason.text()) == ("bundled", reason)
    assert found.file == release.weights_file
    assert found.file.read_bytes() == CONTENT


def cached_blob(release):
    return hf_hub_download(release.repository, NAME, revision=release.revision)


def corrupt(path):
    with open(path, "r+b") as opened:
        opened.write(b"damage")


def test_a_published_commit_is_downloaded(pinned):
    assert_from_hub(find_weights(pinned), pinned, f"user/name@{pinned.revision}")


def test_a_branch_is_downloaded(release, hub):
    hub.publish("user/name", {NAME: CONTENT})
    assert_from_hub(find_weights(release), release, "user/name@main")


def test_a_cached_commit_makes_no_request(pinned, hub):
    find_weights(pinned)
    hub.requests.clear()
    assert_from_hub(find_weights(pinned), pinned, f"user/name@{pinned.revision}")
    assert hub.requests == []


def test_a_cached_branch_is_used_if_the_hub_is_down(release, hub):
    hub.publish("user/name", {NAME: CONTENT})
    find_weights(release)
    hub.stop()
    assert_from_hub(find_weights(release), release, "user/name@main")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("hanging", "no answer within 1 s"),
        ("stalled", "no answer within 1 s"),
        ("status 500", "it answered with HTTP status 500"),
        ("wrong bytes", "its file is not the released one"),
        ("truncated", "the download failed (RemoteProtocolError)"),
        ("other commit", "it answered with another commit"),
    ],
)
def test_a_faulty_hub_falls_back_to_the_bundled_copy(pinned, hub, monkeypatch, fault, reason):
    hub.fault = fault
    if reason.startswith("no answer"):
        monkeypatch.setenv("MODEL_DEADLINE", "1")
    start = time.monotonic()
    found = find_weights(pinned)
    # The client's own time limits are at least 10 s.
    assert time.monotonic() - start < 8
    assert_bundled(found, pinned, f"user/name@{pinned.revision}: {reason}")


def test_a_refused_connection_falls_back_before_the_deadline(pinned, hub):
    hub.stop()
    found = find_weights(pinned)
    assert_bundled(found, pinned, f"user/name@{pinned.revision}: it cannot be reached")


def test_weights_that_were_not_published_are_not_asked_for(release, hub):
    release = dataclasses.replace(release, repository="")
    assert_bundled(find_weights(release), release, "these weights were not published")
    assert hub.requests == []


def test_a_missing_repository_falls_back(release, hub):
    reason = "user/name@main: there is no such repository, or it is private"
    assert_bundled(find_weights(release), release, reason)


def test_a_missing_revision_falls_back(release, hub):
    hub.publish("user/name", {NAME: CONTENT})
    release = dataclasses.replace(release, revision="v2")
    reason = "user/name@v2: there is no such revision"
    assert_bundled(find_weights(release), release, reason)


def test_a_missing_file_falls_back(release, hub):
    hub.publish("user/name", {"other.tflite": CONTENT})
    assert_bundled(find_weights(release), release, "user/name@main: it has no such file")


def test_a_file_with_an_external_link_falls_back(release, hub, tmp_path):
    with h5py.File(tmp_path / "linked.h5", "w") as file:
        file["layers"] = h5py.ExternalLink("/etc/hostname", "/")
    hub.publish("user/name", {NAME: (tmp_path / "linked.h5").read_bytes()})
    reason = "user/name@main: its file is not the released one"
    assert_bundled(find_weights(release), release, reason)


def test_a_corrupt_cached_file_is_downloaded_again(pinned):
    corrupt(cached_blob(pinned))
    assert_from_hub(find_weights(pinned), pinned, f"user/name@{pinned.revision}")


def test_a_corrupt_cached_file_is_refused_if_the_hub_has_wrong_bytes_too(pinned, hub):
    corrupt(cached_blob(pinned))
    hub.fault = "wrong bytes"
    reason = f"user/name@{pinned.revision}: its file is not the released one"
    assert_bundled(find_weights(pinned), pinned, reason)


def test_a_corrupt_cached_file_is_refused_if_the_hub_is_down(pinned, hub):
    corrupt(cached_blob(pinned))
    hub.stop()
    reason = f"user/name@{pinned.revision}: it cannot be reached"
    assert_bundled(find_weights(pinned), pinned, reason)


def test_a_wrong_download_is_replaced_once_the_hub_has_the_right_file(pinned, hub):
    hub.fault = "wrong bytes"
    find_weights(pinned)
    hub.fault = ""
    assert_from_hub(find_weights(pinned), pinned, f"user/name@{pinned.revision}")


@pytest.mark.parametrize("suffix", ["", "@main"])
def test_model_repo_sets_another_repository(release, hub, monkeypatch, suffix):
    hub.publish("someone/else", {NAME: CONTENT})
    monkeypatch.setenv("MODEL_REPO", f"someone/else{suffix}")
    assert_from_hub(find_weights(release), release, "someone/else@main")


def test_model_repo_sets_another_revision(release, hub, monkeypatch):
    commit = hub.publish("someone/else", {NAME: CONTENT})
    hub.publish("someone/else", {NAME: b"newer"})
    monkeypatch.setenv("MODEL_REPO", f"someone/else@{commit}")
    assert_from_hub(find_weights(release), release, f"someone/else@{commit}")


def test_model_repo_does_not_change_the_sha256(pinned, hub, monkeypatch):
    hub.publish("someone/else", {NAME: CONTENT[::-1]})
    monkeypatch.setenv("MODEL_REPO", "someone/else")
    reason = "someone/else@main: its file is not the released one"
    assert_bundled(find_weights(pinned), pinned, reason)


def test_an_invalid_repository_name_falls_back(release, hub, monkeypatch):
    monkeypatch.setenv("MODEL_REPO", "some--one/else")
    reason = "some--one/else@main: this is not a repository name"
    assert_bundled(find_weights(release), release, reason)


@pytest.mark.parametrize("value", ["name", "a/b/c", "https://host/a/b", "a/b@", "a/b c"])
def test_a_malformed_model_repo_is_one_line(release, monkeypatch, value):
    monkeypatch.setenv("MODEL_REPO", value)
    with pytest.raises(ReleaseError) as caught:
        find_weights(release)
    assert str(caught.value) == (
        f"MODEL_REPO is {value!r}; set it to user/name or user/name@revision"
    )


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf", "1e12", "10 s"])
def test_a_malformed_model_deadline_is_one_line(release, monkeypatch, value):
    monkeypatch.setenv("MODEL_DEADLINE", value)
    with pytest.raises(ReleaseError) as caught:
        find_weights(release)
    assert str(caught.value) == f"MODEL_DEADLINE is {value!r}; set it to 0 to 3600 seconds"


def test_a_deadline_of_zero_does_not_wait_for_the_hub(pinned, hub, monkeypatch):
    hub.fault = "hanging"
    monkeypatch.setenv("MODEL_DEADLINE", "0")
    reason = f"user/name@{pinned.revision}: no answer within 0 s"
    assert_bundled(find_weights(pinned), pinned, reason)


@pytest.mark.parametrize("name", ["MODEL_REPO", "MODEL_DEADLINE"])
def test_an_empty_variable_counts_as_unset(pinned, monkeypatch, name):
    monkeypatch.setenv(name, "")
    assert_from_hub(find_weights(pinned), pinned, f"user/name@{pinned.revision}")


def test_the_bundled_copy_may_be_missing_if_the_hub_responds(pinned):
    pinned.weights_file.unlink()
    assert_from_hub(find_weights(pinned), pinned, f"user/name@{pinned.revision}")


def test_a_missing_bundled_copy_is_one_line_if_needed(release, hub):
    hub.stop()
    release.weights_file.unlink()
    with pytest.raises(
        ReleaseError,
        match=r"^some\.tflite is missing; restore it from git, or train again$",
    ):
        find_weights(release)


def test_a_bundled_copy_with_other_bytes_is_never_used(release, hub):
    hub.stop()
    corrupt(release.weights_file)
    with pytest.raises(ReleaseError, match=r"^some\.tflite is not the file that"):
        find_weights(release)
