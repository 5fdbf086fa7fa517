"""A story written in the editor by hand, in a real browser, read on the site afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from cms.worker.counting import count_visits
from cms.worker.indexing import ensure_index
from tests.browser.conftest import Site

READER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SEEDS = [above / "shared" / "seed-article.txt" for above in Path(__file__).parents[3:5]]
OWN = """Written by 3:26 pm AI, Latest news

**Perigee Courts Northlight’s Researchers with Letters From the Top**

Besides letters from its founder, the company is offering jobs to candidates without…
  • The founder of Perigee writes to researchers of DeepMind and Northlight himself, in a recruitment drive.
  • Candidates are given tasks in place of a first interview, two people said.

The founder of Perigee has begun to write letters, “by hand,” as one of those who got them put it.

Nobody answered a request for comment outside regular business hours.

Visited 3 times, 1 visit(s) today
Tags: , Last modified: March 26, 2024
Close Search Window"""


def parts_of(text: str) -> tuple[str, str, list[str], list[str]]:
    """Headline, standfirst, key points and paragraphs of a page copied as text."""
    lines = [line.strip() for line in text.splitlines()]
    headline = next(line for line in lines if line.startswith("**")).strip("*")
    points = [line.removeprefix("•").strip() for line in lines if line.startswith("•")]
    after = lines[lines.index(f"**{headline}**") + 1 :]
    standfirst = next(line for line in after if line)
    last_point = max(place for place, line in enumerate(lines) if line.startswith("•"))
    end = next(place for place, line in enumerate(lines) if line.startswith("Visited "))
    return headline, standfirst, points, [line for line in lines[last_point + 1 : end] if line]


def seeds() -> list[str]:
    return [OWN, *(seed.read_text("utf-8") for seed in SEEDS if seed.exists())]


@pytest.mark.parametrize("text", seeds(), ids=lambda text: parts_of(text)[0][:20])
def test_a_story_typed_by_hand_reaches_page_feed_and_search_and_its_readers_are_counted_once(
    site: Site, sign_in: Callable[..., Page], chromium: Browser, text: str
) -> None:
    headline, standfirst, points, paragraphs = parts_of(text)
    page = sign_in()
    page.goto(f"{site.origin}/admin/articles/new")
    page.locator(".ProseMirror").wait_for()
    page.get_by_label("Headline").fill(headline)
    page.keyboard.press("Enter")  # on to the standfirst
    page.keyboard.insert_text(standfirst)
    page.keyboard.press("Enter")
    for point in points:
        page.keyboard.insert_text(point)
        page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # an empty point leads on to the text
    for place, paragraph in enumerate(paragraphs):
        if place:
            page.keyboard.press("Enter")
        page.keyboard.insert_text(paragraph)
    page.get_by_label("Primary section").select_option("AI")
    page.get_by_text("Other sections").first.click()
    page.get_by_role("checkbox", name="Latest news").check()
    page.keyboard.press("Control+s")
    expect(page.locator(".told")).to_contain_text("Saved as a draft")
    page.get_by_role("button", name="Publish revision 1").click()
    expect(page.locator(".told")).to_contain_text("Published")
    page.get_by_role("link", name="See it on the site").click()
    page.wait_for_url("**/2026/03/26/*/")

    said = page.locator("main").inner_text()
    parts = ["March 26, 2026, 3:26 pm EDT", "AI, Latest news", headline, standfirst, *points, *paragraphs]
    parts += ["Visited 0 times, 0 visits today", "Last modified: March 26, 2026"]
    places = [said.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)
    assert "Written by" not in said
    assert "Tags:" not in said
    times = page.locator("article time")
    assert times.first.get_attribute("datetime") == "2026-03-26T15:26:05.250-04:00"
    assert times.last.get_attribute("datetime") == "2026-03-26T15:26:05.250-04:00"
    address = page.url

    items = json.load(urlopen(f"{site.origin}/feed.json"))["items"]
    assert [item["title"] for item in items] == [headline]
    assert items[0]["url"] == address
    ensure_index(site.newsroom)
    page.goto(f"{site.origin}/search?q=DeepMind+recruitment")
    assert page.get_by_role("link", name=re.compile(re.escape(headline[:30]))).count() >= 1

    for _reader in range(2):
        context = chromium.new_context(user_agent=READER)
        reader = context.new_page()
        with reader.expect_response("**/api/v1/views") as counted:
            reader.goto(address)
        assert counted.value.status == 204
        context.close()
    site.newsroom.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    count_visits(site.newsroom)
    page.goto(address)
    expect(page.locator("main")).to_contain_text("Visited 1 time, 1 visit today")


def test_marks_bylines_and_tags_go_out_as_they_were_put_in(site: Site, sign_in: Callable[..., Page]) -> None:
    site.desk.person("Ben Adeyemi")
    page = sign_in()
    page.goto(f"{site.origin}/admin/articles/new")
    page.locator(".ProseMirror").click()
    page.keyboard.type("The letters began in ")
    page.get_by_role("button", name="Bold").click()
    page.keyboard.type("March")
    page.get_by_role("button", name="Bold").click()
    page.keyboard.type(".")
    page.get_by_label("Headline").fill("Chief woos researchers")
    assert page.get_by_label("Slug").input_value() == "chief-woos-researchers"
    name = page.get_by_label("Add a name")
    for typed in ("ana", "ben"):
        name.fill(typed)
        name.press("Enter")
    page.get_by_role("button", name="Move up Ben Adeyemi").click()
    page.get_by_label("Role of Ana Ruiz").select_option("reporting")
    tag = page.get_by_label("Tags", exact=True)
    tag.press_sequentially("Recruitment,Letters")
    tag.press("Enter")
    page.keyboard.press("Control+s")
    expect(page.locator(".told")).to_contain_text("Saved as a draft")
    page.get_by_role("button", name="Publish revision 1").click()
    page.get_by_role("link", name="See it on the site").click()
    page.wait_for_url("**/2026/03/26/*/")
    said = page.locator("main").inner_text()
    assert said.index("Ben Adeyemi") < said.index("Ana Ruiz")
    assert "Tags: Recruitment, Letters" in said
    assert page.locator("strong", has_text="March").count() == 1
