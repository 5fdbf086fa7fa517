"""Going through a page by the Tab key alone, from its top to its end."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

_STOPS = """() => {
  const all = 'a[href], button, input, select, textarea, summary, audio, video, [contenteditable=true], [tabindex="0"]';
  const chosen = ({name}) => document.querySelector(`input[type=radio][name="${CSS.escape(name)}"]:checked`);
  const stops = [...document.querySelectorAll(all)].filter((each) => each.checkVisibility() && each.tabIndex >= 0
    && !each.matches(':disabled, [contenteditable] *') && !(each.type === 'radio' && !each.checked && chosen(each)));
  stops.forEach((each, number) => (each.dataset.stop = number));
  return stops.map((each) => each.outerHTML.slice(0, 100));
}"""
_STOPPED = """() => {
  const held = document.activeElement, [box] = held.getClientRects();
  if (held === document.body) return null;
  const lines = [getComputedStyle(held), getComputedStyle(held, '::after')];
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]];
  const above = points.map(([x, y]) => document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y));
  return {
    stop: held.dataset.stop, at: held.outerHTML.slice(0, 100), skips: held.matches('.skip'),
    seen: above.some((each) => each && (each.contains(held) || (held.closest('label') ?? held).contains(each))),
    marked: held.matches('audio, video, iframe, [contenteditable]') || lines.some((one) => one.outlineStyle === 'auto'
      || one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 2 || one.boxShadow !== 'none'),
  };
}"""


def walk(page: Page) -> dict[str, Any]:
    """What is wrong on the way: stops that are passed over, out of sight, behind something or not marked; a page that
    can't be left; one with navigation before its text and no way past it."""
    stops, met, unseen = page.evaluate(_STOPS), [], []
    for _step in range(2 * len(stops) + 40):
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOPPED)
        if stop is None:
            break
        met.append(stop)
        unseen += [] if stop["seen"] and stop["marked"] else [stop]
    else:
        return {"no way out": met[-3:]}
    reached = {stop["stop"] for stop in met}
    passed_over = [each for number, each in enumerate(stops) if str(number) not in reached]
    no_way_past = page.locator("header nav").count() > 0 and not met[0]["skips"]
    wrong = {"passed over": passed_over, "unseen": unseen, "no way past": no_way_past}
    return {what: each for what, each in wrong.items() if each}
