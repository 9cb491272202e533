"""SIGTERM ends the app, however often it comes."""

import signal
import subprocess
import sys

import pytest

from tests.helpers.running_app import ROOT

CODE = """
from page.stop_signals import StopSignals

stop = StopSignals()
print("ready", flush=True)
stop.wait()
print("ended", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("count", [1, 10])
def test_a_burst_of_signals_ends_the_wait(number, count):
    for _ in range(10):
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", CODE], cwd=ROOT, stdout=subprocess.PIPE
        )
        with process:
            assert process.stdout.readline() == b"ready\n"
            try:
                for _ in range(count):
                    process.send_signal(number)
                assert process.communicate(timeout=10)[0] == b"ended\n"
            finally:
                process.kill()
        assert process.returncode == 0
