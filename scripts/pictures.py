"""Take the pictures in docs/pictures anew, from the sample newsroom as it is being served:

    .venv/bin/python scripts/pictures.py [http://127.0.0.1:8000 [NAME…]]

all of them or those named. Each page stands there in three windows side by side: 1440, 768 and 320 pixels wide.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
WINDOWS = {1440: 1180, 768: 1180, 320: 1180}
SHARE = 0.55  # of their real size
GROUND = "#8a8d92"
BETWEEN = 24
STORY = "eastholm-bridge-buses-return"
PAGES = {
    "front-widths": ("/", 0),
    "story-widths": (STORY, 0),
    "blocks-widths": ("harbour-lights-bells-and-horns", 2),
    "section-widths": ("/section/climate/", 0),
    "most-read-widths": ("/most-read/", 0),
}
"""Name → a path or a story's slug, and how many figures of it are passed over first."""


def main() -> None:
    origin = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name in sys.argv[2:] or [*PAGES, "story-arabic-dark", "front"]:
            take(browser, origin, name)
        browser.close()


def take(browser: Browser, origin: str, name: str) -> None:
    if name == "front":
        front = shot(browser, origin, "/", (1280, 1100))
        front.quantize(256, Image.Quantize.MEDIANCUT).save(FOLDER / "front.png", optimize=True)
    elif name == "story-arabic-dark":
        arabic = shot(browser, origin, "mutarjimun-st-brannoc", (1000, 1250), colours="dark")
        arabic.save(FOLDER / f"{name}.webp", quality=72, method=6)
    else:
        page, passed = PAGES[name]
        shots = [shot(browser, origin, page, (width, high), passed=passed) for width, high in WINDOWS.items()]
        side_by_side(shots).save(FOLDER / f"{name}.webp", quality=72, method=6)


def shot(
    browser: Browser, origin: str, page: str, window: tuple[int, int], *, colours: str = "light", passed: int = 0
) -> Image.Image:
    context = browser.new_context(
        base_url=origin,
        viewport={"width": window[0], "height": window[1]},
        color_scheme=colours,  # type: ignore[arg-type]
        service_workers="block",
    )
    tab = context.new_page()
    tab.goto(page if page.startswith("/") else address(tab.request.get(f"{origin}/api/v1/articles?limit=100"), page))
    tab.evaluate("for (const image of document.images) image.loading = 'eager'")
    if passed:
        tab.evaluate("number => scrollTo(0, document.querySelectorAll('figure')[number].offsetTop - 60)", passed)
    while not tab.evaluate("[...document.images].every((image) => image.complete)"):
        tab.wait_for_timeout(100)
    tab.evaluate("Promise.all([...document.images].map((image) => image.decode()))")
    taken = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    context.close()
    return taken


def address(answer: object, slug: str) -> str:
    found = next(each["url"] for each in answer.json()["data"] if each["slug"] == slug)  # type: ignore[attr-defined]
    return str(found)


def side_by_side(shots: list[Image.Image]) -> Image.Image:
    wide = sum(each.width for each in shots) + BETWEEN * (len(shots) + 1)
    high = max(each.height for each in shots) + 2 * BETWEEN
    sheet, across = Image.new("RGB", (wide, high), GROUND), BETWEEN
    for each in shots:
        sheet.paste(each, (across, BETWEEN))
        across += each.width + BETWEEN
    return sheet.resize((round(wide * SHARE), round(high * SHARE)), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
