"""The demo's scenes: what a camera might have seen, drawn flat. Charts and plans are in `figures.py`."""

import math

from blog.demo.canvas import (
    CREAM,
    INK,
    MUTED,
    NIGHT,
    OCHRE,
    RUST,
    SAGE,
    SLATE,
    TEAL,
    WIDTH,
    Canvas,
    Point,
    mix,
    placed,
    seeded,
    smooth,
)

PERCHED = [
    (36, -63),
    (26, -72),
    (14, -74),
    (4, -66),
    (-6, -46),
    (-18, -18),
    (-26, 2),
    (-14, 6),
    (4, 2),
    (18, -14),
    (25, -36),
    (25, -54),
]
WING = [(0, -16), (26, -44), (62, -48), (112, -14), (66, -26), (36, -12), (8, 14), (0, 14)]


def swallows_on_a_wire() -> bytes:
    c = Canvas(900, "#f3e6d2")
    c.disc(1190, 470, 250, "#f0c98f")
    for i, (base, colour) in enumerate([(700, "#d9c7b0"), (765, "#b9ab9b"), (835, "#8d8a86")]):
        hills = [
            (x, base + 34 * math.sin(x / (170 + 40 * i) + i * 2) + 12 * math.sin(x / 61 + i))
            for x in range(0, 1601, 8)
        ]
        c.polygon([*hills, (1600, 900), (0, 900)], colour)
    c.rect((212, 90, 232, 900), INK)
    c.rect((122, 150, 322, 163), INK)
    c.rect((142, 250, 302, 262), INK)
    for x, y in [(132, 150), (312, 150), (152, 250), (292, 250)]:
        c.rect((x - 5, y - 20, x + 5, y), INK, radius=3)

    def wire(x: float, top: float, sag: float) -> float:
        return (
            top + sag * math.sin(math.pi * (x - 222) / 2000) if x > 222 else top - (222 - x) * 0.12
        )

    wires = [(130, 120), (232, 150), (246, 260)]
    for top, sag in wires:
        c.line([(x, wire(x, top, sag)) for x in range(0, 1601, 8)], INK, 2.6)
    seats = [
        (0, 560, 0),
        (0, 640, 1),
        (0, 1010, 0),
        (1, 470, 1),
        (1, 780, 0),
        (1, 856, 0),
        (1, 930, 1),
        (1, 1290, 1),
        (2, 610, 0),
        (2, 1110, 1),
        (2, 1186, 0),
        (2, 1400, 0),
        (2, 1468, 0),
    ]
    for row, x, flip in seats:
        _perched(c, x, wire(x, *wires[row]), 0.98, bool(flip))
    for x, y, size, turn in [
        (420, 560, 0.62, 62),
        (560, 640, 0.46, 20),
        (1420, 108, 0.7, -48),
        (1230, 60, 0.42, 80),
        (330, 690, 0.34, 95),
    ]:
        _flying(c, x, y, size, turn)
    return c.png()


def _perched(c: Canvas, x: float, y: float, size: float, flip: bool) -> None:
    def put(points: list[Point]) -> list[Point]:
        return placed(points, x, y, size, 0, flip=flip)

    c.polygon(put([(-20, -10), (-50, 58), (-24, 14)]), "#16202c")
    c.polygon(put([(-16, -4), (-36, 62), (-8, 4)]), "#16202c")
    c.polygon(put(smooth(PERCHED, closed=True)), "#1f2d3d")
    c.polygon(
        put(
            smooth(
                [(22, -46), (25, -34), (18, -13), (4, 1), (-10, 4), (2, -16), (12, -36)],
                closed=True,
            )
        ),
        "#f2e2cd",
    )
    c.polygon(
        put(smooth([(31, -63), (25, -54), (23, -45), (14, -50), (20, -60)], closed=True)), RUST
    )
    c.polygon(put([(32, -68), (46, -63), (33, -60)]), "#16202c")
    c.polygon(
        put(smooth([(6, -50), (-4, -34), (-22, -2), (-42, 34), (-16, 4), (4, -22)], closed=True)),
        "#16202c",
    )


