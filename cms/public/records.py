"""What readers read most, and what the paper got wrong."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response
from flask_babel import gettext

from cms.domain import addresses, keys
from cms.domain.articles.errata import errata, public_corrections
from cms.domain.articles.queries import how_many, visible
from cms.domain.articles.reading import present, read, shown
from cms.domain.articles.story import PublicStory
from cms.domain.views.days import BUCKET, bucket_start
from cms.domain.views.ranking import NETWORKS
from cms.domain.views.ranking import most_read as ranking
from cms.domain.views.windows import WEEK, recent
from cms.public.page import feeds, page
from cms.public.paging import PER_PAGE, offset, only_page, paging
from cms.web.current import newsroom, now
from cms.web.database import db

LONGEST_RANKING = 20


@dataclass(frozen=True)
class Ranked:
    story: PublicStory
    visits: int


def most_read() -> Response:
    """The visible stories most visited in the last seven days."""
    only_page()
    settings, at = newsroom().settings, now()
    ranked = ranking(visible(at), WEEK, at, settings.site_timezone, networks=NETWORKS)
    rows = shown(db.session(), read(ranked.limit(LONGEST_RANKING)), at)
    visits = recent(db.session(), [row.article_id for row in rows], at)
    told = present(db.session(), rows, at, settings.article_path)
    return page(
        "most_read.html",
        path=addresses.most_read(),
        keyed={keys.FRONT},
        good_until=bucket_start(at) + BUCKET,
        title=gettext("Most read"),
        ranked=[Ranked(story, visits[row.article_id].week) for story, row in zip(told, rows, strict=True)],
    )


def corrections() -> Response:
    settings, at = newsroom().settings, now()
    path = addresses.corrections()
    wanted = public_corrections(at)
    stands = paging(how_many(db.session(), wanted), path)
    shown = wanted.offset(offset(stands.number)).limit(PER_PAGE)
    return page(
        "corrections.html",
        path=path,
        canonical=settings.origin + stands.here,
        keyed={keys.FRONT},
        title=gettext("Corrections"),
        feeds=feeds(f"{gettext('Corrections')} – {settings.site_name}", path),
        paging=stands,
        entries=errata(db.session(), shown, at, settings.article_path),
    )
