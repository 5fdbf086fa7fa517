"""What whoever starts Copydesk for the first time finds: a paper that looks like this morning's."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import func, select
from werkzeug.serving import make_server

from cms.app import create_app
from cms.db import Base
from cms.domain.articles.model import Article
from cms.domain.views.windows import out_of_step
from cms.moving.sample import loading
from cms.newsroom import Newsroom
from cms.web.assets import BUILD
from tests.browser.walking import walk
from tests.lending import Reader
from tests.pictures import picture
from tests.sample import LISTS, STORIES
from tests.sizes import size
from tests.surfaces.pages import pick, read, words


def rows(newsroom: Newsroom) -> dict[str, int]:
    with newsroom.sessions.read() as session:
        counted = {
            table.name: session.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables
        }
    return {name: number or 0 for name, number in counted.items()}


def test_loading_it_twice_adds_nothing(paper: Newsroom) -> None:
    before = rows(paper)
    assert before["articles"] > 40
    assert loading.load_sample(paper) == 0
    assert rows(paper) == before


def test_its_paper_has_been_read_today_and_its_counts_are_in_step(paper: Newsroom) -> None:
    app = create_app(paper)
    app.test_client_class = Reader
    client = app.test_client()
    ranked = read(client, "/most-read/")
    assert len(pick(ranked, ".ranked > li")) == 20
    lead = pick(read(client, "/"), ".card-lead .card-headline a")[0].get("href")
    sentence = words(pick(read(client, lead), ".visits")[0])
    assert not sentence.endswith(" 0 visits today")
    with paper.sessions.read() as session:
        assert out_of_step(session) == []


def test_it_shows_every_state_a_story_can_be_in(paper: Newsroom) -> None:
    with paper.sessions.read() as session:
        states = set(session.scalars(select(Article.state)))
        embargoed = session.scalar(select(func.count()).where(Article.embargo_until > paper.clock.now()))
    assert {"draft", "in_review", "ready"} <= states
    assert embargoed == 1


# --- Every kind of page, in a browser ----------------------------------------------------------------------


@contextmanager
def printed(paper: Newsroom, **settings: Any) -> Iterator[str]:
    """The paper served under these settings; where."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        newsroom = replace(paper, settings=replace(paper.settings, site_url=origin, **settings))
        server = make_server("127.0.0.1", 0, create_app(newsroom), threaded=True, fd=listening.fileno())
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        yield origin
        server.shutdown()
        serving.join()


@pytest.fixture(scope="module")
def origin(paper: Newsroom) -> Iterator[str]:
    with printed(paper) as origin:
        yield origin


PICTURE = picture(1600, 1067, "PNG")
"""In place of every rendition: the sample's pictures have this shape, and making them all would take a while."""
AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()
WATCH = """window.moved = 0;
new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.moved += entry.value)))
  .observe({type: "layout-shift", buffered: true});"""
SETTLED = """document.readyState === 'complete'
  && [...document.images].every((image) => ((image.loading = 'eager'), image.complete))"""
