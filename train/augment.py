"""Random variations of a training picture: what visitors send is rarely as clean as a data set.

Each variation is applied with its own probability to pictures of every class alike, so that none of
them tells anything about the class.
"""

import io

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

SHORTEST_SIDE = 24
"""No variation makes a picture smaller than this, in pixels."""


def augment(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Vary a picture at random.

    Args:
        picture: an RGB picture of any size.
        rng: decides everything; the same state gives the same result.

    Returns:
        An RGB picture, possibly of another size.
    """
    for probability, variation in _VARIATIONS:
        if rng.random() < probability:
            picture = variation(picture, rng)
    return picture


def _crop(picture, rng):
    """A window of the picture, with another aspect."""
    width, height = picture.size
    share = rng.uniform(0.5, 1.0, 2)
    if rng.random() < 0.7:
        share = share.max() * rng.uniform(0.85, 1.0, 2)
    wide = max(min(width, SHORTEST_SIDE), round(width * share[0]))
    high = max(min(height, SHORTEST_SIDE), round(height * share[1]))
    left, top = rng.integers(width - wide + 1), rng.integers(height - high + 1)
    return picture.crop((left, top, left + wide, top + high))


def _quarter_turn(picture, rng):
    return picture.rotate(90 * int(rng.integers(1, 4)), expand=True)


def _mirror(picture, rng):
    return ImageOps.mirror(picture)


def _tilt(picture, rng):
    """A small rotation and shear; what comes into view is one colour."""
    width, height = picture.size
    angle, shear = np.radians(rng.uniform(-25, 25)), rng.uniform(-0.15, 0.15)
    scale = rng.uniform(0.9, 1.25)
    matrix = np.array([[np.cos(angle), np.sin(angle) + shear], [-np.sin(angle), np.cos(angle)]])
    matrix *= scale
    centre = np.array([width / 2, height / 2])
    shift = centre - matrix @ centre
    coefficients = (*matrix[0], shift[0], *matrix[1], shift[1])
    return picture.transform(
        picture.size,
        Image.Transform.AFFINE,
        coefficients,
        Image.Resampling.BILINEAR,
        fillcolor=_background(picture, rng),
    )


def _perspective(picture, rng):
    """Seen at an angle, as on a photographed film or screen."""
    width, height = picture.size
    corners = np.array([[0, 0], [0, height], [width, height], [width, 0]], float)
    moved = corners + rng.uniform(-0.15, 0.15, (4, 2)) * (width, height)
    quad = tuple(float(value) for value in moved.ravel())
    return picture.transform(
        picture.size,
        Image.Transform.QUAD,
        quad,
        Image.Resampling.BILINEAR,
        fillcolor=_background(picture, rng),
    )


def _invert(picture, rng):
    return ImageOps.invert(picture)


def _grey(picture, rng):
    return picture.convert("L").convert("RGB")


def _grey_values(picture, rng):
    """Another window: contrast, brightness and gamma at once."""
    gamma = np.exp(rng.uniform(-0.7, 0.7))
    low, high = rng.uniform(-0.25, 0.25), rng.uniform(0.75, 1.3)
    values = low + (high - low) * np.linspace(0, 1, 256).clip(0, 1) ** gamma
    table = (values * 255).clip(0, 255).astype(np.uint8).tolist()
    return picture.point(table * 3)


def _saturate(picture, rng):
    """A narrow window: a third of the grey values spread over all, the rest black or white."""
    width = rng.uniform(0.3, 0.7)
    low = rng.uniform(0, 1 - width)
    values = (np.linspace(0, 1, 256) - low) / width
    table = (values * 255).clip(0, 255).astype(np.uint8).tolist()
    return picture.point(table * 3)


def _tint(picture, rng):
    """Another white point."""
    gains = rng.uniform(0.55, 1.0, 3)
    gains /= gains.max()
    ramp = np.arange(256)
    table = [int(value) for gain in gains for value in ramp * gain]
    return picture.point(table)


def _false_colours(picture, rng):
    """A random smooth colour map over the grey values."""
    knots = rng.integers(0, 256, (int(rng.integers(3, 6)), 3))
    if rng.random() < 0.7:
        knots = knots[np.argsort(knots.sum(axis=1))]
    if rng.random() < 0.6:
        knots[0] = 0
    positions = np.linspace(0, 255, len(knots))
    table = [np.interp(np.arange(256), positions, knots[:, channel]) for channel in range(3)]
    return picture.convert("L").convert("RGB").point(np.concatenate(table).astype(int).tolist())


def _rescale(picture, rng):
    """Fewer pixels, as in a thumbnail, brought back to the size they had."""
    factor = rng.uniform(0.15, 0.7)
    small = [max(min(side, SHORTEST_SIDE), round(side * factor)) for side in picture.size]
    filters = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.NEAREST)
    return picture.resize(small, Image.Resampling.BILINEAR).resize(
        picture.size, filters[rng.integers(3)]
    )


def _blur(picture, rng):
    return picture.filter(
        ImageFilter.GaussianBlur(rng.uniform(0.4, max(0.8, 0.012 * max(picture.size))))
    )


def _sharpen(picture, rng):
    return picture.filter(ImageFilter.UnsharpMask(rng.uniform(0.5, 3), int(rng.integers(80, 250))))


def _noise(picture, rng):
    pixels = np.asarray(picture, np.float32)
    channels = 1 if rng.random() < 0.6 else 3
    noise = rng.standard_normal((*pixels.shape[:2], channels), np.float32)
    if rng.random() < 0.3:
        noise = noise * pixels / 128
    return Image.fromarray((pixels + rng.uniform(4, 40) * noise).clip(0, 255).astype(np.uint8))


def _jpeg(picture, rng):
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=int(rng.integers(5, 60)))
    return Image.open(encoded).convert("RGB")


def _stripes(picture, rng):
    """Interference of a screen's pixels with a camera's."""
    width, height = picture.size
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    angle, period = rng.uniform(0, np.pi), rng.uniform(2.2, 14)
    wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period)
    strength = rng.uniform(4, 30) * rng.uniform(0.3, 1, 3)
    pixels = np.asarray(picture, np.float32) + wave[..., None] * strength
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _glare(picture, rng):
    """A bright spot or an unevenly lit film."""
    width, height = picture.size
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    centre, spread = rng.uniform(0, 1, 2), rng.uniform(0.1, 0.6)
    spot = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / spread**2)
    mask = Image.fromarray((spot * 255 * rng.uniform(0.3, 0.9)).astype(np.uint8))
    light = Image.new("RGB", picture.size, _pale(rng) if rng.random() < 0.8 else (0, 0, 0))
    return Image.composite(light, picture, mask)


def _annotate(picture, rng):
    """Letters, arrows, lines and boxes such as viewers and readers leave on a picture."""
    picture = picture.copy()
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    side = min(picture.size)
    for _ in range(rng.integers(1, 7)):
        colour = _vivid(rng)
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        thick = max(1, round(side * rng.uniform(0.004, 0.02)))
        match rng.integers(4):
            case 0:
                size = max(6, round(side * rng.uniform(0.04, 0.13)))
                draw.text((x * 0.8, y), _words(rng), fill=colour, font=_font(size))
            case 1:
                _arrow(draw, np.array([x, y]), rng.uniform(0.08, 0.35) * side, thick, colour, rng)
            case 2:
                end = (rng.uniform(0, width), rng.uniform(0, height))
                draw.line((x, y, *end), fill=colour, width=thick)
            case 3:
                reach = rng.uniform(0.03, 0.25, 2) * side
                box = (x - reach[0], y - reach[1], x + reach[0], y + reach[1])
                shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
                shape(box, outline=colour, width=thick)
    return picture


def _hide(picture, rng):
    """Blocks of one colour over parts of the picture (Zhong et al. 2020, random erasing)."""
    picture = picture.copy()
    width, height = picture.size
    for _ in range(rng.integers(1, 4)):
        size = rng.uniform(0.1, 0.4, 2) * np.array(picture.size)
        left, top = rng.uniform(0, width - size[0]), rng.uniform(0, height - size[1])
        box = tuple(int(v) for v in (left, top, left + size[0], top + size[1]))
        picture.paste(_any_colour(rng), box)
    return picture


def _on_page(picture, rng):
    """A panel on a larger page, with lines of text and boxes around it."""
    grown = np.array(picture.size) / rng.uniform(0.28, 0.95, 2)
    if rng.random() < 0.5:
        grown = np.array(picture.size) / rng.uniform(0.3, 0.95)
    width, height = (int(side) + 1 for side in grown)
    page = Image.new("RGB", (width, height), _page_colour(picture, rng))
    if rng.random() < 0.6:
        _decorate(page, rng)
    left = rng.integers(width - picture.width + 1)
    top = rng.integers(height - picture.height + 1)
    page.paste(picture, (left, top))
    return page


def _panels(picture, rng):
    """The picture several times, each panel cropped, turned or toned in its own way."""
    columns, rows = ((2, 1), (1, 2), (2, 2), (3, 1), (3, 2))[rng.integers(5)]
    gap = int(rng.uniform(0, 0.08) * min(picture.size))
    width, height = picture.size
    page = Image.new(
        "RGB",
        (columns * (width + gap) + gap, rows * (height + gap) + gap),
        _page_colour(picture, rng),
    )
    same_view = rng.random() < 0.4
    for column in range(columns):
        for row in range(rows):
            panel = picture if same_view else _crop(picture, rng)
            for probability, variation in _PANEL_VARIATIONS:
                if rng.random() < probability:
                    panel = variation(panel, rng)
            page.paste(
                panel.resize(picture.size, Image.Resampling.BILINEAR),
                (gap + column * (width + gap), gap + row * (height + gap)),
            )
    return page


def _decorate(page, rng):
    """Text, bars and boxes of a document or of an application's window."""
    draw = ImageDraw.Draw(page)
    width, height = page.size
    side = min(page.size)
    ink = tuple(255 - value for value in page.getpixel((0, 0)))
    if rng.random() < 0.4:
        bar = round(height * rng.uniform(0.03, 0.12))
        draw.rectangle((0, 0, width, bar), fill=_any_colour(rng))
    if rng.random() < 0.3:
        panel = round(width * rng.uniform(0.08, 0.25))
        draw.rectangle((0, 0, panel, height), fill=_any_colour(rng))
    size = max(5, round(side * rng.uniform(0.02, 0.06)))
    font = _font(size)
    colour = ink if rng.random() < 0.7 else _any_colour(rng)
    for _ in range(rng.integers(1, 16)):
        x, y = rng.uniform(0, width * 0.8), rng.uniform(0, height)
        draw.text((x, y), " ".join(_words(rng) for _ in range(3)), fill=colour, font=font)
    for _ in range(rng.integers(0, 5)):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        reach = rng.uniform(0.02, 0.12, 2) * side
        draw.rectangle((x, y, x + reach[0], y + reach[1]), fill=_any_colour(rng))


def _arrow(draw, tip, length, thick, colour, rng):
    angle = rng.uniform(0, 2 * np.pi)
    tail = tip + length * np.array([np.cos(angle), np.sin(angle)])
    draw.line((*tip, *tail), fill=colour, width=thick)
    wings = [
        tip + length * 0.35 * np.array([np.cos(angle + turn), np.sin(angle + turn)])
        for turn in (-0.5, 0.5)
    ]
    draw.polygon([tuple(tip), *map(tuple, wings)], fill=colour)


def _words(rng) -> str:
    alphabet = np.array(list("ABCDEFGHIKLMNOPRSTUVWXabcdefghiklmnoprstuvw0123456789:/.-"))
    return "".join(rng.choice(alphabet, rng.integers(1, 11)))


def _font(size: int):
    return ImageFont.load_default(size)


def _background(picture, rng):
    """Mostly what the picture's own corner shows, else black, white or any colour."""
    draw = rng.random()
    if draw < 0.4:
        return picture.getpixel((0, 0))
    return (0, 0, 0) if draw < 0.7 else (255, 255, 255) if draw < 0.85 else _any_colour(rng)


def _page_colour(picture, rng):
    draw = rng.random()
    if draw < 0.4:
        return (255, 255, 255)
    if draw < 0.65:
        return (0, 0, 0)
    if draw < 0.75:
        return picture.getpixel((0, 0))
    return _any_colour(rng) if draw < 0.85 else (int(rng.integers(256)),) * 3


def _any_colour(rng):
    if rng.random() < 0.5:
        return (int(rng.integers(256)),) * 3
    return tuple(int(value) for value in rng.integers(0, 256, 3))


def _vivid(rng):
    if rng.random() < 0.5:
        return (255, 255, 255) if rng.random() < 0.7 else (0, 0, 0)
    return ((255, 255, 0), (255, 0, 0), (0, 255, 0), (0, 255, 255), (60, 90, 255))[rng.integers(5)]


def _pale(rng):
    return tuple(int(value) for value in rng.integers(200, 256, 3))


def _any_blend(picture, rng):
    """The picture's light halves added up: a double exposure of itself, shifted."""
    shift = (rng.uniform(-0.03, 0.03, 2) * np.array(picture.size)).astype(int)
    return Image.blend(picture, ImageChops.offset(picture, *map(int, shift)), rng.uniform(0.2, 0.5))


_PANEL_VARIATIONS = (
    (0.2, _mirror),
    (0.2, _quarter_turn),
    (0.4, _grey_values),
    (0.2, _saturate),
    (0.15, _false_colours),
    (0.1, _invert),
    (0.2, _annotate),
)

_VARIATIONS = (
    (0.6, _crop),
    (0.5, _mirror),
    (0.3, _quarter_turn),
    (0.3, _tilt),
    (0.15, _grey),
    (0.5, _grey_values),
    (0.1, _saturate),
    (0.12, _invert),
    (0.1, _false_colours),
    (0.1, _tint),
    (0.15, _annotate),
    (0.06, _hide),
    (0.07, _panels),
    (0.22, _on_page),
    (0.12, _perspective),
    (0.06, _glare),
    (0.05, _any_blend),
    (0.06, _stripes),
    (0.2, _rescale),
    (0.12, _blur),
    (0.08, _sharpen),
    (0.15, _noise),
    (0.25, _jpeg),
)
"""(probability, variation), in the order in which they are applied."""
