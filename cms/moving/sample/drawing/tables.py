"""Scenes of what lies on a table, a shelf or a drawing board."""

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


def letters_desk(c: Canvas) -> None:
    c.fade(ALL, mix(WINE, OCHRE, 0.35), mix(WINE, INK, 0.45), angle=40)
    for y in range(-60, HEIGHT, 46):
        grain = [(x, y + 16 * np.sin(x / 310 + y / 90) + 5 * np.sin(x / 83)) for x in range(-20, WIDTH + 40, 40)]
        c.line(grain, mix(WINE, NIGHT, 0.4), 2.4, 0.3)
    c.glow(320, 120, 900, mix(OCHRE, PAPER, 0.4), 0.55)
    for x, y, angle, tone in ((420, 640, -17, ROSE), (560, 520, -6, SAND), (700, 640, 8, MIST)):
        _envelope(c, x, y, angle, mix(PAPER, tone, 0.3))
    sheet = turned(box(-270, -350, 270, 350), 1090, 560, 6)
    c.fill(turned(box(-270, -350, 270, 350), 1112, 580, 6), NIGHT, 0.4)
    c.fade(sheet, PAPER, mix(PAPER, SAND, 0.4), angle=60)
    for row in range(13):
        y, left = -250 + row * 40, -210.0
        end = 210 if row % 4 != 3 else 40
        while left < end:
            long = float(c.rng.uniform(18, 62))
            stroke = [
                (left + k, y + 7 * np.sin(k / 5 + row) * float(c.rng.uniform(0.5, 1))) for k in range(0, int(long), 3)
            ]
            c.line(turned(stroke, 1090, 560, 6), INK, 3, 0.85)
            left += long + 16
    c.line(turned([(40, 290), (80, 262), (120, 296), (180, 268), (214, 284)], 1090, 560, 6), INK, 4)
    c.fill(turned(box(-12, -250, 12, 250), 1300, 640, 34), NIGHT, 0.35)
    c.fade(
        turned(smooth([(-13, -230), (13, -230), (15, 150), (-15, 150)], 6), 1280, 620, 34), DEEP, INK, NIGHT, angle=0
    )
    c.fill(turned([(-11, 148), (11, 148), (3, 214), (-3, 214)], 1280, 620, 34), mix(OCHRE, PAPER, 0.3))
    c.line(turned([(0, 160), (0, 210)], 1280, 620, 34), WINE, 2)
    c.fill(oval(276, 250, 128, 30), NIGHT, 0.5)
    c.fill(oval(250, 226, 120), mix(PAPER, MIST, 0.35))
    c.fill(oval(250, 226, 96), mix(WINE, NIGHT, 0.5))
    c.fade(oval(250, 226, 90), mix(WINE, OCHRE, 0.35), mix(WINE, NIGHT, 0.5), angle=50)
    c.line(oval(378, 226, 44, 34, -110, 110), mix(PAPER, MIST, 0.35), 18)
    c.grain(ALL, NIGHT, 40, 0.55, 0.35)


def _envelope(c: Canvas, x: float, y: float, angle: float, paper: Colour) -> None:
    c.fill(turned(box(-210, -130, 210, 130), x + 16, y + 20, angle), NIGHT, 0.4)
    c.fade(turned(box(-210, -130, 210, 130), x, y, angle), paper, mix(paper, SAND, 0.5), angle=70)
    for side in (-210, 210):
        c.line(turned([(side, 130), (0, -6)], x, y, angle), mix(paper, WINE, 0.3), 3)
    c.fade(turned([(-210, -130), (210, -130), (0, 44)], x, y, angle), mix(paper, PAPER, 0.6), mix(paper, SAND, 0.6))
    c.line(turned([(-210, -130), (0, 44), (210, -130)], x, y, angle), mix(paper, WINE, 0.35), 3)
    c.fill(turned(oval(0, 36, 30), x, y, angle), mix(WINE, CORAL, 0.35))
    c.fill(turned(oval(-4, 32, 19), x, y, angle), mix(WINE, CORAL, 0.6))


