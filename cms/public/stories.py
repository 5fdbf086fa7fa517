"""One story: its page, what has changed in it, and where its former addresses lead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Response, make_response, redirect
from sqlalchemy.orm import contains_eager, undefer
from werkzeug.exceptions import NotFound

from cms.domain import addresses, keys
from cms.domain.articles.comparing import Difference, differences
from cms.domain.articles.model import Publication, Revision
from cms.domain.articles.queries import at_slug, begun, visible
from cms.domain.articles.reading import (
    Listed,
    Shown,
    at_address,
    link,
    listed,
    of_publication,
    read_listed,
    stories,
)
from cms.domain.articles.story import PublicStory, StoryLink
from cms.domain.articles.translations import translations
from cms.domain.search.company import company_of
from cms.domain.views.ranking import NETWORKS
from cms.domain.views.ranking import most_read as ranking
from cms.domain.views.told import ToldVisits
from cms.domain.views.windows import WEEK, figures
from cms.public.page import Telling, page, site
from cms.public.printing import language_name, paper_printer
from cms.public.refusals import gone
from cms.public.sharing import social
from cms.public.structured_data import as_script_text, news_article
from cms.web.current import newsroom, now, recollection
from cms.web.database import db
from cms.web.telling import told_beside

MOST_READ = 5
WORDS_A_MINUTE = 230
RANKING_STANDS = timedelta(minutes=1)
"""How long a process may go on with the same ranking, which sums up a week of visits, for pages that it makes."""

COMPANY_STANDS = timedelta(minutes=10)
"""How long it may go on naming the same stories beside its own, while all of them stay as they are."""


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
    rows = [row for row in at_address(db.session(), slug, now()) if _is_of(row.address_date, dated)]
    if len(rows) == 1:
        return _article_page(rows[0])
    found = _standing_at(slug, dated)
    if isinstance(found, Response):
        return found
    row = of_publication(db.session(), found.id, now())
    if row is None:
        raise NotFound
    if row.slug != slug or not _is_of(row.address_date, dated):
        return _moved(addresses.article(newsroom().settings.article_path, row.address_date, row.slug))
    return _article_page(row)


def history(slug: str, **dated: int) -> Response:
    found = beneath(slug, dated, addresses.history)
    if isinstance(found, Response):
        return found
    publication, story = found
    return page(
        "history.html",
        path=addresses.history(story.path),
        keyed={keys.article(story.id)},
        good_until=story.live_until,
        noindex=True,
        story=story,
        versions=_versions(publication.article_id),
    )


def text_only(slug: str, **dated: int) -> Response:
    """The story's words and nothing else to fetch."""
    found = beneath(slug, dated, addresses.text_only, body=True)
    if isinstance(found, Response):
        return found
    _publication, story = found
    return page(
        "text.html",
        path=addresses.text_only(story.path),
        keyed={keys.article(story.id)},
        good_until=story.live_until,
        whole=story.path,
        heading=story.headline,
        story=story,
    )


def beneath(
    slug: str, dated: Mapping[str, int], below: Callable[[str], str], *, body: bool = False
) -> tuple[Publication, PublicStory] | Response:
    """The story of which this is asked for ``below`` its address; or where that leads, for one that has moved or was
    taken down with a notice."""
    found = _standing_at(slug, dated)
    if isinstance(found, Response):
        return found
    story = _story(found, body=body)
    if story.slug != slug or not _is_of(found.article.address_date, dated):
        return _moved(below(story.path))
    return found, story


def standing_story(slug: str, **dated: int) -> PublicStory | None:
    """The story that stands, or stood, at this address, if readers can see it; without its text."""
    try:
        found = _standing_at(slug, dated)
    except NotFound:
        return None
    return _story(found, body=False) if isinstance(found, Publication) else None


def _article_page(row: Shown) -> Response:
    settings, at, session = newsroom().settings, now(), db.session()
    company = company_of(session, row, at)
    story, related = told_beside(row, company.related)
    ranked = [link(other, settings.article_path) for other in _most_read() if other.id != row.id][:MOST_READ]
    older, newer = (other and link(other, settings.article_path) for other in (company.older, company.newer))
    seo = story.seo
    described = news_article(
        story,
        origin=settings.origin,
        site_name=settings.site_name,
        printer=paper_printer(),
        standing={each.path for each in site().pages},
    )
    newest_in = {keys.section(section.slug) for section in story.sections[:1]} if newer is None else set()
    return page(
        "article.html",
        path=story.path,
        keyed={keys.article(each.id) for each in (story, *related, *ranked, older, newer) if each}
        | {keys.related(story.id)}
        | {keys.media(each.lead_image.id) for each in (story, *related) if each.lead_image}
        | newest_in,
        good_until=at + COMPANY_STANDS,
        passing=_visits(row.article_id),
        canonical=seo.get("canonical_url") or settings.origin + story.path,
        description=seo.get("description") or story.standfirst,
        noindex=bool(seo.get("noindex")),
        story=story,
        visits=True,
        related=related,
        ranked=ranked,
        older=older,
        newer=newer,
        languages=_languages(story) if row.translated else [],
        minutes=round(described["wordCount"] / WORDS_A_MINUTE),
        structured_data=as_script_text(described),
        social=social(story),
    )


def _visits(article_id: int) -> Telling:
    """The visits sentence."""
    zone = newsroom().settings.site_timezone
    told = recollection().recall(
        "told visits", (), lambda: ToldVisits(lambda ids, at: figures(db.session(), ids, at, zone), zone)
    )
    told.forget(article_id)

    def tell(at: datetime) -> tuple[str, datetime]:
        counted, until = told.of(article_id, at)
        return paper_printer().visits(counted), until

    return tell


# --- Which story stands at an address ----------------------------------------------------------------------


def _standing_at(slug: str, dated: Mapping[str, int]) -> Publication | Response:
    """The publication on show of the article that stands, or stood, at this address.

    Of several that ever had the slug, the one of this date is meant, and of those the one that has it now. A
    wrong date leads on only to a story that readers may see: it must not tell of any other.
    """
    at = now()
    candidates = at_slug(db.session(), slug, at)
    here = [one for one in candidates if _is_of(one.article.address_date, dated)]
    for publication in sorted(here, key=lambda one: one.slug != slug) + list(candidates):
        if publication.live_until is None or publication.live_until > at:
            return publication
    for publication in here:
        if publication.withdrawn_at is not None and publication.notice:
            return gone(publication.notice, keys.article(publication.article.public_id))
    raise NotFound


def _is_of(day: date | None, dated: Mapping[str, int]) -> bool:
    """Whether these date parts are those of a story's own address."""
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


def _languages(story: PublicStory) -> list[tuple[str, StoryLink]]:
    """Each language the story can be had in, by the name that its own readers call it by."""
    found = translations(db.session(), story.id, now(), newsroom().settings.article_path)
    return [(language_name(each.language), each) for each in found]


def _most_read() -> Sequence[Listed]:
    """What others read this week, with one to spare for the page of one of them. Whatever changes a story that is on
    show changes the front's key, so these are forgotten with it."""
    zone, at = newsroom().settings.site_timezone, now()

    def learn() -> tuple[datetime, Sequence[Listed]]:
        ranked = ranking(visible(at), WEEK, at, zone, networks=NETWORKS).limit(MOST_READ + 1)
        return at, listed(db.session(), read_listed(ranked), at)

    return recollection().recall("ranking", {keys.FRONT}, learn, lambda known: at < known[0] + RANKING_STANDS)[1]


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
