"""The demo's figures: charts, plans, maps and specimens. Scenes are in `scenes.py`."""

import itertools
import math
import random

from blog.demo.canvas import (
    CREAM,
    HAIRLINE,
    INK,
    MUTED,
    OCHRE,
    RUST,
    SLATE,
    TEAL,
    Canvas,
    Point,
    mix,
    seeded,
    smooth,
)

NESTS = [31, 34, 29, 24, 26, 27, 22, 19, 21, 17, 18, 14, 15, 11, 13, 19]


def swallow_nests() -> bytes:
    c = Canvas(900, CREAM)
    c.heading("Nests with eggs, by summer", "Six barns, counted once a week from May to August")
    left, base, step = 150, 760, 86
    for value in (0, 10, 20, 30):
        y = base - value * 15
        c.line([(left - 20, y), (1500, y)], HAIRLINE if value else INK, 1.5)
        c.text(left - 36, y, str(value), 24, MUTED, "rm")
    for k, nests in enumerate(NESTS):
        x = left + k * step
        colour = TEAL if k < 15 else RUST
        c.rect((x, base - nests * 15, x + 54, base), colour)
        c.text(x + 27, base - nests * 15 - 20, str(nests), 24, INK, "mm")
        c.text(x + 27, base + 30, f"{9 + k:02d}" if k else "2009", 24, MUTED, "mm")
    x = left + 15 * step + 27
    c.line([(x, base - 19 * 15 - 44), (x, 330), (x - 24, 330)], MUTED, 1.5)
    c.text(x - 36, 320, "the mud pools,", 25, RUST, "rm")
    c.text(x - 36, 352, "first summer", 25, RUST, "rm")
    c.line([(left - 20, base), (1500, base)], INK, 2)
    return c.png()


def parish_map() -> bytes:
    c = Canvas(1100, "#e6ead9")
    rng = seeded(12)
    columns, rows = 9, 6
    grid = [
        [
            (i * 200 - 40 + rng.uniform(-46, 46), j * 216 - 30 + rng.uniform(-46, 46))
            for i in range(columns + 1)
        ]
        for j in range(rows + 1)
    ]
    tints = ["#dfe6cf", "#e9e6c9", "#d3dec4", "#eee9d3", "#d9e2cb", "#e4dfbf"]
    for j in range(rows):
        for i in range(columns):
            field = [grid[j][i], grid[j][i + 1], grid[j + 1][i + 1], grid[j + 1][i]]
            c.polygon(field, rng.choice(tints))
            c.line([*field, field[0]], "#b9c6a4", 3)
    river = smooth(
        [
            (-20, 770),
            (180, 700),
            (360, 740),
            (560, 660),
            (760, 690),
            (960, 590),
            (1160, 640),
            (1360, 560),
            (1640, 600),
        ]
    )
    c.line(river, "#8fb3bd", 34)
    c.line(river, "#a9c8cf", 24)
    roads = [
        smooth(
            [(300, -20), (360, 200), (520, 390), (700, 470), (760, 690), (820, 880), (800, 1120)]
        ),
        smooth([(-20, 440), (240, 430), (520, 390), (820, 400), (1120, 330), (1620, 250)]),
        smooth([(700, 470), (940, 480), (1180, 470), (1300, 700), (1420, 1120)]),
    ]
    for colour, width in (("#b3a88f", 20), (CREAM, 14)):
        for road in roads:
            c.line(road, colour, width)
    for x, y in [
        (600, 330),
        (645, 340),
        (690, 350),
        (610, 440),
        (740, 420),
        (780, 425),
        (560, 340),
        (650, 395),
        (770, 355),
        (830, 440),
    ]:
        c.rect((x, y, x + 26, y + 20), "#a77f66")
    c.rect((690, 300, 716, 340), INK)
    c.polygon([(686, 300), (720, 300), (703, 262)], INK)
    for _ in range(70):
        x, y = rng.choice([(1330, 1010), (170, 190), (1080, 160)])
        c.disc(
            x + rng.gauss(0, 62),
            y + rng.gauss(0, 42),
            rng.uniform(12, 20),
            rng.choice(["#8fa57d", "#9db18b", "#839a72"]),
        )
    barns = [
        ("Mill Barn", 930, 650, 6, 1),
        ("Glebe", 770, 258, 2, 1),
        ("Hoggs", 330, 330, 4, -1),
        ("Long Byre", 1240, 408, 3, 1),
        ("Ferry Farm", 420, 820, 3, -1),
        ("Top Shed", 1130, 900, 1, 1),
    ]
    for name, x, y, nests, side in barns:
        r = 22 + 9 * nests
        c.disc(x, y, r, RUST, CREAM, 4)
        c.text(x, y, str(nests), 30, CREAM, "mm", bold=0.5)
        c.text(x + side * (r + 14), y, name, 29, INK, "lm" if side > 0 else "rm", bold=0.4)
    for x, y in [(846, 706), (520, 738), (1010, 540)]:
        c.disc(x, y, 13, "#6b5137", CREAM, 3)
    c.rect((70, 920, 420, 1050), CREAM, radius=6)
    c.disc(108, 960, 16, RUST)
    c.text(142, 960, "nests, 2024", 25)
    c.disc(108, 1012, 12, "#6b5137")
    c.text(142, 1012, "mud pools, dug 2023", 25)
    c.line([(1500, 1040), (1500, 950)], INK, 3)
    c.polygon([(1488, 964), (1512, 964), (1500, 932)], INK)
    c.text(1500, 912, "N", 26, INK, "mm", bold=0.5)
    return c.png()


