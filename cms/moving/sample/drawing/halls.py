"""Scenes of halls: a chamber, a stage, a corridor, a pool."""

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


def council_chamber(c: Canvas) -> None:
    wood = mix(WINE, OCHRE, 0.42)
    c.fade(ALL, mix(wood, PAPER, 0.2), mix(wood, INK, 0.25), mix(wood, NIGHT, 0.5))
    for i in range(7):
        x = 120 + i * 226
        c.fade(box(x - 74, 60, x + 74, 420), mix(SEA, MIST, 0.45), mix(MIST, PAPER, 0.6), mix(PAPER, OCHRE, 0.25))
        c.fill([*oval(x, 62, 74, 60, 180, 360)], mix(SEA, MIST, 0.4))
        for k in (-25, 25):
            c.line([(x + k, 10), (x + k, 420)], mix(wood, NIGHT, 0.5), 5)
        for y in (70, 190, 305):
            c.line([(x - 74, y), (x + 74, y)], mix(wood, NIGHT, 0.5), 5)
    for i in range(8):
        c.fade(box(7 + i * 226, 0, 46 + i * 226, 470), mix(wood, PAPER, 0.25), mix(wood, NIGHT, 0.5), angle=0)
    c.fade(box(0, 420, WIDTH, 470), mix(wood, OCHRE, 0.3), mix(wood, NIGHT, 0.4))
    c.glow(800, 300, 700, PAPER, 0.4)
    c.fade(box(610, 330, 990, 560), mix(wood, NIGHT, 0.35), mix(wood, NIGHT, 0.6))
    c.fade([(690, 250), (910, 250), (900, 470), (700, 470)], mix(WINE, CORAL, 0.2), mix(WINE, NIGHT, 0.4))
    c.fill(oval(800, 250, 110, 34, 180, 360), mix(wood, OCHRE, 0.4))
    _sitting(c, 800, 470, 1.05, INK)
    for row, (base, rx, ry, count, s) in enumerate(
        ((640, 560, 90, 13, 0.82), (780, 790, 130, 15, 1.1), (960, 1060, 190, 17, 1.5))
    ):
        for k in range(count):
            a = np.pi * (0.1 + 0.8 * k / (count - 1))
            x, y = 800 - rx * np.cos(a), base + ry * (np.sin(a) - 0.55)
            if abs(x - 800) < 34 * s:
                continue
            up = (k * 5 + row * 3) % 7 < 3
            _sitting(
                c, float(x), float(y), s, mix((INK, DEEP, mix(WINE, INK, 0.5))[(k + row) % 3], NIGHT, 0.3 * row), up
            )
        bench = [(800 - rx * np.cos(t), base + ry * (np.sin(t) - 0.55)) for t in np.linspace(0.02, np.pi - 0.02, 50)]
        tone = mix(wood, NIGHT, 0.1 + 0.16 * row)
        c.fade(
            [*bench, *((x, y + 74 * s) for x, y in bench[::-1])], mix(tone, OCHRE, 0.35), tone, mix(tone, NIGHT, 0.6)
        )
        c.line(bench, mix(OCHRE, PAPER, 0.3), 4, 0.8)
    c.grain(box(0, 420, WIDTH, HEIGHT), NIGHT, 90, 0.55, 0.2)


def _sitting(c: Canvas, x: float, y: float, s: float, coat: Colour, arm_up: bool = False) -> None:
    """Somebody seen from behind the bench's edge at y; with an arm up when they vote."""
    if arm_up:
        c.line([(x + 26 * s, y - 20 * s), (x + 38 * s, y - 92 * s)], coat, 13 * s)
        c.fill(oval(x + 39 * s, y - 102 * s, 9 * s, 12 * s), mix(ROSE, SAND, 0.4))
    c.fill(
        smooth(
            [
                (x - 36 * s, y + 12),
                (x - 30 * s, y - 34 * s),
                (x, y - 46 * s),
                (x + 30 * s, y - 34 * s),
                (x + 36 * s, y + 12),
            ],
            5,
        ),
        coat,
    )
    c.fill(oval(x, y - 66 * s, 17 * s, 21 * s), mix(ROSE, SAND, 0.4))
    c.fill(oval(x, y - 72 * s, 18 * s, 19 * s, 170, 370), mix(INK, WINE, 0.4))


