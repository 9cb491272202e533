"""Of animations and stacks several frames are read; of a picture that one."""

import struct
import time
import tracemalloc
import zlib

import pytest
from PIL import Image

from model.decoding.frames import MAX_FRAMES, choose
from tests.helpers.bad_files import encode, photograph
from tests.helpers.frames import SIZE, number_of, numbered, read


def animated(frames, format):
    exact = {"lossless": True} if format == "WEBP" else {}
    return encode(frames[0], format, save_all=True, append_images=frames[1:], **exact)


@pytest.mark.parametrize("total", [1, 2, 3, 12, 13, 50, 1000])
def test_up_to_twelve_frames_are_spread_over_the_middle(total):
    frames = choose(lambda index: numbered(0), total)
    assert frames.total == total
    assert len(frames.indices) == min(total, len(frames.indices), MAX_FRAMES)
    assert frames.indices == sorted(set(frames.indices))
    if total > 20:
        assert len(frames.indices) == MAX_FRAMES
        assert frames.indices[0] == pytest.approx(0.15 * total, abs=2)
        assert frames.indices[-1] == pytest.approx(0.85 * total, abs=2)
    if total <= 3:
        assert len(frames.indices) == total


def test_blank_and_broken_frames_are_left_out():
    def read(index):
        if index % 3 == 0:
            raise ValueError("broken")
        return Image.new("RGB", SIZE, (9, 9, 250)) if index % 3 == 1 else numbered(index)

    frames = choose(read, 60)
    assert frames.indices
    assert all(index % 3 == 2 for index in frames.indices)
    # If the middle is blank, the ends are looked at.
    frames = choose(lambda index: numbered(0) if index == 59 else Image.new("RGB", SIZE), 60)
    assert frames.indices == [59]
    assert len(choose(lambda index: Image.new("RGB", SIZE), 60).images) == 1
    with pytest.raises(ZeroDivisionError):
        choose(lambda index: 1 // 0, 60)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF", "AVIF"])
def test_frames_of_animations_and_pages_are_read(format):
    blank = [Image.new("RGB", SIZE)] * 4
    content = animated([*blank, *map(numbered, range(4, 40))], format)
    frames = read(content)
    assert (len(frames.images), frames.total) == (12, 40 - 3 * (format in ("GIF", "WEBP")))
    shift = 40 - frames.total  # Pillow writes equal frames as one that is shown for longer.
    for index, image in zip(frames.indices, frames.images, strict=True):
        assert number_of(image) == pytest.approx(index + shift, abs=format in ("GIF", "AVIF"))


def test_smaller_pages_of_a_tiff_are_no_frames():
    page, preview = numbered(7), numbered(9).resize((12, 9))
    frames = read(animated([page, preview, preview], "TIFF"))
    assert (frames.total, number_of(frames.images[0])) == (1, 7)


@pytest.mark.parametrize("format", ["MPO", "ICO"])
def test_other_images_of_a_photo_or_icon_are_no_frames(format):
    frames = read(
        encode(
            photograph(),
            format,
            **({"save_all": True, "append_images": [photograph()]} if format == "MPO" else {}),
        )
    )
    assert frames.total == 1


def test_an_animation_that_is_cut_has_the_frames_before_the_cut():
    content = animated(list(map(numbered, range(40))), "GIF")
    frames = read(content[: len(content) // 2])
    assert 5 < frames.total < 40
    assert number_of(frames.images[0]) == frames.indices[0]


def test_an_endless_animation_costs_little():
    whole = animated([numbered(1), numbered(2)], "GIF")
    frame = b"," + struct.pack("<4HBB", 0, 0, 1, 1, 0, 2) + b"\x02\x4c\x01\0"
    start = time.process_time()
    assert read(whole[:-1] + 1_000_000 * frame + b";").total < 500_000
    # Blocks of one byte, of which Pillow would read ten million.
    assert read(whole[:-1] + frame[:-1] + 9_000_000 * b"\x01\x4c" + b"\0;").total == 3
    assert time.process_time() - start < 5


def test_a_number_of_frames_that_is_invented_takes_no_memory():
    content = bytearray(animated([numbered(1), numbered(2)], "PNG"))
    start = content.index(b"acTL")
    struct.pack_into(">I", content, start + 4, 2**22)
    struct.pack_into(">I", content, start + 12, zlib.crc32(content[start : start + 12]))
    tracemalloc.start()
    frames = read(bytes(content))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert frames.images
    assert peak < 50_000_000


def test_a_frame_that_leaves_the_picture_does_not_enlarge_it():
    whole = animated([numbered(1), numbered(2)], "GIF")
    frame = b"," + struct.pack("<4HBB", 0, 0, 8000, 8000, 0, 2) + b"\x02\x4c\x01\0"
    frames = read(whole[:-1] + 3 * frame + b";")
    assert (frames.total, frames.images[0].size) == (2, SIZE)
