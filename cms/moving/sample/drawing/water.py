"""Scenes of the harbour, the sea and the river."""

import numpy as np

from cms.moving.sample.drawing.canvas import HEIGHT, WIDTH, Canvas, Point, box, oval, smooth
from cms.moving.sample.drawing.palette import (
    CORAL,
    DEEP,
    INK,
    MIST,
    NIGHT,
    OCHRE,
    PAPER,
    ROSE,
    SAND,
    SEA,
    WINE,
    Colour,
    mix,
)  # fmt: skip

ALL = box(0, 0, WIDTH, HEIGHT)


def bridge_dusk(c: Canvas) -> None:
    c.fade(box(0, 0, WIDTH, 690), INK, mix(WINE, INK, 0.35), CORAL, OCHRE)
    c.glow(800, 640, 620, PAPER, 0.55)
    c.fade(oval(800, 600, 136), PAPER, OCHRE)
    _skyline(c, 680, mix(WINE, INK, 0.35), 90, 5)
    _skyline(c, 690, mix(WINE, INK, 0.7), 55, 3)
    c.fade(box(0, 680, WIDTH, HEIGHT), mix(CORAL, WINE, 0.45), mix(WINE, INK, 0.6), NIGHT)
    _ripples(c, 690, HEIGHT, OCHRE, centre=800, spread=150, count=110)
    c.grain(box(0, 680, WIDTH, HEIGHT), NIGHT, 90, 0.7, 0.2)
    _truss(c, -60, 500, 560, 78, NIGHT)
    _truss(c, 1100, 1680, 560, 78, NIGHT)
    _truss(c, 520, 1080, 560, 112, NIGHT)
    c.fill(box(0, 560, WIDTH, 588), NIGHT)
    for x in (510, 1090):
        _tower(c, x, 170, 720)
    c.fill(box(470, 196, 1130, 214), NIGHT)
    for x in range(60, WIDTH, 120):
        c.glow(x, 548, 26, OCHRE, 0.9)
        c.fill(oval(x, 548, 3.4), PAPER)
    _sail(c, 300, 800, 1.2, NIGHT, mix(PAPER, ROSE, 0.5))


def _tower(c: Canvas, x: float, top: float, foot: float) -> None:
    for side in (-38, 26):
        c.fill(box(x + side, top, x + side + 12, foot), NIGHT)
    for y in range(int(top), 560, 56):
        c.line([(x - 34, y), (x + 34, y + 56)], NIGHT, 5)
        c.line([(x + 34, y), (x - 34, y + 56)], NIGHT, 5)
        c.line([(x - 34, y), (x + 34, y)], NIGHT, 6)
    c.fill([(x - 52, top), (x + 52, top), (x + 34, top - 34), (x - 34, top - 34)], NIGHT)
    c.fill(box(x - 22, 300, x + 22, 400), mix(NIGHT, WINE, 0.3))
    c.fade([(x - 62, 610), (x + 62, 610), (x + 78, 800), (x - 78, 800)], NIGHT, mix(NIGHT, WINE, 0.4))
    c.fill(box(x - 62, 588, x + 62, 614), NIGHT)


def _truss(c: Canvas, left: float, right: float, y: float, height: float, colour: Colour) -> None:
    bays = round((right - left) / 70)
    step = (right - left) / bays
    c.line([(left, y - height), (right, y - height)], colour, 8)
    for i in range(bays):
        x = left + i * step
        c.line([(x, y), (x + step / 2, y - height), (x + step, y)], colour, 5)
        c.line([(x + step / 2, y), (x + step / 2, y - height)], colour, 3)


def _skyline(c: Canvas, base: float, colour: Colour, tallest: float, step: int) -> None:
    x = -20.0
    while x < WIDTH:
        width, height = c.rng.uniform(26, 84), c.rng.uniform(0.25, 1) * tallest
        if c.rng.random() < 0.3:
            c.fill([(x, base - height), (x + width / 2, base - height - 22), (x + width, base - height)], colour)
        if c.rng.random() < 0.06 * step:
            c.fill(box(x + width * 0.4, base - height - 46, x + width * 0.4 + 5, base), colour)
        c.fill(box(x, base - height, x + width + 1, base + 4), colour)
        x += width


