"""Surfaces of lungs, airways, brains and other bodies, as points with normals, to be rendered.

A body is a pair of float32 arrays (points, 3): positions, with x to the right, y to the back and z
up, within about 1 of the origin, and unit normals. A scene is a list of bodies.
"""

import itertools

import numpy as np

Body = tuple[np.ndarray, np.ndarray]

ROWS, COLUMNS = 180, 300
"""Points of a closed surface, from pole to pole and around: few gaps when seen at 160 pixels."""


def lungs(rng: np.random.Generator) -> list[Body]:
    """Draw both lungs, or one, some with the airways between them."""
    width, gap = rng.uniform(0.3, 0.45), rng.uniform(0.0, 0.14)
    depth, height = rng.uniform(0.38, 0.6), rng.uniform(0.6, 0.95)
    roughness = _roughness(rng)
    bodies = []
    for side in (-1, 1) if rng.random() < 0.85 else (rng.choice((-1, 1)),):
        points = _lung(rng, (width, depth, height), heart=0.3 if side < 0 else 0.55)
        points += _unit(points) * roughness(points)[..., None]
        points[..., 0] = side * (points[..., 0] + width * 0.62 + gap)
        bodies.append(_body(points))
    if rng.random() < 0.4:
        bodies += airways(rng, depth=int(rng.integers(1, 4)), scale=0.8)
    return bodies


def airways(rng: np.random.Generator, depth: int | None = None, scale: float = 1) -> list[Body]:
    """Draw the windpipe and the bronchi of both lungs, or the vessels, as a tree of tubes."""
    depth = depth or int(rng.integers(5, 9))
    radius = scale * rng.uniform(0.04, 0.09)
    fork = np.array([0.0, 0.0, rng.uniform(0.1, 0.35)])
    tubes = []
    if rng.random() < 0.8:
        tubes.append((fork + np.array([0, 0, rng.uniform(0.4, 0.7)]), fork, radius))
    for side in (-1, 1):
        direction = np.array([side, rng.normal(0, 0.2), -rng.uniform(0.3, 1)])
        _branch(rng, tubes, fork, direction, scale * rng.uniform(0.3, 0.42), radius * 0.8, depth)
    return _tubes(rng, tubes)


def brain(rng: np.random.Generator) -> list[Body]:
    """Draw both hemispheres, or one, folded or inflated, some with cerebellum and brainstem."""
    width, depth, height = rng.uniform(0.4, 0.5), rng.uniform(0.8, 0.95), rng.uniform(0.55, 0.7)
    folding, frequency = float(rng.choice((0.02, 0.05, 0.09))), rng.uniform(9, 15)
    gap = rng.uniform(0, 0.03) if rng.random() < 0.8 else rng.uniform(0.1, 0.4)
    bodies = []
    for side in (-1, 1) if rng.random() < 0.7 else (rng.choice((-1, 1)),):
        x, y, z = np.moveaxis(_sphere(), -1, 0)
        # The lower side is flatter, but for the temporal lobe; the midline is a plane.
        temporal = np.exp(-((y + 0.25) ** 2 / 0.2 + (z + 0.6) ** 2 / 0.15 + (x - 0.6) ** 2 / 0.4))
        z = np.where(z < 0, 0.62 * z, z) - 0.28 * temporal
        x = _soft_maximum(x, -0.1) * (1 - 0.2 * np.maximum(-y, 0) ** 2)
        points = np.stack([x * width * 1.2, y * depth, z * height], axis=-1)
        ridges = np.abs(_waves(rng, frequency)(points + 0.12 * _warp(rng)(points)))
        points += _unit(points) * (folding * (2 * np.minimum(ridges, 0.5) - 1))[..., None]
        points[..., 0] = side * (points[..., 0] + 0.1 * width + gap)
        bodies.append(_body(points))
    if rng.random() < 0.5:
        cerebellum = _sphere() * np.float32((0.42, 0.3, 0.2))
        leaves = 0.02 * np.sin(cerebellum[..., 2] * rng.uniform(70, 110))
        cerebellum += _unit(cerebellum) * leaves[..., None] + np.float32((0, 0.5, -0.5))
        stem = [((0, 0.2, -0.3), (0, rng.uniform(0.25, 0.4), -rng.uniform(0.8, 1.1)), 0.12)]
        bodies += [_body(cerebellum), *_tubes(rng, stem)]
    return bodies