def theatre_stage(c: Canvas) -> None:
    c.fill(ALL, NIGHT)
    c.fade(box(240, 120, 1360, 760), INK, DEEP, mix(SEA, MIST, 0.25))
    c.glow(980, 250, 420, mix(MIST, PAPER, 0.5), 0.7)
    c.fill(oval(980, 250, 78), mix(PAPER, MIST, 0.25))
    for top, tone in ((560, mix(SEA, DEEP, 0.4)), (620, mix(DEEP, INK, 0.4)), (676, mix(INK, NIGHT, 0.3))):
        wave = [(x, top + 26 * np.sin(x / 62 + top) + 10 * np.sin(x / 23)) for x in range(230, 1380, 10)]
        c.fade([(230, 780), *wave, (1370, 780)], mix(tone, MIST, 0.3), tone, NIGHT)
    for x, s in ((620, 1.0), (1130, 0.8)):
        mast = 640 - 330 * s
        c.line([(x, 660), (x + 40 * s, mast)], mix(WINE, INK, 0.4), 12 * s)
        c.fade(
            [(x + 36 * s, mast + 12), (x + 250 * s, mast + 200 * s), (x + 16 * s, mast + 250 * s)],
            mix(PAPER, SAND, 0.2),
            mix(SAND, WINE, 0.3),
        )
    c.fade([(150, 760), (1450, 760), (1600, 930), (0, 930)], mix(WINE, OCHRE, 0.45), mix(WINE, INK, 0.3))
    for k in range(-9, 10):
        c.line([(800 + k * 66, 760), (800 + k * 92, 930)], NIGHT, 3, 0.35)
    for x, reach in ((360, 660), (800, 820), (1250, 930)):
        beam = [(x - 18, 60), (x + 18, 60), (reach + 130, 820), (reach - 130, 820)]
        c.fill(beam, mix(OCHRE, PAPER, 0.5), 0.13)
        c.fill(oval(reach, 824, 150, 30), mix(PAPER, OCHRE, 0.3), 0.55)
    _player(c, 820, 832, 1.5, CORAL)
    _player(c, 640, 838, 1.32, mix(MIST, PAPER, 0.2))
    _player(c, 950, 848, 1.22, mix(OCHRE, SAND, 0.2))
    for flip in (False, True):
        for k in range(6):
            left, right = k * 52, 70 + k * 52
            fold = [(left - 10, 60), (right, 60), (right - 20 + 10 * np.sin(k), 850), (left - 26, 880)]
            fold = [(WIDTH - x, y) for x, y in fold] if flip else fold
            c.fade(fold, mix(WINE, NIGHT, 0.5), mix(WINE, CORAL, 0.3), mix(WINE, NIGHT, 0.45), angle=0)
    for k in range(16):
        c.fade(oval(50 + k * 100, 60, 58, 96, 0, 180), mix(WINE, CORAL, 0.35), mix(WINE, NIGHT, 0.45))
    c.fade(box(0, 0, WIDTH, 74), mix(OCHRE, WINE, 0.3), mix(OCHRE, WINE, 0.7))
    c.line([(0, 76), (WIDTH, 76)], mix(OCHRE, PAPER, 0.3), 5)
    c.fade(box(0, 926, WIDTH, HEIGHT), NIGHT, (8, 12, 24))
    for row, (y, s) in enumerate(((960, 1.0), (1040, 1.35))):
        for k in range(17 - row * 4):
            seat = (40 + row * 26) + k * (98 + row * 34) + float(c.rng.normal(0, 6))
            c.fill(oval(seat, y - 26 * s, 20 * s, 24 * s), (9, 13, 26))
            c.fill(oval(seat, y + 34 * s, 46 * s, 40 * s), (7, 10, 20))
            c.line(oval(seat, y - 26 * s, 20 * s, 24 * s, 215, 320), mix(OCHRE, CORAL, 0.4), 2.4, 0.5)
    c.grain(box(0, 760, WIDTH, HEIGHT), NIGHT, 90, 0.5, 0.2)


def _player(c: Canvas, x: float, foot: float, s: float, robe: Colour) -> None:
    c.fade(
        smooth([(x - 18 * s, foot - 104 * s), (x + 18 * s, foot - 104 * s), (x + 40 * s, foot), (x - 42 * s, foot)], 6),
        mix(robe, PAPER, 0.25),
        robe,
        mix(robe, NIGHT, 0.5),
    )
    c.line([(x + 12 * s, foot - 96 * s), (x + 52 * s, foot - 128 * s)], robe, 11 * s)
    c.line([(x - 12 * s, foot - 94 * s), (x - 44 * s, foot - 66 * s)], mix(robe, NIGHT, 0.2), 11 * s)
    c.fill(oval(x, foot - 124 * s, 12 * s, 15 * s), mix(ROSE, SAND, 0.5))
    c.fill(oval(x, foot - 128 * s, 13 * s, 13 * s, 175, 365), mix(WINE, NIGHT, 0.5))