def bakery_oven(c: Canvas) -> None:
    brick = mix(WINE, CORAL, 0.3)
    c.fade(ALL, mix(brick, NIGHT, 0.35), mix(brick, NIGHT, 0.55), NIGHT)
    for row in range(13):
        for k in range(-1, 14):
            x, y = k * 128 + (row % 2) * 64, row * 62
            tone = mix(brick, (NIGHT, OCHRE, WINE)[int(c.rng.integers(3))], float(c.rng.uniform(0.1, 0.4)))
            c.fill(box(x + 3, y + 3, x + 125, y + 59), mix(tone, NIGHT, 0.3))
    c.grain(box(0, 0, WIDTH, 800), NIGHT, 90, 0.4)
    arch = [*oval(800, 470, 420, 330, 180, 360), (1220, 640), (380, 640)]
    c.fill([*oval(800, 470, 470, 384, 180, 360), (1270, 664), (330, 664)], mix(SAND, WINE, 0.45))
    for k in range(15):
        a = np.pi + np.pi * k / 14
        c.line(
            [(800 + 424 * np.cos(a), 470 + 334 * np.sin(a)), (800 + 468 * np.cos(a), 470 + 382 * np.sin(a))],
            NIGHT,
            5,
            0.6,
        )
    c.fade(arch, NIGHT, mix(WINE, NIGHT, 0.3), mix(CORAL, OCHRE, 0.4))
    c.glow(620, 560, 420, OCHRE, 0.95)
    for x, tall in ((470, 190), (540, 250), (610, 210), (680, 150)):
        flame = smooth([(x - 42, 636), (x - 34, 560), (x + 4, 636 - tall), (x + 30, 570), (x + 44, 636)], 8)
        c.fade(flame, mix(OCHRE, PAPER, 0.6), OCHRE, CORAL)
    for x, y, r in ((850, 606, 74), (1000, 604, 78), (1130, 610, 66), (930, 560, 60), (1070, 558, 60)):
        _loaf(c, x, y, r)
    c.fade(box(300, 640, 1300, 690), mix(SAND, WINE, 0.3), mix(WINE, NIGHT, 0.4))
    c.fade(box(0, 760, WIDTH, HEIGHT), mix(WINE, OCHRE, 0.5), mix(WINE, NIGHT, 0.4))
    c.fill(box(0, 752, WIDTH, 772), mix(OCHRE, SAND, 0.3))
    for k, r in enumerate((96, 104, 92, 110, 98)):
        _loaf(c, 170 + k * 214, 870 + (k % 2) * 44, r)
    c.fade(turned(box(-400, -11, 400, 11), 1250, 760, -24), mix(SAND, OCHRE, 0.5), mix(WINE, OCHRE, 0.4))
    c.fade(
        smooth([(1290, 1067), (1270, 820), (1330, 660), (1440, 620), (1540, 680), (1600, 840), (1600, 1067)], 8),
        mix(PAPER, MIST, 0.3),
        mix(SEA, INK, 0.3),
        angle=0,
    )
    c.line([(1340, 740), (1220, 790)], mix(PAPER, MIST, 0.3), 54)
    c.fill(oval(1196, 794, 30, 24), mix(ROSE, SAND, 0.4))
    c.fill(oval(1440, 556, 58, 70), mix(ROSE, SAND, 0.35))
    c.fade(
        smooth([(1376, 536), (1372, 470), (1420, 430), (1490, 440), (1512, 500), (1502, 540)], 6),
        PAPER,
        mix(MIST, SEA, 0.3),
        angle=0,
    )
    c.glow(1330, 600, 240, OCHRE, 0.35)
    for _ in range(90):
        left, top = c.rng.uniform(100, 1500), c.rng.uniform(300, 1040)
        c.fill(oval(left, top, float(c.rng.uniform(0.8, 2.4))), mix(PAPER, OCHRE, 0.3), float(c.rng.uniform(0.2, 0.7)))
    c.grain(box(0, 760, WIDTH, HEIGHT), NIGHT, 90, 0.5, 0.2)


def _loaf(c: Canvas, x: float, y: float, r: float) -> None:
    c.fill(oval(x + 4, y + r * 0.56, r * 1.04, r * 0.16), NIGHT, 0.5)
    c.fade(oval(x, y, r, r * 0.62), mix(OCHRE, PAPER, 0.35), mix(OCHRE, WINE, 0.45), mix(WINE, INK, 0.3), angle=65)
    for k in (-0.4, 0, 0.4):
        cut = oval(x + k * r * 0.9, y - r * 0.1, r * 0.09, r * 0.36)
        c.fill(turned([(px - x, py - y) for px, py in cut], x, y, 14), mix(PAPER, SAND, 0.5), 0.9)
    c.grain(oval(x, y, r, r * 0.62), WINE, 60, 0.5, 0.4)


