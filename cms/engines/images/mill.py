"""Pictures, each worked on in a process of its own that is limited before it sees the first byte.

A decoder is large C code fed by strangers. In a process of its own, a crash, a bomb or an endless loop costs
that one process and never a web worker; and since every call begins a new one, no hostile file can lie in
wait for the next picture. Starting it costs less than 0.1 s, once for each rendition ever made.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cms.interfaces import Crop, ImageFacts, ImagesBusy, RenditionForm, UnusableImage

_DECODER = Path(__file__).with_name("decoder.py")
_DRAWER = Path(__file__).with_name("drawer.py")
_BEGIN = "import sys; sys.path.insert(0, sys.argv.pop(1)); __import__(sys.argv.pop(1)).main()"
"""What is imported is kept compiled; a program that is started by its path is compiled each time."""
_WALL_SECONDS = 20
"""No picture's fault, for the decoder's own limit is on processor time: the machine is too busy to give it any."""
_BROKEN_OFF = (
    "This picture is damaged, or takes more memory or time to open than one picture may. "
    "Send it smaller, or as an ordinary JPEG."
)


class LimitedImages:
    """An ImageMill that works on at most ``places`` pictures at once, so that memory is bounded too.

    A call waits ``patience`` seconds for a place and then raises ImagesBusy.
    """

    def __init__(self, places: int = 2, patience: float = 10.0) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._patience = patience

    def read(self, content: bytes) -> ImageFacts:
        head, _ = self._decode(content, "read")
        return ImageFacts(**json.loads(head)["facts"])

    def render(self, content: bytes, width: int, form: RenditionForm, crop: Crop | None = None) -> bytes:
        part = (str(crop.ratio), str(crop.x), str(crop.y)) if crop else ()
        _, picture = self._decode(content, "render", str(width), form, *part)
        return picture

    def draw_card(self, headline: str, section: str, paper: str) -> bytes:
        said = {"headline": headline, "section": section, "paper": paper}
        _, picture = self._run(_DRAWER, json.dumps(said).encode())
        return picture

    def _decode(self, content: bytes, *act: str) -> tuple[bytes, bytes]:
        return self._run(_DECODER, content, *act)

    def _run(self, program: Path, content: bytes, *act: str) -> tuple[bytes, bytes]:
        with self._place():
            try:
                done = subprocess.run(  # noqa: S603 (our own program; strangers supply only what it reads)
                    [sys.executable, "-I", "-c", _BEGIN, str(program.parent), program.stem, *act],
                    input=content,
                    capture_output=True,
                    timeout=_WALL_SECONDS,
                    env={},  # no secret of the site's lies in a process that reads strangers' files
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise ImagesBusy from None
        if done.returncode < 0:  # a limit or a crash ended it
            raise UnusableImage(_BROKEN_OFF)
        if done.returncode:
            raise RuntimeError("the decoder doesn't start: " + done.stderr[-500:].decode(errors="replace"))
        head, _, picture = done.stdout.partition(b"\n")
        refused = json.loads(head).get("refused")
        if refused:
            raise UnusableImage(refused)
        return head, picture

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=self._patience):
            raise ImagesBusy
        try:
            yield
        finally:
            self._places.release()