def server_hall(c: Canvas) -> None:
    c.fade(ALL, mix(NIGHT, DEEP, 0.3), NIGHT)
    vx, vy = 800.0, 470.0
    c.fade([(0, 0), (WIDTH, 0), (930, 400), (670, 400)], mix(INK, SEA, 0.3), mix(SEA, MIST, 0.5))
    c.fade([(0, HEIGHT), (WIDTH, HEIGHT), (930, 590), (670, 590)], mix(INK, SEA, 0.2), mix(SEA, MIST, 0.45), angle=270)
    c.fade(box(670, 400, 930, 590), mix(MIST, PAPER, 0.5), mix(SEA, MIST, 0.4))
    c.glow(vx, vy, 360, mix(PAPER, MIST, 0.2), 0.8)
    edges = [1.0, 0.78, 0.6, 0.46, 0.35, 0.26, 0.19]
    for flip in (-1, 1):
        for near, far in zip(edges[-2::-1][::-1][::-1], edges[::-1][:-1], strict=False):
            corners = []
            for depth, side in ((near, -1), (far, -1), (far, 1), (near, 1)):
                corners.append((vx + flip * 900 * depth * 0.86, vy + side * 640 * depth))
            c.fade(corners, mix(INK, SEA, 0.5 - 0.4 * near), mix(NIGHT, INK, 0.5), angle=0 if flip < 0 else 180)
            for shelf in range(17):
                for slot in range(5):
                    t = near + (far - near) * (0.14 + slot * 0.17)
                    y = vy + 640 * t * (-0.88 + shelf * 0.11)
                    x = vx + flip * 900 * t * 0.86
                    hue = (mix(SEA, MIST, 0.6), OCHRE, mix(MOSS, PAPER, 0.3), CORAL)[
                        int(c.rng.choice(4, p=(0.55, 0.2, 0.2, 0.05)))
                    ]
                    if c.rng.random() < 0.72:
                        c.fill(box(x - 7 * t, y - 5 * t, x + 7 * t, y + 5 * t), hue, float(c.rng.uniform(0.5, 1)))
                x0, x1 = (vx + flip * 900 * d * 0.86 for d in (near, far))
                y0, y1 = (vy + 640 * d * (-0.94 + shelf * 0.11) for d in (near, far))
                c.line([(x0, y0), (x1, y1)], NIGHT, 2, 0.6)
            c.line([corners[0], corners[3]], mix(SEA, MIST, 0.4), 4 * near + 1, 0.8)
    for k in range(7):
        d, e = 1.05 * 0.72**k, 1.05 * 0.72**k * 0.86
        c.fill(
            [
                (vx - 160 * d, vy - 560 * d),
                (vx + 160 * d, vy - 560 * d),
                (vx + 160 * e, vy - 560 * e),
                (vx - 160 * e, vy - 560 * e),
            ],
            mix(PAPER, MIST, 0.2),
            0.85,
        )
        c.fill(
            [
                (vx - 150 * d, vy + 620 * d),
                (vx + 150 * d, vy + 620 * d),
                (vx + 150 * e, vy + 620 * e),
                (vx - 150 * e, vy + 620 * e),
            ],
            PAPER,
            0.1,
        )
    for x, tone in ((-640, SEA), (-560, DEEP)):
        c.line([(vx + x, -20), (vx + x * 0.2, vy - 140)], mix(tone, MIST, 0.35), 34)
        c.line([(vx + x - 8, -20), (vx + x * 0.2 - 2, vy - 140)], mix(tone, PAPER, 0.6), 6, 0.7)
    c.fill(smooth([(852, 690), (846, 590), (862, 560), (894, 560), (910, 590), (906, 690)], 6), mix(NIGHT, INK, 0.4))
    c.fill(oval(878, 538, 17, 21), mix(ROSE, WINE, 0.4))
    c.line([(866, 684), (862, 770)], NIGHT, 17)
    c.line([(890, 684), (898, 766)], NIGHT, 17)
    c.grain(ALL, NIGHT, 90, 0.35, 0.5)


