"""Whose code is installed and run: by a Space, by a developer, and on GitHub."""

import json
import re

import pytest
import yaml
from packaging.requirements import Requirement

from tests.helpers.running_app import ROOT

REQUIREMENTS = sorted(ROOT.glob("requirements*.txt"))

REGISTRY = "https://registry.npmjs.org/"

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

OTHER_SOURCES = (
    r"(?i)index.url|find.links|trusted.host|registry|git\+|://\S+\.(whl|tgz|gz|zip)"
    r"|(pip|uv) .*\s-[if]\s"
)
"""What would make pip, uv or npm take packages from elsewhere than the one index of each."""


@pytest.mark.parametrize("file", REQUIREMENTS, ids=lambda file: file.name)
def test_every_requirement_is_bounded_and_comes_from_the_one_index(file):
    lines = [line.partition(" #")[0].strip() for line in file.read_text().splitlines()]
    for line in (line for line in lines if line and not line.startswith("#")):
        if line.startswith("-"):
            option, name = line.split()
            assert option in ("-r", "-c")
            assert ROOT / name in REQUIREMENTS
            continue
        requirement = Requirement(line)
        assert not requirement.url, line
        operators = {specifier.operator for specifier in requirement.specifier}
        assert operators & {"==", "<", "<=", "~="}, line


@pytest.mark.parametrize("file", [*WORKFLOWS, ROOT / ".ci" / "run"], ids=lambda file: file.name)
def test_what_builds_and_deploys_names_no_other_source_and_bounds_what_it_installs(file):
    text = file.read_text()
    assert not re.search(OTHER_SOURCES, text)
    installed = [line for line in text.splitlines() if "pip install" in line]
    for line in installed:
        (named,) = re.findall(r"pip install \"([^\"]+)\"", line)
        assert "<" in str(Requirement(named).specifier), line


def test_packages_for_node_are_locked_to_their_registry_and_content():
    locked = json.loads((ROOT / "tests" / "package-lock.json").read_text())["packages"]
    packages = [package for name, package in locked.items() if name]
    assert packages
    for package in packages:
        assert package.get("resolved", REGISTRY).startswith(REGISTRY)
        assert package["integrity"].startswith("sha512-")
    assert "npm ci" in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_may_only_read_and_pins_what_it_runs(file):
    workflow = yaml.safe_load(file.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert "permissions" not in job
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"[\w/.-]+@[0-9a-f]{40}", step["uses"])
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False
            assert "secrets." not in step.get("run", "")
