"""What a story is looked over for before it goes out. Each check is off, warns, or blocks: the site's choice.

What blocks is refused by the verb itself, so by every way in; what warns is only told. Nothing here is an opinion
on the words: each finding names what is missing and where.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain import forwards, preferences
from cms.domain.articles.body import plain_text
from cms.domain.articles.model import Article, Publication, Revision
from cms.domain.articles.picture_use import media_in
from cms.domain.articles.queries import at_slug, visible
from cms.domain.errors import Conflict, Invalid
from cms.domain.events import Event
from cms.domain.media.model import Media
from cms.domain.people.model import Person
from cms.domain.people.staff import Actor
from cms.domain.taxonomy.model import Section, Tag
from cms.domain.workflow.permissions import require_right

LEVELS = ("off", "warn", "block")
HEADLINE_MOST = 110
"""Characters: what search engines show of a NewsArticle's headline."""

SENTENCE_MOST = 25
"""Words in a sentence, on average: beyond it a text is hard to read (ISO 24495-1 asks for short ones)."""

SAID: Mapping[str, str] = {
    "headline": f"Headline over {HEADLINE_MOST} characters",
    "standfirst": "No standfirst",
    "byline": "No byline",
    "alt": "A picture without alternative text",
    "credit": "A picture without a credit",
    "rights": "A picture whose rights have run out by then",
    "links": "A link within the site that leads nowhere",
    "embargo": "An embargo that has not passed",
    "readability": f"Sentences of over {SENTENCE_MOST} words on average",
}


@dataclass(frozen=True)
class Finding:
    """``field`` is the form's field that it is about."""

    check: str
    level: str
    field: str
    message: str


@dataclass(frozen=True)
class Draft:
    """What is looked at: a saved revision's text, or one that is still being typed. ``signed``: has a byline."""

    headline: str
    standfirst: str
    body_html: str
    lead_image: str | None
    signed: bool


def rules(session: Session) -> dict[str, str]:
    """The level of each check; a warning where nothing was chosen."""
    chosen = preferences.preferred(session, preferences.CHECKS)
    return {check: chosen.get(check, "warn") for check in SAID}


def set_rules(session: Session, actor: Actor, levels: Mapping[str, str]) -> list[Event]:
    """Choose what warns and what blocks, on this site, for everybody."""
    require_right(actor, "manage_settings")
    wrong = {check: [f"Takes {', '.join(LEVELS)}."] for check, level in levels.items() if level not in LEVELS}
    wrong |= {check: ["There is no such check."] for check in levels if check not in SAID}
    if wrong:
        raise Invalid(wrong)
    before = rules(session)
    after = {**before, **levels}
    if after == before:
        return []
    preferences.prefer(session, preferences.CHECKS, after)
    return [Event("set_checks", actor, "preference:checks", before=before, after=after)]


def draft_of(revision: Revision) -> Draft:
    return Draft(
        revision.headline, revision.standfirst, revision.body_html, revision.lead_image, bool(revision.bylines)
    )


def findings(session: Session, article: Article | None, draft: Draft, when: datetime) -> list[Finding]:
    """What the story would go out with at ``when``, the blocking first."""
    levels = rules(session)
    found = [
        Finding(check, levels[check], field, message)
        for check, look in _LOOKS.items()
        if levels[check] != "off"
        for field, message in look(session, article, draft, when)
    ]
    return sorted(found, key=lambda finding: finding.level != "block")


def refuse_blocked(session: Session, article: Article, revision: Revision, when: datetime) -> None:
    """Raise Conflict, naming each, when a check that blocks finds something."""
    if "block" not in rules(session).values():
        return
    blocking = [each for each in findings(session, article, draft_of(revision), when) if each.level == "block"]
    if blocking:
        raise Conflict(
            "This can't go out yet. " + " ".join(each.message for each in blocking),
            code="blocked_by_checks",
            state=article.state,
            checks=[{"check": each.check, "field": each.field, "message": each.message} for each in blocking],
        )


# --- The looks ---------------------------------------------------------------------------------------------

Look = Callable[[Session, Article | None, Draft, datetime], Iterator[tuple[str, str]]]

_IMAGE = re.compile(r"<img\b[^>]*>")
_ALT = re.compile(r'\balt="\s*[^"\s]')
_LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#?]*)')
_SENTENCE = re.compile(r"[.!?…。！？]+[\s”’\"')\]]+")


def _headline(_s: Session, _a: Article | None, draft: Draft, _when: datetime) -> Iterator[tuple[str, str]]:
    if len(draft.headline) > HEADLINE_MOST:
        yield "headline", f"The headline has {len(draft.headline)} characters; {HEADLINE_MOST} are shown everywhere."


def _standfirst(_s: Session, _a: Article | None, draft: Draft, _when: datetime) -> Iterator[tuple[str, str]]:
    if not draft.standfirst.strip():
        yield "standfirst", "There is no standfirst."