def hospital_corridor(c: Canvas) -> None:
    wall = mix(MIST, PAPER, 0.55)
    c.fade(ALL, mix(wall, PAPER, 0.4), wall)
    vx, vy = 820.0, 480.0
    c.fade([(0, 0), (WIDTH, 0), (980, 330), (660, 330)], PAPER, mix(MIST, PAPER, 0.4))
    c.fade(
        [(0, HEIGHT), (WIDTH, HEIGHT), (980, 640), (660, 640)], mix(MIST, SEA, 0.35), mix(PAPER, MIST, 0.4), angle=270
    )
    c.fade([(0, 0), (660, 330), (660, 640), (0, HEIGHT)], mix(wall, SEA, 0.25), mix(wall, PAPER, 0.3), angle=0)
    c.fade([(WIDTH, 0), (980, 330), (980, 640), (WIDTH, HEIGHT)], mix(wall, PAPER, 0.3), mix(wall, SEA, 0.16), angle=0)
    for flip, near in ((-1, 820.0), (1, 780.0)):
        rail = [(vx + flip * near, vy + 300), (vx + flip * 160, vy + 58)]
        c.line(rail, mix(SEA, DEEP, 0.2), 16)
        c.line([(x, y - 7) for x, y in rail], mix(MIST, PAPER, 0.5), 4)
        for k, (a, b) in enumerate(((0.92, 0.7), (0.52, 0.42), (0.32, 0.27))):
            door = [
                (vx + flip * near * d, vy + side)
                for d, side in ((a, -330 * a), (b, -330 * b), (b, 600 * b * 0.86), (a, 600 * a * 0.86))
            ]
            tone = (
                (mix(CORAL, PAPER, 0.3), mix(OCHRE, PAPER, 0.35), mix(SEA, MIST, 0.4))[k]
                if flip < 0
                else mix(SEA, MIST, 0.3)
            )
            c.fade(door, mix(tone, PAPER, 0.2), mix(tone, INK, 0.14), angle=0)
            m0, m1 = a - (a - b) * 0.3, a - (a - b) * 0.62
            c.fill(
                [(vx + flip * near * d, vy + side * d) for d, side in ((m0, -240), (m1, -240), (m1, -30), (m0, -30))],
                mix(PAPER, OCHRE, 0.15),
            )
    c.fade(box(690, 352, 950, 640), PAPER, mix(PAPER, OCHRE, 0.2))
    c.line([(820, 352), (820, 640)], mix(SEA, MIST, 0.4), 6)
    c.glow(820, 470, 340, PAPER, 0.9)
    for k in range(5):
        d = 0.62**k
        c.fill(
            [
                (vx - 120 * d, vy - 470 * d),
                (vx + 120 * d, vy - 470 * d),
                (vx + 104 * d, vy - 400 * d),
                (vx - 104 * d, vy - 400 * d),
            ],
            (255, 252, 244),
            0.95,
        )
    c.fill([(700, 660), (940, 660), (1180, HEIGHT), (460, HEIGHT)], PAPER, 0.3)
    _standing(c, 560, 1010, 2.5, mix(SEA, MIST, 0.2), mix(INK, SEA, 0.2))
    _standing(c, 800, 1000, 2.35, mix(CORAL, WINE, 0.3), mix(WINE, INK, 0.5), scarf=True)
    _standing(c, 1010, 1006, 2.5, PAPER, mix(SEA, DEEP, 0.3))
    c.fill(turned(box(-38, -52, 38, 52), 940, 742, 8), mix(SAND, WINE, 0.3))
    c.fill(turned(box(-32, -44, 32, 46), 940, 742, 8), (252, 248, 238))
    for k in range(5):
        c.line(turned([(-22, -26 + k * 16), (20, -26 + k * 16)], 940, 742, 8), INK, 3, 0.5)
    c.grain(ALL, mix(SEA, INK, 0.3), 120, 0.3, 0.4)


