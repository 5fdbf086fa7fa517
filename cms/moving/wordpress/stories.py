"""A WordPress post as a story: its words, its people and places, when it was public and where it stood."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from cms.domain.articles.body import plain_text
from cms.domain.articles.fields import MOST
from cms.domain.articles.links import check_url
from cms.domain.articles.markup import quoted
from cms.domain.articles.slugs import LONGEST_SLUG, slug_for
from cms.moving.arriving.bodies import plain, with_our_pictures
from cms.moving.arriving.pictures import Picture, Pictures
from cms.moving.arriving.story import Name, Signed, Story
from cms.moving.wordpress.bodies import Body
from cms.moving.wordpress.reading import Item
from cms.moving.wordpress.survey import Attachment, Survey, bare, name_of

STATES = {"publish": "ready", "future": "ready", "pending": "in_review", "trash": "spiked"}
"""Of the working copy, by the post's status; any other is a draft."""

_SEO = {
    "title": ("_yoast_wpseo_title", "rank_math_title", "_seopress_titles_title", "_genesis_title", "_aioseo_title"),
    "description": (
        "_yoast_wpseo_metadesc",
        "rank_math_description",
        "_seopress_titles_desc",
        "_genesis_description",
        "_aioseo_description",
        "_aioseop_description",
    ),
    "canonical_url": ("_yoast_wpseo_canonical", "rank_math_canonical_url", "_seopress_robots_canonical"),
    "social_title": ("_yoast_wpseo_opengraph-title", "rank_math_facebook_title", "_seopress_social_fb_title"),
    "social_description": (
        "_yoast_wpseo_opengraph-description",
        "rank_math_facebook_description",
        "_seopress_social_fb_desc",
    ),
}
_PRIMARY = ("_yoast_wpseo_primary_category", "rank_math_primary_category", "_seopress_robots_primary_cat")
_SUBTITLES = ("newspack_post_subtitle", "_subtitle", "subtitle", "wps_subtitle", "kia_subtitle")
_VIEWS = ("views", "post_views_count", "_post_views_count", "wpb_post_views_count")


