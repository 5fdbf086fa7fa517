"""Pictures and recordings that arrive with stories: found in a folder, stored once, and known again by their origin.

Nothing of a picture is taken on trust: it goes the way of every upload. A name that leads out of the folder finds
nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from sqlalchemy import select

from cms import reactions
from cms.domain import addresses, origins
from cms.domain.errors import Invalid
from cms.domain.media.model import Media
from cms.domain.media.recordings import FILES, kind_at
from cms.domain.media.uploading import TEXTS, receive, upload
from cms.domain.people.staff import SYSTEM
from cms.interfaces import ImagesBusy
from cms.moving.tally import Tally
from cms.newsroom import Newsroom

RENDITION = "w960.webp"
LARGEST = 50_000_000
_FORMS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".mp3", ".m4a", ".wav", ".mp4"})
_RECORDINGS = {f".{name.rpartition('.')[2]}": name for name in FILES.values()}


@dataclass(frozen=True)
class Picture:
    """A picture, or a recording, that is here. ``path`` is where a body shows it from; ``kind`` is picture, audio or
    video."""

    public_id: str
    path: str
    width: int
    height: int
    alt: str
    caption: str
    credit: str
    kind: str = "picture"


class Pictures:
    """The pictures of one import; ``source`` as of its stories. Without a folder only those that came before are
    found."""

    def __init__(self, newsroom: Newsroom, source: str, folder: Path | None, tally: Tally, *, dry_run: bool) -> None:
        self._newsroom, self._source, self._tally, self._dry_run = newsroom, source, tally, dry_run
        self._root = folder.resolve() if folder else None
        self._met: dict[str, Picture | None] = {}
        self._names: dict[str, Path] | None = None

    def here(self, public_id: str) -> str | None:
        """The id, if it is an image's."""
        with self._newsroom.sessions.read() as session:
            return session.scalar(select(Media.public_id).where(Media.public_id == public_id))

    def bring(self, key: str, names: Sequence[str], texts: Mapping[str, str], called: str) -> Picture | None:
        """The picture that ``source`` knows as ``key``; ``names`` are the paths or addresses that its file may have.

        None, and a word in the report, when there is no such file or it can't be taken.
        """
        if key not in self._met:
            self._met[key] = self._known(key) or self._taken_in(key, names, texts, called)
        return self._met[key]

    def _known(self, key: str) -> Picture | None:
        with self._newsroom.sessions.read() as session:
            origin = origins.known(session, self._source, origins.MEDIA, [_short(key)]).get(_short(key))
            media = session.scalar(select(Media).where(Media.public_id == origin.target)) if origin else None
        if media is None:
            return None
        self._tally.of("media").unchanged += 1
        return _picture(media)

    def _taken_in(self, key: str, names: Sequence[str], texts: Mapping[str, str], called: str) -> Picture | None:
        file = next((found for name in names if (found := self._find(name))), None)
        if file is None:
            where = "is not in the folder of media" if self._root else "was not fetched (give its folder: --media-dir)"
            return self._skip(called, f"{names[0] if names else key} {where}")
        if file.stat().st_size > LARGEST:
            return self._skip(called, f"{file.name} is larger than 50 MB")
        room = self._newsroom
        kept = {name: " ".join(text.split())[: TEXTS[name]] for name, text in texts.items()}
        if self._dry_run:
            self._tally.of("media").created += 1
            stand_in = _digest(key)[:40]
            name = _RECORDINGS.get(file.suffix.lower(), RENDITION)
            path = addresses.media(stand_in, name)
            return Picture(stand_in[:16], path, 1, 1, "", "", "", kind_at(path) or "picture")
        try:
            arrived = receive(room.files, room.images, file.read_bytes(), kept)
        except Invalid as invalid:
            return self._skip(called, f"{file.name}: {' '.join(s for said in invalid.errors.values() for s in said)}")
        except (OSError, ImagesBusy) as unread:
            return self._skip(called, f"{file.name} can't be read: {unread}")
        now = room.clock.now()
        with room.sessions.write() as session:
            media, event = upload(session, SYSTEM, arrived, now)
            origins.note(session, self._source, origins.MEDIA, _short(key), media.public_id, "", None, now)
            reactions.commit(session, [event], now, room.signal)
            picture = _picture(media)
        self._tally.of("media").created += 1
        return picture

    def _skip(self, called: str, why: str) -> Picture | None:
        self._tally.of("media").skipped += 1
        self._tally.unsupported.append(f"picture of {called}: {why}")
        return None

    def _find(self, name: str) -> Path | None:
        """A file of this path below the folder; else one of this name, if its name is nobody else's."""
        if self._root is None:
            return None
        try:
            path = unquote(urlsplit(name).path) if "://" in name else name
        except ValueError:
            return None
        parts = PurePosixPath(path.lstrip("/")).parts
        if "\x00" in path or not parts or ".." in parts:
            return None
        for start in range(len(parts)):
            file = self._root.joinpath(*parts[start:])
            if len(parts) - start > 1 and self._is_ours(file):
                return file
        return self._by_name().get(parts[-1].lower())

    def _by_name(self) -> Mapping[str, Path]:
        if self._names is None:
            found: dict[str, list[Path]] = {}
            for file in self._root.rglob("*") if self._root else ():
                if file.suffix.lower() in _FORMS and self._is_ours(file):
                    found.setdefault(file.name.lower(), []).append(file)
            self._names = {name: files[0] for name, files in found.items() if len(files) == 1}
        return self._names

    def _is_ours(self, file: Path) -> bool:
        """Not out of the folder, by a link either."""
        try:
            return file.is_file() and file.resolve().is_relative_to(self._root or file)
        except (OSError, ValueError):  # a name that no file can have
            return False


def _picture(media: Media) -> Picture:
    path = addresses.media(media.key, FILES.get(media.media_type, RENDITION))
    kind = kind_at(path) or "picture"
    return Picture(media.public_id, path, media.width, media.height, media.alt, media.caption, media.credit, kind)


def _short(key: str) -> str:
    """As a key of an origin, which has an end."""
    return key if len(key) <= 500 and key.isprintable() else _digest(key)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
