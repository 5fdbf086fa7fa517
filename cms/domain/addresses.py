"""Every public address, as a path from the site's root. Nothing else in the code spells one out."""

from __future__ import annotations

from datetime import date


def front() -> str:
    return "/"


def article(pattern: str, day: date, slug: str) -> str:
    """An article's address under ``CMS_ARTICLE_PATH``; ``day`` is its first publication's, in the site's zone."""
    return pattern.format(yyyy=f"{day.year:04}", mm=f"{day.month:02}", dd=f"{day.day:02}", slug=slug)


def section(path: str) -> str:
    return f"/section/{path}/"


def tag(slug: str) -> str:
    return f"/tag/{slug}/"


def author(slug: str) -> str:
    return f"/author/{slug}/"


def archive(year: int, month: int | None = None, day: int | None = None) -> str:
    parts = [f"{year:04}"] + [f"{part:02}" for part in (month, day) if part]
    return "/archive/" + "/".join(parts) + "/"


def media(key: str, rendition: str) -> str:
    return f"/media/{key}/{rendition}"


def share_card(public_id: str, revision: int | str) -> str:
    """The drawn picture for sharing; it has a new address with each revision, for other sites keep what they got."""
    return f"/share/{public_id}/{revision}.png"


def standing(slug: str) -> str:
    """A page that says something of the paper itself."""
    return f"/{slug}/"


def history(article_path: str) -> str:
    return f"{article_path}history/"


def text_only(path: str) -> str:
    """The words alone of the front page or a story, for a bad connection."""
    return f"{path}text/"


def report(path: str) -> str:
    """Where a reader says that something in a story is wrong."""
    return f"{path}report/"


def preview(secret: str) -> str:
    return f"/preview/{secret}"


def preview_media(secret: str, key: str, rendition: str) -> str:
    return f"/preview/{secret}{media(key, rendition)}"


def feed(path: str, form: str = "json") -> str:
    """The feed below a list's address."""
    return f"{path}feed.{form}"


def most_read() -> str:
    return "/most-read/"


def corrections() -> str:
    return "/corrections/"


def archives() -> str:
    """Where every year is listed."""
    return "/archive/"


def search() -> str:
    return "/search"


def suggestions() -> str:
    return "/search/suggest"


def sitemap(part: str = "") -> str:
    """The sitemap, or a file of it where it has several."""
    return f"/sitemap-{part}.xml" if part else "/sitemap.xml"


def news_sitemap(part: str = "") -> str:
    return f"/sitemap-news-{part}.xml" if part else "/sitemap-news.xml"


def robots() -> str:
    return "/robots.txt"


def opensearch() -> str:
    return "/opensearch.xml"


def manifest() -> str:
    return "/manifest.webmanifest"


def service_worker() -> str:
    """At the root, for a service worker has no say above its own folder."""
    return "/service-worker.js"


def offline() -> str:
    return "/offline/"


def oembed() -> str:
    return "/oembed"


def security() -> str:
    return "/.well-known/security.txt"
