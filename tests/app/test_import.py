"""Importing the app has no side effects."""

import os
import subprocess
import sys

from tests.helpers.running_app import ROOT

CODE = """
import os, sys

def state():
    return dict(os.environ), sorted(os.listdir(sys.argv[1]))

import gradio
before = state()
import app, page
assert state() == before
from app import demo
assert isinstance(demo, gradio.Blocks)
assert app.demo is demo
"""


def test_import_sets_no_variable_and_writes_nothing(tmp_path):
    environment = os.environ | {"TMPDIR": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    environment.pop("GRADIO_TEMP_DIR", None)
    command = [sys.executable, "-c", CODE, str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    assert not (tmp_path / "brain-lung-other").exists()
