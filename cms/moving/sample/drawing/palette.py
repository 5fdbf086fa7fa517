"""The dozen colours every illustration is mixed from; the series looks like one hand because of them."""

Colour = tuple[int, int, int]

NIGHT: Colour = (16, 24, 46)
INK: Colour = (27, 40, 66)
DEEP: Colour = (24, 66, 86)
SEA: Colour = (52, 116, 128)
MIST: Colour = (160, 191, 188)
PAPER: Colour = (246, 234, 210)
SAND: Colour = (228, 201, 152)
OCHRE: Colour = (225, 161, 62)
CORAL: Colour = (226, 106, 76)
ROSE: Colour = (214, 144, 126)
WINE: Colour = (116, 38, 54)
MOSS: Colour = (92, 124, 80)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` 0 is all of the first colour, 1 all of the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