def _ripples(c: Canvas, top: float, bottom: float, colour: Colour, centre: float, spread: float, count: int) -> None:
    """Broken light on water: longer and thicker towards the reader."""
    for depth in np.sort(c.rng.random(count)) ** 1.4:
        y = top + (bottom - top) * depth
        x = c.rng.normal(centre, spread * (0.4 + depth))
        reach = c.rng.uniform(14, 70) * (0.4 + 1.6 * depth)
        thick = 1.5 + 5 * depth
        c.fill(oval(x, y, reach, thick), colour, 0.75 - 0.45 * depth)


def _sail(c: Canvas, x: float, y: float, size: float, hull: Colour, cloth: Colour) -> None:
    c.fill(
        [(x - 60 * size, y), (x + 62 * size, y), (x + 44 * size, y + 20 * size), (x - 46 * size, y + 20 * size)], hull
    )
    c.line([(x, y), (x, y - 150 * size)], hull, 4)
    c.fill([(x + 5, y - 146 * size), (x + 5, y - 12), (x + 56 * size, y - 12)], cloth)
    c.fill([(x - 5, y - 120 * size), (x - 5, y - 12), (x - 42 * size, y - 12)], mix(cloth, hull, 0.25))
    c.fill(oval(x, y + 30 * size, 66 * size, 6), hull, 0.5)


def ferry_dawn(c: Canvas) -> None:
    c.fade(box(0, 0, WIDTH, 560), mix(SEA, MIST, 0.6), PAPER, mix(ROSE, PAPER, 0.35), ROSE)
    c.glow(420, 520, 560, PAPER, 0.8)
    c.fill(oval(420, 486, 62), mix(PAPER, CORAL, 0.25))
    _skyline(c, 560, mix(ROSE, SEA, 0.45), 130, 6)
    c.grain(box(0, 400, WIDTH, 560), PAPER, 90, 0.6)
    _skyline(c, 562, mix(SEA, INK, 0.45), 70, 4)
    c.fade(box(0, 560, WIDTH, HEIGHT), mix(ROSE, PAPER, 0.3), mix(SEA, MIST, 0.4), mix(DEEP, SEA, 0.3))
    _ripples(c, 570, HEIGHT, PAPER, 420, 200, 90)
    c.grain(box(0, 620, WIDTH, HEIGHT), DEEP, 90, 0.6)
    hull = [(640, 690), (1290, 690), (1330, 640), (1350, 640), (1296, 774), (690, 774)]
    c.fill(oval(985, 780, 360, 26), DEEP, 0.55)
    c.fade(hull, INK, NIGHT)
    c.fill([(652, 706), (1310, 706), (1304, 722), (660, 722)], CORAL)
    c.fade(box(720, 596, 1200, 690), PAPER, mix(PAPER, ROSE, 0.5))
    c.fade(box(800, 520, 1060, 596), PAPER, mix(PAPER, ROSE, 0.5))
    c.fill([(1060, 596), (1060, 520), (1096, 520), (1120, 596)], mix(PAPER, SEA, 0.35))
    c.fill(box(704, 586, 1216, 598), INK)
    c.fill(box(786, 510, 1110, 522), INK)
    for x in range(744, 1180, 62):
        c.fade(box(x, 620, x + 42, 662), OCHRE, mix(OCHRE, PAPER, 0.4))
    for x in range(826, 1040, 58):
        c.fill(box(x, 540, x + 38, 574), mix(OCHRE, PAPER, 0.3))
    c.fade(box(860, 430, 920, 512), CORAL, mix(CORAL, WINE, 0.5), angle=0)
    c.fill(box(860, 430, 920, 448), INK)
    c.line([(1010, 512), (1010, 400)], INK, 5)
    for x, y, r in ((880, 398, 26), (836, 372, 38), (776, 350, 52), (696, 336, 64)):
        c.fill(oval(x, y, r, r * 0.62), PAPER, 0.4)
    for i in range(7):
        c.line([(640 - i * 70, 772 + i * 10), (560 - i * 78, 776 + i * 10)], PAPER, 3 + i * 0.4, 0.7 - i * 0.08)
    c.fill([(1316, 770), (1398, 782), (1286, 786)], PAPER, 0.8)
    _gulls(c, INK, ((1180, 300, 24), (1268, 252, 18), (1390, 318, 28), (520, 210, 16)))


def _gulls(c: Canvas, colour: Colour, places: tuple[tuple[float, float, float], ...]) -> None:
    for x, y, size in places:
        c.line(oval(x - size, y, size, size * 0.55, 200, 345), colour, 4)
        c.line(oval(x + size, y, size, size * 0.55, 195, 340), colour, 4)