def sleeper_map() -> bytes:
    c = Canvas(820, CREAM)
    c.heading(
        "One line, one night",
        "Times are those on the ticket; the early hours were guessed from a bunk",
    )
    stops = [
        ("Harbour", "20:40", 560, 1),
        ("Saltmarsh", "21:32", 560, -1),
        ("Two Bridges", "23:05", 460, -1),
        ("Border", "01:50", 460, 1),
        ("Uplands", "03:27", 370, -1),
        ("Weir", "05:14", 370, 1),
        ("Old Capital", "07:02", 470, 1),
    ]
    placed_stops = [(name, time, _night_x(time), y, side) for name, time, y, side in stops]
    branch = smooth([(452, 460), (540, 560), (720, 630), (960, 640)], steps=24)
    c.line(branch, HAIRLINE, 9)
    c.disc(960, 640, 11, CREAM, HAIRLINE, 5)
    c.text(984, 640, "through coach for the coast", 24, MUTED)
    path: list[Point] = []
    for (_, _, x0, y0, _), (_, _, x1, y1, _) in itertools.pairwise(placed_stops):
        bend = min(abs(y1 - y0), 120)
        path += [(x0, y0), (x1 - bend, y0), (x1, y1)] if y0 != y1 else [(x0, y0), (x1, y1)]
    for k in range(len(path) - 1):
        share = (path[k][0] - 150) / 1300
        dark = 1 - abs(share - 0.45) * 1.7
        c.line(
            [path[k], path[k + 1]],
            mix(OCHRE, "#24354a", max(0.0, min(1.0, dark + 0.25))),
            14,
            round_ends=True,
        )
    for name, time, x, y, side in placed_stops:
        c.disc(x, y, 19, CREAM, INK, 6)
        c.text(x, y + (52 if side > 0 else -80), name, 28, INK, "mm", bold=0.4)
        c.text(x, y + (86 if side > 0 else -46), time, 25, MUTED, "mm")
    border = _night_x("01:50")
    c.line([(border, 220), (border, 428)], RUST, 2)
    c.text(border - 16, 234, "passports, a torch,", 24, RUST, "rm")
    c.text(border - 16, 264, "a sorry in three languages", 24, RUST, "rm")
    c.line([(120, 740), (1480, 740)], HAIRLINE, 2)
    for hour in range(21, 32):
        x = _night_x(f"{hour % 24:02d}:00")
        c.line([(x, 734), (x, 746)], MUTED, 2)
        c.text(x, 768, f"{hour % 24:02d}", 22, MUTED, "mm")
    return c.png()


def _night_x(clock: str) -> float:
    hours, minutes = (int(part) for part in clock.split(":"))
    return 150 + ((hours - 20) % 24 + minutes / 60 - 0.67) * 125


