"""Draw the paper's icons: `.venv/bin/python scripts/icons.py`. The proof-reader's mark for "put something in here":
lines of text with a gap, and a caret that points into it. Run it after a change to the drawing; its files are kept."""

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parents[1] / "static" / "src" / "public" / "icons"
PENCIL, PAPER = "#1b4a96", "#fdfcf8"
GRID = 64
LINES = [((11, 12), (53, 17)), ((11, 22), (27, 27)), ((37, 22), (53, 27))]
CARET = [(32, 27), (44, 44), (37, 44), (32, 36), (27, 44), (20, 44)]
FOOT = [((11, 48), (53, 53))]
OVERSAMPLED = 4


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "icon.svg").write_text(svg(), encoding="utf-8")
    png(192, 1.0, round_by=12).save(FOLDER / "icon-192.png", optimize=True)
    png(512, 1.0, round_by=12).save(FOLDER / "icon-512.png", optimize=True)
    png(512, 0.8).save(FOLDER / "icon-whole-512.png", optimize=True)  # a launcher cuts its own shape out of it
    png(180, 0.9).save(FOLDER / "icon-180.png", optimize=True)


def svg() -> str:
    bars = "".join(f'<path d="M{x} {y}H{far}V{low}H{x}z"/>' for (x, y), (far, low) in LINES + FOOT)
    caret = "M" + "L".join(f"{x} {y}" for x, y in CARET) + "z"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {GRID} {GRID}">'
        f'<rect width="{GRID}" height="{GRID}" rx="12" fill="{PENCIL}"/>'
        f'<g fill="{PAPER}">{bars}<path d="{caret}"/></g></svg>\n'
    )


def png(size: int, share: float, round_by: int = 0) -> Image.Image:
    """``share``: how much of the width the mark takes, around the middle. Without ``round_by`` it fills its square."""
    scale = size * OVERSAMPLED / GRID
    image = Image.new("RGBA", (size * OVERSAMPLED,) * 2, PENCIL if not round_by else (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    if round_by:
        draw.rounded_rectangle((0, 0, *image.size), round_by * scale, fill=PENCIL)

    def at(point: tuple[int, int]) -> tuple[float, float]:
        x, y = ((each - GRID / 2) * share + GRID / 2 for each in point)
        return x * scale, y * scale

    for corner, opposite in LINES + FOOT:
        draw.rectangle((*at(corner), *at(opposite)), fill=PAPER)
    draw.polygon([at(point) for point in CARET], fill=PAPER)
    return image.resize((size, size), Image.Resampling.LANCZOS).quantize(32, Image.Quantize.FASTOCTREE)


if __name__ == "__main__":
    main()