def ship_cranes(c: Canvas) -> None:
    c.fade(box(0, 0, WIDTH, 800), mix(SEA, MIST, 0.5), mix(MIST, PAPER, 0.5), PAPER, mix(PAPER, OCHRE, 0.35))
    c.glow(300, 700, 640, PAPER, 0.7)
    for x, haze in ((1330, 0.62), (960, 0.38), (560, 0.1)):
        _crane(c, x, 820, 1.15 - haze * 0.35, mix(mix(CORAL, WINE, 0.25), PAPER, haze))
        c.grain(box(0, 500, WIDTH, 820), PAPER, 90, 0.35)
    c.fade(box(0, 806, WIDTH, 880), mix(SEA, PAPER, 0.35), mix(SEA, INK, 0.3))
    hull = [(150, 716), (1500, 716), (1568, 660), (1600, 660), (1600, 880), (200, 880)]
    colours = (CORAL, OCHRE, SEA, DEEP, ROSE, mix(PAPER, SAND, 0.5), WINE, mix(SEA, MIST, 0.5))
    for column in range(15):
        stack = int(c.rng.integers(3, 6)) if 0 < column < 14 else 3
        for row in range(stack):
            x, y = 330 + column * 80, 716 - (row + 1) * 42
            shade = colours[int(c.rng.integers(len(colours)))]
            c.fade(box(x, y, x + 76, y + 39), mix(shade, PAPER, 0.12), mix(shade, INK, 0.18))
            for rib in range(8, 76, 12):
                c.line([(x + rib, y + 4), (x + rib, y + 35)], INK, 1.4, 0.22)
    c.fade(box(190, 540, 300, 716), PAPER, mix(PAPER, MIST, 0.6), angle=0)
    for y in range(560, 700, 36):
        c.fill(box(204, y, 288, y + 14), INK, 0.8)
    c.fill(box(176, 528, 314, 544), INK)
    c.fill(box(226, 470, 262, 530), CORAL)
    c.fade(hull, INK, NIGHT)
    c.fill([(172, 820), (1600, 820), (1600, 880), (200, 880)], mix(WINE, CORAL, 0.35))
    c.grain(hull, SEA, 180, 0.35, 0.3)
    c.fade(box(0, 876, WIDTH, HEIGHT), DEEP, mix(DEEP, NIGHT, 0.6))
    _ripples(c, 886, HEIGHT, MIST, 500, 480, 90)
    c.grain(box(0, 876, WIDTH, HEIGHT), NIGHT, 90, 0.6)
    _gulls(c, INK, ((250, 240, 22), (350, 300, 16), (1180, 130, 20)))


def _crane(c: Canvas, x: float, base: float, s: float, colour: Colour) -> None:
    dark = mix(colour, INK, 0.25)
    for leg in (-92, 70):
        c.fill(box(x + leg * s, base - 560 * s, x + (leg + 22) * s, base), dark)
    for y in (130, 330, 480):
        c.fill(box(x - 92 * s, base - y * s, x + 92 * s, base - (y - 18) * s), dark)
    c.line([(x - 80 * s, base - 330 * s), (x + 80 * s, base - 130 * s)], dark, 10 * s)
    c.fill(box(x - 330 * s, base - 585 * s, x + 240 * s, base - 555 * s), colour)
    c.fill(
        [
            (x - 60 * s, base - 580 * s),
            (x + 4 * s, base - 760 * s),
            (x + 22 * s, base - 760 * s),
            (x + 80 * s, base - 580 * s),
        ],
        dark,
    )
    c.line([(x + 10 * s, base - 752 * s), (x - 320 * s, base - 580 * s)], colour, 6 * s)
    c.line([(x + 14 * s, base - 752 * s), (x + 236 * s, base - 580 * s)], colour, 6 * s)
    c.fill(box(x + 110 * s, base - 625 * s, x + 210 * s, base - 580 * s), dark)
    c.line([(x - 210 * s, base - 560 * s), (x - 210 * s, base - 400 * s)], dark, 3 * s)
    c.line([(x - 180 * s, base - 560 * s), (x - 180 * s, base - 400 * s)], dark, 3 * s)
    c.fill(box(x - 236 * s, base - 402 * s, x - 156 * s, base - 362 * s), mix(OCHRE, colour, 0.3))