EVERYTHING = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ASK = """async (rules) => (await axe.run(document, {
  runOnly: rules, rules: {'color-contrast': {enabled: document.styleSheets.length > 0}},
})).violations.map((found) => found.id + ': ' + found.nodes.map((node) => node.html.slice(0, 120)).join(' | '))"""
"""A page without a style sheet stands in the browser's own colours, of which axe knows the light ones only."""
OVERLAPS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), boxes = [], found = [];
  const range = document.createRange();
  while (walker.nextNode()) {
    const text = walker.currentNode, holder = text.parentElement;
    if (!text.data.trim() || !holder.checkVisibility() || holder.closest('.skip, .unseen, dialog')) continue;
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) if (box.width > 1) boxes.push([box, holder, text.data.trim()]);
  }
  boxes.sort((one, other) => one[0].top - other[0].top);
  boxes.forEach(([box, holder, said], at) => {
    for (const [below, other, words] of boxes.slice(at + 1)) {
      if (below.top > box.bottom - 5) break;
      const beside = below.left > box.right - 2 || below.right < box.left + 2;
      if (!beside && below.bottom > box.top + 5 && !holder.contains(other) && !other.contains(holder)
        && holder.closest('p, h1, h2, h3, li, td') !== other.closest('p, h1, h2, h3, li, td'))
        found.push(said.slice(0, 40) + ' / ' + words.slice(0, 40));
    }
  });
  return found;
}"""
"""Lines of text that lie on one another; those of one paragraph may touch."""


SCROLLS = """() => {
  const root = document.documentElement, usual = root.scrollWidth;
  root.style.fontSize = '200%';
  const large = root.scrollWidth;
  root.style.fontSize = '';
  return Math.max(usual, large);
}"""
"""How wide the page is, also with its text at twice the size."""
RESTLESS = """() => [...document.querySelectorAll('*')].filter((element) => {
  const {transitionDuration, animationName, scrollBehavior} = getComputedStyle(element);
  return transitionDuration !== '0s' || animationName !== 'none' || scrollBehavior !== 'auto';
}).map((element) => element.outerHTML.slice(0, 80))"""
"""What would move for a reader who has asked that nothing does."""


class Visit:
    """A browser going through a paper's pages, and whatever it found wrong with each."""

    def __init__(self, chromium: Browser, origin: str, *, script: bool = True) -> None:
        self._origin = origin
        self.context = chromium.new_context(
            base_url=origin,
            viewport={"width": 1280, "height": 800},
            bypass_csp=True,  # for axe itself
            reduced_motion="reduce",  # colours are then what they are at once
            service_workers="block",  # it would answer before the pictures below do
        )
        self.context.add_init_script(WATCH)
        self.context.add_init_script(AXE)
        self.context.route("**/media/**", lambda route: route.fulfill(body=PICTURE, content_type="image/png"))
        if not script:
            self.context.route("**/*.js", lambda route: route.abort())
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self._asked: set[str] = set()
        self.page.on("request", lambda request: self._asked.add(request.url))
        self.found: dict[str, Any] = {}
        self._path = ""

    def go(self, path: str) -> None:
        self._path = path
        self.page.set_viewport_size({"width": 1280, "height": 800})  # a window that changes moves everything
        self.page.goto(path)
        self.page.wait_for_function(SETTLED)

    def look(self, colours: Any, width: int, rules: list[str]) -> None:
        """Ask axe, and measure, with these colours at this width."""
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.emulate_media(color_scheme=colours)
        seen = {
            "axe": self.page.evaluate(ASK, rules),
            "overlaps": self.page.evaluate(OVERLAPS),
            "scrolls": self.page.evaluate(SCROLLS) > width,
            "restless": self.page.evaluate(RESTLESS),
        }
        self._note({f"{what} {colours} {width}": trouble for what, trouble in seen.items() if trouble})

    def walk(self, width: int) -> None:
        """Go through the page by Tab alone, from its top to its end."""
        self.page.set_viewport_size({"width": width, "height": 800})
        self._note(walk(self.page))

    def moved(self) -> None:
        """Note what has shifted since the page came, without anybody having touched it."""
        self._note({"moved": moved} if (moved := self.page.evaluate("window.moved")) else {})

    def end(self) -> dict[str, Any]:
        self.context.close()
        elsewhere = {url for url in self._asked if not url.startswith((self._origin, "data:"))}
        return {**self.found, "elsewhere": elsewhere} if elsewhere else self.found

    def _note(self, trouble: dict[str, Any]) -> None:
        self.found |= {f"{self._path} {what}": said for what, said in trouble.items()}


def test_every_kind_of_page_parses_without_an_error(paper: Newsroom, kinds: list[str]) -> None:
    app = create_app(paper)
    app.test_client_class = Reader
    client = app.test_client()
    for path in kinds:
        read(client, path, 404 if path == "/nothing-here/" else 200)


def test_every_kind_of_page_is_open_to_everybody(chromium: Browser, origin: str, kinds: list[str]) -> None:
    """axe finds nothing in light or dark, nothing lies on anything else or scrolls sideways or comes from elsewhere,
    and nothing moves once it is there."""
    visit = Visit(chromium, origin)
    for path in kinds:
        visit.go(path)
        visit.look("light", 1280, EVERYTHING)
        visit.moved()
        visit.look("dark", 320, ["wcag2aa", "wcag22aa"])
        visit.look("light", 768, ["wcag22aa"])
    assert visit.end() == {}


def test_every_kind_of_page_can_be_walked_by_keyboard_and_shows_where_it_is(
    chromium: Browser, origin: str, kinds: list[str]
) -> None:
    """Every link, button and field is reached, is in sight and is marked when it is, the navigation can be skipped, and
    the page can be left again."""
    visit = Visit(chromium, origin)
    for path in kinds[:: size(5, 1)]:
        for width in (1280, 320):
            visit.go(path)
            visit.walk(width)
    assert visit.end() == {}


