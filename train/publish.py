"""Publish the released weights with a model card and their results, in one commit on the Hub."""

import dataclasses
import re
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, SpaceCard
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalTokenNotFoundError
from huggingface_hub.utils import validate_repo_id

from model.release import RELEASE_FILE, Release, read_release
from model.weights import bundled_weights
from train.errors import UserError
from train.export.model_card import model_card, result_files
from train.files import keras_weights


def publish(repo_id: str, dry_run: bool = False, release_file: Path = RELEASE_FILE) -> None:
    """Upload the release to a model repository, and write the commit into the checkout.

    The repository is created if it is missing. Weights and results of an earlier commit that this
    one does not replace are deleted from it. The commit is written to the release file and to the
    front matter of README.md, which a Space reads.

    Args:
        repo_id: "user/name".
        dry_run: print what would be uploaded, and upload nothing.
        release_file: the release.

    Raises:
        UserError: the name is malformed, results are missing or belong to other weights, or the
            Hub cannot be reached or refuses.
        ReleaseError: the release or its weights cannot be used.
    """
    check_name(repo_id)
    release = read_release(release_file)
    files = _collect(release, repo_id)
    if dry_run:
        print(f"one commit to {repo_id} would upload:")
        for path, source in files.items():
            size = source.stat().st_size if isinstance(source, Path) else len(source)
            print(f"{size:>12,}  {path}")
        print(f"\nREADME.md:\n\n{files['README.md'].decode()}")
        return
    try:
        commit = _upload(repo_id, files, f"Publish the network {release.network}")
    except Exception as error:  # The Hub's client raises a dozen types.
        raise UserError(_describe_error(error, repo_id)) from error
    print(f"published {commit.commit_url}")
    try:
        dataclasses.replace(release, repository=repo_id, revision=commit.oid).write(release_file)
    except OSError as error:
        raise UserError(
            f'{release_file} cannot be written; set in it "repository": "{repo_id}", '
            f'"revision": "{commit.oid}"'
        ) from error
    readme = release_file.parents[1] / "README.md"
    card = SpaceCard.load(readme)
    card.data["models"] = [repo_id]
    # A Space downloads these files when it is built, so that its start needs no download.
    card.data["preload_from_hub"] = [f"{repo_id} {release.weights_file.name} {commit.oid}"]
    card.save(readme)
    print(f"wrote {release_file} and {readme}; commit both, so that Spaces use these weights")


def check_name(repo_id: str) -> None:
    """Check the name of a repository on the Hub.

    Raises:
        UserError: it is malformed.
    """
    try:
        validate_repo_id(repo_id)
        valid = re.fullmatch(r"[\w.-]+/[\w.-]+", repo_id)
    except HFValidationError:
        valid = False
    if not valid:
        raise UserError(f"{repo_id!r} is not a repository name; give --repo-id as user/name")


def _collect(release: Release, repo_id: str) -> dict[str, Path | bytes]:
    """Return what to upload, a local file or its content, by path in the repository."""
    weights, for_keras = bundled_weights(release), keras_weights(release)
    return {
        "README.md": model_card(release, repo_id).encode(),
        weights.name: weights,
        for_keras.name: for_keras,
        **{f"results/{file.name}": file for file in result_files(release)},
    }


def _upload(repo_id: str, files: dict[str, Path | bytes], message: str):
    # HfApi.upload_folder may split an upload into several commits. token=True: fail without one.
    api = HfApi(token=True)
    api.create_repo(repo_id, exist_ok=True)
    stale = [
        path
        for path in api.list_repo_files(repo_id)
        if path not in files
        and (path.startswith("results/") or path.endswith((".tflite", ".weights.h5")))
    ]
    operations = [CommitOperationAdd(path, source) for path, source in files.items()]
    operations += [CommitOperationDelete(path) for path in stale]
    return api.create_commit(repo_id, operations, commit_message=message)


def _describe_error(error: Exception, repo_id: str) -> str:
    # Never the error's own text: some clients quote request headers, including the token.
    login = f"log in with a token that may write to {repo_id}: hf auth login"
    if isinstance(error, LocalTokenNotFoundError):
        return f"there is no Hugging Face token; {login}"
    if not isinstance(error, HfHubHTTPError):
        return (
            f"the upload failed ({type(error).__name__}); check the connection to the Hub and the "
            "token, and try again"
        )
    status = error.response.status_code
    if status in (401, 403):
        return f"the Hub refused the token (HTTP status {status}); {login}"
    return f"the Hub answered with HTTP status {status}; try again later"
