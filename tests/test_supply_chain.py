"""Which code is installed and run: by a Space, by a developer, and on GitHub."""

import ast
import functools
import json
import re
import sys
from importlib.metadata import packages_distributions

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
"""Options that make pip, uv or npm install from elsewhere than their default index."""


OWN = {"app", "benchmarks", "model", "page", "tests", "train"}
OPTIONAL = {"spaces": "present on a ZeroGPU Space only, guarded in app.py"}

ROOMS = {
    "requirements-serve.txt": ["app.py", "model", "page"],
    "requirements-train.txt": ["train"],
    "requirements-dev.txt": ["benchmarks", "tests"],
}


def declared(name):
    """Normalised names of the packages in a requirements file and in those that it includes."""
    names = set()
    for line in (ROOT / name).read_text().splitlines():
        if line.startswith("-r "):
            names |= declared(line.split()[1])
        elif line and not line.startswith("#"):
            names.add(normalised(Requirement(line).name))
    return names


@functools.cache
def distributions():
    """Names of the installed packages that have a module, by the module's name."""
    return packages_distributions()


def normalised(name):
    return name.lower().replace("_", "-")


def imported(path):
    """Top-level modules from other packages that a file or a folder imports, by name."""
    files = path.rglob("*.py") if path.is_dir() else [path]
    for file in (file for file in files if "node_modules" not in file.parts):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Import():
                    modules = [alias.name for alias in node.names]
                case ast.ImportFrom(level=0):
                    modules = [node.module]
                case _:
                    continue
            yield from (module.partition(".")[0] for module in modules)


@pytest.mark.parametrize("name", ROOMS)
def test_every_imported_package_is_declared(name):
    if name == "requirements-serve.txt":
        allowed = declared(name) | declared("requirements-bulk.txt")  # Dask is imported on demand.
    else:
        allowed = declared(name)
    for room in ROOMS[name]:
        for module in sorted(set(imported(ROOT / room)) - OWN - set(OPTIONAL)):
            if module not in sys.stdlib_module_names:
                found = {normalised(package) for package in distributions()[module]}
                assert found & allowed, f"{room} imports {module}, which {name} does not list"


@pytest.mark.parametrize("file", REQUIREMENTS, ids=lambda file: file.name)
def test_every_requirement_is_bounded_and_from_the_default_index(file):
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
def test_build_and_deployment_use_the_default_index_and_bound_versions(file):
    text = file.read_text()
    assert not re.search(OTHER_SOURCES, text)
    installed = [line for line in text.splitlines() if "pip install" in line]
    for line in installed:
        (named,) = re.findall(r"pip install \"([^\"]+)\"", line)
        assert "<" in str(Requirement(named).specifier), line


def test_node_packages_are_locked_to_registry_and_content():
    locked = json.loads((ROOT / "tests" / "package-lock.json").read_text())["packages"]
    packages = [package for name, package in locked.items() if name]
    assert packages
    for package in packages:
        assert package.get("resolved", REGISTRY).startswith(REGISTRY)
        assert package["integrity"].startswith("sha512-")
    assert "npm ci" in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_workflows_may_only_read_and_pin_actions(file):
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