def _flying(c: Canvas, x: float, y: float, size: float, turn: float) -> None:
    for mirror in (1, -1):
        wing = [(px * mirror, py) for px, py in smooth(WING, closed=True)]
        tail = [(px * mirror, py) for px, py in [(0, 24), (9, 26), (26, 92), (0, 46)]]
        c.polygon(placed(wing, x, y, size, turn), "#1f2d3d")
        c.polygon(placed(tail, x, y, size, turn), "#1f2d3d")
    body = smooth(
        [(0, -38), (11, -22), (12, 4), (6, 34), (0, 44), (-6, 34), (-12, 4), (-11, -22)],
        closed=True,
    )
    c.polygon(placed(body, x, y, size, turn), "#1f2d3d")


def night_train() -> bytes:
    c = Canvas(900, NIGHT)
    for y in range(0, 640, 4):
        c.rect((0, y, WIDTH, y + 4), mix("#121c2b", "#3b5269", y / 640))
    rng = seeded(7)
    for _ in range(150):
        star = rng.uniform(0, 1600), rng.uniform(0, 430)
        c.disc(*star, rng.choice([1, 1.2, 1.6, 2.2]), mix("#9fb2c4", "#f4ecd8", rng.random()))
    c.disc(1240, 190, 66, "#f3e7c8")
    c.disc(1266, 176, 58, mix("#121c2b", "#3b5269", 0.28))
    far = [(x, 500 + 70 * math.sin(x / 240 + 1) + 26 * math.sin(x / 83)) for x in range(0, 1601, 8)]
    near = [
        (x, 610 + 46 * math.sin(x / 310 + 4) + 14 * math.sin(x / 70 + 1)) for x in range(0, 1601, 8)
    ]
    c.polygon([*far, (1600, 900), (0, 900)], "#2b3e52")
    c.polygon([*near, (1600, 900), (0, 900)], "#22334a")
    deck = 640
    c.rect((0, deck, 1600, deck + 30), "#101824")
    for x in range(-40, 1640, 200):
        c.rect((x, deck + 30, x + 36, 900), "#101824")
        c.pen.pieslice(
            [v * 2 for v in (x + 36, deck + 30, x + 200, deck + 210)], 180, 360, fill="#1c2b40"
        )
        c.polygon(
            [
                (x + 34, deck + 28),
                (x + 202, deck + 28),
                (x + 202, deck + 120),
                *_arch(x + 118, deck + 122, 82),
                (x + 34, deck + 120),
            ],
            "#101824",
        )
    c.polygon([(1500, 578), (1600, 548), (1600, 640), (1530, 640)], "#2b3a42")
    _carriages(c, deck)
    return c.png()


def _arch(x: float, y: float, r: float) -> list[Point]:
    return [
        (x + r * math.cos(a), y - r * math.sin(a)) for a in (math.pi * i / 40 for i in range(41))
    ]


def _carriages(c: Canvas, rail: float) -> None:
    lit = [1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1]
    for n, x in enumerate([-120, 230, 580, 930]):
        c.rect((x, rail - 104, x + 340, rail - 16), "#5c2b2e", radius=12)
        c.rect((x + 4, rail - 104, x + 336, rail - 92), "#3d1f24", radius=6)
        c.rect((x + 6, rail - 38, x + 334, rail - 34), "#d9b36a")
        for k in range(5):
            glow = "#ffd88a" if lit[n * 5 + k] else "#3a2730"
            c.rect((x + 26 + k * 61, rail - 80, x + 66 + k * 61, rail - 50), glow, radius=4)
        for wheel in (44, 84, 256, 296):
            c.disc(x + wheel, rail - 11, 11, "#0c121b")
    x = 1280
    c.polygon(
        smooth(
            [
                (x, rail - 16),
                (x, rail - 108),
                (x + 150, rail - 108),
                (x + 226, rail - 78),
                (x + 246, rail - 16),
            ],
            steps=10,
        ),
        "#5c2b2e",
    )
    c.polygon(
        [(x + 154, rail - 94), (x + 196, rail - 90), (x + 218, rail - 62), (x + 154, rail - 62)],
        "#ffe3a6",
    )
    c.rect((x, rail - 38, x + 240, rail - 34), "#d9b36a")
    c.polygon(
        [(x + 243, rail - 46), (1600, rail - 80), (1600, rail), (x + 243, rail - 30)], "#56605a"
    )
    for wheel in (34, 74, 166, 206):
        c.disc(x + wheel, rail - 11, 11, "#0c121b")


