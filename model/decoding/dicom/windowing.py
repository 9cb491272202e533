"""Map the stored values of a scan to 8-bit grey as a viewer shows them."""

from dataclasses import dataclass

import numpy as np

from model.decoding.bands import row_bands

CT_WINDOW = (40, 400)
"""Centre and width, in Hounsfield units, for CT without a usable window: soft tissue."""

AIR = -500
"""Upper limit of air, in Hounsfield units; CT without air does not get ``CT_WINDOW``."""

PERCENTILES = (0.5, 99.5)
"""Percentiles that become black and white in other images without a usable window."""

_LEAST_RANGE = 8
"""Minimum range of grey levels that a usable window shows."""

_LEAST_GREY = 0.05
"""Minimum share of grey pixels among those that are not black, for a window to be usable: a window
for 8 bits makes most pixels of 12 bits white."""

_SAMPLES = 1_000_000
"""Approximate number of values for statistics of types wider than 16 bits."""


@dataclass
class Table:
    """A lookup table of a file.

    Args:
        values: output for ``first`` and the inputs after it; integers.
        first: first input; values below are mapped like it.
        bits: the output ranges from 0 to ``2 ** bits - 1``.
    """

    values: np.ndarray
    first: int
    bits: int

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Look up inputs, those outside the table at its ends."""
        last = len(self.values) - 1
        return self.values[np.clip(np.rint(inputs) - self.first, 0, last).astype(np.intp)]


@dataclass
class Grey:
    """How a file says its stored values are to be shown, with the defaults of DICOM.

    Args:
        slope: factor from stored to physical values, such as Hounsfield units.
        intercept: added after it.
        modality_table: used instead of both.
        voi_table: from physical values to grey, used instead of windows.
        windows: centres and widths, in physical values; the first usable one is applied.
        function: "LINEAR", "LINEAR_EXACT" or "SIGMOID"; others are treated as "LINEAR".
        inverted: the lowest values are white.
        padding: lowest and highest stored value that mean "outside the image"; they become black.
        is_ct: physical values are Hounsfield units, if they look like it.
    """

    slope: float = 1
    intercept: float = 0
    modality_table: Table | None = None
    voi_table: Table | None = None
    windows: tuple[tuple[float, float], ...] = ()
    function: str = "LINEAR"
    inverted: bool = False
    padding: tuple[float, float] | None = None
    is_ct: bool = False

    def physical(self, stored: np.ndarray) -> np.ndarray:
        """Map stored to physical values, float64."""
        if self.modality_table:
            return self.modality_table(stored).astype(np.float64)
        return stored * np.float64(self.slope) + self.intercept

    def is_padding(self, stored: np.ndarray) -> np.ndarray:
        """Tell which stored values are outside the image or not finite."""
        outside = ~np.isfinite(stored)
        if self.padding:
            outside |= (stored >= self.padding[0]) & (stored <= self.padding[1])
        return outside


def to_8_bits(stored: np.ndarray, grey: Grey) -> np.ndarray:
    """Map stored values to grey levels.

    Args:
        stored: integers or floats (height, width).
        grey: how the file says they are to be shown.

    Returns:
        uint8 (height, width), 0 black.
    """
    bands = list(row_bands(*stored.shape))
    shown = np.empty(stored.shape, np.uint8)
    if stored.dtype.kind in "iu" and stored.dtype.itemsize <= 2:
        # All possible values are few: count them, and map each of them once.
        low, high = int(stored.min()), int(stored.max())
        levels, counts = np.arange(low, high + 1), np.zeros(high - low + 1, np.int64)
        for band in bands:
            counts += np.bincount((stored[band] - np.intp(low)).reshape(-1), minlength=len(counts))
        table = _mapping(levels, counts, grey)(levels)
        for band in bands:
            shown[band] = table[stored[band] - np.intp(low)]
        return shown
    step = max(1, stored.size // _SAMPLES)
    levels, counts = np.unique(stored.reshape(-1)[::step], return_counts=True)
    mapping = _mapping(levels, counts, grey)
    for band in bands:
        shown[band] = mapping(stored[band])
    return shown


def _mapping(levels: np.ndarray, counts: np.ndarray, grey: Grey):
    """Return the function from stored values to grey levels for an image.

    Args:
        levels: stored values in ascending order.
        counts: how often each occurs.
        grey: how the file says they are to be shown.
    """
    inside = (counts > 0) & ~grey.is_padding(levels)
    if not inside.any():  # An image of padding only.
        inside = counts > 0
    values, counts = grey.physical(levels[inside]), counts[inside]
    shade = _shade(values, counts, grey)

    def mapping(stored: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", over="ignore"):
            shown = np.rint(255 * np.clip(shade(grey.physical(stored)), 0, 1))
        shown = 255 - shown if grey.inverted else shown
        shown[grey.is_padding(stored)] = 0
        return shown.astype(np.uint8)

    return mapping


def _shade(values: np.ndarray, counts: np.ndarray, grey: Grey):
    """Return the function from physical values to 0..1 that shows the values of an image."""
    candidates = []
    if table := grey.voi_table:
        candidates.append(lambda physical: table(physical) / (2**table.bits - 1))
    candidates += [_window(*window, grey.function) for window in grey.windows if window[1] > 0]
    if grey.is_ct and values.min() < AIR:
        candidates.append(_window(*CT_WINDOW))
    candidates.append(_between(*_percentiles(values, counts)))
    for shade in candidates:
        shown = np.clip(shade(values), 0, 1)
        is_grey, is_white = (shown > 0) & (shown < 1), shown == 1
        has_greys = counts[is_grey].sum() >= _LEAST_GREY * counts[is_grey | is_white].sum()
        if has_greys and 255 * (shown.max() - shown.min()) >= _LEAST_RANGE:
            return shade
    return _between(values.min(), values.max())


def _percentiles(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    order = np.argsort(values, kind="stable")  # A negative slope reverses them.
    ranks = np.cumsum(counts[order])
    wanted = np.array(PERCENTILES) / 100 * ranks[-1]
    return values[order][np.searchsorted(ranks, wanted).clip(0, len(values) - 1)]


def _between(low: float, high: float):
    return lambda values: (values - low) / ((high - low) or 1)


def _window(center: float, width: float, function: str = "LINEAR"):
    """Return the function of a window as DICOM defines it (PS3.3, C.11.2.1.2)."""
    if function == "SIGMOID":
        # exp would overflow for values far below the window.
        return lambda values: 1 / (1 + np.exp(np.clip(-4 * (values - center) / width, -50, 50)))
    if function == "LINEAR_EXACT" or width <= 1:
        return lambda values: (values - center) / width + 0.5
    return lambda values: (values - (center - 0.5)) / (width - 1) + 0.5
