"""Put images on a page, in a window, or into a figure with several panels."""

from collections import deque

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from train.eval.corruptions.annotation import burn_in, put_text, text_mask
from train.eval.corruptions.degradation import colour_map, contrast, gamma
from train.eval.corruptions.geometry import crop, fit

WIDTH = 480
"""Width of pages and windows, in pixels."""

# The same words are around the images of all classes, so that they do not reveal the class.
PROSE = (
    "The picture was taken on the first day and compared with the earlier one after three weeks. "
    "No change was seen in the upper part, while the lower part had become somewhat brighter. "
    "All readers agreed on the result; the second reading was done without knowledge of the first. "
    "Further details are given in the appendix, together with the settings of the device."
)
CAPTION = "Typical view. See the text for the settings, and the table for the results."
TITLE = "Viewer - [study 20417, series 3]"
MENUS = ("File", "Edit", "View", "Image", "Tools", "Window", "Help")
TOOLS = ("Series", "Window", "Level", "Zoom", "Rotate", "Measure", "Layout", "Export")
STATUS = "Ready    x 141  y 96    value 73    118 %"
THEMES = (
    {"bar": "#e9e9ec", "title": "#26262a", "panel": "#f6f6f8", "ink": "#26262a", "line": "#b9b9c0"},
    {"bar": "#2b2d31", "title": "#e6e6e8", "panel": "#3a3d42", "ink": "#d6d8dc", "line": "#1a1b1e"},
    {"bar": "#2f5d9b", "title": "#ffffff", "panel": "#d5dce6", "ink": "#10141c", "line": "#8a94a6"},
)


def page(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Put the image on a white page of text as a figure, 32 to 45 % of the page wide."""
    scan = fit(image, round(WIDTH * rng.uniform(0.32, 0.45)), 240)
    size, margin = int(rng.integers(9, 12)), int(rng.integers(24, 44))
    pitch, gap, width = round(1.35 * size), 14, max(scan.width, 150)
    left = int(rng.choice([margin, (WIDTH - width) // 2, WIDTH - margin - width]))
    above, below = (int(lines) * pitch for lines in rng.integers(3, 14, 2))
    top = margin + above + gap
    paper = Image.new("RGB", (WIDTH, top + scan.height + below + 200), "white")
    paper.paste(scan, (left + (width - scan.width) // 2, top))

    bottom = top + scan.height + 4
    caption = deque(["Figure", f"{rng.integers(1, 9)}.", *CAPTION.split()])
    while caption:
        _draw_line(paper, caption, left, left + width, bottom, size)
        bottom += pitch
    prose = deque(PROSE.split() * 15)
    prose.rotate(int(rng.integers(len(prose))))
    paper = paper.crop((0, 0, WIDTH, bottom + gap + below + margin))
    for y in range(margin, paper.height - margin - pitch, pitch):
        columns = [(margin, WIDTH - margin)]
        if top - gap < y + pitch and y < bottom + gap:
            columns = [(margin, left - gap), (left + width + gap, WIDTH - margin)]
        for start, end in columns:
            if end - start >= 100:
                _draw_line(paper, prose, start, end, y, size)
    return paper


def window(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Put the image into a viewer's window with title, menus, side panel and burnt-in text."""
    theme = THEMES[rng.integers(len(THEMES))]
    height, panel = int(rng.integers(300, 380)), int(rng.integers(84, 120))
    left, right = (panel, WIDTH) if rng.random() < 0.5 else (0, WIDTH - panel)
    top, bottom = 37, height - 16

    canvas = Image.new("RGB", (WIDTH, height), theme["panel"])
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((0, 0, WIDTH, 17), theme["bar"])
    _draw_text(canvas, TITLE, 8, 2, theme["title"])
    for number, sign in enumerate("-ox"):
        _draw_text(canvas, sign, WIDTH - 44 + 14 * number, 2, theme["title"])
    for number, name in enumerate(MENUS):
        _draw_text(canvas, name, 8 + 46 * number, 20, theme["ink"])
    _draw_text(canvas, STATUS, 8, bottom + 1, theme["ink"])
    edge = 0 if left else right
    for number, name in enumerate(TOOLS):
        y = top + 6 + 30 * number
        button = (edge + 6, y, edge + panel - 6, y + 22)
        draw.rounded_rectangle(button, 3, outline=theme["line"])
        _draw_text(canvas, name, edge + 12, y + 5, theme["ink"])

    draw.rectangle((left, top, right - 1, bottom - 1), "black", theme["line"])
    scan = fit(image, right - left - 8, bottom - top - 8)
    canvas.paste(scan, ((left + right - scan.width) // 2, (top + bottom - scan.height) // 2))
    colour = str(rng.choice(["white", "yellow", "lime"]))
    burn_in(canvas, (left, top, right, bottom), rng, colour)
    return canvas


def grid_of_panels(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Arrange the image and three variants of it in two rows."""
    return _figure(image, rng, columns=2, rows=2)


def row_of_panels(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Arrange the image and two variants of it side by side."""
    return _figure(image, rng, columns=3, rows=1)


def _figure(image, rng, columns, rows):
    panel = fit(image, 160, 160)
    variants = [
        lambda: contrast(panel, rng, 1.5, 2),
        lambda: gamma(panel, rng, 0.5, 0.7),
        lambda: gamma(panel, rng, 1.5, 2),
        lambda: ImageOps.mirror(panel),
        lambda: ImageOps.invert(panel),
        lambda: colour_map(panel, rng),
        lambda: crop(panel, rng, 0.7).resize(panel.size, Image.Resampling.BICUBIC),
    ]
    chosen = rng.choice(len(variants), columns * rows - 1, replace=False)
    panels = [panel, *(variants[number]() for number in chosen)]
    gap, letters = int(rng.integers(2, 9)), rng.random() < 0.5
    size = (columns * (panel.width + gap) - gap, rows * (panel.height + gap) - gap)
    figure = Image.new("RGB", size, str(rng.choice(["white", "black"])))
    for number, position in enumerate(rng.permutation(len(panels))):
        x = int(position) % columns * (panel.width + gap)
        y = int(position) // columns * (panel.height + gap)
        figure.paste(panels[number], (x, y))
        if letters:
            put_text(figure, text_mask("ABCD"[position], 18), x + 5, y + 3, "white")
    return figure


def _draw_text(canvas: Image.Image, text: str, x: int, y: int, colour: str) -> None:
    canvas.paste(colour, (x, y), text_mask(text, 10))


def _draw_line(paper: Image.Image, words: deque, start: int, end: int, y: int, size: int) -> None:
    """Draw as many words as fit on a line, at least one, and remove them from ``words``."""
    x = start
    while words:
        mask = text_mask(words[0], size)
        if x > start and x + mask.width > end:
            break
        paper.paste("#202020", (x, y), mask)
        x += mask.width + size // 4
        words.popleft()