def other_bodies(rng: np.random.Generator) -> list[Body]:
    """Draw other bodies: rounded ones, pairs of beans, bones or coils."""
    drawers = (_pebbles, _beans, _bone, _coil)
    return drawers[rng.integers(len(drawers))](rng)


def _lung(rng, axes, heart):
    """Shape a lung whose middle is at x > 0: pointed above, hollow below and beside the heart."""
    x, y, z = np.moveaxis(_sphere(), -1, 0)
    taper = 1 - rng.uniform(0.25, 0.5) * np.clip(z, 0, 1) ** 1.5
    x, y = x * taper, y * taper
    dome = rng.uniform(0.2, 0.55) * np.exp(-((x + 0.2) ** 2 + (y + 0.3) ** 2) / 0.5)
    # The lower edge hangs deepest at the back.
    z = _soft_maximum(z, -0.72 + dome - rng.uniform(0, 0.4) * y)
    hollow = heart * np.exp(-((y + 0.35) ** 2 / 0.35 + (z + 0.3) ** 2 / 0.3))
    hilum = rng.uniform(0, 0.2) * np.exp(-((y - 0.1) ** 2 + (z - 0.1) ** 2) / 0.06)
    x = _soft_maximum(x, -0.6 + hollow + hilum)
    points = np.stack([x, y, z], axis=-1)
    for _ in range(rng.integers(0, 3)):
        # Fissures run obliquely, from high at the back to low in front.
        normal = _unit(np.float32([rng.normal(0, 0.2), rng.uniform(-1, -0.2), 1]))
        distance = points @ normal - rng.uniform(-0.2, 0.2)
        groove = rng.uniform(0.02, 0.07) * np.exp(-((distance / rng.uniform(0.02, 0.05)) ** 2))
        points -= _unit(points) * groove[..., None]
    if rng.random() < 0.4:
        ribs = rng.uniform(0.005, 0.025) * np.sin(z * rng.uniform(14, 24) + 2 * y)
        points += _unit(points) * (ribs * np.clip(2 * x, 0, 1))[..., None]
    return points * np.float32(axes)


def _pebbles(rng):
    bodies = []
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        points = _sphere() * np.float32(rng.uniform(0.3, 1, 3))
        bumps = _waves(rng, rng.uniform(1, 6))(points) * rng.uniform(0, 0.5)
        points += _unit(points) * (bumps + _roughness(rng)(points))[..., None]
        bodies.append(_body(points * rng.uniform(0.3, 0.9) + rng.normal(0, 0.35, 3)))
    return bodies


def _beans(rng):
    """Draw a pair of mirrored bodies, such as kidneys, so that not every pair is a lung."""
    axes, bend, gap = rng.uniform(0.2, 0.5, 3), rng.uniform(0, 1), rng.uniform(0, 0.4)
    points = _sphere()
    points[..., 0] += bend * points[..., 2] ** 2
    points *= axes
    points += _unit(points) * _roughness(rng)(points)[..., None]
    points[..., 0] -= points[..., 0].min() - gap
    return [_body(points), _body(points * (-1, 1, rng.uniform(0.8, 1.2)))]


def _bone(rng):
    length, radius = rng.uniform(0.5, 0.9), rng.uniform(0.06, 0.16)
    knobs = []
    for z in (-length, length):
        for _ in range(rng.integers(1, 4)):
            knob = _sphere() * radius * rng.uniform(1.2, 2.4, 3)
            knobs.append(_body(knob + np.array([*rng.normal(0, radius, 2), z])))
    return [*_tubes(rng, [((0, 0, -length), (0, 0, length), radius)]), *knobs]


