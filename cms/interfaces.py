"""What the newsroom asks of its machines: Protocols, the values they exchange, and the search query's tree.

An engine is a replaceable machine behind one of these. Each has a default that starts no service and one
contract test suite that every implementation passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

# --- Search ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Word:
    """One word as the reader typed it, matched by its stem in each story's own language.

    A prefix (of 3 letters or more) also matches headlines with a word that begins so.
    """

    text: str
    prefix: bool = False


@dataclass(frozen=True)
class Phrase:
    """Words next to one another, in this order."""

    text: str


@dataclass(frozen=True)
class Query:
    """A bounded query: all of ``every`` (or any, when ``relaxed``), none of ``without``, within the filters.

    Sections, tags and authors are slugs, and a match carries all of those named; ``since`` is inclusive and
    ``before`` exclusive. Without any word, everything within the filters matches.
    """

    every: tuple[Word | Phrase, ...] = ()
    without: tuple[Word | Phrase, ...] = ()
    sections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    since: datetime | None = None
    before: datetime | None = None
    relaxed: bool = False


@dataclass(frozen=True)
class Document:
    """What the index holds of one visible article. ``sections`` includes every ancestor of each section."""

    article: str
    language: str
    headline: str
    standfirst: str
    body: str
    authors: tuple[str, ...]
    author_names: tuple[str, ...]
    sections: tuple[str, ...]
    tags: tuple[str, ...]
    tag_names: tuple[str, ...]
    published_at: datetime
    revision: int = 0
    """Which of the article's texts this is: what the index holds is compared with the database by it."""


@dataclass(frozen=True)
class Removal:
    """An article that readers may no longer find."""

    article: str


@dataclass(frozen=True)
class Hit:
    article: str
    score: float
    published_at: datetime


@dataclass(frozen=True)
class Facets:
    """How many matches carry each section, tag, author slug and year."""

    sections: Mapping[str, int] = field(default_factory=dict)
    tags: Mapping[str, int] = field(default_factory=dict)
    authors: Mapping[str, int] = field(default_factory=dict)
    years: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """One page of matches, best (or newest) first, with the exact total and the facets over all matches."""

    hits: Sequence[Hit]
    total: int
    facets: Facets


class IndexUnusable(Exception):
    """The index is missing, damaged or of another version; the worker rebuilds it."""


@dataclass(frozen=True)
class IndexHealth:
    ok: bool
    documents: int
    segments: int
    cursor: int
    remark: str


class SearchIndex(Protocol):
    """A disposable index over what readers may see. Only the worker writes to it."""

    def apply(self, batch: Sequence[Document | Removal], cursor: int) -> None:
        """Replace or remove these articles in one commit and note the outbox row they came up to.

        Applying the same batch twice changes nothing. Raises IndexUnusable when there is no index.
        """

    def search(
        self,
        query: Query,
        *,
        now: datetime,
        sort: Literal["relevance", "newest"],
        offset: int,
        limit: int,
        exclude: frozenset[str] = frozenset(),
        facets: bool = True,
    ) -> Found:
        """Matches with ``exclude``'s articles taken out *before* totals and facets are made.

        To count facets costs more than to find the stories: who shows none asks for none, and gets none.

        Sees every batch whose ``apply`` had returned, in any process, before this call began.
        Raises IndexUnusable.
        """

    def similar(self, article: str, limit: int) -> Sequence[str]:
        """Ids of the articles most like this one, best first; empty when it isn't in the index."""

    def holds(self) -> Mapping[str, int]:
        """Every article in the index with the revision it holds of it. Raises IndexUnusable."""

    def cursor(self) -> int:
        """The outbox row that the last ``apply`` or ``rebuild`` came up to. Raises IndexUnusable."""

    def rebuild(self, documents: Iterable[Document], cursor: int) -> None:
        """Build anew beside the old index and put it in its place at once; searches go on meanwhile.

        ``documents`` is first asked for a document after the index began to note what ``apply`` brings, and
        what it brings meanwhile is in the new index too: read the stories from SQL inside the iterable.
        """

    def optimise(self) -> None:
        """Merge small segments, when there is nothing else to do."""

    def purge(self) -> None:
        """Rewrite whatever still holds text of removed or replaced articles; none is left in the files."""

    def health(self) -> IndexHealth:
        """Whether the index can be opened and is undamaged to the last byte; reads all of it."""


# --- Visits ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Beat:
    """One view as it came in: enough to count it later, nothing that names a reader.

    ``reader`` is 64 bits of an HMAC over article, address prefix and agent, under a salt destroyed daily;
    ``network`` likewise, of article and prefix. ``earlier`` is the reader's key under yesterday's salt, known in
    the first half hour of the site's day alone, so that a reload over midnight is still the same visit.
    """

    at: datetime
    article: str
    view: str
    reader: int
    network: int
    earlier: int | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """Views that were not counted, and why."""

    at: datetime
    reason: str
    number: int


@dataclass(frozen=True, slots=True)
class Segment:
    """What one sealed segment holds, in the order it came in."""

    name: str
    beats: tuple[Beat, ...] = ()
    drops: tuple[Drop, ...] = ()


class ViewsUnstorable(Exception):
    """The view couldn't be made durable; the reader is told 503 and may try again."""