def lighthouse_night(c: Canvas) -> None:
    c.fade(box(0, 0, WIDTH, 800), NIGHT, INK, DEEP, mix(SEA, DEEP, 0.4))
    _stars(c, 520, 760)
    lamp = (560.0, 300.0)
    for reach, light in ((1, 0.16), (0.6, 0.2), (0.3, 0.28)):
        c.fill([lamp, (1700, 300 - 290 * reach), (1700, 300 + 60 * reach)], mix(PAPER, OCHRE, 0.35), light)
        c.fill([lamp, (-100, 300 + 130 * reach), (-100, 300 - 40 * reach)], mix(PAPER, OCHRE, 0.35), light * 0.7)
    c.fade(box(0, 800, WIDTH, HEIGHT), mix(SEA, DEEP, 0.5), INK, NIGHT)
    _ripples(c, 806, HEIGHT, mix(MIST, OCHRE, 0.3), 620, 260, 110)
    c.grain(box(0, 800, WIDTH, HEIGHT), NIGHT, 90, 0.7)
    rock = smooth(
        [
            (180, 900),
            (260, 842),
            (360, 800),
            (430, 742),
            (560, 722),
            (680, 738),
            (760, 792),
            (880, 820),
            (960, 880),
            (700, 930),
            (400, 930),
        ]
    )
    c.fade(rock, mix(INK, SEA, 0.25), NIGHT)
    c.grain(rock, MIST, -60, 0.4, 0.35)
    for y, width in ((908, 480), (926, 360)):
        c.fill(oval(570, y, width, 7), MIST, 0.35)
    tower = [(496, 744), (624, 744), (598, 352), (522, 352)]
    c.fade(tower, PAPER, mix(PAPER, SEA, 0.3), mix(DEEP, MIST, 0.3), angle=0)
    for k in (0.2, 0.6):
        a, b = k, k + 0.2
        band = [
            (522 - 26 * a, 352 + 392 * a),
            (598 + 26 * a, 352 + 392 * a),
            (598 + 26 * b, 352 + 392 * b),
            (522 - 26 * b, 352 + 392 * b),
        ]
        c.fade(band, CORAL, mix(CORAL, WINE, 0.8), angle=0)
    c.grain(tower, INK, 0, 0.65, 0.3)
    c.fill(box(506, 334, 614, 354), NIGHT)
    c.fill(box(528, 268, 592, 334), mix(PAPER, OCHRE, 0.35))
    for x in (528, 548, 570, 590):
        c.line([(x, 268), (x, 334)], NIGHT, 4)
    c.fill([(516, 270), (604, 270), (576, 224), (544, 224)], WINE)
    c.line([(560, 224), (560, 190)], NIGHT, 5)
    c.glow(*lamp, 230, PAPER, 0.95)
    c.fill(box(548, 690, 574, 742), NIGHT)
    c.fade([(640, 744), (640, 690), (690, 662), (740, 690), (740, 780)], mix(PAPER, DEEP, 0.35), mix(PAPER, INK, 0.65))
    c.fill([(630, 692), (690, 652), (750, 692)], WINE)
    c.fill(box(676, 704, 702, 734), OCHRE)


def _stars(c: Canvas, count: int, floor: float) -> None:
    for _ in range(count):
        x, y = c.rng.uniform(0, WIDTH), c.rng.random() ** 1.3 * floor
        size = c.rng.choice((0.9, 1.3, 1.9, 2.8), p=(0.5, 0.3, 0.15, 0.05))
        c.fill(oval(x, y, size), mix(PAPER, MIST, float(c.rng.random())), 0.9 - 0.6 * y / floor)


def wind_turbines(c: Canvas) -> None:
    c.fade(box(0, 0, WIDTH, 800), SEA, MIST, PAPER, mix(PAPER, ROSE, 0.5))
    c.glow(1240, 640, 520, PAPER, 0.9)
    c.fill(oval(1240, 610, 76), mix(PAPER, OCHRE, 0.3))
    for i in range(9, -1, -1):
        near = 0.78**i
        x, base = 1330 - 1010 * near + 30 * i * near, 706 + 190 * near
        _turbine(c, x, base, 760 * near, mix(mix(PAPER, SEA, 0.05 + 0.1 * near), PAPER, 1 - near), 17 + i * 37)
    c.fade(box(0, 706, WIDTH, HEIGHT), mix(MIST, ROSE, 0.35), SEA, DEEP)
    for i in range(9, -1, -1):
        near = 0.78**i
        x, base = 1330 - 1010 * near + 30 * i * near, 706 + 190 * near
        c.fade(box(x - 11 * near, 700, x + 11 * near, base), PAPER, mix(PAPER, SEA, 0.4))
        c.fill(box(x - 17 * near, base - 64 * near, x + 17 * near, base), OCHRE)
        c.fill(oval(x, base, 40 * near, 6 * near), PAPER, 0.7)
    _ripples(c, 715, HEIGHT, PAPER, 1200, 240, 90)
    for _ in range(60):
        x, y = c.rng.uniform(0, WIDTH), c.rng.uniform(730, HEIGHT)
        c.line([(x, y), (x + (y - 690) * 0.3, y)], DEEP, 1 + (y - 700) * 0.008, 0.3)
    c.grain(box(0, 706, WIDTH, HEIGHT), INK, 90, 0.55)
    _gulls(c, mix(INK, SEA, 0.3), ((900, 260, 22), (990, 220, 17), (1090, 268, 14)))


