"""The view store that starts no service: files in the data folder that only ever grow (CMS_VIEWS_URL=spool:).

Every process writes its own segments. An append is one ``write()`` of one line before the reader is answered: from
then on the view is the kernel's, and no death of a process can lose it. A thread of our own brings the lines to the
disk every ``sync_ms`` and hands a segment over to the roll-up half a second after its first line.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cms.clock import stopwatch
from cms.engines.views import lines, segments
from cms.interfaces import Beat, Drop, Segment, ViewsUnstorable

_HAND_OVER = 0.5  # seconds: with the worker's own second, a view is counted within two

_FULL = 10_000
"""Lines in a segment: the roll-up counts segments whole, and a quarter of a second holds up no editor's save."""

_log = logging.getLogger(__name__)


class Spool:
    """Made before or after a fork, as long as nothing was appended before it."""

    def __init__(self, folder: Path, sync_ms: int) -> None:
        """``sync_ms`` 0: every view is on the disk before its reader is answered."""
        self._folder = folder
        self._sync_ms = sync_ms
        self._tick = min(sync_ms / 1000 or _HAND_OVER, _HAND_OVER)
        self._writing = threading.Lock()  # guards all below; held for one write at most
        self._segment: segments.OpenSegment | None = None
        self._opened = 0.0
        self._ended: list[segments.OpenSegment] = []  # not written to any more; to sync and seal
        self._written = 0  # lines appended so far
        self._drops: Counter[str] = Counter()
        self._drops_at: datetime | None = None
        self._tender: threading.Thread | None = None
        self._something = threading.Event()  # set while there is anything to sync, seal or write
        self._closing = threading.Event()
        self._syncing = threading.Lock()  # guards both below; taken before _writing, never after
        self._synced = 0  # lines up to this one are on the disk
        self._unsynced = 0  # the disk refused lines up to this one that were not on it before

    # --- Writing -------------------------------------------------------------------------------------------

    def append(self, beat: Beat) -> None:
        line = lines.of_beat(beat)
        with self._writing:
            self._write(line, beat.at)
            mine = self._written
        if self._sync_ms == 0:
            self._sync_up_to(mine)

    def drop(self, reason: str, at: datetime) -> None:
        with self._writing:
            self._drops[reason] += 1
            self._drops_at = self._drops_at or at
            self._rouse()

    def _write(self, line: bytes, at: datetime) -> None:
        """Append one line (with ``_writing`` held). A line the disk took in part ends its segment."""
        try:
            if self._segment is None:
                self._segment = segments.OpenSegment(self._folder, lines.microseconds(at))
                self._opened = stopwatch()
                self._rouse()
            whole = self._segment.write(line)
        except OSError as error:
            raise ViewsUnstorable(str(error)) from error
        if not whole or self._segment.lines >= _FULL:
            self._ended.append(self._segment)
            self._segment = None
        if not whole:
            raise ViewsUnstorable("the disk took only part of a line")
        self._written += 1

    def _rouse(self) -> None:
        """Start or wake the tending thread (with ``_writing`` held)."""
        if self._tender is None:
            self._tender = threading.Thread(target=self._tend, name="view-spool", daemon=True)
            self._tender.start()
        if not self._something.is_set():
            self._something.set()

    # --- To the disk, and over to the roll-up --------------------------------------------------------------

    def _sync_up_to(self, line: int) -> None:
        """Wait until this line is on the disk.

        Whoever comes first syncs for all who have written by then; those who waited meanwhile find it done.
        """
        with self._syncing:
            if line > self._synced:
                self._bring_to_disk()
            if line <= self._unsynced:
                raise ViewsUnstorable("the disk refused to sync")

    def _bring_to_disk(self) -> None:
        """Sync all that is written and seal what has ended (with ``_syncing`` held)."""
        with self._writing:
            ended, self._ended = self._ended, []
            current, written = self._segment, self._written
        if not ended and written == self._synced:
            return
        try:
            for segment in ended if current is None else [*ended, current]:
                segment.sync()
        except OSError:
            # After a failed sync the kernel may call the lost pages clean: never trust this file's next sync.
            _log.exception("some views may not survive a power cut")
            with self._writing:
                self._unsynced = self._written
                if current is not None and self._segment is current:
                    ended.append(current)
                    self._segment = None
        self._synced = written
        for segment in ended:
            try:
                segment.seal()
            except OSError:
                _log.exception("segment %s could not be sealed; the roll-up will seal it", segment.name)

    def _hand_over(self) -> None:
        """Write the drops down, sync, and seal the open segment, if there is one."""
        self._write_drops()
        with self._syncing:
            with self._writing:
                if self._segment is not None:
                    self._ended.append(self._segment)
                    self._segment = None
            self._bring_to_disk()

    def _write_drops(self) -> None:
        with self._writing:
            if not self._drops or self._drops_at is None:
                return
            noted = [Drop(self._drops_at, reason, number) for reason, number in self._drops.items()]
            try:
                self._write(b"".join(map(lines.of_drop, noted)), self._drops_at)
            except ViewsUnstorable:
                return  # they stay, and are tried again
            self._drops.clear()
            self._drops_at = None

    def _tend(self) -> None:
        while not self._closing.is_set():
            self._something.wait()
            self._closing.wait(self._tick)
            try:
                self._tend_once()
            except OSError:
                _log.exception("the view spool could not be tended; trying again")

    def _tend_once(self) -> None:
        if self._sync_ms:
            with self._syncing:
                self._bring_to_disk()
        with self._writing:
            due = self._segment is None or stopwatch() - self._opened >= _HAND_OVER
        if due:
            self._hand_over()
        with self._writing:
            if self._segment is None and not self._ended and not self._drops:
                self._something.clear()

    def close(self) -> None:
        self._closing.set()
        self._something.set()
        if self._tender is not None:
            self._tender.join()
        self._hand_over()

    def ping(self) -> None:
        if self._folder.exists() and not os.access(self._folder, os.W_OK | os.X_OK):
            raise PermissionError(f"{self._folder} can't be written to")

    def agree(self, name: str, mine: bytes, lasting: timedelta) -> bytes:
        """Every process of the machine has the same folder; what is agreed on is a file there."""
        return mine

    # --- Reading -------------------------------------------------------------------------------------------

    def sealed(self) -> Sequence[str]:
        self._hand_over()
        segments.seal_the_dead(self._folder)
        return segments.sealed_names(self._folder)

    def read(self, segment: str) -> Segment | None:
        try:
            content = segments.content(self._folder, segment)
        except FileNotFoundError:
            return None
        found, unreadable = lines.read(segment, content)
        if unreadable:
            _log.warning("segment %s has %d unreadable lines", segment, unreadable)
        return found

    def waiting(self) -> Sequence[Segment]:
        return [lines.read(name, content)[0] for name, content in segments.all_there(self._folder)]

    def discard(self, segments_: Sequence[str]) -> None:
        for segment in segments_:
            segments.remove(self._folder, segment)
        if segments_:
            segments.sync_folder(self._folder)