def library_shelves(c: Canvas) -> None:
    wood = mix(WINE, OCHRE, 0.35)
    c.fade(ALL, mix(wood, NIGHT, 0.45), mix(wood, NIGHT, 0.62))
    spines = (WINE, DEEP, OCHRE, MOSS, CORAL, SEA, INK, mix(SAND, PAPER, 0.3), ROSE)
    for bay in range(4):
        left = -20 + bay * 420
        for shelf in range(5):
            foot = 196 + shelf * 186
            x = left + 22.0
            while x < left + 376:
                wide, tall = float(c.rng.uniform(15, 40)), float(c.rng.uniform(104, 156))
                tone = mix(spines[int(c.rng.integers(len(spines)))], NIGHT, float(c.rng.uniform(0.1, 0.4)))
                if c.rng.random() < 0.06:
                    x += wide
                    continue
                c.fade(
                    box(x, foot - tall, x + wide - 1.5, foot),
                    mix(tone, PAPER, 0.2),
                    tone,
                    mix(tone, NIGHT, 0.4),
                    angle=0,
                )
                for band in (0.16, 0.24, 0.8):
                    c.line(
                        [(x + 2, foot - tall * band), (x + wide - 3, foot - tall * band)],
                        mix(OCHRE, PAPER, 0.3),
                        2,
                        0.6,
                    )
                x += wide
            c.fade(box(left, foot, left + 400, foot + 16), mix(wood, OCHRE, 0.4), mix(wood, NIGHT, 0.4))
        c.fade(box(left - 22, 0, left + 22, HEIGHT), mix(wood, OCHRE, 0.3), mix(wood, NIGHT, 0.5), angle=0)
    c.blur(2)
    c.glow(1130, 520, 640, mix(OCHRE, PAPER, 0.4), 0.5)
    c.fade(box(0, 880, WIDTH, HEIGHT), mix(wood, OCHRE, 0.3), mix(wood, NIGHT, 0.6))
    c.line([(0, 882), (WIDTH, 882)], mix(OCHRE, PAPER, 0.3), 6, 0.7)
    for y in (920, 962, 1012):
        c.line([(0, y), (WIDTH, y + 6)], NIGHT, 3, 0.25)
    c.fill(oval(1140, 902, 150, 18), NIGHT, 0.5)
    c.fade(box(1122, 640, 1158, 880), mix(OCHRE, PAPER, 0.2), mix(WINE, OCHRE, 0.4), angle=0)
    c.fade(oval(1140, 892, 110, 26), mix(OCHRE, PAPER, 0.2), mix(WINE, OCHRE, 0.4), angle=0)
    c.fade([(930, 650), (980, 520), (1300, 520), (1350, 650)], mix(MOSS, DEEP, 0.3), mix(MOSS, NIGHT, 0.3), angle=0)
    c.fill(oval(1140, 650, 210, 22), mix(PAPER, OCHRE, 0.2))
    c.fill([(950, 660), (1330, 660), (1500, 884), (760, 884)], mix(PAPER, OCHRE, 0.3), 0.18)
    c.fill(oval(700, 990, 330, 40), NIGHT, 0.4)
    for flip in (-1, 1):
        page = smooth(
            [
                (700, 930),
                (700 + flip * 150, 886),
                (700 + flip * 320, 910),
                (700 + flip * 350, 1000),
                (700 + flip * 160, 986),
                (700, 1010),
            ],
            6,
        )
        c.fade(page, mix(PAPER, SAND, 0.1), mix(PAPER, SAND, 0.5), angle=0 if flip > 0 else 180)
        for row in range(5):
            y = 922 + row * 15
            c.line(
                [(700 + flip * 44, y - 4), (700 + flip * 170, y - 20 + row), (700 + flip * 300, y - 6 + row)],
                INK,
                2.6,
                0.5,
            )
    c.line([(700, 930), (700, 1010)], mix(SAND, WINE, 0.4), 4)
    for x, y, tone in ((330, 846, CORAL), (326, 806, DEEP), (336, 768, OCHRE)):
        c.fade(box(x - 120, y, x + 130, y + 38), mix(tone, PAPER, 0.15), mix(tone, NIGHT, 0.35))
        c.fill(box(x + 112, y + 5, x + 130, y + 33), mix(PAPER, SAND, 0.4))
    c.grain(ALL, NIGHT, 200, 0.5, 0.4)