def type_specimen() -> bytes:
    c = Canvas(1000, "#f2ece0")
    c.rect((50, 50, 1550, 950), None, INK, 3)
    c.rect((62, 62, 1538, 938), None, INK, 1)
    c.label(110, 118, "Specimen no. 7", 22, INK, 5)
    c.text(1490, 118, "cast for the evening paper", 24, MUTED, "rm")
    c.line([(110, 152), (1490, 152)], INK, 1.5)
    baseline, size = 520, 400
    for y, name in [
        (baseline, "baseline"),
        (baseline - 0.525 * size, "x-height"),
        (baseline - 0.702 * size, "cap height"),
        (baseline + 0.21 * size, "descender"),
    ]:
        c.line([(110, y), (1490, y)], RUST, 1.2)
        c.text(1490, y - 14, name, 20, RUST, "rm")
    c.text(140, baseline, "Rag&e", size, INK, "ls")
    c.line([(110, 650), (1490, 650)], INK, 1.5)
    lines = [
        (60, "Quiet margins make loud neighbours"),
        (42, "Six boxes of sorts, one of them mostly the letter z"),
        (30, "ABCDEFGHIJKLMNOPQRSTUVWXYZ  abcdefghijklmnopqrstuvwxyz  1234567890"),
        (
            22,
            "The compositor reads upside down and backwards and still finds the widow "
            "at the head of the column before anyone else does.",
        ),
    ]
    y = 706.0
    for points, words in lines:
        c.text(110, y, words, points, INK)
        c.text(1490, y, f"{points // 2} pt", 20, MUTED, "rm")
        y += points * 0.62 + 34
    return c.png()


def dough_rise() -> bytes:
    c = Canvas(900, CREAM)
    c.heading(
        "Three doughs, one cold kitchen", "Height in the jar, as a share of the height at mixing"
    )
    left, base = 170, 760

    def at(hour: float, rise: float) -> Point:
        return left + hour * 100, base - (rise - 1) * 340

    for rise, name in [(1, "1x"), (1.5, "1.5x"), (2, "2x"), (2.5, "2.5x")]:
        y = at(0, rise)[1]
        c.line([(left, y), (1400, y)], HAIRLINE if rise > 1 else INK, 1.5)
        c.text(left - 18, y, name, 24, MUTED, "rm")
    for hour in range(0, 13, 2):
        c.text(at(hour, 1)[0], base + 32, f"{hour} h", 24, MUTED, "mm")
    curves = [
        (
            "17 degrees, on the sill",
            SLATE,
            [1, 1.01, 1.03, 1.05, 1.08, 1.12, 1.18, 1.24, 1.31, 1.4, 1.48, 1.57, 1.65],
        ),
        (
            "21 degrees, by the boiler",
            OCHRE,
            [1, 1.02, 1.06, 1.14, 1.26, 1.42, 1.6, 1.77, 1.92, 2.03, 2.08, 2.06, 2.0],
        ),
        (
            "25 degrees, oven light on",
            RUST,
            [1, 1.04, 1.14, 1.34, 1.66, 2.02, 2.3, 2.42, 2.38, 2.22, 2.02, 1.86, 1.74],
        ),
    ]
    for name, colour, rises in curves:
        c.line(smooth([at(h, r) for h, r in enumerate(rises)]), colour, 6, round_ends=True)
        for h, r in enumerate(rises):
            c.disc(*at(h, r), 8, CREAM, colour, 4)
        if colour == RUST:
            c.text(at(6, 2.3)[0] - 150, at(7, 2.42)[1] - 34, name, 26, colour, "lm", bold=0.3)
        elif colour == OCHRE:
            c.text(
                at(10, 2.08)[0] + 40,
                at(10, 2.08)[1] - 30,
                name,
                26,
                mix(OCHRE, INK, 0.35),
                "lm",
                bold=0.3,
            )
        else:
            c.text(at(8, 1.31)[0] + 20, at(8, 1.31)[1] + 50, name, 26, colour, "lm", bold=0.3)
    return c.png()


def year_of_rides() -> bytes:
    c = Canvas(900, CREAM)
    c.heading(
        "Every working day, there and back",
        "One dot a day; the darker the dot, the worse the weather",
    )
    rng = seeded(31)
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    wet = [0.7, 0.62, 0.5, 0.42, 0.3, 0.24, 0.2, 0.28, 0.36, 0.55, 0.72, 0.74]
    days = [(m, day) for m, length in enumerate(lengths) for day in range(length)]
    working = [when for n, when in enumerate(days) if (n + 1) % 7 < 5 and not _on_leave(*when)]
    by_bus = set(rng.sample(working[:-12], 18))
    for m, name in enumerate(months):
        c.text(110, 226 + m * 48, name, 26, MUTED)
    for m, day in days:
        x, y = 218 + day * 42, 226 + m * 48
        if (m, day) in by_bus:
            c.disc(x, y, 14, None, RUST, 3)
        elif (m, day) in working:
            weather = min(1.0, max(0.0, rng.gauss(wet[m], 0.22)))
            c.disc(x, y, 15, mix("#cfe0d6", "#1f4650", weather))
        else:
            c.disc(x, y, 3.5, HAIRLINE)
    y = 836
    for k in range(6):
        c.disc(232 + k * 36, y, 15, mix("#cfe0d6", "#1f4650", k / 5))
    c.text(450, y, "dry to dreadful", 25, MUTED)
    c.disc(730, y, 14, None, RUST, 3)
    c.text(758, y, "took the bus", 25, MUTED)
    c.disc(960, y, 3.5, MUTED)
    c.text(980, y, "not at work", 25, MUTED)
    return c.png()


