"""Sample frames of a file: one of an image, several of a stack or a volume."""

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from PIL import Image

MAX_FRAMES = 12
"""Maximum number of frames to sample from a file."""

MIDDLE = 0.7
"""Middle share of the frames to sample from: the ends of a volume often show little."""

MAX_FRAME_SIDE = 1024
"""Maximum side of a sampled frame, in pixels: twelve frames take as much memory as an image."""

_BLANK_RANGE = 16
"""Minimum range of values, 0 to 255, in some channel of a frame that is not blank."""

Frame = TypeVar("Frame")


class Frames(NamedTuple, Generic[Frame]):
    """Sampled frames.

    Attributes:
        images: RGB images in the order of the file, at least one.
        indices: their positions in the file, from 0.
        total: number of frames in the file.
        unit: "frames" or "slices".
    """

    images: list[Frame]
    indices: list[int]
    total: int
    unit: str = "frames"


def is_blank(image: Image.Image | np.ndarray) -> bool:
    """Tell whether an image shows nothing: every channel has about the same value everywhere."""
    if isinstance(image, Image.Image):
        extrema = np.reshape(image.getextrema(), (-1, 2))  # Of one channel or several.
        return all(high - low < _BLANK_RANGE for low, high in extrema)
    values = image.reshape(-1, *image.shape[2:])
    return bool((values.max(axis=0).astype(float) - values.min(axis=0) < _BLANK_RANGE).all())


def choose(
    read: Callable[[int], Frame],
    total: int,
    reached: int | None = None,
    count: int = MAX_FRAMES,
    blank: Callable[[Frame], bool] = is_blank,
) -> Frames[Frame]:
    """Read frames spread over the middle of a file, without blank and broken ones.

    Args:
        read: returns the frame of an index; it is called with increasing indices.
        total: number of frames in the file, 1 or more.
        reached: number of frames to sample from, counted from the first; all by default.
        count: maximum number of frames, up to ``MAX_FRAMES``.
        blank: tells whether a frame shows nothing.

    Returns:
        One blank frame if there are no others.

    Raises:
        OverflowError: ``read`` raised it.
        Exception: that of ``read``, if all frames are broken.
    """
    margin = (1 - MIDDLE) / 2
    last = (reached or total) - 1
    count = min(count, MAX_FRAMES)
    shown, empty, failure = {}, {}, None
    # The whole range is only searched if the middle shows nothing.
    for shares in (np.linspace(margin, 1 - margin, count), np.linspace(0, 1, count)):
        shares = shares if count > 1 else [0.5]
        for index in sorted({round(share * last) for share in shares} - {*shown, *empty}):
            try:
                frame = read(index)
            except OverflowError:
                raise  # The others would take as much memory or time.
            except Exception as error:
                failure = error
            else:
                if isinstance(frame, Image.Image) and total > 1:
                    frame.thumbnail((MAX_FRAME_SIDE, MAX_FRAME_SIDE))
                (empty if blank(frame) else shown)[index] = frame
        if shown:
            break
    else:
        shown = dict(list(empty.items())[:1])
    if not shown:
        raise failure
    return Frames(list(shown.values()), list(shown), total)


def pack(frames: Frames) -> list[np.ndarray]:
    """Return frames as arrays, for ``unpack``: images of one size, indices, and the total."""
    images = np.stack([np.asarray(image) for image in frames.images])
    return [images, np.array(frames.indices), np.array(frames.total)]


def unpack(
    images: np.ndarray, indices: np.ndarray, total: np.ndarray, unit: str
) -> Frames[Image.Image]:
    """Return the frames that ``pack`` packed, as RGB images."""
    rgb = [Image.fromarray(image).convert("RGB") for image in images]
    return Frames(rgb, indices.tolist(), int(total), unit)
