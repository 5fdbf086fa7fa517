"""Every state of the writing room passes axe, in light and dark, and nothing runs over a phone's edge."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.conftest import Site

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
BODY = (
    "<h2>What happened</h2><p>Words with <strong>weight</strong> and a <a href='/x'>link</a>.</p>"
    "<ul><li><p>One</p></li></ul><blockquote><p>Said.</p></blockquote>"
    "<table><tbody><tr><th>Head</th></tr><tr><td>Cell</td></tr></tbody></table>"
    '<aside class="fact-box"><p>Fact.</p></aside>'
    '<figure class="embed embed-vimeo"><a href="https://vimeo.com/76979871">A film</a></figure>'
)


def test_every_state_of_the_room_passes_axe_in_light_and_dark_and_fits_a_phone(
    site: Site, sign_in: Callable[..., Page]
) -> None:
    desk, now = site.desk, site.newsroom.clock.now()
    live = desk.publish("A live story", body_html=BODY, sections=["ai"], key_points=["One", "Two"], tags=["Ferries"])
    desk.save(live, headline="A live story, changed", bylines=[{"person": "ana-ruiz"}])
    waiting = desk.write("A story to come")
    desk.put_live(waiting, live_from=now + timedelta(days=1))
    page = sign_in("Eve", viewport={"width": 320, "height": 800})
    story = f"{site.origin}/admin/articles/{live}/"

    def conflict() -> None:
        page.goto(f"{site.origin}/admin/articles/{waiting}/")
        page.locator(".ProseMirror").wait_for()
        desk.save(waiting, headline="Somebody else's headline", body_html="<p>Theirs.</p>")
        page.get_by_label("Headline").fill("My headline")
        page.locator("[data-save]").click()
        page.get_by_role("heading", name="Somebody was faster").wait_for()
        page.locator(".ProseMirror").wait_for()

    def open_at(address: str) -> Callable[[], None]:
        def act() -> None:
            page.goto(address)
            if "history" not in address and "preview" not in address:
                page.locator(".ProseMirror").wait_for()

        return act

    def press(name: str, shown: str) -> Callable[[], None]:
        def act() -> None:
            page.goto(story)
            page.locator(".ProseMirror").wait_for()
            page.get_by_role("button", name=name, exact=True).first.click()
            page.locator(shown).wait_for()

        return act

    states: dict[str, Callable[[], None]] = {
        "new": open_at(f"{site.origin}/admin/articles/new"),
        "live with changes": open_at(story),
        "scheduled": open_at(f"{site.origin}/admin/articles/{waiting}/"),
        "link dialog": press("Link", "dialog.ask"),
        "more": press("More", ":popover-open"),
        "pictures": press("Choose a picture", "text=The library is empty."),
        "withdrawing": press("Withdraw…", "#withdraw"),
        "history": open_at(f"{story}history/"),
        "preview": open_at(f"{story}preview"),
        "conflict": conflict,
    }
    found: list[str] = []
    for name, reach in states.items():
        reach()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            found += [f"{name}, {scheme}: {each}" for each in violations(page)]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > 320:
            found.append(f"{name}: {wide} px wide")
    assert found == []


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    answer = page.evaluate("""() => axe.run({ exclude: ["iframe"] }, { resultTypes: ["violations"] })""")
    nodes = [(each["id"], node) for each in answer["violations"] for node in each["nodes"]]
    return [f"{rule} at {node['target']}: {node['html'][:120]}" for rule, node in nodes]
