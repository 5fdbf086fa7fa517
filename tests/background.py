"""Start a server that stays in the foreground as if it didn't, and stop it hard.

    python background.py start FOLDER PORT COMMAND…    returns once PORT answers HTTP; output goes to FOLDER/server.log
    python background.py stop FOLDER

``tests/keeper.py`` runs both.
"""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 60.0


def main(what: str, folder: str, port: str = "", *command: str) -> None:
    if what == "start":
        start(Path(folder), int(port), list(command))
    else:
        with suppress(ProcessLookupError):
            os.killpg(int((Path(folder) / "pid").read_text()), signal.SIGKILL)


def start(folder: Path, port: int, command: list[str]) -> None:
    with (folder / "server.log").open("ab") as log:
        server = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    (folder / "pid").write_text(str(server.pid))
    end = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse()
            return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    sys.exit(f"{command[0]} did not come to answer on port {port}")


if __name__ == "__main__":
    main(*sys.argv[1:])
