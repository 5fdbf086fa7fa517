"""One story: its page, what has changed in it, and where its former addresses lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, make_response, redirect
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import contains_eager, undefer
from werkzeug.exceptions import NotFound

from cms.domain import addresses, keys
from cms.domain.articles.comparing import Difference, differences
from cms.domain.articles.model import Publication, Revision, RevisionSection
from cms.domain.articles.queries import NOW, at_slug, begun, nearest_in_sections, present, stories, visible
from cms.domain.articles.story import PublicStory
from cms.domain.articles.translations import Translation, translations
from cms.domain.search.related import beside
from cms.domain.standing.pages import all_pages
from cms.domain.views.days import day_start, site_day
from cms.domain.views.ranking import NETWORKS
from cms.domain.views.ranking import most_read as ranking
from cms.domain.views.windows import WEEK, figures
from cms.public.page import Telling, page
from cms.public.printing import language_name, paper_printer
from cms.public.refusals import gone
from cms.public.sharing import social
from cms.public.structured_data import as_script_text, news_article
from cms.web.current import newsroom, now
from cms.web.database import db

RELATED = 4
MOST_READ = 5
WORDS_A_MINUTE = 230
VISITS_STAND = timedelta(seconds=45)
"""How long a page may go on telling the same visits: one is in it within a minute."""

COMPANY_STANDS = timedelta(minutes=10)
"""How long it may go on naming the same stories beside its own, while all of them stay as they are."""


_EAGER = (contains_eager(Publication.article), contains_eager(Publication.revision))
# Every article's page asks these: each is built once.
_WITH_TEXT = (
    visible(NOW)
    .where(Publication.id == bindparam("id"))
    .options(contains_eager(Publication.article), contains_eager(Publication.revision).undefer(Revision.body_html))
)
_PRIMARY = select(RevisionSection.section_id).where(
    RevisionSection.revision_id == bindparam("revision"), RevisionSection.position == 0
)


@dataclass(frozen=True)
class Version:
    """One publication as its readers met it, and what differs from the one before."""

    number: int
    live_from: datetime
    minor: bool
    first: bool
    compared: bool
    """False where there is no text before it to compare with: it is the first, or what stood before was erased."""
    changes: list[Difference]


def article(slug: str, **dated: int) -> Response:
    """``dated`` holds the parts of the date that CMS_ARTICLE_PATH puts into the address: yyyy, mm, dd."""
    found = _standing_at(slug, dated)
    if isinstance(found, Response):
        return found
    row = db.session().scalar(_WITH_TEXT, {"now": now(), "id": found.id})
    if row is None:
        raise NotFound
    if row.slug != slug or not _is_of(row, dated):
        assert row.article.address_date is not None
        return _moved(addresses.article(newsroom().settings.article_path, row.article.address_date, row.slug))
    return _article_page(row)


def history(slug: str, **dated: int) -> Response:
    found = _standing_at(slug, dated)
    if isinstance(found, Response):
        return found
    story = _story(found, body=False)
    path = addresses.history(story.path)
    if story.slug != slug or not _is_of(found, dated):
        return _moved(path)
    return page(
        "history.html",
        path=path,
        keyed={keys.article(story.id)},
        good_until=story.live_until,
        noindex=True,
        story=story,
        versions=_versions(found.article_id),
    )


def text_only(slug: str, **dated: int) -> Response:
    """The story's words and nothing else to fetch."""
    found = _standing_at(slug, dated)
    if isinstance(found, Response):
        return found
    story = _story(found, body=True)
    path = addresses.text_only(story.path)
    if story.slug != slug or not _is_of(found, dated):
        return _moved(path)
    return page(
        "text.html",
        path=path,
        keyed={keys.article(story.id)},
        good_until=story.live_until,
        whole=story.path,
        heading=story.headline,
        story=story,
    )


def standing_story(slug: str, **dated: int) -> PublicStory | None:
    """The story that stands, or stood, at this address, if readers can see it; without its text."""
    try:
        found = _standing_at(slug, dated)
    except NotFound:
        return None
    return _story(found, body=False) if isinstance(found, Publication) else None


def _article_page(row: Publication) -> Response:
    settings, at = newsroom().settings, now()
    related, ranked, (older, newer) = _related(row), _most_read(row), _neighbours(row)
    rows = {each.id: each for each in (row, *related, *ranked, older, newer) if each}
    told = dict(zip(rows, present(db.session(), [*rows.values()], at, settings.article_path, body=True), strict=True))
    story = told[row.id]
    seo = story.seo
    described = news_article(
        story,
        origin=settings.origin,
        site_name=settings.site_name,
        printer=paper_printer(),
        standing={each.slug for each in all_pages(db.session())},
    )
    newest_in = {keys.section(section.slug) for section in story.sections[:1]} if newer is None else set()
    return page(
        "article.html",
        path=story.path,
        keyed={keys.article(each.id) for each in told.values()}
        | {keys.related(story.id)}
        | {keys.media(each.lead_image.id) for each in told.values() if each.lead_image}
        | newest_in,
        good_until=at + COMPANY_STANDS,
        passing=_visits(row.article_id),
        canonical=seo.get("canonical_url") or settings.origin + story.path,
        description=seo.get("description") or story.standfirst,
        noindex=bool(seo.get("noindex")),
        story=story,
        visits=True,
        related=[told[each.id] for each in related],
        ranked=[told[each.id] for each in ranked],
        older=told[older.id] if older else None,
        newer=told[newer.id] if newer else None,
        languages=_languages(story),
        minutes=round(described["wordCount"] / WORDS_A_MINUTE),
        structured_data=as_script_text(described),
        social=social(story),
    )