def test_every_kind_of_page_is_whole_without_its_scripts(chromium: Browser, origin: str, kinds: list[str]) -> None:
    visit = Visit(chromium, origin, script=False)
    for path in kinds[::2]:
        visit.go(path)
        visit.look("dark", 320, EVERYTHING)
    assert visit.end() == {}


def test_a_paper_in_arabic_runs_from_right_to_left_as_a_whole(
    chromium: Browser, paper: Newsroom, kinds: list[str]
) -> None:
    with printed(paper, site_language="ar") as origin:
        visit = Visit(chromium, origin)
        for path in ("/", "/search?q=water", *kinds[len(LISTS) : len(LISTS) + 2]):
            visit.go(path)
            visit.look("light", 1280, EVERYTHING)
            visit.look("dark", 320, ["wcag2aa", "wcag22aa"])
            opener, name = visit.page.locator(".opener"), visit.page.locator(".masthead .nameplate a")
            assert (opener.bounding_box() or {})["x"] < (name.bounding_box() or {})["x"] + 1
        assert visit.end() == {}


def test_a_story_is_light(chromium: Browser, origin: str, kinds: list[str]) -> None:
    context = chromium.new_context(base_url=origin)
    page = context.new_page()
    for path in kinds[len(LISTS) : len(LISTS) + len(STORIES)]:
        answer = page.goto(path)
        assert answer is not None
        assert len(answer.body()) < 60_000, path
    context.close()
    built = BUILD.glob("*.js.br")
    sizes = {script.name.partition("-")[0]: script.stat().st_size for script in built}
    assert sizes["public"] + sizes["display"] < 15_000


def test_text_size_and_colours_are_kept_on_the_device_and_there_before_the_page_is_seen(
    chromium: Browser, origin: str
) -> None:
    context = chromium.new_context(base_url=origin, color_scheme="light")
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.goto("/")
    page.get_by_label("Dark").check()
    page.get_by_label("Larger").check()
    page.goto("/archive/")
    expect(page.get_by_label("Dark")).to_be_checked()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 23, 26)"
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20.8px"
    page.get_by_label("As on this device").check()
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(253, 252, 248)"
    context.close()
    assert refused == []


def test_without_a_network_a_reader_is_told_so_and_never_shown_a_story_from_the_device(
    chromium: Browser, origin: str, kinds: list[str]
) -> None:
    context = chromium.new_context(base_url=origin)
    page = context.new_page()
    story = kinds[len(LISTS)]
    page.goto(story)
    page.evaluate(
        "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller || new Promise("
        "(then) => navigator.serviceWorker.addEventListener('controllerchange', then)))"
    )
    page.goto(story)
    kept = "caches.keys().then((all) => Promise.all(all.map(async (name) => (await (await caches.open(name)).keys()))))"
    held = page.evaluate(f"{kept}.then((found) => found.flat().map((each) => new URL(each.url).pathname))")
    assert [path for path in held if not path.startswith("/static/build/")] == ["/offline/"]
    context.set_offline(True)
    for path in (story, "/"):
        page.goto(path)
        expect(page.get_by_role("heading", name="There is no connection just now")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith("Charter")
    context.set_offline(False)
    page.goto(story)
    expect(page.get_by_role("article").first).to_be_visible()
    context.close()


def test_a_reader_gets_everywhere_by_keyboard(chromium: Browser, origin: str) -> None:
    """Past the masthead, into a story, through the search window and back, and on by pages, without a pointer."""
    context = chromium.new_context(base_url=origin, reduced_motion="reduce")
    context.route("**/media/**", lambda route: route.fulfill(body=PICTURE, content_type="image/png"))
    page = context.new_page()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")  # its section, then the story
    page.keyboard.press("Tab")
    expect(page.locator(".card-lead .card-headline a")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/eastholm-bridge-buses-return/")
    opener = page.get_by_role("button", name="Search")
    page.keyboard.press("/")
    field = page.get_by_role("combobox")
    expect(field).to_be_focused()
    page.keyboard.type("bridge")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#search-window")).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    page.keyboard.type("bridge")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=bridge")
    page.goto("/archive/")
    page.get_by_role("link", name="Older stories").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/archive/?page=2")
    context.close()
