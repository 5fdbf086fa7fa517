"""The first reading of an export: what its items lean on, wherever in the file that stands, and whether it is whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cms.domain.articles.slugs import slug_for
from cms.moving.arriving.bodies import plain
from cms.moving.arriving.story import Name
from cms.moving.wordpress.reading import Author, Channel, Item, NotAnExport, Term, parts

MOST_REUSABLE = 20_000_000
"""Characters of reusable blocks that are kept at hand."""

_SIZE = re.compile(r"(?:-\d{2,5}x\d{2,5}|-scaled|-rotated|-e\d{10,13})+(?=\.\w+$)")


@dataclass(frozen=True)
class Attachment:
    id: str
    title: str
    url: str
    file: str
    parent: str
    texts: dict[str, str]

    @property
    def called(self) -> str:
        return f"attachment {self.id} “{self.title or self.url.rpartition('/')[2]}”"

    @property
    def is_taken(self) -> bool:
        """A picture or a recording, by its name; its bytes decide."""
        return self.is_picture or self._ending in ("mp3", "m4a", "wav", "mp4")

    @property
    def is_picture(self) -> bool:
        return self._ending in ("jpg", "jpeg", "png", "gif", "webp", "avif")

    @property
    def _ending(self) -> str:
        return (self.file or urlsplit(self.url).path).rpartition(".")[2].lower()


@dataclass
class Survey:
    """An export as a whole; of its stories only how many there are."""

    site: str = ""
    people: dict[str, Name] = field(default_factory=dict)
    """By login."""
    categories: dict[str, Name] = field(default_factory=dict)
    """By slug, each with its parent's path."""
    category_ids: dict[str, str] = field(default_factory=dict)
    tags: dict[str, Name] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    by_address: dict[str, str] = field(default_factory=dict)
    by_parent: dict[str, list[str]] = field(default_factory=dict)
    reusable: dict[str, str] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)

    def attachment_at(self, url: str) -> Attachment | None:
        """The attachment that this is a picture of, in whatever size."""
        return self.attachments.get(self.by_address.get(bare(url), ""))

    @property
    def items(self) -> int:
        return self.kinds.total()


def survey(path: Path) -> Survey:
    """Read it all once. Raises NotAnExport; then nothing has been brought in."""
    found = Survey()
    terms: dict[str, Term] = {}
    kept = 0
    for part in parts(path):
        if isinstance(part, Author):
            found.people[part.login] = Name(plain(part.name) or part.login, slug_for(plain(part.name) or part.login))
        elif isinstance(part, Term):
            if part.taxonomy == "category":
                terms[part.slug] = part
                found.category_ids[part.id] = part.slug
            elif part.taxonomy == "post_tag":
                found.tags[part.slug] = name_of(part)
        elif isinstance(part, Item):
            found.kinds[part.kind] += 1
            if part.kind == "attachment":
                _attach(found, part)
            elif part.kind == "wp_block" and kept < MOST_REUSABLE:
                found.reusable[part.id] = part.text("content:encoded")
                kept += len(found.reusable[part.id])
        elif isinstance(part, Channel):
            version = part.texts.get("wp:wxr_version", "")
            if not re.fullmatch(r"[0-9]+\.[0-9]+", version):
                raise NotAnExport("This is not a WordPress export: it names no wxr_version")
            found.site = (part.texts.get("wp:base_blog_url") or part.texts.get("link") or "wordpress").rstrip("/")[:300]
    for slug, term in terms.items():
        found.categories[slug] = name_of(term, "/".join(_above(term, terms)))
    return found


def name_of(term: Term, parent: str = "") -> Name:
    """A term by the slug that its address had, which may be written in percents."""
    slug = unquote(term.slug)
    return Name(plain(term.name) or slug, slug, parent, plain(term.description)[:2000])


def bare(url: str) -> str:
    """What is the same in the addresses of every size of a picture."""
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return url
    host = urlsplit(url).netloc
    if host.endswith(".wp.com") and path.count("/") > 1:  # a picture server that has the site's name in its paths
        path = "/" + path.lstrip("/").partition("/")[2]
    return _SIZE.sub("", path)


def _above(term: Term, terms: dict[str, Term]) -> Iterator[str]:
    """The slugs of the categories above this one, the highest first; some exports go round in a circle."""
    chain: list[str] = []
    while term.parent in terms and term.parent not in chain and len(chain) < 20:
        chain.append(term.parent)
        term = terms[term.parent]
    return reversed(chain)


def _attach(found: Survey, item: Item) -> None:
    url, file = item.text("wp:attachment_url") or item.text("guid"), item.first("_wp_attached_file")
    texts = {
        "alt": item.first("_wp_attachment_image_alt"),
        "caption": plain(item.text("excerpt:encoded")),
        "credit": item.first("_media_credit", "media_credit", "_wp_attachment_credit", "credit"),
    }
    attachment = Attachment(
        item.id,
        plain(item.text("title")),
        url,
        file,
        item.text("wp:post_parent"),
        {k: v for k, v in texts.items() if v},
    )
    found.attachments[attachment.id] = attachment
    found.by_address.setdefault(bare(url), attachment.id)
    if attachment.is_taken and attachment.parent not in ("", "0"):
        found.by_parent.setdefault(attachment.parent, []).append(attachment.id)