def _turbine(c: Canvas, x: float, base: float, height: float, colour: Colour, turn: float) -> None:
    hub = base - height
    w = height * 0.014
    c.fade(
        [(x - w * 1.6, base), (x + w * 1.6, base), (x + w, hub), (x - w, hub)], colour, mix(colour, SEA, 0.35), angle=0
    )
    for blade in range(3):
        a = np.radians(turn + blade * 120)
        along, side = np.array([np.cos(a), np.sin(a)]), np.array([-np.sin(a), np.cos(a)])
        reach = height * 0.52
        spine = [(0.0, 0.008), (0.12, 0.035), (0.4, 0.024), (1.0, 0.0), (0.4, -0.006), (0.0, -0.008)]
        shape: list[Point] = []
        for t, thick in spine:
            px, py = np.array([x, hub]) + along * reach * t + side * reach * thick * 1.8
            shape.append((float(px), float(py)))
        c.fill(shape, mix(colour, PAPER, 0.6) if blade else mix(colour, SEA, 0.2))
    c.fill(oval(x, hub, w * 2), mix(colour, SEA, 0.4))


def reservoir_low(c: Canvas) -> None:
    c.fade(box(0, 0, WIDTH, 420), mix(MIST, SEA, 0.3), PAPER, mix(SAND, PAPER, 0.4))
    c.glow(1180, 170, 420, PAPER, 0.9)
    c.fill(oval(1180, 170, 58), PAPER)
    for top, colour in ((330, mix(MIST, SEA, 0.35)), (372, mix(SEA, INK, 0.1))):
        hills = [(x, top + 46 * np.sin(x / 170 + top) - 26 * np.sin(x / 67)) for x in range(0, WIDTH + 40, 40)]
        c.fade([(0, 470), *hills, (WIDTH, 470)], colour, mix(colour, SAND, 0.5))
    c.fade(box(0, 420, WIDTH, HEIGHT), mix((92, 124, 80), SAND, 0.35), (92, 124, 80))
    bands = 9
    for i in range(bands):
        t = i / (bands - 1)
        bank = mix(mix(PAPER, SAND, 0.25 + 0.5 * (i % 2)), mix(ROSE, WINE, 0.15), 0.14 + 0.42 * t)
        shape = _shore(1 - t * 0.62, 438 + t * 62)
        c.fill(shape, bank)
        c.grain(shape, mix(bank, WINE, 0.5), 115, 0.28, 0.4)
    water = _shore(0.31, 518)
    c.fade(water, mix(MIST, PAPER, 0.4), SEA, DEEP)
    c.grain(water, INK, 90, 0.5, 0.4)
    for k in range(16):
        c.fill(oval(800 + c.rng.normal(60, 150), 600 + k * 13, c.rng.uniform(20, 90), 2.4), PAPER, 0.5)
    c.fade([(1010, 668), (1100, 668), (1090, 300), (1020, 300)], mix(PAPER, SAND, 0.5), mix(SEA, INK, 0.5), angle=0)
    c.grain(box(1010, 300, 1100, 668), INK, 0, 0.5, 0.4)
    for y in range(452, 660, 40):
        c.line([(1018, y), (1094, y)], WINE, 3, 0.3)
    c.fill(box(1002, 282, 1108, 304), INK)
    c.fill([(1010, 284), (1055, 232), (1100, 284)], mix(CORAL, WINE, 0.3))
    c.fill(box(1040, 330, 1070, 380), INK)
    c.line([(1100, 322), (1600, 352)], INK, 12)
    for x in range(1180, 1600, 110):
        c.line([(x, 326 + (x - 1100) * 0.06), (x, 440 + (x - 1100) * 0.2)], INK, 7)
    c.fill(oval(1055, 672, 90, 9), DEEP, 0.7)
    c.fill([(560, 800), (640, 820), (700, 812), (684, 836), (590, 834)], mix(WINE, INK, 0.4))
    c.line([(640, 822), (612, 770)], INK, 5)