def bicycle() -> bytes:
    c = Canvas(900, "#e9eee9")
    for i, (base, colour) in enumerate([(560, "#d5dfd6"), (630, "#bfcfc3")]):
        hills = [(x, base + 50 * math.sin(x / (250 + 70 * i) + 2 * i)) for x in range(0, 1601, 8)]
        c.polygon([*hills, (1600, 900), (0, 900)], colour)
    c.rect((0, 742, 1600, 900), "#8b979b")
    c.rect((0, 742, 1600, 748), "#75828a")
    for x in range(40, 1600, 220):
        c.rect((x, 820, x + 120, 828), "#e9eee9")
    rear, front, crank, seat, head, lower = (
        (540, 560),
        (1080, 560),
        (778, 572),
        (706, 296),
        (990, 282),
        (1008, 346),
    )
    for x, y in (rear, front):
        c.disc(x, y, 184, None, INK, 15)
        c.disc(x, y, 167, None, "#b8b09d", 4)
        for k in range(18):
            a = math.pi * k / 18
            c.line(
                [
                    (x - 166 * math.cos(a), y - 166 * math.sin(a)),
                    (x + 166 * math.cos(a), y + 166 * math.sin(a)),
                ],
                "#7e8a8f",
                1,
            )
        c.disc(x, y, 13, INK)
    c.arc(*rear, 206, 170, 330, TEAL, 9)
    c.arc(*front, 206, 205, 330, TEAL, 9)
    c.line([rear, crank, seat, rear], TEAL, 12)
    c.line([crank, lower], TEAL, 17)
    c.line([(718, 330), (994, 300)], TEAL, 15)
    c.line([head, lower], TEAL, 20)
    c.line(smooth([lower, (1030, 430), (1050, 500), front]), TEAL, 13)
    c.line([crank, (696, 250)], TEAL, 14)
    c.line([(990, 290), (976, 226)], INK, 10)
    c.line(
        smooth([(976, 226), (1010, 216), (1034, 232), (1016, 256), (968, 262)]),
        INK,
        11,
        round_ends=True,
    )
    c.polygon(
        smooth(
            [(634, 238), (676, 228), (748, 240), (758, 248), (700, 258), (648, 262)], closed=True
        ),
        "#6c3f2a",
    )
    c.disc(*crank, 46, None, INK, 8)
    c.disc(*crank, 14, INK)
    c.line([(crank[0], crank[1] - 46), (rear[0], rear[1] - 20)], INK, 4)
    c.line([(crank[0], crank[1] + 46), (rear[0], rear[1] + 20)], INK, 4)
    c.line([crank, (824, 650)], INK, 10, round_ends=True)
    c.line([(796, 654), (856, 648)], INK, 12, round_ends=True)
    c.line([(430, 330), (690, 330)], INK, 7)
    c.line([(450, 332), (540, 556)], INK, 5)
    c.rect((430, 344, 600, 480), RUST, radius=14)
    c.rect((430, 344, 600, 390), mix(RUST, INK, 0.2), radius=14)
    c.rect((492, 378, 536, 402), "#e3c79b", radius=4)
    c.disc(1050, 296, 17, "#f6e2a6", INK, 4)
    return c.png()


