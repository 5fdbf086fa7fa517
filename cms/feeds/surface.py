"""The feeds as a way in: JSON Feed, RSS and Atom of the paper, of any section, tag and author, and of corrections;
and the files by which machines find all the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from flask import Blueprint, Flask, Response, abort, g
from flask_babel import gettext

from cms.domain import addresses, keys
from cms.domain.articles.errata import Erratum, corrections_before, errata, public_corrections
from cms.domain.articles.lists import newest
from cms.domain.articles.reading import Listed, texts_of
from cms.domain.articles.story import PublicStory
from cms.domain.articles.takedowns import TOLD_FOR, Takedown, among, taken_down
from cms.feeds import atom, discovery, json_feed, rss, sitemaps, sources
from cms.feeds.entries import NOT_YET, Author, Entry, Feed, of_erratum, of_story, urn
from cms.feeds.paging import PER_PAGE, Turn, turn
from cms.feeds.sources import Source
from cms.web.assets import asset_url
from cms.web.current import newsroom, now, recollection
from cms.web.database import db
from cms.web.telling import keys_of, told


class Form(NamedTuple):
    media_type: str
    write: Callable[[Feed], bytes]
    item: Callable[[Entry, str], bytes]
    """Of an entry, and the language that the feed says it is in."""


FORMS = {
    "json": Form(json_feed.MEDIA_TYPE, json_feed.json_feed, json_feed.json_item),
    "rss": Form(rss.MEDIA_TYPE, rss.rss, rss.rss_item),
    "atom": Form(atom.MEDIA_TYPE, atom.atom, atom.atom_entry),
}


def install(app: Flask) -> None:
    feeds = Blueprint("feeds", __name__)
    form = f"<any({', '.join(FORMS)}):form>"
    feeds.add_url_rule(addresses.feed(addresses.front(), form), view_func=of_the_paper)
    feeds.add_url_rule(addresses.feed(addresses.section("<path:path>"), form), view_func=of_a_section)
    feeds.add_url_rule(addresses.feed(addresses.tag("<slug>"), form), view_func=of_a_tag)
    feeds.add_url_rule(addresses.feed(addresses.author("<slug>"), form), view_func=of_an_author)
    feeds.add_url_rule(addresses.feed(addresses.corrections(), form), view_func=of_corrections)
    number = "<int(min=1, max=100000):number>"
    feeds.add_url_rule(addresses.sitemap(), view_func=sitemaps.sitemap)
    feeds.add_url_rule(addresses.sitemap("lists"), view_func=sitemaps.lists)
    feeds.add_url_rule(addresses.sitemap(number), view_func=sitemaps.part)
    feeds.add_url_rule(addresses.news_sitemap(), view_func=sitemaps.news)
    feeds.add_url_rule(addresses.news_sitemap(number), view_func=sitemaps.news_part)
    feeds.add_url_rule(addresses.robots(), view_func=discovery.robots)
    feeds.add_url_rule(addresses.opensearch(), view_func=discovery.opensearch)
    feeds.add_url_rule(addresses.security(), view_func=discovery.security)
    app.register_blueprint(feeds)


def of_the_paper(form: str) -> Response:
    return _of_stories(sources.paper(), form)


def of_a_section(path: str, form: str) -> Response:
    return _of_stories(sources.section(path), form)


def of_a_tag(slug: str, form: str) -> Response:
    return _of_stories(sources.tag(slug), form)


def of_an_author(slug: str, form: str) -> Response:
    return _of_stories(sources.author(slug), form)


def of_corrections(form: str) -> Response:
    """Every public correction as an item of its own, the newest first."""
    at, asked = now(), turn()
    wanted = public_corrections(at)
    if asked.before:
        wanted = corrections_before(wanted, *asked.before)
    wanted = wanted.offset(asked.offset).limit(PER_PAGE + 1)
    found = errata(db.session(), wanted, at, newsroom().settings.article_path)
    if not found and asked.offset:
        abort(404)
    following = None
    if len(found) > PER_PAGE:
        last = found[PER_PAGE - 1].correction
        following = asked.after(last.published_at, last.id)
    shown = found[:PER_PAGE]
    entries = [of_erratum(one, _correction_title(one), newsroom().settings.origin) for one in shown]
    items = [FORMS[form].item(entry, newsroom().settings.site_language) for entry in entries]
    modified = max((entry.modified_at for entry in entries), default=NOT_YET)
    feed = _feed(sources.corrections(), form, asked, following, items, modified)
    g.page_keys = frozenset({keys.SITE, keys.FRONT, *(keys.article(one.story.id) for one in shown)})
    return _written(feed, form)


def _of_stories(source: Source, form: str) -> Response:
    """One page of the feed; 404 beyond its end, and for an empty one that may not be empty."""
    at, asked = now(), turn()
    found = newest(db.session(), source.listing, at, PER_PAGE + 1, offset=asked.offset, beyond=asked.before)
    if not found and (asked.offset or not source.may_be_empty):
        abort(404)
    shown = found[:PER_PAGE]
    following = asked.after(shown[-1].first_live_from, shown[-1].public_id) if len(found) > PER_PAGE else None
    withdrawn = _taken_down(source, at) if asked.number == 1 else []
    gone = [(urn(each.article), each.at) for each in withdrawn]
    stories = told(shown)
    modified = max((story.modified_at for story in stories), default=NOT_YET)
    feed = _feed(source, form, asked, following, _items(form, shown, stories), modified, gone)
    g.page_keys = frozenset({keys.SITE, source.key, *(keys.article(story.id) for story in stories)})
    g.page_good_until = min((each.at + TOLD_FOR for each in withdrawn), default=None)
    return _written(feed, form)


def _items(form: str, rows: Sequence[Listed], stories: Sequence[PublicStory]) -> list[bytes]:
    """Each story as an item of this form, with its text: written once, until something of it changes."""
    settings, by_id = newsroom().settings, {row.id: (row, story) for row, story in zip(rows, stories, strict=True)}

    def write(ids: Sequence[int]) -> dict[int, bytes]:
        texts = texts_of(db.session(), [by_id[number][0] for number in ids], now())
        whole = ((number, replace(by_id[number][1], body_html=texts[number])) for number in ids)
        item = FORMS[form].item
        return {number: item(of_story(story, settings.origin), settings.site_language) for number, story in whole}

    written = recollection().recall_each(("item", form), {row.id: keys_of(row) for row in rows}, write)
    return [written[row.id] for row in rows]


def _taken_down(source: Source, at: datetime) -> list[Takedown]:
    """Of late, of this list. Whatever changes a story that is on show changes the front's key, so a process asks for
    all of them once in between."""

    def all_told_of(takedowns: Sequence[Takedown]) -> bool:
        return all(at < each.at + TOLD_FOR for each in takedowns)

    every = recollection().recall("taken down", {keys.FRONT}, lambda: taken_down(db.session(), at), all_told_of)
    return among(db.session(), every, source.narrow)


def _feed(
    source: Source,
    form: str,
    asked: Turn,
    following: Turn | None,
    items: Sequence[bytes],
    modified_at: datetime,
    withdrawn: Sequence[tuple[str, datetime]] = (),
) -> Feed:
    settings = newsroom().settings
    first = settings.origin + addresses.feed(source.path, form)
    return Feed(
        id=source.id,
        title=source.title,
        description=source.description,
        language=settings.site_language,
        publisher=Author(settings.site_name, settings.origin + addresses.front()),
        icon=settings.origin + asset_url("icon-512.png"),
        small_icon=settings.origin + asset_url("icon-192.png"),
        home=settings.origin + source.path,
        first=first,
        here=first + asked.query,
        next=first + following.query if following else None,
        items=items,
        modified_at=modified_at,
        withdrawn=withdrawn,
        hubs=settings.hubs,
    )


def _written(feed: Feed, form: str) -> Response:
    answer = Response(FORMS[form].write(feed), content_type=f"{FORMS[form].media_type}; charset=utf-8")
    if feed.hubs:  # WebSub: the hubs, and what to name this feed to them
        links = [(hub, "hub") for hub in feed.hubs] + [(feed.here, "self")]
        answer.headers["Link"] = ", ".join(f'<{address}>; rel="{relation}"' for address, relation in links)
    return answer


def _correction_title(erratum: Erratum) -> str:
    labels = {
        "clarification": gettext("Clarification"),
        "update": gettext("Update"),
        "editors_note": gettext("Editor’s note"),
        "retraction": gettext("Retraction"),
    }
    label = labels.get(erratum.correction.kind) or gettext("Correction")
    return f"{label}: {erratum.story.headline}"
