"""Importing the app has no side effects; starting it has."""

import os
import subprocess
import sys

from tests.helpers.running_app import ROOT


def test_import_sets_nothing_and_writes_nothing(tmp_path):
    code = (
        "import os, sys;"
        "import gradio; after_gradio = dict(os.environ), set(os.listdir(sys.argv[1]));"
        "import app, page;"
        "assert (dict(os.environ), set(os.listdir(sys.argv[1]))) == after_gradio;"
        "assert type(app.demo).__mro__[1] is gradio.Blocks"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    environment.pop("GRADIO_TEMP_DIR", None)
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, env=environment, check=True
    )
    assert not (tmp_path / "brain-lung-other").exists()