def _on_leave(month: int, day: int) -> bool:
    weeks = {0: (0, 1), 1: (11, 17), 3: (13, 22), 4: (0, 6), 6: (27, 31), 7: (0, 16), 9: (21, 29)}
    start, end = weeks.get(month, (22, 31) if month == 11 else (0, 0))
    return start <= day < end


def allotment_plan() -> bytes:
    c = Canvas(1000, "#cdd3b4")
    rng = seeded(9)
    c.rect((0, 470, 1600, 530), "#e3d7bb")
    c.rect((770, 0, 830, 1000), "#e3d7bb")
    plots = [(x, y) for y in (50, 550) for x in (50, 290, 530, 850, 1090, 1330)]
    for k, (x, y) in enumerate(plots):
        w, h = 220, 400
        c.rect((x, y, x + w, y + h), mix("#8a6b4c", "#a5855f", rng.random()), radius=4)
        _planting(c, k, x, y, w, h, rng)
        c.rect((x, y, x + w, y + h), None, "#6c7f58", 5, radius=4)
        c.disc(x + 30, y + 30, 22, CREAM)
        c.text(x + 30, y + 30, str(k + 1), 24, INK, "mm", bold=0.4)
    c.disc(800, 500, 44, "#7fa3ab", "#5d7f88", 6)
    c.text(800, 500, "tap", 24, CREAM, "mm", bold=0.4)
    return c.png()


def _planting(
    c: Canvas, k: int, x: float, y: float, w: float, h: float, rng: random.Random
) -> None:
    leaf = ["#7f9a5f", "#5f8250", "#9fb06a", "#47704c"][k % 4]
    kind = [0, 1, 2, 3, 0, 4, 2, 5, 1, 3, 4, 0][k]
    if kind == 0:
        for row in range(7):
            c.line(
                [(x + 24, y + 76 + row * 46), (x + w - 24, y + 76 + row * 46)],
                leaf,
                16,
                round_ends=True,
            )
    elif kind == 1:
        for row in range(6):
            for col in range(4):
                c.disc(x + 40 + col * 47, y + 88 + row * 55, 18, leaf)
                c.disc(x + 40 + col * 47, y + 88 + row * 55, 8, mix(leaf, CREAM, 0.45))
    elif kind == 2:
        c.rect((x + 96, y + 20, x + w - 20, y + 130), "#7d8b92", "#57646b", 4)
        c.line([(x + 96, y + 75), (x + w - 20, y + 75)], "#57646b", 4)
        for row in range(4):
            c.line(
                [(x + 24, y + 176 + row * 56), (x + w - 24, y + 176 + row * 56)],
                leaf,
                22,
                round_ends=True,
            )
    elif kind == 3:
        for _ in range(120):
            c.disc(
                x + rng.uniform(18, w - 18),
                y + rng.uniform(66, h - 18),
                rng.uniform(6, 15),
                rng.choice(["#7f9a5f", "#98ab6c", "#b9b36a", "#6e8c55"]),
            )
    elif kind == 4:
        for row in range(3):
            for col in range(2):
                bx, by = x + 24 + col * 92, y + 70 + row * 108
                c.rect((bx, by, bx + 78, by + 92), "#6b4f36", "#b89a70", 5)
                for _ in range(12):
                    c.disc(
                        bx + rng.uniform(14, 64),
                        by + rng.uniform(14, 78),
                        7,
                        rng.choice([RUST, OCHRE, leaf, leaf]),
                    )
    else:
        c.disc(x + w / 2, y + 220, 92, "#8a8f7a")
        c.disc(x + w / 2, y + 220, 82, "#7fa3ab")
        for dx, dy in [(-30, -20), (24, 10), (-8, 40)]:
            c.disc(x + w / 2 + dx, y + 220 + dy, 17, "#6d9a6a")
        c.disc(x + w / 2 + 26, y + 8 + 202, 6, "#e9c7d2")


