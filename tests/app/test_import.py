"""Importing the app has no side effects, and the app needs no TensorFlow."""

import os
import subprocess
import sys

from tests.helpers.running_app import EXAMPLES, ROOT

CODE = """
import ast, os, sys
from page.gradio_compat.component_stubs import no_component_stubs

def get_source_segment(*_):
    raise AssertionError("Gradio parses the source of a component to write a stub")

ast.get_source_segment = get_source_segment

def state():
    return dict(os.environ), sorted(os.listdir(sys.argv[1]))

with no_component_stubs():
    import gradio
before = state()
import app, page
assert state() == before
from app import demo
assert app.demo is demo
# As the owner of the product wants it.
assert isinstance(demo, gradio.Interface)
assert demo.fn is app.predict

from model.imaging import read_image
from model.occlusion import heat_map
classifier, _ = app.get_classifier()
image = read_image(sys.argv[2])
assert classifier.classify(image)["brain"] > 0.5
heat_map(classifier, image)
assert not {"tensorflow", "keras", "torch"} & set(sys.modules)
"""


def test_import_sets_no_variable_and_writes_nothing_and_nothing_needs_tensorflow(tmp_path):
    environment = os.environ | {"TMPDIR": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    environment.pop("GRADIO_TEMP_DIR", None)
    command = [sys.executable, "-c", CODE, str(tmp_path), str(EXAMPLES["brain"])]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    assert not (tmp_path / "brain-lung-other").exists()
