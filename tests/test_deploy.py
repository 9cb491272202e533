"""What docs/deploy.md says: the files of a Space, the container, the names in a fork, nginx."""

import json
import re
import shutil
import socket
import subprocess
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file

from tests.helpers.running_app import EXAMPLES, ROOT, RunningApp, free_port
from train.space_files import copy_space_files

DOCUMENT = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    """The folder that a Space receives."""
    folder = tmp_path_factory.mktemp("space") / "space"
    copy_space_files(folder)
    return folder


def test_a_space_receives_no_tests_and_nothing_to_train_from(space):
    files = {str(file.relative_to(space)) for file in space.rglob("*") if file.is_file()}
    assert {"app.py", "README.md", "requirements.txt", "model/release.json"} <= files
    results = json.loads((ROOT / "model" / "release.json").read_text())["results"].lstrip("./")
    assert f"{results}/figures.json" in files
    unwanted = re.compile(r"tests|\.git|\.h5$|\.npz$|\.pyc$")
    assert [file for file in files if unwanted.search(file)] == []
    assert "train/results/independent_test.json" in files


def test_the_links_of_a_space_lead_to_its_files(space):
    for document in (space / "README.md", *(space / "docs").glob("*.md")):
        links = re.findall(r"\]\((?!http)([^)#]+)", document.read_text(encoding="utf-8"))
        assert [link for link in links if not (document.parent / link).exists()] == []


def test_serving_requires_what_a_space_requires_without_training():
    space, serving = (
        [line for line in (ROOT / name).read_text().splitlines() if not line.startswith("#")]
        for name in ("requirements.txt", "requirements-serve.txt")
    )
    assert set(serving) < set(space)
    left_out = {re.split("[>=;]", line)[0] for line in set(space) - set(serving)}
    assert left_out == {"keras", "tensorflow", "tensorflow-cpu"}


def test_the_container_has_no_rights_and_copies_what_exists():
    for source in re.findall(r"^COPY (?!--)(\S+)", DOCKERFILE, re.MULTILINE):
        assert (ROOT / source).exists()
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", DOCKERFILE, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK .*\n.*/health", DOCKERFILE, re.MULTILINE)
    (command,) = re.findall(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE)
    assert json.loads(command) == ["python", "app.py"]


def test_a_fork_renames_everything_but_the_citation(tmp_path):
    ignored = shutil.ignore_patterns("node_modules", "sources", "__pycache__")
    shutil.copy(ROOT / "README.md", tmp_path)
    for name in ("docs", "examples", "model", "page", "tests", "train"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    command = re.search(r"<!-- rename command -->\n```bash\n(.*?)```", DOCUMENT, re.DOTALL)[1]
    command = command.replace("YOU", "Ada").replace("/you/", "/ada/")
    subprocess.run(["bash", "-ec", command], cwd=tmp_path, check=True)
    texts = {
        file: file.read_text(encoding="utf-8")
        for file in tmp_path.rglob("*")
        if file.suffix in (".md", ".py", ".html", ".json") and file.name != "deploy.md"
    }
    lines = [line for text in texts.values() for line in text.splitlines()]
    left = [line for line in lines if re.search("(?i)victor[o]uledi", line)]
    assert left
    assert all("howpublished" in line for line in left)
    readme = texts[tmp_path / "README.md"]
    assert "https://huggingface.co/spaces/Ada/brain-lung-other" in readme
    assert "https://ada-brain-lung-other.hf.space" in readme


class Nginx:
    """Debian's nginx with the configuration of docs/deploy.md.

    Args:
        folder: for its configuration and logs.
        ports: of the instances.

    Attributes:
        url: its address.
    """

    def __init__(self, folder: Path, ports: list[int]):
        port = free_port()
        (configuration,) = re.findall(r"```nginx\n(.*?)```", DOCUMENT, re.DOTALL)
        for documented, actual in zip((7861, 7862, 8080), (*ports, port), strict=True):
            configuration = configuration.replace(str(documented), str(actual))
        paths = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        (folder / "nginx.conf").write_text(
            "daemon off; pid nginx.pid; error_log error.log; events {}\nhttp {\n"
            "log_format upstream '$uri $upstream_addr'; access_log access.log upstream;\n"
            + "".join(f"{path}_temp_path {path};\n" for path in paths)
            + configuration
            + "}\n"
        )
        self.url = f"http://127.0.0.1:{port}"
        self._log = folder / "access.log"
        command = ["nginx", "-p", str(folder), "-c", "nginx.conf"]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except OSError:
                continue
        raise RuntimeError((folder / "error.log").read_text())

    def instances(self, path: str) -> set[str]:
        """Return the addresses of the instances that have answered requests for a path."""
        lines = [line.split(" ", 1) for line in self._log.read_text().splitlines()]
        return {
            instance
            for uri, upstreams in lines
            if uri.startswith(path)
            for instance in upstreams.split(", ")
        }

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is missing")
def test_two_instances_behind_nginx(app, space, tmp_path):
    environment = {"GRADIO_TEMP_DIR": str(tmp_path / "uploads"), "HF_HUB_OFFLINE": "1"}
    other = RunningApp(space, environment)
    ports = [httpx.URL(url).port for url in (app.url, other.url)]
    nginx = Nginx(tmp_path, ports)
    try:
        other.wait()

        def predict(file=EXAMPLES["lung"]):
            content = file.read_bytes()
            return httpx.post(f"{nginx.url}/predict", content=content, timeout=60).json()["label"]

        label = predict()
        assert [predict() for _ in range(4)] == [label] * 4
        assert nginx.instances("/predict") == {f"127.0.0.1:{port}" for port in ports}

        client = Client(nginx.url, verbose=False, analytics_enabled=False)
        for file in EXAMPLES.values():
            assert client.predict(handle_file(file), api_name="/predict")["label"] == predict(file)
        assert len(nginx.instances("/gradio_api")) == 1

        other.stop()
        assert [predict() for _ in range(4)] == [label] * 4
    finally:
        other.process.kill()
        nginx.stop()