def violin_bench(c: Canvas) -> None:
    c.fade(ALL, mix(SAND, PAPER, 0.2), mix(OCHRE, SAND, 0.5), mix(WINE, OCHRE, 0.45), angle=55)
    for k in range(9):
        y = 60 + k * 128
        c.line([(0, y), (WIDTH, y + 14)], mix(WINE, OCHRE, 0.3), 4, 0.5)
        for _ in range(6):
            x = float(c.rng.uniform(0, WIDTH))
            c.line([(x, y + 40), (x + 190, y + 44 + float(c.rng.normal(0, 8)))], mix(WINE, OCHRE, 0.4), 2, 0.35)
    c.glow(420, 180, 820, PAPER, 0.5)
    outline = [
        (0, -330),
        (92, -318),
        (150, -258),
        (146, -176),
        (104, -128),
        (88, -70),
        (112, -8),
        (172, 54),
        (196, 150),
        (160, 246),
        (70, 292),
        (0, 298),
    ]
    body = smooth([*outline, *[(-x, y) for x, y in outline[-2:0:-1]]], 8)
    c.fill(turned(body, 734, 640, 58), WINE, 0.45)
    c.fade(turned(body, 710, 606, 58), mix(OCHRE, CORAL, 0.55), mix(CORAL, WINE, 0.55), mix(WINE, INK, 0.3), angle=30)
    inner = [(x * 0.93, y * 0.955) for x, y in body]
    c.line([*turned(inner, 710, 606, 58)], mix(WINE, NIGHT, 0.5), 4, 0.8)
    c.glow(620, 540, 240, mix(OCHRE, PAPER, 0.5), 0.5)
    for k in range(-7, 8):
        c.line(turned([(k * 20, -290 + abs(k) * 18), (k * 23, 280 - abs(k) * 14)], 710, 606, 58), WINE, 2, 0.12)
    for flip in (-1, 1):
        hole = [(flip * 74, -52), (flip * 60, -20), (flip * 84, 30), (flip * 72, 70)]
        c.line(turned(hole, 710, 606, 58), NIGHT, 10)
        c.fill(turned(oval(flip * 74, -58, 10), 710, 606, 58), NIGHT)
        c.fill(turned(oval(flip * 74, 78, 12), 710, 606, 58), NIGHT)
    c.fade(turned(box(-26, -640, 26, -300), 710, 606, 58), mix(OCHRE, WINE, 0.4), mix(WINE, NIGHT, 0.3), angle=90)
    c.fade(turned([(-20, -610), (20, -610), (32, -60), (-32, -60)], 710, 606, 58), INK, NIGHT, angle=0)
    c.fade(turned(smooth([(-30, 120), (30, 120), (20, 276), (-20, 276)], 5), 710, 606, 58), INK, NIGHT)
    c.fill(turned(box(-58, 22, 58, 36), 710, 606, 58), mix(SAND, OCHRE, 0.3))
    for k in (-12, -4, 4, 12):
        c.line(turned([(k * 0.8, -640), (k * 1.7, 30), (k, 130)], 710, 606, 58), mix(PAPER, MIST, 0.3), 2.4, 0.95)
    c.fill(
        turned(smooth([(-30, -640), (30, -640), (36, -720), (0, -770), (-36, -720)], 6), 710, 606, 58),
        mix(WINE, INK, 0.2),
    )
    for k, flip in ((-660, -1), (-690, 1), (-716, -1), (-742, 1)):
        c.line(turned([(0, k), (flip * 66, k)], 710, 606, 58), NIGHT, 13)
    for x, y, angle, long in ((330, 300, 20, 190), (410, 220, 32, 170), (250, 390, 8, 210)):
        c.fill(turned(box(-long, -11, 0, 11), x + 10, y + 14, angle), WINE, 0.35)
        c.fade(turned(box(-long, -13, -50, 13), x, y, angle), mix(OCHRE, PAPER, 0.2), mix(WINE, OCHRE, 0.5))
        c.fill(turned([(-50, -9), (40, -12), (58, 0), (40, 12), (-50, 9)], x, y, angle), mix(MIST, INK, 0.35))
    for _ in range(22):
        left, top, r = float(c.rng.uniform(120, 1500)), float(c.rng.uniform(760, 1040)), float(c.rng.uniform(14, 34))
        c.line(
            oval(left, top, r, r * 0.6, float(c.rng.uniform(0, 180)), float(c.rng.uniform(300, 420))),
            mix(SAND, PAPER, 0.5),
            6,
            0.9,
        )
    c.grain(ALL, WINE, 55, 0.4, 0.4)