def radio_set() -> bytes:
    c = Canvas(900, "#dfe5e2")
    c.rect((0, 742, 1600, 900), "#a98a6a")
    c.rect((0, 742, 1600, 752), "#957757")
    c.rect((262, 178, 1338, 752), "#5b3623", radius=70)
    c.rect((282, 198, 1318, 732), "#7a4a2e", radius=56)
    for k in range(9):
        c.line(
            smooth([(296, 250 + k * 52), (700, 236 + k * 56), (1304, 262 + k * 50)]), "#734429", 2
        )
    c.rect((332, 250, 860, 680), "#d8c39a", radius=26)
    for y in range(268, 668, 14):
        for x in range(350, 846, 14):
            if math.hypot(x - 596, y - 465) < 188:
                c.disc(x, y, 3.6, "#8f7749")
    c.disc(596, 465, 205, None, "#b79c66", 7)
    c.rect((906, 250, 1270, 470), "#fff0c4", "#4a2c1c", 6, radius=14)
    for row, (y, name, marks) in enumerate(
        [
            (300, "LONG", "150 200 250 300"),
            (360, "MEDIUM", "55 70 100 160"),
            (420, "SHORT", "6 9 12 18"),
        ]
    ):
        c.line([(930, y + 20), (1246, y + 20)], "#8a6a3c", 2)
        c.label(930, y - 16, name, 12, "#a2743c", 2)
        for k, mark in enumerate(marks.split()):
            c.text(1012 + k * 66, y - 2, mark, 20, "#5b3623", "mm")
        for k in range(33):
            c.line(
                [
                    (934 + k * 9.6, y + 20),
                    (934 + k * 9.6, y + (10 if k % 4 else 4) + 4 * (row == 1)),
                ],
                "#8a6a3c",
                1.4,
            )
    c.line([(1122, 256), (1122, 464)], RUST, 4)
    for x in (966, 1088, 1210):
        c.disc(x, 590, 50, "#3b2417")
        c.disc(x, 584, 42, "#efe0bd")
        c.disc(x, 584, 28, None, "#cdb98d", 3)
        c.line([(x, 584), (x + 22 * math.cos(x), 584 - 24)], "#5b3623", 4)
    for x in (390, 1210):
        c.rect((x - 40, 742, x + 40, 762), "#3b2417", radius=6)
    for k, (x, y) in enumerate([(1420, 716), (1468, 724), (150, 722)]):
        c.rect(
            (x - 15, y - 46, x + 15, y + 20),
            mix("#cfd8dc", "#ffffff", 0.3),
            "#8fa0a6",
            2,
            radius=14,
        )
        c.rect((x - 15, y + 4, x + 15, y + 26), "#4b4b4b", radius=3)
        c.line([(x - 6, y), (x, y - 26 - k), (x + 6, y)], "#8c6d3f", 2)
    return c.png()


def sliced_loaf() -> bytes:
    c = Canvas(900, "#e4ddd0")
    c.polygon([(0, 610), (1600, 560), (1600, 900), (0, 900)], "#bd9a73")
    for k in range(7):
        c.line([(0, 640 + k * 46), (1600, 592 + k * 49)], "#b08c65", 2)
    outline = smooth(
        [
            (330, 668),
            (300, 500),
            (360, 330),
            (560, 218),
            (800, 188),
            (1040, 222),
            (1236, 330),
            (1300, 500),
            (1270, 668),
            (1050, 706),
            (800, 714),
            (550, 706),
        ],
        closed=True,
    )
    c.polygon([(x + 16, y + 26) for x, y in outline], "#9c7a55")
    c.polygon(outline, "#7b4422")
    c.polygon([(800 + (x - 800) * 0.965, 456 + (y - 456) * 0.95) for x, y in outline], "#a8672f")
    inner = [(800 + (x - 800) * 0.93, 460 + (y - 460) * 0.9) for x, y in outline]
    c.polygon(inner, "#f0dfbe")
    rng = seeded(21)
    holes: list[tuple[float, float, float]] = []
    for _ in range(2600):
        x, y = rng.uniform(350, 1250), rng.uniform(240, 690)
        r = rng.choice([4, 5, 6, 8, 10, 13, 17, 24, 31]) * rng.uniform(0.8, 1.1)
        edge = ((x - 800) / 452) ** 4 + ((y - 462) / 222) ** 4
        if edge > 0.86 - r / 200 or any(
            math.hypot(x - hx, y - hy) < (r + hr) * 1.12 for hx, hy, hr in holes
        ):
            continue
        holes.append((x, y, r))
    for x, y, r in holes:
        bend = rng.uniform(0, math.pi)
        shape = smooth(
            [
                (1.15 * r, 0),
                (0.4 * r, 0.75 * r),
                (-0.7 * r, 0.6 * r),
                (-1.05 * r, -0.1 * r),
                (-0.2 * r, -0.8 * r),
                (0.7 * r, -0.6 * r),
            ],
            closed=True,
            steps=8,
        )
        c.polygon(placed(shape, x, y, 1, math.degrees(bend)), "#d9bd8c")
        c.polygon(placed(shape, x + r * 0.08, y + r * 0.12, 0.78, math.degrees(bend)), "#c9a874")
    for _ in range(60):
        x, y = rng.uniform(120, 1500), rng.uniform(735, 860)
        c.disc(x, y, rng.uniform(2, 6), rng.choice(["#e8d3a9", "#d0a871", "#8a5229"]))
    return c.png()


