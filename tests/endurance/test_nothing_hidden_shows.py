"""No word of a story that readers may not see is at any address that anybody can ask for, in any form of answer.

Each story here has a word of its own in every field. The same words are looked for while the stories are on show, so
that a sweep which finds nothing is known to look.
"""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import brotli
import pytest
import zstandard
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cms.app import build_newsroom, create_app
from cms.clock import SetClock
from cms.domain.articles import desk as rows
from cms.domain.workflow import editing, erasing, holds, noting, previews, publishing, pulling, translating
from cms.newsroom import Newsroom
from cms.worker.loop import Worker
from tests.conftest import MORNING, settings_of
from tests.desk import Desk
from tests.lending import Reader
from tests.pictures import hang, picture
from tests.readers import Readers
from tests.sizes import SOAKING, size
from tests.surfaces.guessing import UNSAFE, Guess, addresses, questions

FIELDS = (
    "headline", "standfirst", "point", "body", "slug", "tag", "person", "alt", "caption", "seotitle",
    "seodescription", "socialtitle", "socialdescription", "correction", "desknote",
)  # fmt: skip
SHOWN = frozenset(FIELDS) - {"desknote"}
COSTLY = ("/media/", "/share/", "/preview/", "/admin/", "/api/v1/articles/", "/section/news/zq")
HOUR = timedelta(hours=1)

MORE = size(0, 184, "MORE")
"""Hidden stories beside those that there is one of for each way of being hidden."""

pytestmark = pytest.mark.timeout(0 if SOAKING else 300)  # some thousand requests; a loaded machine takes its time
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda sent: zstandard.ZstdDecompressor().decompress(sent),
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    "": bytes,
}


def word(state: str, name: str) -> str:
    """A word that nobody else writes."""
    digits = sha256(f"{state} {name}".encode()).hexdigest()[:12]
    return "zq" + digits.translate(str.maketrans("0123456789", "ghjkmnprtv"))


@dataclass
class Story:
    """A story with a word of its own in every field.

    ``known``: readers see, or are told of, something of it. ``dead``: links to its preview open nothing any more.
    """

    state: str
    known: bool = False
    dead: bool = False
    article: str = ""
    media: str = ""
    media_id: str = ""
    link: str = "0" * 32
    """The secret of a preview link to it."""
    words: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.words = {name: word(self.state, name) for name in FIELDS}

    def guess(self) -> Guess:
        told = self.words
        searched = tuple(told[name] for name in ("headline", "body", "person"))
        return Guess(
            self.article, MORNING.date(), told["slug"], told["tag"], told["person"], self.media, self.media_id,
            self.link if self.dead else "0" * 32, searched,
        )  # fmt: skip


class Paper:
    """A newsroom whose stories are, or were, or will be on show, and what a stranger can ask it."""

    def __init__(self, newsroom: Newsroom, clock: SetClock) -> None:
        self.desk, self.newsroom, self.clock = Desk(newsroom), newsroom, clock
        self.app = create_app(newsroom)
        self.app.test_client_class = Reader
        self.client: FlaskClient = self.app.test_client()
        self.description = self.client.get("/api/v1/openapi.json").get_json()
        self.editor = self.desk.actor("editor")
        self.stories: list[Story] = []
        self.compared: set[str] = set()
        """Addresses that answered, to the byte, as one that never existed: they need no second look."""
        self.desk.section("News", "news")

    # --- Stories ---

    def write(self, state: str, *, known: bool = False, base: str = "") -> Story:
        """A draft with this story's words; with ``base``, a new revision of that article."""
        story = Story(state, known)
        told = story.words
        content = picture(64 + len(self.stories), 48)
        story.media_id, story.media = hang(self.newsroom, content, alt=told["alt"], caption=told["caption"])
        self.desk.person(told["person"].title(), told["person"])
        fields: dict[str, Any] = {
            "headline": f"{told['headline'].title()} sails",
            "standfirst": told["standfirst"],
            "key_points": [told["point"]],
            "body_html": f"<p>Somebody sails: {told['body']}</p>",
            "slug": told["slug"],
            "tags": [told["tag"]],
            "bylines": [{"person": told["person"]}],
            "sections": ["news"],
            "lead_image": story.media_id,
            "seo": {
                "title": told["seotitle"],
                "description": told["seodescription"],
                "social_title": told["socialtitle"],
                "social_description": told["socialdescription"],
            },
        }
        if base:
            self.desk.save(base, **fields)
        story.article = base or self.desk.write(fields.pop("headline"), **fields)
        self.desk.act(
            story.article, lambda s, row: noting.leave_note(s, self.editor, row, told["desknote"], self.desk.now)
        )
        if not base:
            story.link = self.desk.act(
                story.article, lambda s, row: previews.share(s, self.editor, row, self.desk.now)
            )[0]
        self.stories.append(story)
        return story

    def live(self, state: str, *, known: bool = False, stays: bool = False, **when: Any) -> Story:
        story = self.write(state, known=known)
        story.dead = True
        self.desk.put_live(story.article, **when)
        if stays:
            del story.words["correction"]  # it would be of the story, which stays on show
        else:
            self.desk.correct(story.article, story.words["correction"])
        Readers(self.newsroom).read(story.article)
        return story

    # --- A stranger ---

    def sweep(self, *methods: str, only: tuple[str, ...] = ("/",)) -> set[str]:
        """Ask for everything below these paths, in every encoding by turns; the words found."""
        found: set[str] = set()
        looked_for = re.compile("|".join(sorted(self._secrets())))
        for number, (method, address) in enumerate(self.asked(*methods)):
            if not address.startswith(only) or (method == "GET" and address in self.compared):
                continue
            encoding = [*DECODERS][number % len(DECODERS)]
            answer = self.ask(method, address, encoding)
            assert answer.status_code < 500, (method, address, answer.text)
            seen = set(looked_for.findall(everything(answer)))
            if answer.status_code < 400:
                seen -= set(looked_for.findall(unquote_plus(address).lower()))
            found |= seen
        return found

    def shown(self) -> set[str]:
        """The words at the addresses that take no parameter."""
        asked = [
            (method, path) for method, path in self.asked("GET") if not path.startswith(COSTLY) and "?" not in path
        ]
        return {one for each in asked for one in re.findall("zq[a-z]{12}", everything(self.ask(*each)))}

    def asked(self, *methods: str) -> Iterator[tuple[str, str]]:
        """Every address, each once, with every story's own values."""
        once: dict[tuple[str, str], None] = {}
        # What changes something is refused before it looks for a story, so two of them do.
        for number, story in enumerate(self.stories if "GET" in methods else self.stories[:2]):
            guess = story.guess()
            mine = addresses(self.app, methods, guess)
            once.update(dict.fromkeys(each for each in mine if not number or not each[1].startswith("/admin/")))
            if "GET" in methods:
                once.update(dict.fromkeys(("GET", asked) for asked in questions(self.app, self.description, guess)))
        return iter(once)

    def ask(self, method: str, address: str, encoding: str = "") -> TestResponse:
        return self.client.open(address, method=method, headers={"Accept-Encoding": encoding})

    def _secrets(self) -> Iterator[str]:
        yield "zq[a-z]{12}"
        for story in self.stories:
            yield from () if story.known else (story.article,)
            yield from (story.media, story.media_id, story.link)


