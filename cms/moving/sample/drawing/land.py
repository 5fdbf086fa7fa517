"""Scenes of streets, fields and open places."""

import numpy as np

from cms.moving.sample.drawing.canvas import HEIGHT, WIDTH, Canvas, box, oval, smooth, turned
from cms.moving.sample.drawing.palette import (
    CORAL,
    DEEP,
    INK,
    MIST,
    MOSS,
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


def tram_street(c: Canvas) -> None:
    c.fade(box(0, 0, WIDTH, 700), mix(INK, SEA, 0.3), mix(SEA, MIST, 0.35), mix(ROSE, PAPER, 0.4))
    c.glow(800, 520, 520, PAPER, 0.8)
    _houses(c, left=True)
    _houses(c, left=False)
    c.fade(
        [(0, HEIGHT), (0, 900), (690, 600), (910, 600), (WIDTH, 900), (WIDTH, HEIGHT)],
        mix(ROSE, SEA, 0.5),
        mix(INK, SEA, 0.25),
        NIGHT,
    )
    for near, far in ((560, 770), (690, 784), (910, 816), (1040, 830)):
        c.line([(near, HEIGHT), (far, 604)], mix(PAPER, MIST, 0.5), 5, 0.6)
    c.fade([(600, 1030), (1000, 1030), (940, HEIGHT), (660, HEIGHT)], CORAL, NIGHT)
    c.fill(oval(800, 900, 270, 22), NIGHT, 0.6)
    body = smooth([(590, 880), (584, 600), (606, 420), (690, 372), (910, 372), (994, 420), (1016, 600), (1010, 880)], 8)
    c.fade(body, mix(PAPER, SAND, 0.1), mix(PAPER, SAND, 0.45))
    c.fade([(585, 640), (1015, 640), (1010, 884), (590, 884)], CORAL, mix(CORAL, WINE, 0.55))
    c.fade([(622, 452), (978, 452), (992, 624), (608, 624)], INK, mix(SEA, INK, 0.35))
    c.fill([(640, 452), (760, 452), (690, 624), (610, 624)], MIST, 0.22)
    c.line([(800, 452), (800, 624)], PAPER, 7)
    c.fill(box(700, 396, 900, 432), NIGHT)
    c.fill(box(712, 403, 888, 425), OCHRE, 0.85)
    c.fill(box(590, 696, 1010, 706), PAPER)
    c.fill(box(618, 846, 982, 890), NIGHT)
    for x in (668, 932):
        c.glow(x, 764, 130, PAPER, 0.9)
        c.fill(oval(x, 764, 26), PAPER)
    c.grain([(800, 372), (1016, 420), (1016, 884), (800, 884)], INK, 0, 0.4, 0.3)
    c.line([(700, 376), (800, 290), (900, 376)], NIGHT, 6)
    c.line([(740, 290), (860, 290)], NIGHT, 8)
    for x in (-200, 300, 800, 1300, 1800):
        c.line([(x, -10), (800, 560)] if x != 800 else [(800, -10), (800, 290)], NIGHT, 2.6, 0.75)
    c.line([(0, 120), (WIDTH, 96)], NIGHT, 2.6, 0.7)
    c.grain(box(0, 640, WIDTH, HEIGHT), NIGHT, 90, 0.5, 0.2)
    for _ in range(230):
        left, y, long = c.rng.uniform(0, WIDTH), c.rng.uniform(0, HEIGHT), c.rng.uniform(18, 60)
        c.line([(left, y), (left - long * 0.2, y + long)], PAPER, 1.4, float(c.rng.uniform(0.1, 0.4)))


def _houses(c: Canvas, left: bool) -> None:
    fronts = (mix(WINE, CORAL, 0.4), mix(OCHRE, SAND, 0.3), mix(SEA, INK, 0.2), mix(ROSE, CORAL, 0.3), DEEP)
    edges: tuple[float, ...] = (0, 250, 436, 566, 650, 706)
    for i in range(4, -1, -1):
        near, far = edges[i], edges[i + 1]
        top_near, top_far = (_toward(t, near) for t in (-120 + 50 * (i % 2),) * 2)
        top_far = _toward(-120 + 50 * (i % 2), far)
        foot_near, foot_far = _toward(940, near), _toward(940, far)
        quad = [(near, top_near), (far, top_far), (far, foot_far), (near, foot_near)]
        flip = quad if left else [(WIDTH - x, y) for x, y in quad]
        front = mix(fronts[(i + (0 if left else 2)) % 5], MIST, 0.12 * i)
        c.fade(flip, front, mix(front, NIGHT, 0.45))
        c.grain(flip, NIGHT, 90, 0.5, 0.3)
        for row in range(5):
            for k in range(3):
                x0 = near + (far - near) * (0.14 + 0.29 * k)
                x1 = x0 + (far - near) * 0.17
                pane = [
                    (x0, _toward(20 + row * 160, x0)),
                    (x1, _toward(20 + row * 160, x1)),
                    (x1, _toward(110 + row * 160, x1)),
                    (x0, _toward(110 + row * 160, x0)),
                ]
                pane = pane if left else [(WIDTH - x, y) for x, y in pane]
                lit = c.rng.random() < 0.4
                c.fill(pane, mix(OCHRE, PAPER, 0.35) if lit else mix(front, NIGHT, 0.5), 0.95)


def _toward(y: float, x: float) -> float:
    """A height on the street's near edge, carried along its side to x by perspective."""
    return y + (570 - y) * (x / 800)


def court_house(c: Canvas) -> None:
    c.fade(box(0, 0, WIDTH, 760), mix(SEA, INK, 0.25), mix(MIST, PAPER, 0.3), mix(SAND, OCHRE, 0.3))
    c.glow(180, 470, 560, PAPER, 0.85)
    for x, y, r in ((1180, 170, 150), (1330, 196, 110), (1060, 204, 90), (420, 120, 80), (500, 134, 100)):
        c.fill(oval(x, y, r, r * 0.26), PAPER, 0.4)
    stone, shade = mix(PAPER, SAND, 0.35), mix(SAND, WINE, 0.35)
    for x0, x1, y in ((0, 210, 430), (1390, WIDTH, 400)):
        c.fade(box(x0, y, x1, 800), mix(SEA, ROSE, 0.4), mix(INK, SEA, 0.3))
    c.fade(box(230, 360, 1370, 770), mix(shade, INK, 0.25), mix(shade, INK, 0.5))
    c.fade(box(716, 520, 884, 770), NIGHT, INK)
    c.glow(800, 690, 130, OCHRE, 0.75)
    for i in range(8):
        x = 300 + i * 143
        if i in (3, 4):
            x += -14 if i == 3 else 14
        column = [(x - 38, 770), (x + 38, 770), (x + 31, 392), (x - 31, 392)]
        c.fade(column, PAPER, stone, shade, mix(shade, INK, 0.5), angle=0)
        for k in (-18, -4, 10, 22):
            c.line([(x + k, 400), (x + k * 1.2, 762)], WINE, 2, 0.2)
        c.grain(column, INK, 0, 0.55, 0.45)
        c.fade(box(x - 46, 372, x + 46, 394), PAPER, stone, shade, angle=0)
        c.fade(box(x - 50, 758, x + 50, 782), PAPER, stone, shade, angle=0)
    c.fade(box(214, 306, 1386, 374), PAPER, stone, mix(shade, stone, 0.4), angle=0)
    c.line([(214, 374), (1386, 374)], WINE, 4, 0.5)
    gable = [(190, 308), (800, 96), (1410, 308)]
    c.fade(gable, PAPER, stone, shade, angle=0)
    c.fade([(310, 292), (800, 124), (1290, 292)], mix(shade, WINE, 0.2), shade, mix(stone, shade, 0.3), angle=180)
    c.fill(oval(800, 226, 42), stone)
    c.line([(760, 226), (840, 226)], WINE, 5)
    c.line([(800, 190), (800, 268)], WINE, 5)
    for x in (762, 838):
        c.line(oval(x, 232, 18, 16, 0, 180), WINE, 5)
    c.grain(gable, WINE, 0, 0.4, 0.5)
    for i in range(9):
        y, spread = 780 + i * 26, 30 + i * 44
        c.fade(box(230 - spread, y, 1370 + spread, y + 13), PAPER, stone, mix(stone, shade, 0.6), angle=0)
        c.fade(box(230 - spread, y + 13, 1370 + spread, y + 27), mix(stone, shade, 0.6), mix(shade, INK, 0.25), angle=0)
    c.fade(box(0, 1012, WIDTH, HEIGHT), mix(shade, INK, 0.3), INK)
    c.fill([(690, 1014), (790, 1014), (1700, 812), (1660, 790)], INK, 0.25)
    _walker(c, 740, 1018, 1.1, NIGHT)
    _walker(c, 1040, 870, 0.62, NIGHT)


def _walker(c: Canvas, x: float, foot: float, s: float, colour: Colour) -> None:
    c.fill(oval(x, foot - 188 * s, 15 * s, 17 * s), colour)
    c.fill(
        smooth(
            [
                (x - 24 * s, foot - 164 * s),
                (x + 22 * s, foot - 164 * s),
                (x + 30 * s, foot - 66 * s),
                (x - 32 * s, foot - 66 * s),
            ],
            6,
        ),
        colour,
    )
    c.line([(x - 10 * s, foot - 76 * s), (x - 22 * s, foot)], colour, 13 * s)
    c.line([(x + 8 * s, foot - 76 * s), (x + 24 * s, foot - 4 * s)], colour, 13 * s)
    c.fill(turned(box(-17 * s, 0, 17 * s, 26 * s), x + 36 * s, foot - 84 * s, 4), mix(colour, CORAL, 0.75))


def wheat_drought(c: Canvas) -> None:
    c.fade(box(0, 0, WIDTH, 480), mix(OCHRE, CORAL, 0.25), mix(OCHRE, SAND, 0.55), PAPER)
    c.glow(1110, 210, 640, PAPER, 0.95)
    c.fill(oval(1110, 210, 92), mix(PAPER, (255, 255, 255), 0.5))
    ridge = [
        (0, 480),
        *[(x, 424 + 20 * np.sin(x / 210) + 8 * np.sin(x / 53)) for x in range(0, WIDTH + 20, 20)],
        (WIDTH, 480),
    ]
    c.fade(ridge, mix(ROSE, SAND, 0.3), mix(SAND, OCHRE, 0.3))
    for x, r in ((190, 30), (240, 42), (292, 28), (1420, 24), (1456, 34)):
        c.fill(box(x - 3, 420, x + 3, 470), mix(WINE, INK, 0.4))
        c.fill(oval(x, 408, r, r * 1.1), mix(MOSS, WINE, 0.45))
    c.fade(box(0, 462, WIDTH, 800), mix(SAND, PAPER, 0.35), mix(OCHRE, SAND, 0.35), mix(OCHRE, WINE, 0.22))
    for x in range(-700, 2400, 64):
        c.line([(800 + (x - 800) * 0.16, 464), (x, 800)], mix(OCHRE, WINE, 0.45), 3, 0.28)
    for depth in np.linspace(0.05, 1, 26):
        y, tall = 468 + 330 * depth**1.5, 14 + 86 * depth
        for x in np.arange(c.rng.uniform(-20, 0), WIDTH, 6 + 15 * depth):
            _ear(c, x + c.rng.normal(0, 5), y + c.rng.normal(0, 4), tall * c.rng.uniform(0.6, 1.1), depth)
    c.fade(box(0, 792, WIDTH, HEIGHT), mix(WINE, OCHRE, 0.25), mix(WINE, INK, 0.45))
    _cracked(c)
    c.grain(box(0, 792, WIDTH, HEIGHT), WINE, 90, 0.4, 0.2)


def _ear(c: Canvas, x: float, y: float, tall: float, depth: float) -> None:
    lean = c.rng.normal(0.16, 0.1) * tall
    tone = mix(mix(PAPER, SAND, 0.5), mix(OCHRE, WINE, 0.3), float(c.rng.random()) * 0.9)
    c.line([(x, y), (x + lean * 0.5, y - tall * 0.6), (x + lean, y - tall)], tone, 1 + 1.6 * depth, 0.95)
    if depth > 0.3:
        c.fill(turned(oval(0, 0, tall * 0.15, tall * 0.045), x + lean, y - tall, -70 + c.rng.normal(0, 14)), tone)


def _cracked(c: Canvas) -> None:
    """Plates of dried mud: a jittered grid laid down in perspective, each plate shrunk from its joints."""
    rows, columns = 6, 13
    jitter = c.rng.uniform(-0.3, 0.3, (rows + 1, columns + 1, 2))

    def at(i: int, j: int) -> np.ndarray:
        depth = (i + jitter[i, j, 0] * (i > 0)) / rows
        near = 0.45 + 0.75 * depth
        return np.array([800 + (j + jitter[i, j, 1] - columns / 2) * 190 * near, 800 + 285 * depth**1.35])

    for i in range(rows):
        for j in range(columns):
            corners = np.array([at(i, j), at(i, j + 1), at(i + 1, j + 1), at(i + 1, j)])
            plate = corners.mean(axis=0) + (corners - corners.mean(axis=0)) * 0.9
            middles = [(plate[k] + plate[(k + 1) % 4]) / 2 + c.rng.normal(0, 4, 2) for k in range(4)]
            ring = [(float(p[0]), float(p[1])) for k in range(4) for p in (plate[k], middles[k])]
            tone = mix(mix(SAND, PAPER, 0.2), ROSE, float(c.rng.uniform(0.1, 0.6)))
            c.fill([(x, y + 7) for x, y in ring], mix(WINE, INK, 0.5))
            c.fade(ring, mix(tone, PAPER, 0.25), mix(tone, OCHRE, 0.3))


def pitch_above(c: Canvas) -> None:
    grass = mix(MOSS, DEEP, 0.35)
    c.fill(ALL, grass)
    for i in range(10):
        x = i * 160
        c.fade(
            box(x, 0, x + 160, HEIGHT),
            *((mix(grass, PAPER, 0.16), mix(grass, MOSS, 0.6)) if i % 2 else (grass, mix(grass, INK, 0.15))),
        )
    c.grain(ALL, INK, 30, 0.4, 0.3)
    white = mix(PAPER, MIST, 0.15)
    for shape in (
        box(70, 60, 1530, 1007),
        box(70, 320, 290, 747),
        box(1310, 320, 1530, 747),
        box(70, 440, 150, 627),
        box(1450, 440, 1530, 627),
    ):
        c.line([*shape, shape[0]], white, 6)
    c.line([(800, 60), (800, 1007)], white, 6)
    c.line(oval(800, 533, 150), white, 6)
    c.line(oval(290 - 66, 533, 112, None, -54, 54), white, 6)
    c.line(oval(1310 + 66, 533, 112, None, 126, 234), white, 6)
    for x in (800, 214, 1386):
        c.fill(oval(x, 533, 7), white)
    for x, y, a in ((70, 60, 0), (1530, 60, 90), (1530, 1007, 180), (70, 1007, 270)):
        c.line(oval(x, y, 30, None, a, a + 90), white, 6)
    home = (
        (130, 530),
        (360, 250),
        (400, 460),
        (390, 640),
        (430, 850),
        (640, 380),
        (690, 560),
        (640, 740),
        (930, 240),
        (1010, 505),
        (900, 840),
    )
    away = (
        (1480, 540),
        (1230, 270),
        (1180, 450),
        (1210, 610),
        (1220, 820),
        (1040, 340),
        (990, 700),
        (1100, 560),
        (760, 300),
        (720, 660),
        (840, 470),
    )
    for places, shirt in ((home, CORAL), (away, PAPER)):
        for x, y in places:
            c.fade(
                [(x - 4, y - 12), (x + 5, y + 12), (x + 128, y + 84), (x + 134, y + 60)],
                NIGHT,
                mix(grass, NIGHT, 0.35),
                angle=30,
            )
            c.fill(turned(oval(0, 0, 23, 13), x, y, float(c.rng.uniform(0, 180))), shirt)
            c.fill(oval(x, y, 9), mix(WINE, INK, 0.5))
    c.fill([(966, 520), (974, 532), (1030, 560), (1036, 548)], NIGHT, 0.6)
    c.fill(oval(966, 524, 9), (255, 252, 244))
    c.fade([(0, 0), (520, 0), (0, 350)], INK, mix(grass, INK, 0.4), angle=45)
    c.grain([(0, 0), (640, 0), (0, 430)], NIGHT, 225, 0.5, 0.2)


def observatory_sky(c: Canvas) -> None:
    c.fade(box(0, 0, WIDTH, 900), NIGHT, INK, DEEP, mix(SEA, ROSE, 0.35))
    _milky_way(c)
    for top, colour in ((772, mix(DEEP, SEA, 0.35)), (832, mix(INK, DEEP, 0.5))):
        c.fade(
            [
                (0, HEIGHT),
                *[(x, top + 40 * np.sin(x / 260 + top) + 10 * np.sin(x / 61)) for x in range(0, WIDTH + 20, 20)],
                (WIDTH, HEIGHT),
            ],
            colour,
            NIGHT,
        )
    for _ in range(110):
        x, y = c.rng.uniform(0, 620), c.rng.uniform(820, 880)
        c.fill(oval(x, y + 20 * np.sin(x / 120), 2), OCHRE, float(c.rng.uniform(0.3, 0.9)))
    hill = [
        (420, HEIGHT),
        *[(x, 880 - 110 * np.exp(-(((x - 1080) / 330) ** 2)) + 6 * np.sin(x / 33)) for x in range(420, WIDTH + 20, 20)],
        (WIDTH, HEIGHT),
    ]
    c.fade(hill, mix(INK, MOSS, 0.18), NIGHT)
    c.grain(hill, MIST, -60, 0.22, 0.4)
    wall = box(880, 590, 1280, 786)
    c.fade(wall, mix(PAPER, SEA, 0.35), mix(SEA, INK, 0.4), mix(INK, NIGHT, 0.4), angle=0)
    c.grain(wall, NIGHT, 0, 0.6, 0.3)
    for x in (940, 1040, 1140, 1220):
        c.fill([*oval(x, 668, 17, None, 180, 360), (x + 17, 730), (x - 17, 730)], OCHRE if x == 1040 else NIGHT)
    c.glow(1040, 700, 70, OCHRE, 0.6)
    c.fill(box(862, 572, 1298, 598), mix(MIST, INK, 0.4))
    dome = [*oval(1080, 576, 204, 212, 180, 360)]
    c.fade(dome, mix(PAPER, MIST, 0.5), mix(SEA, DEEP, 0.2), INK, angle=20)
    for k in (0.35, 0.7):
        c.line(oval(1080, 576, 204 * k, 212, 180, 360), NIGHT, 2.4, 0.4)
    c.grain(dome, NIGHT, 20, 0.6, 0.4)
    c.fill([(990, 576), (1040, 576), (1048, 364), (1018, 372), (1000, 430)], NIGHT)
    c.fill([(996, 576), (1036, 576), (1040, 376), (1020, 384), (1004, 436)], mix(OCHRE, PAPER, 0.35))
    c.fill(turned(box(-11, -110, 11, 60), 1018, 470, -14), NIGHT)
    c.glow(1018, 480, 190, OCHRE, 0.4)
    for x, s in ((760, 1.0), (716, 0.7), (1380, 1.1), (1440, 0.8)):
        base = 868 - 90 * np.exp(-(((x - 1080) / 330) ** 2))
        for k in range(3):
            c.fill(
                [
                    (x - (40 - 9 * k) * s, base - k * 44 * s),
                    (x + (40 - 9 * k) * s, base - k * 44 * s),
                    (x, base - (88 + k * 44) * s),
                ],
                NIGHT,
            )
    _walker(c, 822, 822, 0.34, NIGHT)
    _walker(c, 846, 820, 0.26, NIGHT)


def _milky_way(c: Canvas) -> None:
    for t in np.linspace(0, 1, 26):
        x, y = -80 + 1500 * t, 840 - 900 * t
        c.glow(
            x + c.rng.normal(0, 24),
            y + c.rng.normal(0, 24),
            c.rng.uniform(130, 240),
            mix(MIST, ROSE, float(c.rng.random()) * 0.6),
            0.14,
        )
    for _ in range(1300):
        t = c.rng.random()
        across = c.rng.normal(0, 105) if c.rng.random() < 0.62 else c.rng.uniform(-900, 900)
        x, y = -80 + 1500 * t + across * 0.52, 840 - 900 * t + across * 0.85
        size = float(c.rng.choice((0.8, 1.2, 1.8, 3.0), p=(0.55, 0.3, 0.12, 0.03)))
        c.fill(oval(x, y, size), mix(PAPER, MIST, float(c.rng.random())), float(c.rng.uniform(0.35, 1)))


def market_stall(c: Canvas) -> None:
    c.fade(ALL, mix(MIST, PAPER, 0.3), mix(PAPER, SAND, 0.3), mix(SAND, ROSE, 0.4))
    for x, w, h, tone in (
        (0, 250, 560, ROSE),
        (230, 220, 640, SAND),
        (1180, 200, 600, mix(SEA, MIST, 0.5)),
        (1370, 240, 520, ROSE),
    ):
        c.fade(box(x, 720 - h, x + w, 760), mix(tone, PAPER, 0.45), mix(tone, PAPER, 0.15))
        for row in range(5):
            for k in range(3):
                c.fill(
                    box(x + 34 + k * 68, 760 - h + row * 110, x + 66 + k * 68, 820 - h + row * 110),
                    mix(tone, INK, 0.4),
                    0.5,
                )
    c.fade(box(0, 740, WIDTH, HEIGHT), mix(SAND, ROSE, 0.5), mix(WINE, ROSE, 0.45))
    c.fade(box(250, 330, 1350, 700), mix(WINE, INK, 0.3), mix(WINE, INK, 0.6))
    _vendor(c)
    for x in (232, 1352):
        c.fade(box(x, 220, x + 18, 1010), mix(SAND, WINE, 0.4), mix(WINE, INK, 0.4), angle=0)
    produce: tuple[tuple[Colour, float], ...] = (
        (OCHRE, 31),
        (mix(WINE, INK, 0.3), 34),
        (mix(MOSS, PAPER, 0.12), 44),
        (CORAL, 29),
    )
    for k, (tone, size) in enumerate(produce):
        left = 236 + k * 284
        _heap(c, left + 138, 742, tone, size)
        c.fade(box(left, 738, left + 276, 852), mix(SAND, OCHRE, 0.3), mix(SAND, WINE, 0.35))
        for y in (776, 814):
            c.line([(left, y), (left + 276, y)], WINE, 3, 0.5)
        c.grain(box(left, 738, left + 276, 852), WINE, 40, 0.4, 0.3)
    c.fade(box(216, 852, 1384, 1010), mix(SEA, DEEP, 0.4), mix(DEEP, NIGHT, 0.4))
    for x in range(216, 1384, 73):
        c.line([(x, 852), (x, 1010)], NIGHT, 2, 0.35)
    c.grain(box(216, 852, 1384, 1010), NIGHT, 90, 0.6)
    c.fill(box(190, 1006, 1410, 1022), INK, 0.4)
    stripe = 1180 / 12
    for i in range(12):
        x0, x1 = 210 + i * stripe, 210 + (i + 1) * stripe
        t0, t1 = 800 + (x0 - 800) * 0.86, 800 + (x1 - 800) * 0.86
        tone = CORAL if i % 2 else PAPER
        c.fade([(t0, 110), (t1, 110), (x1, 320), (x0, 320)], mix(tone, PAPER, 0.1), mix(tone, WINE, 0.14))
        c.fade(
            [(x0, 320), *oval((x0 + x1) / 2, 352, stripe / 2, 34, 180, 0), (x1, 320)],
            mix(tone, WINE, 0.2),
            mix(tone, WINE, 0.3),
        )
        c.fill(oval((x0 + x1) / 2, 354, stripe / 2, 32, 0, 180), mix(tone, WINE, 0.24))
    c.grain([(285, 110), (1315, 110), (1390, 320), (210, 320)], WINE, 20, 0.32, 0.3)
    c.line([(330, 404), (560, 446), (800, 456), (1040, 446), (1270, 404)], INK, 3)
    for x, y in ((440, 430), (620, 452), (800, 462), (980, 452), (1160, 430)):
        c.glow(x, y + 12, 80, OCHRE, 0.7)
        c.fill(oval(x, y + 10, 9, 12), PAPER)


def _vendor(c: Canvas) -> None:
    c.fill(smooth([(720, 770), (716, 600), (760, 556), (840, 556), (884, 600), (880, 770)], 8), mix(SEA, MIST, 0.3))
    c.fill([(744, 640), (856, 640), (868, 770), (732, 770)], PAPER)
    c.fill(box(782, 520, 818, 566), mix(ROSE, WINE, 0.45))
    c.fill(oval(800, 496, 40, 47), mix(ROSE, WINE, 0.35))
    c.fill([*oval(800, 486, 43, 46, 180, 360)], INK)
    c.fill(box(752, 480, 848, 491), INK)


def _heap(c: Canvas, x: float, base: float, tone: Colour, size: float) -> None:
    for row, count in enumerate((4, 5, 4, 3)[::-1]):
        y = base - (3 - row) * size * 0.95 + 8
        for k in range(count):
            px = x + (k - (count - 1) / 2) * size * 1.72 + c.rng.normal(0, 2)
            ball = mix(tone, WINE, float(c.rng.uniform(0, 0.2)))
            c.fade(
                oval(px, y, size, size * float(c.rng.uniform(0.9, 1.02))),
                mix(ball, PAPER, 0.28),
                ball,
                mix(ball, WINE, 0.5),
                angle=60,
            )
            c.fill(oval(px - size * 0.34, y - size * 0.4, size * 0.16), PAPER, 0.5)