def library_shelf() -> bytes:
    c = Canvas(900, "#ece6da")
    rng = seeded(5)
    cloth = [TEAL, RUST, SLATE, SAGE, "#40495a", "#8a5a44", OCHRE, "#6d7f6a", "#a9a08c", "#7a3b3b"]
    for floor in (420, 840):
        x = 70.0
        gap = 980 if floor == 420 else 640
        while x < 1490:
            if gap <= x < gap + 200:
                lean = smooth([(x + 12, floor), (x + 96, floor - 262)], steps=2)
                c.line(lean, cloth[3] if floor == 420 else RUST, 42)
                x += 190
                gap = -1000
                continue
            w, h = rng.uniform(32, 70), rng.uniform(230, 322)
            colour = rng.choice(cloth)
            c.rect((x, floor - h, x + w, floor), colour, radius=3)
            c.rect((x, floor - h, x + 4, floor), mix(colour, INK, 0.25))
            pale = mix(colour, CREAM, 0.75)
            style = rng.randrange(4)
            if style == 0:
                c.rect((x + 8, floor - h + 34, x + w - 6, floor - h + 110), pale, radius=2)
            elif style == 1:
                for band in (26, 36, h - 60, h - 50):
                    c.rect((x + 4, floor - h + band, x + w, floor - h + band + 4), pale)
            elif style == 2:
                c.line([(x + w / 2, floor - h + 50), (x + w / 2, floor - h + 170)], pale, 5)
            c.rect((x + 6, floor - 46, x + w - 3, floor - 18), CREAM, radius=2)
            c.line([(x + 11, floor - 32), (x + w - 9, floor - 32)], MUTED, 2)
            x += w + rng.choice([2, 2, 3, 6])
        c.rect((0, floor, 1600, floor + 26), "#9a7450")
        c.rect((0, floor + 26, 1600, floor + 34), "#7d5c3d")
    return c.png()


def noticeboard() -> bytes:
    c = Canvas(900, "#6b7f74")
    c.rect((90, 60, 1510, 840), "#5a3f2a", radius=10)
    c.rect((118, 88, 1482, 812), "#c9a77a")
    rng = seeded(11)
    for _ in range(2600):
        c.disc(
            rng.uniform(122, 1478),
            rng.uniform(92, 808),
            rng.uniform(0.8, 2),
            rng.choice(["#bb976a", "#d6b78d", "#b18d60"]),
        )
    notes = [
        (170, 130, 300, 220, -3, CREAM, "LOST", "grey cat, answers to Colonel"),
        (540, 150, 270, 300, 2, "#f3dfb0", "SUPPER", "Friday, bring a chair"),
        (880, 120, 250, 180, -2, "#d9e3df", "FOUND", "one glove, left"),
        (1180, 160, 250, 260, 3, CREAM, "CHOIR", "tenors, please"),
        (190, 430, 260, 290, 2, "#e9d0c3", "PLUMS", "help yourself, gate open"),
        (510, 510, 330, 230, -2, CREAM, "MINUTES", "of the April meeting"),
        (900, 370, 230, 300, 2, "#f3dfb0", "LIFTS", "to the hospital, Tuesdays"),
        (1170, 490, 260, 240, -3, "#d9e3df", "PIANO", "free to a strong family"),
    ]
    for k, (x, y, w, h, turn, colour, title, line) in enumerate(notes):
        _note(c, (x, y, w, h), turn, colour, title, line, [RUST, TEAL, OCHRE, SLATE][k % 4])
    return c.png()


