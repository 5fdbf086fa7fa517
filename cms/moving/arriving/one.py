"""One import at a time: two of the same file would each take what the other has not yet written for new."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from cms.domain.errors import Conflict
from cms.newsroom import Newsroom


@contextmanager
def one_import(newsroom: Newsroom) -> Iterator[None]:
    """Raises Conflict while another one runs on this machine. The lock goes with its process, however that ends."""
    with (newsroom.settings.data_dir / "importing.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("Another import is running; wait for its end") from None
        yield