def _shore(reach: float, top: float) -> list[Point]:
    wobble = 40 * reach
    near = [(780 + 1300 * reach, 620 + 150 * reach), (760 + 900 * reach, 760 + 260 * reach), (800, 800 + 420 * reach)]
    far = [
        (820 - 980 * reach, 740 + 300 * reach),
        (780 - 1240 * reach, 620 + 100 * reach),
        (640 - 500 * reach, top + 24),
    ]
    return smooth([(820, top), (900 + 380 * reach, top + 14 + wobble * 0.3), *near, *far])


def flood_map(c: Canvas) -> None:
    c.fade(ALL, PAPER, mix(PAPER, SAND, 0.35), angle=35)
    river = [(x, 560 + 190 * np.sin(x / 255 - 0.6) + 60 * np.sin(x / 108)) for x in range(-80, WIDTH + 100, 20)]
    _blocks(c)
    for width, colour, alpha in (
        (430, MIST, 0.5),
        (330, mix(MIST, SEA, 0.35), 0.5),
        (236, mix(MIST, SEA, 0.75), 0.55),
        (158, SEA, 0.75),
    ):
        edge = [(x + 16 * np.sin(y / 31 + width), y + 22 * np.sin(x / 71 + width / 50)) for x, y in river]
        ribbon = _ribbon(edge, width)
        c.fill(ribbon, colour, alpha)
        c.grain(ribbon, DEEP, 60, 0.16, 0.3)
    c.fill(_ribbon([(x, y) for x, y in river], 78), DEEP)
    c.line([(x, y - 12) for x, y in river], mix(SEA, MIST, 0.4), 4, 0.6)
    for t in (0.24, 0.6, 0.83):
        x, y = river[int(t * len(river))]
        c.fill(box(x - 14, y - 92, x + 14, y + 92), PAPER)
        c.line([(x - 14, y - 92), (x - 14, y + 92)], INK, 4)
        c.line([(x + 14, y - 92), (x + 14, y + 92)], INK, 4)
    for x, y in ((420, 250), (1214, 232), (930, 850), (250, 860)):
        c.fill(oval(x + 5, y + 8, 20, 8), INK, 0.3)
        c.fill([(x - 21, y - 42), (x + 21, y - 42), (x, y + 6)], CORAL)
        c.fill(oval(x, y - 48, 24), CORAL)
        c.fill(oval(x, y - 48, 9), PAPER)


def _blocks(c: Canvas) -> None:
    """A quarter of crooked streets: roofs in rows, a park here and there."""
    roofs = (mix(ROSE, PAPER, 0.25), mix(SAND, OCHRE, 0.3), mix(CORAL, PAPER, 0.35), mix(SAND, PAPER, 0.2))
    for row in range(-2, 13):
        for column in range(-2, 16):
            x, y = column * 118 + row * 22, row * 96 - column * 16
            if c.rng.random() < 0.12:
                c.fill(
                    smooth([(x, y), (x + 96, y - 12), (x + 92, y + 62), (x + 8, y + 74)], 4),
                    mix((92, 124, 80), PAPER, 0.35),
                )
                continue
            for i in range(3):
                for j in range(2):
                    left, top = x + i * 33, y + j * 38 - i * 4.5
                    tone = roofs[int(c.rng.integers(len(roofs)))]
                    c.fill([(left, top), (left + 29, top - 4), (left + 30, top + 30), (left + 1, top + 34)], tone)
                    c.fill(
                        [(left, top + 15), (left + 29, top + 11), (left + 30, top + 30), (left + 1, top + 34)],
                        mix(tone, WINE, 0.22),
                    )


def _ribbon(line: list[Point], width: float) -> list[Point]:
    points = np.array(line)
    slope = np.gradient(points, axis=0)
    normal = np.stack([-slope[:, 1], slope[:, 0]], axis=1) / np.hypot(slope[:, 0], slope[:, 1])[:, None]
    one, other = points + normal * width / 2, points - normal * width / 2
    return [(float(x), float(y)) for x, y in np.concatenate([one, other[::-1]])]