def _standing(c: Canvas, x: float, foot: float, s: float, coat: Colour, legs: Colour, scarf: bool = False) -> None:
    c.fill(oval(x, foot + 4, 54 * s, 8 * s), INK, 0.3)
    for k in (-14, 14):
        c.line([(x + k * s, foot - 80 * s), (x + k * 1.1 * s, foot)], legs, 20 * s)
    c.fade(
        smooth(
            [
                (x - 36 * s, foot - 172 * s),
                (x + 36 * s, foot - 172 * s),
                (x + 42 * s, foot - 66 * s),
                (x - 42 * s, foot - 66 * s),
            ],
            6,
        ),
        mix(coat, PAPER, 0.2),
        mix(coat, INK, 0.2),
        angle=20,
    )
    for side in (-1, 1):
        c.line(
            [
                (x + side * 34 * s, foot - 160 * s),
                (x + side * 44 * s, foot - 112 * s),
                (x + side * 16 * s, foot - 96 * s),
            ],
            mix(coat, INK, 0.12),
            15 * s,
        )
    skin = mix(mix(ROSE, SAND, 0.3), WINE, 0.18)
    c.fill(box(x - 8 * s, foot - 190 * s, x + 8 * s, foot - 168 * s), skin)
    c.fill(oval(x, foot - 204 * s, 17 * s, 21 * s), skin)
    if scarf:
        c.fade(
            smooth(
                [
                    (x - 22 * s, foot - 210 * s),
                    (x, foot - 232 * s),
                    (x + 22 * s, foot - 210 * s),
                    (x + 24 * s, foot - 168 * s),
                    (x - 24 * s, foot - 168 * s),
                ],
                6,
            ),
            OCHRE,
            mix(OCHRE, WINE, 0.4),
        )
        c.fill(oval(x, foot - 203 * s, 12 * s, 16 * s), skin)
    else:
        c.fill(oval(x, foot - 209 * s, 18 * s, 19 * s, 165, 375), mix(WINE, NIGHT, 0.6))


def pool_lanes(c: Canvas) -> None:
    c.fade(ALL, mix(SEA, MIST, 0.4), mix(SEA, MIST, 0.15), mix(SEA, DEEP, 0.3), angle=70)
    for lane in range(6):
        y = 90 + lane * 178
        c.fade(box(0, y + 62, WIDTH, y + 92), mix(DEEP, SEA, 0.3), mix(DEEP, INK, 0.3), angle=0)
        c.line([(130, y + 30), (130, y + 124)], mix(DEEP, INK, 0.2), 24)
    for _ in range(420):
        left, top, long = c.rng.uniform(-50, WIDTH), c.rng.uniform(0, HEIGHT), c.rng.uniform(30, 120)
        wave = [(left + k, top + 7 * np.sin(k / 15 + left)) for k in np.arange(0, long, 6)]
        c.line(wave, mix(PAPER, MIST, 0.3), float(c.rng.uniform(1.5, 4)), float(c.rng.uniform(0.12, 0.42)))
    for rope in range(7):
        y = rope * 178
        for k in range(-1, 58):
            x = k * 29
            tone = CORAL if (k // 4) % 2 else PAPER
            sway = 4 * np.sin(x / 120 + rope)
            c.fill(oval(x + 6, y + sway + 10, 13, 9), DEEP, 0.35)
            c.fade(oval(x, y + sway, 13, 9), mix(tone, PAPER, 0.3), mix(tone, WINE, 0.25))
    for x, lane, cap, reach in ((1080, 1, OCHRE, 1), (620, 4, CORAL, -1), (860, 2, PAPER, 1)):
        y = 90 + lane * 178
        c.fill(oval(x - 60, y + 34, 200, 26), DEEP, 0.4)
        for _ in range(26):
            c.fill(
                oval(
                    x - 190 - float(c.rng.exponential(60)), y + float(c.rng.normal(0, 20)), float(c.rng.uniform(4, 15))
                ),
                (255, 252, 244),
                0.6,
            )
        skin = mix(ROSE, SAND, 0.35)
        c.line([(x - 220, y - 6), (x - 90, y)], skin, 19)
        c.line([(x - 214, y + 18), (x - 90, y + 8)], skin, 19)
        c.fade(
            smooth([(x - 110, y - 24), (x + 10, y - 36), (x + 40, y), (x + 10, y + 36), (x - 110, y + 24)], 6),
            INK,
            NIGHT,
        )
        c.line([(x + 14, y - reach * 32), (x + 70, y - reach * 66), (x + 150, y - reach * 46)], skin, 17)
        c.line([(x + 14, y + reach * 30), (x - 50, y + reach * 58)], skin, 17)
        c.fill(oval(x + 62, y, 26, 22), cap)
        c.fill(oval(x + 56, y - 7, 9, 6), PAPER, 0.6)
        c.line(oval(x + 84, y, 44, 40, -70, 70), (255, 252, 244), 6, 0.7)
    c.fade(box(0, 0, 62, HEIGHT), PAPER, mix(SAND, PAPER, 0.3), angle=0)
    for lane in range(6):
        y = 90 + lane * 178
        c.fade(box(0, y + 36, 74, y + 118), mix(PAPER, MIST, 0.6), mix(SEA, MIST, 0.2), angle=0)
    c.grain(ALL, INK, 60, 0.3, 0.4)
