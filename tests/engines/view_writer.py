"""A process that appends views until it is killed, printing each view's id once it has been acknowledged.

    python view_writer.py FOLDER SYNC_MS [BYTES]

With BYTES, files may not grow beyond that, as on a full disk; at the first refusal the limit is lifted, a hundred
more views follow, and the process ends without closing its store.
"""

from __future__ import annotations

import os
import resource
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from cms.engines.views.spool import Spool
from cms.interfaces import Beat, ViewsUnstorable


def main(folder: str, sync_ms: str, limit: str = "") -> None:
    store = Spool(Path(folder), int(sync_ms))
    left = None
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
    for n in count():
        view = f"{os.getpid()}-{n:08d}"
        try:
            store.append(Beat(datetime.now(UTC), "5m2k0c9x7t3wq8ad", view, n, -n))
        except ViewsUnstorable:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            left = 100
            continue
        os.write(1, view.encode() + b"\n")
        if left is not None:
            left -= 1
            if not left:
                os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