def _byline(session: Session, _a: Article | None, draft: Draft, _when: datetime) -> Iterator[tuple[str, str]]:
    if not draft.signed and session.scalar(select(Person.id).where(Person.house)) is None:
        yield "bylines", "Nobody's name stands on it."


def _alt(session: Session, _a: Article | None, draft: Draft, _when: datetime) -> Iterator[tuple[str, str]]:
    lead = _lead(session, draft)
    if lead is not None and not lead.alt.strip():
        yield "lead_image", "The lead picture has no alternative text."
    bare = sum(1 for image in _IMAGE.findall(draft.body_html) if not _ALT.search(image))
    if bare:
        yield "body_html", f"{_count(bare, 'picture')} in the text without alternative text."


def _credit(session: Session, _a: Article | None, draft: Draft, _when: datetime) -> Iterator[tuple[str, str]]:
    lead = _lead(session, draft)
    if lead is not None and not lead.credit.strip():
        yield "lead_image", "The lead picture has no credit."
    bare = sum(1 for image in _in_body(session, draft) if not image.credit.strip())
    if bare:
        yield "body_html", f"{_count(bare, 'picture')} in the text without a credit."


def _rights(session: Session, _a: Article | None, draft: Draft, when: datetime) -> Iterator[tuple[str, str]]:
    lead = _lead(session, draft)
    if lead is not None and lead.usable_until is not None and lead.usable_until <= when:
        yield "lead_image", "The rights to the lead picture have run out by then."
    over = [image for image in _in_body(session, draft) if image.usable_until and image.usable_until <= when]
    if over:
        yield "body_html", f"{_count(len(over), 'picture')} in the text whose rights have run out by then."


def _links(session: Session, _a: Article | None, draft: Draft, when: datetime) -> Iterator[tuple[str, str]]:
    for path in dict.fromkeys(unescape(link) for link in _LINK.findall(draft.body_html)):
        if not _leads_somewhere(session, path, when):
            yield "body_html", f"The link to {path} leads to nothing that readers can see then."


def _embargo(_s: Session, article: Article | None, _draft: Draft, when: datetime) -> Iterator[tuple[str, str]]:
    if article is not None and article.embargo_until is not None and when < article.embargo_until:
        yield "live_from", "It is embargoed until after that; schedule it for later."


def _readability(_s: Session, _a: Article | None, draft: Draft, _when: datetime) -> Iterator[tuple[str, str]]:
    sentences = [
        count
        for line in plain_text(draft.body_html).split("\n")
        for sentence in _SENTENCE.split(line)
        if (count := len(sentence.split()))
    ]
    average = sum(sentences) / len(sentences) if sentences else 0
    if average > SENTENCE_MOST:
        yield "body_html", f"Sentences have {average:.0f} words on average; shorter ones are easier to read."


def _lead(session: Session, draft: Draft) -> Media | None:
    if not draft.lead_image:
        return None
    return session.scalar(select(Media).where(Media.public_id == draft.lead_image))


def _in_body(session: Session, draft: Draft) -> list[Media]:
    named = media_in({"body_html": draft.body_html, "seo": {}})
    return list(session.scalars(select(Media).where(Media.key.in_(named)))) if named else []


def _leads_somewhere(session: Session, path: str, when: datetime) -> bool:
    """Whether readers find something there. What is none of ours to know (a standing page, a file) passes."""
    parts = [part for part in path.split("/") if part]
    if not parts:
        return True
    kind, name = parts[0], "/".join(parts[1:])
    if kind == "section":
        found = session.scalar(select(Section.id).where(Section.path == name))
        return found is not None or forwards.leads_to(session, forwards.SECTION, name) is not None
    if kind == "tag":
        found = session.scalar(select(Tag.id).where(Tag.slug == name, Tag.internal.is_(False)))
        return found is not None or forwards.leads_to(session, forwards.TAG, name) is not None
    if kind == "author":
        found = session.scalar(select(Person.id).where(Person.slug == name))
        return found is not None or forwards.leads_to(session, forwards.PERSON, name) is not None
    if kind == "media":
        return True
    owners = [row.article_id for row in at_slug(session, parts[-1], when)]
    if not owners:
        return not re.fullmatch(r"\d{4}", kind)
    return session.scalar(visible(when).where(Publication.article_id.in_(owners)).limit(1)) is not None


def _count(number: int, thing: str) -> str:
    return f"There is a {thing}" if number == 1 else f"There are {number} {thing}s"


_LOOKS: Mapping[str, Look] = {
    "headline": _headline,
    "standfirst": _standfirst,
    "byline": _byline,
    "alt": _alt,
    "credit": _credit,
    "rights": _rights,
    "links": _links,
    "embargo": _embargo,
    "readability": _readability,
}
