"""Files that hang, crash or fill a decoder are refused, and the next file is decoded."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from model.decoding import decoder_process
from model.decoding.decoder_process import CHILDREN, DecodeError, DecoderTimeout, decode, decode_all
from tests.helpers import decoders

ROOT = Path(__file__).parents[3]

linux = pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")


def assert_next_file_is_decoded():
    np.testing.assert_array_equal(decode(decoders.copy, b"next"), list(b"next"))


def test_bytes_and_arguments_arrive_and_one_child_serves_many_files():
    content = np.random.default_rng(0).bytes(3_000_000)
    returned = decode(decoders.copy, content, 3)
    assert returned.tobytes() == 3 * content
    assert decode(decoders.copy, b"").shape == (0,)
    ids = {int(decode(decoders.process_id, b"")) for _ in range(3)}
    assert len(ids) == 1
    assert ids != {os.getpid()}


def test_several_arrays_are_returned_with_their_shapes_and_types():
    arrays = decode_all(decoders.several, b"\1\2\3\4")
    assert [array.dtype.str for array in arrays] == ["|u1", "<f4", "<i8"]
    assert [array.tolist() for array in arrays] == [[[1, 2], [3, 4]], [], 4]


@pytest.mark.parametrize(
    ("decoder", "error"),
    [
        (decoders.crash, DecodeError),
        (decoders.fail, DecodeError),
        (decoders.texts, DecodeError),
        pytest.param(decoders.take_memory, OverflowError, marks=linux),
    ],
)
def test_a_decoder_that_fails_is_an_error_and_the_next_file_is_decoded(decoder, error):
    with pytest.raises(error) as caught:
        decode(decoder, b"file")
    assert "file" not in str(caught.value)
    assert_next_file_is_decoded()


@linux
def test_memory_that_one_thread_of_a_decoder_left_is_used_by_the_next():
    assert decode(decoders.take_memory_in_threads, b"") == 8


def test_a_decoder_that_waits_is_ended(monkeypatch):
    monkeypatch.setattr(decoder_process, "WALL_SECONDS", 0.3)
    with pytest.raises(DecoderTimeout):
        decode(decoders.sleep, b"")
    monkeypatch.undo()
    assert_next_file_is_decoded()


@linux
def test_a_decoder_that_computes_is_ended_by_its_processor_time(monkeypatch):
    monkeypatch.setattr(decoder_process, "CPU_SECONDS", 0)
    with pytest.raises(DecoderTimeout):
        decode(decoders.loop, b"")
    monkeypatch.undo()
    assert_next_file_is_decoded()


def test_a_child_has_no_secrets_and_writes_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_TOKEN", "secret")
    decoder_process._pool.close()
    names = decode(decoders.environment, b"").tobytes().decode().split()
    assert "PATH" in names
    assert "HF_TOKEN" not in names
    if sys.platform == "linux":
        with pytest.raises(DecodeError):
            decode(decoders.write, b"file", tmp_path / "file")
        assert not (tmp_path / "file").read_bytes()


def test_what_a_decoder_prints_is_not_its_answer():
    assert decode(decoders.print_first, b"").shape == (1,)


def test_an_idle_child_that_was_ended_is_replaced():
    os.kill(int(decode(decoders.process_id, b"")), signal.SIGTERM)
    time.sleep(0.1)
    assert_next_file_is_decoded()


def test_many_threads_get_their_own_answers_from_few_children():
    contents = [bytes([i]) * 100_000 for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda content: decode(decoders.copy, content), contents))
        ids = set(pool.map(lambda _: int(decode(decoders.process_id, b"")), contents))
    assert [answer.tobytes() for answer in answers] == contents
    assert len(ids) <= CHILDREN


@linux
def test_a_forked_process_uses_children_of_its_own():
    before = int(decode(decoders.process_id, b""))
    read, write = os.pipe()
    if not (forked := os.fork()):
        os.write(write, str(int(decode(decoders.process_id, b""))).encode())
        decoder_process._pool.close()
        os._exit(0)
    os.waitpid(forked, 0)
    assert int(os.read(read, 20)) != before
    assert int(decode(decoders.process_id, b"")) == before


@pytest.mark.parametrize("signal_name", ["SIGKILL", "SIGINT"])
@linux
def test_children_end_with_their_parent(signal_name):
    program = """
from model.decoding.decoder_process import decode
from tests.helpers import decoders
print(int(decode(decoders.process_id, b"")), flush=True)
input()
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with parent:
        child = Path("/proc", parent.stdout.readline().decode().strip())
        assert child.exists()
        parent.send_signal(signal.Signals[signal_name])
    deadline = time.monotonic() + 10
    while child.exists() and "Z" not in (child / "stat").read_text().split()[2]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
