"""Read the sample newsroom from its files, and refuse it whole if anything in it does not add up.

Times are offsets from the moment of loading, never dates: the sample looks like this morning's paper on
whatever day it is loaded.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cms.moving.sample.markup import body_html, pictures_in, sounds_in
from cms.moving.sample.pictures import NAMES
from cms.moving.sample.sounds import SOUNDS

FOLDER = Path(__file__).parent
FENCE = "+++\n"
STATES = frozenset({"live", "draft", "in_review", "ready", "scheduled", "withdrawn"})
PUBLISHED = frozenset({"live", "withdrawn"})
BYLINE_ROLES = frozenset({"writer", "reporting", "photo", "video", "editing", "translation"})
CORRECTION_KINDS = frozenset({"correction", "clarification", "update", "editors_note", "retraction"})


class SampleError(ValueError):
    """The sample contradicts itself; the message names the file and the fault."""


@dataclass(frozen=True)
class SamplePerson:
    slug: str
    name: str
    title: str
    bio: str
    email: str | None = None
    kind: str = "person"


@dataclass(frozen=True)
class SampleSection:
    slug: str
    name: str
    parent: str | None = None


@dataclass(frozen=True)
class SampleByline:
    person: str
    role: str = "writer"


@dataclass(frozen=True)
class SamplePicture:
    name: str
    alt: str
    caption: str
    credit: str


@dataclass(frozen=True)
class SampleCorrection:
    kind: str
    text: str
    hours_after: float


@dataclass(frozen=True)
class SampleText:
    """What one publication of a story says."""

    headline: str
    standfirst: str
    key_points: tuple[str, ...]
    body_html: str


@dataclass(frozen=True)
class SampleRevision:
    """A later, non-minor publication of a story: the whole text as it then stood, and why it changed."""

    hours_after: float
    note: str
    text: SampleText


@dataclass(frozen=True)
class SampleArticle:
    """One story. `hours_ago` is set once it has been published, `hours_ahead` while it is scheduled."""

    key: str
    slug: str
    language: str
    state: str
    text: SampleText
    bylines: tuple[SampleByline, ...]
    sections: tuple[str, ...]
    tags: tuple[str, ...]
    picture: SamplePicture | None
    hours_ago: float | None
    hours_ahead: float | None
    embargo_hours_ahead: float | None
    translation_of: str | None
    revisions: tuple[SampleRevision, ...]
    corrections: tuple[SampleCorrection, ...]
    withdrawn_hours_after: float | None
    notice: str | None
    views: int
    views_today: int


@dataclass(frozen=True)
class SamplePage:
    slug: str
    title: str
    body_html: str


@dataclass(frozen=True)
class SampleNewsroom:
    paper_name: str
    tagline: str
    people: tuple[SamplePerson, ...]
    sections: tuple[SampleSection, ...]
    articles: tuple[SampleArticle, ...]
    pages: tuple[SamplePage, ...]

    def pictures(self) -> tuple[SamplePicture, ...]:
        """Each picture once, as its lead article describes it."""
        described = {article.picture.name: article.picture for article in self.articles if article.picture}
        return tuple(described.values())


def read_newsroom(folder: Path = FOLDER) -> SampleNewsroom:
    """The whole sample, articles in file order and sections parents first; SampleError when it is at fault."""
    facts = tomllib.loads((folder / "newsroom.toml").read_text("utf-8"))
    newsroom = SampleNewsroom(
        paper_name=facts["paper"]["name"],
        tagline=facts["paper"]["tagline"],
        people=tuple(SamplePerson(**person) for person in facts["people"]),
        sections=tuple(SampleSection(**section) for section in facts["sections"]),
        articles=tuple(_read_article(path) for path in sorted((folder / "articles").glob("*.md"))),
        pages=tuple(_read_page(path) for path in sorted((folder / "pages").glob("*.md"))),
    )
    _check_newsroom(newsroom)
    return newsroom


def _read_article(path: Path) -> SampleArticle:
    try:
        article = _article(path.stem, *_front_matter_and_body(path.read_text("utf-8")))
        _check_article(article)
    except (ValueError, KeyError, TypeError) as fault:
        raise SampleError(f"{path.name}: {fault!r}") from fault
    return article


def _read_page(path: Path) -> SamplePage:
    facts, body = _front_matter_and_body(path.read_text("utf-8"))
    return SamplePage(path.stem.partition("-")[2], facts["title"], body_html(body))


def _front_matter_and_body(source: str) -> tuple[dict[str, Any], str]:
    before, front_matter, body = source.split(FENCE, 2)
    if before:
        raise ValueError("a story begins with +++")
    return tomllib.loads(front_matter), body.strip()


def _article(key: str, facts: dict[str, Any], body: str) -> SampleArticle:
    days_ago = facts.pop("days_ago", None)
    hours_ago = facts.pop("hours_ago", None) if days_ago is None else days_ago * 24
    text = _text(facts, body)
    article = SampleArticle(
        key=key,
        slug=facts.pop("slug", key.partition("-")[2]),
        language=facts.pop("language", "en"),
        state=facts.pop("state", "live"),
        text=text,
        bylines=tuple(SampleByline(**byline) for byline in facts.pop("bylines")),
        sections=tuple(facts.pop("sections")),
        tags=tuple(facts.pop("tags")),
        picture=_picture(facts),
        hours_ago=hours_ago,
        hours_ahead=facts.pop("hours_ahead", None),
        embargo_hours_ahead=facts.pop("embargo_hours_ahead", None),
        translation_of=facts.pop("translation_of", None),
        revisions=tuple(_revisions(text, body, facts.pop("revisions", ()))),
        corrections=tuple(SampleCorrection(**correction) for correction in facts.pop("corrections", ())),
        withdrawn_hours_after=facts.pop("withdrawn_hours_after", None),
        notice=facts.pop("notice", None),
        views=facts.pop("views"),
        views_today=facts.pop("views_today"),
    )
    if facts:
        raise ValueError(f"unknown fields: {', '.join(sorted(facts))}")
    return article


def _text(facts: dict[str, Any], body: str) -> SampleText:
    return SampleText(
        headline=facts.pop("headline"),
        standfirst=facts.pop("standfirst"),
        key_points=tuple(facts.pop("key_points", ())),
        body_html=body_html(body),
    )


def _picture(facts: dict[str, Any]) -> SamplePicture | None:
    if "picture" not in facts:
        return None
    return SamplePicture(facts.pop("picture"), facts.pop("alt"), facts.pop("caption"), facts.pop("credit"))


def _revisions(text: SampleText, body: str, tables: Iterable[Mapping[str, Any]]) -> Iterable[SampleRevision]:
    """Each table carries only what changed; what it leaves out stays as the revision before had it."""
    for table in tables:
        changed = dict(table)
        hours_after, note = changed.pop("hours_after"), changed.pop("note")
        for passage in changed.pop("replace", ()):
            if body.count(passage["old"]) != 1:
                raise ValueError(f"not exactly once in the body: {passage['old']!r}")
            body = body.replace(passage["old"], passage["new"])
        body += changed.pop("append", "")
        changed["key_points"] = tuple(changed.get("key_points", text.key_points))
        text = replace(text, **changed, body_html=body_html(body))
        yield SampleRevision(hours_after, note, text)


def _check_article(article: SampleArticle) -> None:
    _require(article.state in STATES, f"unknown state {article.state}")
    _require((article.hours_ago is not None) == (article.state in PUBLISHED), "hours_ago is for published stories")
    _require((article.hours_ahead is not None) == (article.state == "scheduled"), "hours_ahead is for scheduled ones")
    _require((article.notice is not None) == (article.state == "withdrawn"), "a notice is for withdrawn stories")
    _require(bool(article.bylines and article.sections), "a story has a byline and a section")
    _require(article.embargo_hours_ahead is None or article.state == "ready", "an embargo is for a ready story")
    _require(0 <= article.views_today <= article.views, "more visits today than in all")
    for headline in (article.text.headline, *(revision.text.headline for revision in article.revisions)):
        _require(0 < len(headline) <= 90, f"{len(headline)} characters in a headline")
    unknown = {byline.role for byline in article.bylines} - BYLINE_ROLES
    unknown |= {correction.kind for correction in article.corrections} - CORRECTION_KINDS
    _require(not unknown, f"unknown byline roles or correction kinds: {unknown}")
    _check_times(article)


def _check_times(article: SampleArticle) -> None:
    """Whatever happened to a story happened after its publication and before now, in the order told."""
    revised = [revision.hours_after for revision in article.revisions]
    happened = [*revised, *(correction.hours_after for correction in article.corrections)]
    if article.withdrawn_hours_after is not None:
        happened.append(article.withdrawn_hours_after)
    _require(revised == sorted(set(revised)), "revisions in the order of their publication")
    _require(all(0 < hours < (article.hours_ago or 0) for hours in happened), "an event before the story or in future")


def _check_newsroom(newsroom: SampleNewsroom) -> None:
    people = _unique("person", (person.slug for person in newsroom.people))
    sections = _unique("section", (section.slug for section in newsroom.sections))
    _unique("slug", (article.slug for article in newsroom.articles))
    seen: set[str] = set()
    for section in newsroom.sections:
        _require(section.parent is None or section.parent in seen, f"{section.slug}: parents come first")
        seen.add(section.slug)
    for article in newsroom.articles:
        _require_known(article, "person", {byline.person for byline in article.bylines}, people)
        _require_known(article, "section", set(article.sections), sections)
        shown = {name for revision in article.revisions for name in pictures_in(revision.text.body_html)}
        shown |= set(pictures_in(article.text.body_html))
        shown |= {article.picture.name} if article.picture else set()
        _require_known(article, "picture", shown, frozenset(NAMES))
        _require_known(article, "sound", set(sounds_in(article.text.body_html)), frozenset(SOUNDS))


def _unique(kind: str, slugs: Iterable[str]) -> frozenset[str]:
    listed = list(slugs)
    _require(len(listed) == len(set(listed)), f"the same {kind} twice")
    return frozenset(listed)


def _require_known(article: SampleArticle, kind: str, named: set[str], known: frozenset[str]) -> None:
    _require(named <= known, f"{article.key}: unknown {kind} {', '.join(sorted(named - known))}")


def _require(holds: bool, fault: str) -> None:
    if not holds:
        raise SampleError(fault)