def _coil(rng):
    """Draw a winding tube, as bowels, springs and wires have."""
    steps = np.linspace(0, rng.uniform(2, 8), 60)[:, None]
    phases, speeds = rng.uniform(0, 6.3, 3), rng.uniform(0.3, 2.5, 3)
    path = np.sin(steps * speeds + phases) * rng.uniform(0.3, 0.9, 3)
    radius = rng.uniform(0.03, 0.16)
    return _tubes(rng, [(*pair, radius) for pair in itertools.pairwise(path)])


def _branch(rng, tubes, start, direction, length, radius, depth):
    """Append a tube and the two or three that it divides into, ``depth`` times."""
    end = start + _unit(direction) * length * rng.uniform(0.7, 1.1)
    tubes.append((start, end, radius))
    if depth > 1:
        for _ in range(rng.choice((2, 2, 3))):
            # Branches turn away from the midline, into their own lung.
            turned = _unit(direction) + rng.normal((0.25 * np.sign(end[0]), 0, 0), 0.55)
            shorter, thinner = length * rng.uniform(0.65, 0.9), radius * rng.uniform(0.6, 0.85)
            _branch(rng, tubes, end, turned, shorter, thinner, depth - 1)


def _tubes(rng, tubes):
    """Sample points on tubes, given as (start, end, radius), in proportion to their surfaces."""
    starts, ends, radii = map(np.float32, zip(*tubes, strict=True))
    surfaces = np.linalg.norm(ends - starts, axis=1) * (radii + 0.01) + 1e-9
    chosen = np.repeat(np.arange(len(radii)), rng.multinomial(50_000, surfaces / surfaces.sum()))
    axes = _unit(ends - starts)[chosen]
    normals = _unit(np.cross(axes, rng.standard_normal(axes.shape, np.float32)))
    along = rng.random((len(chosen), 1), np.float32)
    points = starts[chosen] * (1 - along) + ends[chosen] * along + normals * radii[chosen, None]
    return [(points, normals)]


def _sphere():
    """Return the unit sphere, float32 (ROWS, COLUMNS, 3), with its poles above and below."""
    polar = np.linspace(0, np.pi, ROWS, dtype=np.float32)[:, None]
    around = np.linspace(0, 2 * np.pi, COLUMNS, dtype=np.float32)[None]
    x, y, z = np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)
    return np.stack(np.broadcast_arrays(x, y, z), axis=-1)


def _body(points):
    """Return points of a grid over a closed surface, with its normals."""
    points = points.astype(np.float32, copy=False)
    normals = np.cross(np.gradient(points, axis=1), np.gradient(points, axis=0))
    return points.reshape(-1, 3), _unit(normals).reshape(-1, 3)


def _waves(rng, frequency):
    """Return a smooth random function of points, about -1 to 1: a sum of plane waves."""
    directions = _unit(rng.normal(0, 1, (8, 3))) * frequency * rng.uniform(0.7, 1.3, (8, 1))
    waves = np.column_stack([directions, rng.uniform(0, 2 * np.pi, 8)]).tolist()

    def height(points):
        x, y, z = np.ascontiguousarray(np.moveaxis(points, -1, 0))
        return sum(np.sin(a * x + b * y + c * z + phase) for a, b, c, phase in waves) / 4

    return height


def _warp(rng):
    """Return a smooth random displacement of points."""
    waves = [_waves(rng, 4) for _ in range(3)]
    return lambda points: np.stack([wave(points) for wave in waves], axis=-1)


def _roughness(rng):
    """Return a random displacement along the normals, from none to that of coarse voxels."""
    waves, height = _waves(rng, rng.uniform(8, 60)), float(rng.choice((0, 0.004, 0.012, 0.03)))
    return lambda points: height * waves(points)


def _soft_maximum(values, floor):
    return np.logaddexp(12 * values, 12 * floor) / 12


def _unit(vectors):
    lengths = np.sqrt(np.einsum("...i,...i", vectors, vectors))
    return vectors / np.maximum(lengths, 1e-9)[..., None]