def everything(answer: TestResponse) -> str:
    """All that was sent: the headers and the body as its reader unpacks it."""
    body = DECODERS[answer.headers.get("Content-Encoding", "")](answer.data)
    return f"{answer.headers}\n".lower() + body.decode("utf-8", "replace").lower()


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory, blank_sqlite: Path) -> Iterator[Paper]:
    data, clock = tmp_path_factory.mktemp("hidden"), SetClock(MORNING)
    shutil.copyfile(blank_sqlite, data / "copydesk.sqlite3")
    newsroom = build_newsroom(settings_of(data, METRICS_TOKEN="for those who watch over it"), clock)
    yield Paper(newsroom, clock)
    newsroom.sessions.dispose()


@pytest.fixture(scope="module")
def hidden(paper: Paper) -> Paper:
    """The same paper when nothing of it may be seen any more, or yet; its cache and its index still know, until the
    last test here has the index catch up."""
    desk, now, zone, editor = paper.desk, paper.desk.now, paper.desk.zone, paper.editor
    was_live = [paper.live(state) for state in ("withdrawn", "erased", "pulled", "withdrawn and spiked")]
    was_live += [paper.live("taken down", known=True), paper.live("expired", live_until=now + HOUR)]
    in_part = paper.live("an edition erased", known=True, stays=True)
    more_were_live = [paper.live(f"withdrawn, number {number}") for number in range(MORE // 2)]
    changed = paper.desk.publish("An open story sails", sections=["news"], slug="open-story")
    Worker(paper.newsroom).index()
    found = paper.shown()
    missed = {
        (story.state, name)
        for story in [*was_live, in_part, *more_were_live]
        for name in SHOWN & story.words.keys()
        if story.words[name] not in found
    }

    assert not missed, "the sweep does not see what is on show"

    for state in ("draft", "in review", "ready", "scheduled", "embargoed", "held", "called off", "spiked"):
        paper.write(state)
    for number in range(MORE - MORE // 2):
        paper.write(f"draft, number {number}")
    by_state = {story.state: story.article for story in paper.stories}
    for verb in ("submit", "approve"):
        desk.act(by_state["ready"], lambda s, row, verb=verb: editing.transition(s, editor, row, verb, now))
    desk.act(by_state["in review"], lambda s, row: editing.transition(s, editor, row, "submit", now))
    desk.put_live(by_state["scheduled"], live_from=now + 9 * HOUR)
    desk.embargo(by_state["embargoed"], now + 8 * HOUR)
    desk.put_live(by_state["embargoed"], live_from=now + 9 * HOUR)
    desk.put_live(by_state["held"], live_from=now + HOUR)
    desk.act(by_state["held"], lambda s, row: holds.hold(s, editor, row, "A letter", now, zone=zone))
    desk.cancel(by_state["called off"], desk.put_live(by_state["called off"], live_from=now + HOUR))
    desk.act(by_state["spiked"], lambda s, row: publishing.spike(s, editor, row, now, zone=zone))
    paper.write("changed", known=True, base=changed)
    paper.write("a change to come", known=True, base=changed)
    desk.put_live(changed, revision=3, live_from=now + 9 * HOUR)
    desk.save(by_state["draft"], language="pt")
    desk.act(
        by_state["draft"],
        lambda s, row: translating.link_translation(s, editor, row, rows.find(s, changed)),
    )

    paper.clock.advance(2 * HOUR)
    now = desk.now
    desk.withdraw(by_state["withdrawn"])
    desk.withdraw(by_state["withdrawn and spiked"])
    desk.act(by_state["withdrawn and spiked"], lambda s, row: publishing.spike(s, editor, row, now, zone=zone))
    for story in more_were_live:
        desk.withdraw(story.article)
    desk.withdraw(by_state["taken down"], notice="It was wrong.")
    desk.act(by_state["pulled"], lambda s, row: pulling.pull(s, editor, row, "Wrong man", now, zone=zone))
    desk.save(in_part.article, **{**PLAIN, "headline": "A story without it sails"})
    desk.put_live(in_part.article, revision=2)
    paper.clock.advance(timedelta(minutes=1))
    erase(desk, by_state["erased"])
    erase(desk, in_part.article, [1])
    return paper


PLAIN: dict[str, Any] = {
    "standfirst": "", "key_points": [], "body_html": "<p>Nothing.</p>", "slug": "without-it", "tags": [],
    "bylines": [], "lead_image": None, "seo": {},
}  # fmt: skip


def erase(desk: Desk, article: str, revisions: list[int] | None = None) -> None:
    first, second = desk.actor("admin", "Ada"), desk.actor("admin", "Ben")
    desk.act(article, lambda s, row: erasing.ask(s, first, row, "A court order", desk.now, revisions=revisions))
    desk.act(article, lambda s, row: erasing.agree(s, second, row, desk.now, zone=desk.zone))


def test_a_hidden_address_answers_as_one_that_never_existed(hidden: Paper) -> None:
    """Byte for byte and header for header, save what was asked for; but for what is told of in public."""
    secret = [story for story in hidden.stories if not story.known]
    nobody = replace(Story("nobody").guess(), article="0" * 16, media="0" * 40, media_id="1" * 16)
    nobody = replace(nobody, words=nobody.words[:1])
    asked = [
        *addresses(hidden.app, ["GET"], nobody),
        *(("GET", q) for q in questions(hidden.app, {"paths": {}}, nobody)),
    ]
    expected = {address: told(hidden, nobody, address) for _method, address in asked if is_guessed(nobody, address)}
    for story in secret:
        guess = replace(story.guess(), secret=nobody.secret, words=story.guess().words[:1])
        own = [
            *addresses(hidden.app, ["GET"], guess),
            *(("GET", question) for question in questions(hidden.app, {"paths": {}}, guess)),
        ]
        compared = dict(zip([address for _, address in asked], [address for _, address in own], strict=True))
        for never, hid in compared.items():
            if never in expected:
                assert told(hidden, guess, hid) == expected[never], (story.state, hid)
                hidden.compared.add(hid)


def test_no_word_of_a_hidden_story_is_at_any_address(hidden: Paper) -> None:
    assert names(hidden, hidden.sweep("GET")) == {}, "while the index was behind, from a cache that knew them"
    hidden.compared.clear()
    assert names(hidden, hidden.sweep(*UNSAFE, only=("/api/", "/search"))) == {}, "by a method that changes something"
    Worker(hidden.newsroom).index()
    again = hidden.sweep("GET", only=("/search", "/api/v1/search", "/feed", "/sitemap", "/section/news/feed"))
    assert names(hidden, again) == {}, "when the index had caught up, from a cache that was warm"


def is_guessed(guess: Guess, address: str) -> bool:
    values = (guess.article, guess.slug, guess.tag, guess.person, guess.media, guess.media_id, *guess.words)
    return not address.startswith("/admin/") and any(value in address for value in values)


def told(paper: Paper, guess: Guess, address: str) -> tuple[int, str]:
    """The answer but for its date, and with what was asked for taken out of it: a search page repeats that."""
    answer = paper.ask("GET", address)
    said = f"{answer.headers}\n" + answer.get_data(as_text=True)
    values = (guess.article, guess.slug, guess.tag, guess.person, guess.media, guess.media_id, *guess.words)
    repeated = any(value[:-2] in said for value in values)
    for value in values:
        said = said.replace(value, "…").replace(value[:-1], "…").replace(value[:-2], "…")
    return answer.status_code, re.sub(
        r"(?m)^(Date|ETag|Content-Length): .*\n" if repeated else r"(?m)^Date: .*\n", "", said
    )


def names(paper: Paper, found: set[str]) -> dict[str, str]:
    """What each word found is, for whoever reads the failure."""
    said = {value: f"{story.state}: {name}" for story in paper.stories for name, value in story.words.items()}
    said |= {story.media: f"{story.state}: media" for story in paper.stories}
    return {each: said.get(each, "an id") for each in sorted(found)}