def bridge_crack(c: Canvas) -> None:
    """An engineer's drawing in white on blue: the lifting span, and the crack in its hinge under a lens."""
    blue, chalk = mix(DEEP, SEA, 0.35), mix(PAPER, MIST, 0.3)
    c.fade(ALL, mix(blue, SEA, 0.2), mix(blue, INK, 0.35), angle=50)
    for k in range(0, WIDTH, 40):
        c.line([(k, 0), (k, HEIGHT)], chalk, 1.2, 0.22 if k % 200 == 0 else 0.08)
    for k in range(0, HEIGHT, 40):
        c.line([(0, k), (WIDTH, k)], chalk, 1.2, 0.22 if k % 200 == 0 else 0.08)
    for x in (270, 1330):
        for side in (-60, 60):
            c.line([(x + side, 240), (x + side, 760)], chalk, 5)
        for k in range(7):
            y = 240 + k * 74
            c.line([(x - 60, y), (x + 60, y + 74 if k < 7 else y)], chalk, 2.6, 0.8)
            c.line([(x + 60, y), (x - 60, y + 74)], chalk, 2.6, 0.8)
            c.line([(x - 60, y), (x + 60, y)], chalk, 3)
        c.line([*oval(x, 226, 46), (x + 46, 226)], chalk, 5)
        c.fill(box(x - 90, 760, x + 90, 860), chalk, 0.14)
        c.line([*box(x - 90, 760, x + 90, 860), (x - 90, 760)], chalk, 5)
    top, bottom = 520, 600
    c.line([(330, top), (1270, top)], chalk, 6)
    c.line([(330, bottom), (1270, bottom)], chalk, 6)
    for k in range(12):
        foot = 330 + k * 78.4
        c.line([(foot, bottom), (foot + 39, top), (foot + 78, bottom)], chalk, 3.4, 0.9)
    for x in (270, 1330):
        c.line([(x, 226), (x + (110 if x < 800 else -110), top)], chalk, 3, 0.7)
    water = [(x, 850 + 6 * np.sin(x / 24)) for x in range(-10, WIDTH + 20, 8)]
    for k in range(4):
        c.line([(x, y + k * 34) for x, y in water if (x // 90 + k) % 3], chalk, 3, 0.5 - k * 0.09)
    c.line([(330, 930), (1270, 930)], chalk, 3)
    for x, way in ((330, 1), (1270, -1)):
        c.line([(x, 905), (x, 955)], chalk, 3)
        c.line([(x + way * 24, 918), (x, 930), (x + way * 24, 942)], chalk, 3)
    lens_x, lens_y, r = 900, 420, 250
    c.line([(1246, 590), (1110, 530)], OCHRE, 5)
    c.line([*oval(1262, 596, 30), (1292, 596)], OCHRE, 6)
    c.fade(oval(lens_x, lens_y, r), mix(blue, SEA, 0.6), mix(blue, INK, 0.2), angle=60)
    c.fill(box(lens_x - 190, lens_y - 70, lens_x + 150, lens_y + 84), chalk, 0.2)
    c.fill([*oval(lens_x + 70, lens_y + 6, 118)], chalk, 0.22)
    c.line([*oval(lens_x + 70, lens_y + 6, 118), (lens_x + 188, lens_y + 6)], chalk, 6)
    c.line([*oval(lens_x + 70, lens_y + 6, 46), (lens_x + 116, lens_y + 6)], chalk, 6)
    for y in (-70, 84):
        c.line([(lens_x - 232, lens_y + y), (lens_x - 30, lens_y + y)], chalk, 6)
    crack = [
        (lens_x + 22, lens_y + 6),
        (lens_x - 8, lens_y - 4),
        (lens_x - 26, lens_y + 14),
        (lens_x - 66, lens_y + 4),
        (lens_x - 88, lens_y + 26),
        (lens_x - 134, lens_y + 18),
        (lens_x - 158, lens_y + 34),
    ]
    c.line(crack, NIGHT, 12)
    c.line(crack, CORAL, 7)
    for x, y in crack[1:5]:
        c.line([(x, y), (x - 16, y + 26)], CORAL, 3)
    for a in range(0, 360, 45):
        x, y = lens_x + 70 + 82 * np.cos(np.radians(a)), lens_y + 6 + 82 * np.sin(np.radians(a))
        c.line([*oval(float(x), float(y), 10), (float(x) + 10, float(y))], chalk, 4)
    c.line([*oval(lens_x, lens_y, r), (lens_x + r, lens_y)], OCHRE, 9)
    for x, y, long in ((120, 120, 220), (120, 150, 160), (1300, 990, 180), (1300, 1018, 120)):
        c.line([(x, y), (x + long, y)], chalk, 6, 0.6)
    c.grain(ALL, NIGHT, 50, 0.5, 0.4)