def _visits(article_id: int) -> Telling:
    """The visits sentence; at midnight "today" is another day."""
    zone = newsroom().settings.site_timezone

    def tell(at: datetime) -> tuple[str, datetime]:
        counted = figures(db.session(), [article_id], at, zone)[article_id]
        midnight = day_start(site_day(at, zone) + timedelta(days=1), zone)
        return paper_printer().visits(counted), min(midnight, at + VISITS_STAND)

    return tell


# --- Which story stands at an address ----------------------------------------------------------------------


def _standing_at(slug: str, dated: Mapping[str, int]) -> Publication | Response:
    """The publication on show of the article that stands, or stood, at this address.

    Of several that ever had the slug, the one of this date is meant, and of those the one that has it now. A
    wrong date leads on only to a story that readers may see: it must not tell of any other.
    """
    at = now()
    candidates = at_slug(db.session(), slug, at)
    here = [one for one in candidates if _is_of(one, dated)]
    for publication in sorted(here, key=lambda one: one.slug != slug) + list(candidates):
        if publication.live_until is None or publication.live_until > at:
            return publication
    for publication in here:
        if publication.withdrawn_at is not None and publication.notice:
            return gone(publication.notice, keys.article(publication.article.public_id))
    raise NotFound


def _is_of(publication: Publication, dated: Mapping[str, int]) -> bool:
    """Whether these date parts are those of the story's own address."""
    day = publication.article.address_date
    assert day is not None
    own = {"yyyy": day.year, "mm": day.month, "dd": day.day}
    return all(own[part] == asked for part, asked in dated.items())


def _moved(path: str) -> Response:
    answer = make_response(redirect(path, 301))
    answer.cache_control.no_cache = True  # a slug may come back; a browser must ask again
    return answer


def _story(publication: Publication, *, body: bool) -> PublicStory:
    settings = newsroom().settings
    shown = visible(now()).where(Publication.id == publication.id)
    found = stories(db.session(), shown, now(), settings.article_path, body=body)
    if not found:
        raise NotFound
    return found[0]


# --- What stands beside it and behind it -------------------------------------------------------------------


def _related(row: Publication) -> list[Publication]:
    """The most alike, as worked out when it was published; the newest of the same section where those are too few."""
    found = _rows(beside(visible(now()), row.article_id).limit(RELATED))
    if len(found) == RELATED:
        return found
    known = [row.article_id, *(other.article_id for other in found)]
    return found + nearest_in_sections(db.session(), now(), _primary(row), RELATED - len(found), without=known)


def _rows(publications: Select[Publication]) -> list[Publication]:
    return list(db.session().scalars(publications.options(*_EAGER)))


def _languages(story: PublicStory) -> list[tuple[str, Translation]]:
    """Each language the story can be had in, by the name that its own readers call it by."""
    found = translations(db.session(), story.id, now(), newsroom().settings.article_path)
    return [(language_name(each.language), each) for each in found]


def _most_read(row: Publication) -> list[Publication]:
    """What others read this week, this story aside."""
    settings, at = newsroom().settings, now()
    own = row.article.public_id
    ranked = ranking(visible(at), WEEK, at, settings.site_timezone, networks=NETWORKS, without=[own])
    return _rows(ranked.limit(MOST_READ))


def _neighbours(row: Publication) -> tuple[Publication | None, Publication | None]:
    """The stories of the same section published just before and just after this one."""
    own, primary, published_at = [row.article_id], _primary(row), row.article.first_live_from
    before = nearest_in_sections(db.session(), now(), primary, 1, without=own, before=published_at)
    after = nearest_in_sections(db.session(), now(), primary, 1, without=own, after=published_at)
    return next(iter(before), None), next(iter(after), None)


def _primary(row: Publication) -> list[int]:
    """The story's first section, if it has any."""
    return list(db.session().connection().scalars(_PRIMARY, {"revision": row.revision_id}))


def _versions(article_id: int) -> list[Version]:
    """Every publication that has begun and was neither hidden nor its text erased, newest first."""
    rows: Sequence[Publication] = (
        db.session()
        .scalars(
            begun(now())
            .where(Publication.article_id == article_id)
            .order_by(Publication.live_from)
            .options(contains_eager(Publication.revision).options(undefer(Revision.body_html)))
        )
        .all()
    )
    versions: list[Version] = []
    before: Revision | None = None
    for number, row in enumerate(rows, start=1):
        if row.hidden_at is not None or row.revision.erased_at is not None:
            continue  # it keeps its number, so that nobody is told that a later one was the first
        changes = differences(before, row.revision) if before else []
        versions.append(Version(number, row.live_from, row.minor, number == 1, before is not None, changes))
        before = row.revision
    return versions[::-1]
