"""A canvas for flat shapes with soft light and grain, drawn at twice its size so that edges come out smooth.

Coordinates are those of the finished picture. Everything random comes from the canvas's own generator: the same
name draws the same bytes, so a second load of the sample stores nothing new.
"""

import io
from collections.abc import Sequence
from math import cos, pi, radians, sin

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from cms.moving.sample.drawing.palette import Colour

WIDTH, HEIGHT, SCALE = 1600, 1067, 2
QUALITIES = (84, 80, 76, 72, 66, 60)
Point = tuple[float, float]
Shape = Sequence[Point]


def box(left: float, top: float, right: float, bottom: float) -> list[Point]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def oval(x: float, y: float, rx: float, ry: float | None = None, start: float = 0, end: float = 360) -> list[Point]:
    """The outline of an ellipse, or of the piece of it between two angles in degrees, clockwise from the right."""
    ry = rx if ry is None else ry
    steps = max(12, int(abs(end - start) / 3))
    angles = [radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(x + rx * cos(a), y + ry * sin(a)) for a in angles]


def turned(shape: Shape, x: float, y: float, degrees: float) -> list[Point]:
    """The shape, drawn about the origin, turned and moved to (x, y)."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return [(x + px * c - py * s, y + px * s + py * c) for px, py in shape]


def smooth(points: Shape, steps: int = 12) -> list[Point]:
    """A closed Catmull-Rom curve through the points."""
    curve: list[Point] = []
    count = len(points)
    for i in range(count):
        p0, p1, p2, p3 = (np.array(points[(i + k) % count], float) for k in (-1, 0, 1, 2))
        for t in (j / steps for j in range(steps)):
            x, y = 0.5 * (
                2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3
            )
            curve.append((float(x), float(y)))
    return curve


class Canvas:
    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self._image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE))
        self._pen = ImageDraw.Draw(self._image, "RGBA")
        speckle = Image.fromarray(self.rng.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8))
        self._speckle = speckle.resize(self._image.size, Image.Resampling.NEAREST)

    def fill(self, shape: Shape, colour: Colour, alpha: float = 1) -> None:
        self._pen.polygon(_scaled(shape), fill=(*colour, round(255 * alpha)))

    def line(self, points: Shape, colour: Colour, width: float, alpha: float = 1) -> None:
        self._pen.line(_scaled(points), (*colour, round(255 * alpha)), round(width * SCALE), joint="curve")

    def fade(self, shape: Shape, *colours: Colour, angle: float = 90) -> None:
        """Fill with a run of colours; angle 90 runs downwards, 0 to the right."""
        frame, mask = self._mask(shape)
        if mask is None:
            return
        along = _ramp(mask.size, angle)
        stops = np.linspace(0, 1, len(colours))
        bands = [np.interp(along, stops, [colour[band] for colour in colours]) for band in range(3)]
        small = Image.fromarray(np.stack(bands, axis=-1).astype(np.uint8))
        self._image.paste(small.resize(mask.size, Image.Resampling.BICUBIC), frame, mask)

    def grain(self, shape: Shape, colour: Colour, angle: float = 90, strength: float = 0.5, hold: float = 0) -> None:
        """Stipple towards the far side; no dots over the first part `hold` of the way."""
        frame, mask = self._mask(shape)
        if mask is None:
            return
        density = np.clip((_ramp(mask.size, angle) - hold) / (1 - hold), 0, 1) ** 1.6 * strength * 255
        dots = Image.fromarray(density.astype(np.uint8)).resize(mask.size, Image.Resampling.BICUBIC)
        speckle = np.asarray(self._speckle.crop((*frame, frame[0] + mask.width, frame[1] + mask.height)))
        shown = (speckle < np.asarray(dots)).astype(np.uint8) * (np.asarray(mask) // 2)
        self._image.paste(colour, frame, Image.fromarray(shown))

    def glow(self, x: float, y: float, rx: float, colour: Colour, strength: float = 0.6, ry: float = 0) -> None:
        """Light that falls off from a point."""
        across = np.linspace(-1, 1, 160)
        distance = np.hypot(across[None, :], across[:, None])
        light = Image.fromarray((np.clip(1 - distance, 0, 1) ** 2 * strength * 255).astype(np.uint8))
        size = (round(2 * rx * SCALE), round(2 * (ry or rx) * SCALE))
        corner = (round(x * SCALE) - size[0] // 2, round(y * SCALE) - size[1] // 2)
        self._image.paste(colour, corner, light.resize(size, Image.Resampling.BICUBIC))

    def blur(self, radius: float) -> None:
        """Push what has been drawn so far into the distance."""
        small = self._image.reduce(4).filter(ImageFilter.GaussianBlur(radius * SCALE / 4))
        self._image.paste(small.resize(self._image.size, Image.Resampling.BICUBIC))

    def jpeg(self) -> bytes:
        """The finished picture with a breath of grain all over, at the best quality that stays light."""
        picture = np.asarray(self._image.reduce(SCALE)).astype(np.int16)
        film = self.rng.normal(0, 3.2, (HEIGHT, WIDTH, 1)).astype(np.int16)
        finished = Image.fromarray(np.clip(picture + film, 0, 255).astype(np.uint8))
        for quality in QUALITIES:
            out = io.BytesIO()
            finished.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
            if out.tell() <= 245_000:
                break
        return out.getvalue()

    def _mask(self, shape: Shape) -> tuple[tuple[int, int], Image.Image | None]:
        points = _scaled(shape)
        left, top = (max(0, int(min(axis))) for axis in zip(*points, strict=True))
        right = min(self._image.width, int(max(x for x, _ in points)) + 1)
        bottom = min(self._image.height, int(max(y for _, y in points)) + 1)
        if right <= left or bottom <= top:
            return (left, top), None
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in points], fill=255)
        return (left, top), mask


def _scaled(shape: Shape) -> list[Point]:
    return [(x * SCALE, y * SCALE) for x, y in shape]


def _ramp(size: tuple[int, int], angle: float) -> np.ndarray:
    """0 to 1 across a frame in one direction, at an eighth of its size: it is only ever enlarged."""
    across, down = np.meshgrid(np.linspace(0, 1, max(2, size[0] // 8)), np.linspace(0, 1, max(2, size[1] // 8)))
    turn = angle * pi / 180
    along = across * cos(turn) + down * sin(turn)
    spread = along.max() - along.min()
    return np.asarray((along - along.min()) / (spread or 1))