def knitting_chart() -> bytes:
    c = Canvas(1000, CREAM)
    c.heading("The Thursday pattern", "Read every row from the right; repeat between the red lines")
    cell, left, top = 34, 150, 210
    motif = [
        "...X.......X...",
        "..X.X.....X.X..",
        ".X...X...X...X.",
        "X.....X.X.....X",
        "...O...X...O...",
        "X.....X.X.....X",
        ".X...X...X...X.",
        "..X.X.....X.X..",
        "...X.......X...",
        "...............",
        "O.O.O.O.O.O.O.O",
        "...............",
        "X...X.....X...X",
        "XX.XX..O..XX.XX",
        ".XXX..OOO..XXX.",
        "XX.XX..O..XX.XX",
        "X...X.....X...X",
        "...............",
    ]
    width = 36
    for r, row in enumerate(motif):
        for k in range(width):
            stitch = row[(k - 3) % 15]
            x, y = left + k * cell, top + r * cell
            c.rect((x, y, x + cell, y + cell), {"X": "#2f4b63", "O": RUST, ".": "#f4ecdb"}[stitch])
    for k in range(width + 1):
        c.line(
            [(left + k * cell, top), (left + k * cell, top + len(motif) * cell)],
            "#d3c7ae",
            3 if k % 5 == 0 else 1,
        )
    for r in range(len(motif) + 1):
        c.line(
            [(left, top + r * cell), (left + width * cell, top + r * cell)],
            "#d3c7ae",
            3 if r % 5 == 0 else 1,
        )
        if r < len(motif) and (len(motif) - r) % 2:
            c.text(
                left + width * cell + 20, top + r * cell + cell / 2, str(len(motif) - r), 22, MUTED
            )
    for k in (3, 18, 33):
        c.line(
            [(left + k * cell, top - 14), (left + k * cell, top + len(motif) * cell + 14)], RUST, 4
        )
    for x, colour, name in [
        (150, "#2f4b63", "indigo"),
        (360, RUST, "madder"),
        (570, "#f4ecdb", "undyed"),
    ]:
        c.rect((x, 878, x + 34, 912), colour, "#d3c7ae", 2)
        c.text(x + 50, 895, name, 26, MUTED)
    return c.png()


def tide_curve() -> bytes:
    c = Canvas(960, "#eef2f0")
    c.heading("Three days at the slip", "Height above chart datum, in metres")
    left, base, hour = 150.0, 640.0, 18.5

    def height(t: float) -> float:
        return (
            2.6
            + (1.55 - 0.006 * t) * math.cos(2 * math.pi * (t - 4.3) / 12.42)
            + 0.18 * math.cos(2 * math.pi * (t - 9) / 24.8)
        )

    for metres in range(5):
        y = base - metres * 82
        c.line([(left, y), (left + 72 * hour, y)], "#cfd8d5", 1.5)
        c.text(left - 18, y, str(metres), 24, MUTED, "rm")
    curve = [(left + t / 4 * hour, base - height(t / 4) * 82) for t in range(0, 72 * 4 + 1)]
    c.polygon([*curve, (left + 72 * hour, base), (left, base)], "#b7cfd2")
    c.line(curve, TEAL, 5)
    turns: list[tuple[float, float]] = []
    for k in range(1, 72 * 12):
        a, b, d = (height((k + s) / 12) for s in (-1, 0, 1))
        if (b >= a and b > d) or (b <= a and b < d):
            turns.append((k / 12, b))
    for t, level in turns:
        x, y = left + t * hour, base - level * 82
        c.disc(x, y, 8, "#eef2f0", TEAL, 4)
        c.text(
            x,
            y - 28 if level > 2.6 else y + 30,
            f"{int(t) % 24:02d}:{round(t % 1 * 60):02d}",
            22,
            INK,
            "mm",
        )
    for day, name in enumerate(["Friday", "Saturday", "Sunday"]):
        edge = left + day * 24 * hour
        c.line([(edge, 210), (edge, base + 20)], "#9fb0ae", 1.5)
        c.text(edge + 14, base + 40, name, 27, INK, bold=0.4)
        column = [turn for turn in turns if day * 24 <= turn[0] < day * 24 + 24]
        for k, (t, level) in enumerate(column):
            y = base + 94 + k * 44
            c.text(edge + 14, y, f"{int(t) % 24:02d}:{round(t % 1 * 60):02d}", 26, INK)
            c.text(edge + 120, y, "high" if level > 2.6 else "low", 26, MUTED)
            c.text(edge + 290, y, f"{level:.1f} m", 26, INK, "rm")
    return c.png()


__all__ = [
    "allotment_plan",
    "dough_rise",
    "knitting_chart",
    "parish_map",
    "sleeper_map",
    "swallow_nests",
    "tide_curve",
    "type_specimen",
    "year_of_rides",
]