class ViewStore(Protocol):
    """Where views wait, durably, between their acknowledgement and the roll-up."""

    def append(self, beat: Beat) -> None:
        """Returns once the view survives a kill -9 (and, within ``CMS_VIEWS_SYNC_MS``, a power cut).

        Raises ViewsUnstorable.
        """

    def drop(self, reason: str, at: datetime) -> None:
        """Note that a view was not counted. Written in bulk: a kill may lose the last second's. Never raises."""

    def sealed(self) -> Sequence[str]:
        """Names of the segments that no process writes to any more, oldest first.

        What this process appended before the call is among them, and so is all that dead processes left.
        What other living processes appended follows within a second.
        """

    def read(self, segment: str) -> Segment | None:
        """A sealed segment, without any torn line; None if it is gone, for another worker has discarded it
        meanwhile. Raises OSError."""

    def waiting(self) -> Sequence[Segment]:
        """Every segment there is, of every process, as far as it is written now; nothing changes by it.

        A view acknowledged before the call is among them, unless it was counted and discarded by the time this
        returns.
        """

    def discard(self, segments: Sequence[str]) -> None:
        """Forget segments whose views are counted and durable; durable itself. Twice is harmless."""

    def agree(self, name: str, mine: bytes, lasting: timedelta) -> bytes:
        """What all machines of the site use under this name: ours, or theirs who came first. Kept nowhere for
        longer than that. Raises OSError when nobody can be asked."""

    def ping(self) -> None:
        """Raises OSError when views can't be stored here, or can't come to the workers of other machines."""

    def close(self) -> None:
        """Seal what is open and stop. A process that doesn't come to this loses nothing."""


# --- Images ------------------------------------------------------------------------------------------------

RenditionForm = Literal["webp", "jpg", "avif"]


@dataclass(frozen=True)
class ImageFacts:
    """What a picture's own bytes say: its kind and size as seen upright, and the words that came inside it.

    The words are one line each, cut to what the newsroom stores, and empty where the file has none.
    """

    media_type: str
    width: int
    height: int
    alt: str = ""
    caption: str = ""
    credit: str = ""
    rights: str = ""


class UnusableImage(Exception):
    """A file that can't be taken; the message is a sentence for whoever sent it."""


class ImagesBusy(Exception):
    """Every place to work on a picture stayed taken; trying again in a few seconds may do."""


@dataclass(frozen=True)
class Crop:
    """The largest part of a picture that has this shape, as near as can be around a point of it."""

    ratio: float
    """Width over height."""
    x: float
    """How far across and down the point lies: 0 to 1, from the top left corner of the upright picture."""
    y: float


class ImageMill(Protocol):
    """Reads and makes pictures. Whatever the bytes hold, a call returns, at a bounded cost."""

    def read(self, content: bytes) -> ImageFacts:
        """Decode the whole picture and tell what it is; one that passes can be rendered in every width.

        Raises UnusableImage or ImagesBusy.
        """

    def render(self, content: bytes, width: int, form: RenditionForm, crop: Crop | None = None) -> bytes:
        """The picture upright, in sRGB, at most ``width`` pixels wide, never enlarged, without metadata.

        Of an animated picture, the first frame. With ``crop``, the largest part of that shape. Raises
        UnusableImage or ImagesBusy.
        """

    def draw_card(self, headline: str, section: str, paper: str) -> bytes:
        """A PNG of 1200 × 630 for sharing a story without a picture: its headline on the paper's ground.

        A text with letters that the one font hasn't got is left out. Raises ImagesBusy.
        """


# --- Files, signal, mail -----------------------------------------------------------------------------------


class FilesUnreachable(OSError):
    """The store doesn't answer, or refuses us; trying again later may do."""


class FileStore(Protocol):
    """Bytes under a key. A key's bytes never change. Every call may raise OSError."""

    def put(self, key: str, content: bytes) -> None:
        """Store whole or not at all; durable on return. A key that is there already stays as it is."""

    def get(self, key: str) -> bytes | None: ...

    def delete(self, key: str) -> None:
        """Forget the key, durably. Twice is harmless."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that begins with ``prefix``, in order."""


class Pending(Protocol):
    def publish(self, seq: int) -> None:
        """Say, after COMMIT (or after a rollback, with the old number), which change is the newest."""


class SiteSignal(Protocol):
    """The shared change number: has anything changed since I last looked?"""

    def pending(self) -> Pending:
        """Say, before COMMIT, that a change is on its way. Once this returns, and until it is published, ``read``
        answers None everywhere; so it does if its process dies in between, until ``repair``."""

    def read(self) -> int | None:
        """A number that has moved if anything was published since it was last read, or None where nobody can say:
        while a change is pending, or others are out of reach. Then ask the database. Never waits."""

    def repair(self, newest: Callable[[], int]) -> None:
        """Publish the database's newest number if a process died with a change pending."""

    def ping(self) -> None:
        """Raises OSError when others can't be told of changes but by the database."""


@dataclass(frozen=True)
class Mail:
    """``id`` is the same each time this mail is tried, so that one that arrives twice can be known for one."""

    to: str
    subject: str
    text: str
    at: datetime
    id: str


class MailRefused(OSError):
    """It will never be taken: the address is wrong, or not to be reached from here."""


class Mailer(Protocol):
    def send(self, mail: Mail) -> None:
        """Hand the mail on. Raises OSError when it couldn't be, and the outbox tries again; MailRefused when
        trying again is of no use."""


class OutboundRefused(OSError):
    """It may not go there: the address is in a private network."""


@dataclass(frozen=True)
class Answered:
    """``text`` is the beginning of what was said, in one line."""

    status: int
    text: str


class Outbound(Protocol):
    def post_form(self, url: str, fields: list[tuple[str, str]]) -> None:
        """Send a form to another site. Raises OSError when it wasn't taken, and the outbox tries again;
        OutboundRefused when trying again is of no use."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Send these bytes, and say what was answered, whatever that was. Redirects aren't followed. Raises OSError
        when there was no answer, and OutboundRefused as above."""
