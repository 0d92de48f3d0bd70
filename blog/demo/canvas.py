"""A sheet to draw on: Pillow at twice the size, scaled down once so that every edge is smooth.

It owns the palette, the few strokes the demo's pictures are made of, and the encoding. What is drawn stands in
`scenes.py` and `figures.py`. All coordinates are those of the finished picture, 1600 wide.
"""

import io
import math
import random
from collections.abc import Iterable, Sequence

from PIL import Image, ImageDraw, ImageFont

WIDTH = 1600
SCALE = 2

PAPER = "#f5f0e6"
CREAM = "#fbf8f1"
INK = "#23282e"
MUTED = "#6b6f72"
HAIRLINE = "#d8d0c0"
TEAL = "#2f6b70"
RUST = "#b4533a"
OCHRE = "#d6a548"
SAGE = "#93a88b"
SLATE = "#5d7082"
NIGHT = "#1a2636"

Point = tuple[float, float]


class Canvas:
    """One picture in the making."""

    def __init__(self, height: int, ground: str = PAPER) -> None:
        self.height = height
        self.image = Image.new("RGB", (WIDTH * SCALE, height * SCALE), ground)
        self.pen = ImageDraw.Draw(self.image)

    def line(
        self,
        points: Iterable[Point],
        fill: str = INK,
        width: float = 2,
        *,
        round_ends: bool = False,
    ) -> None:
        scaled = _scaled(points)
        thick = max(1, round(width * SCALE))
        self.pen.line(scaled, fill=fill, width=thick, joint="curve")
        if round_ends:
            for x, y in (scaled[0], scaled[-1]):
                r = thick / 2
                self.pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)

    def polygon(self, points: Iterable[Point], fill: str) -> None:
        self.pen.polygon(_scaled(points), fill=fill)

    def disc(
        self,
        x: float,
        y: float,
        r: float,
        fill: str | None = INK,
        outline: str | None = None,
        width: float = 2,
    ) -> None:
        box = [v * SCALE for v in (x - r, y - r, x + r, y + r)]
        self.pen.ellipse(box, fill=fill, outline=outline, width=round(width * SCALE))

    def rect(
        self,
        box: tuple[float, float, float, float],
        fill: str | None = None,
        outline: str | None = None,
        width: float = 2,
        radius: float = 0,
    ) -> None:
        self.pen.rounded_rectangle(
            [v * SCALE for v in box],
            radius=radius * SCALE,
            fill=fill,
            outline=outline,
            width=round(width * SCALE),
        )

    def arc(
        self,
        x: float,
        y: float,
        r: float,
        start: float,
        end: float,
        fill: str = INK,
        width: float = 2,
    ) -> None:
        box = [v * SCALE for v in (x - r, y - r, x + r, y + r)]
        self.pen.arc(box, start, end, fill=fill, width=round(width * SCALE))

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 28,
        fill: str = INK,
        anchor: str = "lm",
        bold: float = 0,
    ) -> None:
        self.pen.text(
            (x * SCALE, y * SCALE),
            words,
            fill=fill,
            font=_font(size),
            anchor=anchor,
            stroke_width=round(bold * SCALE),
            stroke_fill=fill,
        )

    def label(
        self, x: float, y: float, words: str, size: float = 20, fill: str = MUTED, track: float = 4
    ) -> None:
        """Set letter-spaced capitals from the left."""
        font = _font(size)
        for letter in words.upper():
            self.pen.text((x * SCALE, y * SCALE), letter, fill=fill, font=font, anchor="lm")
            x += font.getlength(letter) / SCALE + track

    def heading(self, title: str, note: str, x: float = 110, y: float = 100) -> None:
        self.text(x, y, title, 46, INK, bold=0.7)
        self.text(x, y + 52, note, 27, MUTED)

    def png(self) -> bytes:
        """Encode the finished picture."""
        small = self.image.resize((WIDTH, self.height), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        small.save(out, "PNG", optimize=True)
        return out.getvalue()


def smooth(points: Sequence[Point], *, closed: bool = False, steps: int = 16) -> list[Point]:
    """Return a curve through the points (Catmull-Rom)."""
    if closed:
        ring = [points[-1], *points, points[0], points[1]]
    else:
        ring = [points[0], *points, points[-1]]
    curve: list[Point] = []
    for a, b, c, d in zip(ring, ring[1:], ring[2:], ring[3:], strict=False):
        curve += [
            (
                _catmull(a[0], b[0], c[0], d[0], i / steps),
                _catmull(a[1], b[1], c[1], d[1], i / steps),
            )
            for i in range(steps)
        ]
    return curve if closed else [*curve, points[-1]]


def placed(
    points: Iterable[Point],
    x: float,
    y: float,
    size: float = 1,
    turn: float = 0,
    *,
    flip: bool = False,
) -> list[Point]:
    """Return the points scaled, turned by degrees, optionally mirrored, and moved to (x, y)."""
    sin, cos = math.sin(math.radians(turn)), math.cos(math.radians(turn))
    sign = -1 if flip else 1
    return [
        (x + size * sign * (px * cos - py * sin), y + size * (px * sin + py * cos))
        for px, py in points
    ]


def seeded(seed: int) -> random.Random:
    """Return a source of chance that gives the same picture each time."""
    return random.Random(seed)


def mix(a: str, b: str, share: float) -> str:
    """Return the colour that lies `share` of the way from a to b."""
    pairs = zip(_channels(a), _channels(b), strict=True)
    return "#" + "".join(f"{round(p + (q - p) * share):02x}" for p, q in pairs)


def _channels(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _catmull(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )


def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size * SCALE)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType; the demo's pictures need it.")
    return font


def _scaled(points: Iterable[Point]) -> list[Point]:
    return [(x * SCALE, y * SCALE) for x, y in points]