class Stories:
    """Makes stories of an export's posts; what can't be had here is added to ``notes``, by the story's name."""

    def __init__(self, survey: Survey, pictures: Pictures, zone: tzinfo, notes: list[str]) -> None:
        self._survey, self._pictures, self._zone, self.notes = survey, pictures, zone, notes

    def story(self, item: Item, now: datetime) -> Story:
        called = called_of(item)
        status = item.text("wp:status") or "publish"
        if item.text("wp:post_password") and status in ("publish", "future"):
            self._note(called, "asks for a password, so it came in as a draft")
            status = "draft"
        elif status == "private":
            self._note(called, "is private, so it came in as a draft")
        elif status not in (*STATES, "draft", "inherit"):
            self._note(called, f"has the status “{status}”, so it came in as a draft")
        html = self.body(item, called)
        headline, standfirst = self._headline(item, html, called), self._standfirst(item, called)
        written = self.time(item, "post_date")
        if written is None:
            written = now
            if status in ("publish", "future"):
                self._note(called, "has no date that can be read, so it came in as a draft")
                status = "draft"
        modified = self.time(item, "post_modified")
        if item.text("wp:is_sticky") == "1":
            self._note(called, "was sticky: give it a slot on the front page")
        return Story(
            key=item.id,
            called=called,
            fields={
                "headline": headline,
                "standfirst": standfirst,
                "body_html": html,
                "slug": slug_of(item, headline),
                "seo": self._seo(item, called),
            },
            bylines=self._bylines(item),
            sections=self._sections(item, called),
            tags=self._tags(item, called),
            lead_image=self._lead_image(item, called),
            state=STATES.get(status, "draft"),
            live_from=written if status in ("publish", "future") else None,
            modified_at=modified if modified and modified > written else None,
            written_at=modified or written,
            views=_number(item.first(*_VIEWS)),
            former=tuple(former(item, self._survey.site)) if status in ("publish", "future") else (),
        )

    def body(self, item: Item, called: str) -> str:
        def find(src: str, attributes: Mapping[str, str]) -> Picture | None:
            number = next((c[9:] for c in attributes.get("class", "").split() if c.startswith("wp-image-")), "")
            attachment = self._survey.attachment_at(src) or self._survey.attachments.get(number)
            if attachment is not None:
                return self.picture(attachment)
            return self._pictures.bring(f"at {bare(src)}", [bare(src), src], {}, called) if src else None

        def gallery(ids: list[str]) -> str:
            chosen = ids or self._survey.by_parent.get(item.id, [])
            found = [self._survey.attachments[number] for number in chosen if number in self._survey.attachments]
            shown = "".join(_figure(each) for each in found if each.is_picture)
            return f'<figure class="gallery">{shown}</figure>' if shown else ""

        body = Body(gallery, lambda number: self._survey.reusable.get(number, ""))
        found = with_our_pictures(body.html(item.texts.get("content:encoded", "")), find, old_origin=self._survey.site)
        for note in dict.fromkeys((*body.notes, *found.notes)):
            self._note(called, note)
        return found.html

    def picture(self, attachment: Attachment) -> Picture | None:
        """The picture or recording itself, brought in if it wasn't."""
        if not attachment.is_taken:
            return None
        names = [name for name in (attachment.file, attachment.url) if name]
        return self._pictures.bring(attachment.id, names, attachment.texts, attachment.called)

    def time(self, item: Item, name: str) -> datetime | None:
        """An instant: by UTC where the export has that, else by the site's own wall clock."""
        for given, zone in ((item.text(f"wp:{name}_gmt"), UTC), (item.text(f"wp:{name}"), self._zone)):
            if given and not given.startswith("0000"):
                try:
                    at = datetime.fromisoformat(given.replace(" ", "T")).replace(tzinfo=zone).astimezone(UTC)
                    if 1000 <= at.year <= 2200:
                        return at
                except (ValueError, OverflowError):
                    continue
        try:
            said = parsedate_to_datetime(item.text("pubDate")) if name == "post_date" else None
            return said.astimezone(UTC) if said and 1000 <= said.year <= 2200 else None
        except (ValueError, OverflowError):
            return None

    def _headline(self, item: Item, html: str, called: str) -> str:
        headline = plain(item.text("title"))
        if not headline:
            said = plain_text(html.replace("<figcaption>", "<p>"), 80)
            headline = plain(said) or f"Untitled {item.id}"
            self._note(called, f"has no title, so it is called “{headline}”")
        if len(headline) > 300:
            self._note(called, f"has a title of {len(headline)} characters, which was cut: {headline}")
            headline = headline[:299].rsplit(" ", 1)[0] + "…"
        return headline

    def _standfirst(self, item: Item, called: str) -> str:
        standfirst = plain(item.first(*_SUBTITLES)) or plain(item.text("excerpt:encoded"))
        if len(standfirst) > 1000:
            self._note(called, f"has an excerpt of {len(standfirst)} characters, which was cut: {standfirst}")
            standfirst = standfirst[:999].rsplit(" ", 1)[0] + "…"
        return standfirst

    def _seo(self, item: Item, called: str) -> dict[str, object]:
        """What plugins for search engines keep; their patterns (``%%title%%``) say what our pages say anyway."""
        seo: dict[str, object] = {}
        for name, fields in _SEO.items():
            value = plain(item.first(*fields))
            if not value or ("%" in value and ("%%" in value or "%title" in value)):
                continue
            if name == "canonical_url":
                if (address := check_url(value)) is not None:
                    seo[name] = address
                else:
                    self._note(called, f"names {value[:200]!r} as its canonical address, which is none")
            else:
                seo[name] = value[:300]
        robots = item.first("rank_math_robots")
        if item.first("_yoast_wpseo_meta-robots-noindex") == "1" or '"noindex"' in robots:
            seo["noindex"] = True
        if item.first("_seopress_robots_index") == "yes":
            seo["noindex"] = True
        return seo

    def _bylines(self, item: Item) -> tuple[Signed, ...]:
        """The co-authors, in their order, else whoever wrote it."""
        names = [Name(plain(term.name) or term.slug) for term in item.terms if term.taxonomy == "author"]
        login = item.text("dc:creator").strip("<> ")
        if not names and login:
            names = [self._survey.people.get(login) or Name(login, slug_for(login))]
        return tuple(Signed(name) for name in dict.fromkeys(names))

    def _sections(self, item: Item, called: str) -> tuple[Name, ...]:
        """The primary one first."""
        slugs = [term.slug for term in item.terms if term.taxonomy == "category"]
        primary = self._survey.category_ids.get(item.first(*_PRIMARY), "")
        slugs.sort(key=lambda slug: slug != primary)
        known = {term.slug: name_of(term) for term in item.terms if term.taxonomy == "category"}
        names = [self._survey.categories.get(slug) or known[slug] for slug in dict.fromkeys(slugs)]
        return tuple(self._at_most(names, "categories", called))

    def _tags(self, item: Item, called: str) -> tuple[Name, ...]:
        terms = [term for term in item.terms if term.taxonomy == "post_tag"]
        names = [self._survey.tags.get(term.slug) or name_of(term) for term in terms]
        return tuple(self._at_most(list(dict.fromkeys(names)), "tags", called))

    def _at_most(self, names: list[Name], what: str, called: str) -> list[Name]:
        if len(names) > MOST:
            left = ", ".join(name.name for name in names[MOST:])
            self._note(called, f"has more than {MOST} {what}; left out: {left}")
        return names[:MOST]

    def _lead_image(self, item: Item, called: str) -> str | None:
        number = item.first("_thumbnail_id")
        attachment = self._survey.attachments.get(number)
        if attachment is None:
            if number:
                self._note(called, f"has attachment {number} for its featured image, which the export hasn't got")
            return None
        picture = self.picture(attachment)
        return picture.public_id if picture and picture.kind == "picture" else None

    def _note(self, called: str, note: str) -> None:
        self.notes.append(f"{called} {note}")


def called_of(item: Item) -> str:
    return f"{item.kind} {item.id} “{plain(item.text('title'))[:80]}”"


def slug_of(item: Item, headline: str) -> str:
    """As it was, as far as that can be an address here."""
    return slug_for(unquote(item.text("wp:post_name")) or headline)[:LONGEST_SLUG]


def former(item: Item, site: str) -> list[str]:
    """Where it stood: its short link, its own address, and those of its slugs before."""
    link, root = urlsplit(item.text("link")), urlsplit(site).path.rstrip("/")
    number = f"/?{'page_id' if item.kind == 'page' else 'p'}={item.text('wp:post_id')}"
    short = [] if root else [number]  # of a site below another's root, these are not ours to lead on
    if link.query or link.path in ("", "/"):
        return short
    above, _, last = link.path.rstrip("/").rpartition("/")
    old = [f"{above}/{slug.strip()}" for slug in item.meta.get("_wp_old_slug", ()) if slug.strip() and slug != last]
    return [*short, link.path, *old]


def _figure(attachment: Attachment) -> str:
    caption = attachment.texts.get("caption", "")
    said = f"<figcaption>{quoted(caption)}</figcaption>" if caption else ""
    alt = attachment.texts.get("alt", "")
    return f'<figure><img src="{quoted(attachment.url)}" alt="{quoted(alt)}">{said}</figure>'


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else 0