def _note(
    c: Canvas,
    box: tuple[int, int, int, int],
    turn: float,
    colour: str,
    title: str,
    line: str,
    pin: str,
) -> None:
    x, y, w, h = box
    corners = [(-w / 2, -h / 2), (w / 2, -h / 2), (w / 2, h / 2), (-w / 2, h / 2)]
    cx, cy = x + w / 2, y + h / 2
    c.polygon(placed(corners, cx + 6, cy + 9, 1, turn), "#9f8058")
    c.polygon(placed(corners, cx, cy, 1, turn), colour)
    c.text(cx, cy - h / 2 + 66, title, 34, INK, "mm", bold=0.6)
    words, row, rows = line.split(), "", []
    for word in words:
        if len(row) + len(word) > 15:
            rows.append(row)
            row = ""
        row = f"{row} {word}".strip()
    for k, text in enumerate([*rows, row]):
        c.text(cx, cy - h / 2 + 114 + k * 32, text, 24, MUTED, "mm")
    c.disc(cx + 2, cy - h / 2 + 24, 11, "#8c6f4a")
    c.disc(cx, cy - h / 2 + 20, 11, pin)
    c.disc(cx - 3, cy - h / 2 + 16, 3, CREAM)


def rune_row() -> bytes:
    c = Canvas(800, "#5c625f")
    rng = seeded(3)
    for _ in range(2200):
        c.disc(
            rng.uniform(0, 1600),
            rng.uniform(0, 800),
            rng.uniform(1, 4),
            rng.choice(["#565c59", "#626866", "#6a706c", "#515754"]),
        )
    stone = smooth(
        [
            (90, 120),
            (420, 84),
            (860, 100),
            (1260, 78),
            (1516, 130),
            (1530, 420),
            (1508, 690),
            (1100, 724),
            (700, 706),
            (300, 728),
            (84, 684),
            (70, 400),
        ],
        closed=True,
    )
    c.polygon([(x + 8, y + 14) for x, y in stone], "#414644")
    c.polygon(stone, "#a7a89d")
    for _ in range(1800):
        x, y = rng.uniform(110, 1490), rng.uniform(130, 680)
        c.disc(x, y, rng.uniform(0.8, 3), rng.choice(["#9d9e93", "#b1b2a8", "#979a8c", "#b9b9ae"]))
    strokes: list[tuple[str, list[list[Point]]]] = [
        ("wealth", [[(1, 0), (1, 10)], [(1, 3), (3, 0.6)], [(1, 6), (3.6, 2.8)]]),
        ("aurochs", [[(0.8, 10), (0.8, 0), (3.2, 3), (3.2, 10)]]),
        ("thorn", [[(1, 0), (1, 10)], [(1, 2.4), (3.2, 5), (1, 7.6)]]),
        (
            "god",
            [
                [(1, 0), (1, 10)],
                [(1, 0.3), (2.5, 2), (3.6, 0.8)],
                [(1, 3.4), (2.5, 5.1), (3.6, 3.9)],
            ],
        ),
        ("riding", [[(1, 10), (1, 0), (3.2, 2.5), (1, 5), (3.4, 10)]]),
        ("torch", [[(1, 0), (1, 10)], [(1, 4.2), (3.2, 7), (3.2, 10)]]),
        ("gift", [[(0.2, 1), (3.8, 9)], [(3.8, 1), (0.2, 9)]]),
        ("joy", [[(1, 0), (1, 10)], [(1, 0), (3.2, 2.3), (1, 4.8)]]),
    ]
    for k, (meaning, lines) in enumerate(strokes):
        x = 170 + k * 166
        for colour, shift, width in (("#c6c6bc", 3, 17), ("#4a4d48", 0, 15)):
            for stroke in lines:
                c.line(
                    [(x + px * 26 + shift, 210 + py * 34 + shift) for px, py in stroke],
                    colour,
                    width,
                    round_ends=True,
                )
        c.text(x + 52, 622, meaning, 26, "#4a4d48", "mm")
    c.line([(150, 165), (1450, 165)], "#7d7f76", 4)
    c.line([(150, 580), (1450, 580)], "#7d7f76", 4)
    return c.png()


__all__ = [
    "bicycle",
    "library_shelf",
    "night_train",
    "noticeboard",
    "radio_set",
    "rune_row",
    "sliced_loaf",
    "swallows_on_a_wire",
]
