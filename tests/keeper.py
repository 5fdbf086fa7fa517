"""Start a service, and stop it when the test session is over, however that ends.

``tests/services.py`` runs this beside each service. It starts the service, prints ``ready``, then waits on a
pipe that the session holds open. When the session ends, or is killed, the pipe closes; the keeper stops the
service and deletes its folder. So no server outlives its tests and nobody has to poll.

    python keeper.py PIPE FOLDER USER START STOP    (START and STOP are commands, as JSON lists)
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any


def main(pipe: str, folder: str, user: str, start: str, stop: str) -> None:
    if run(json.loads(start), user, folder):
        sys.exit("see keeper.log")
    os.write(1, b"ready\n")
    wait_until_closed(pipe)
    run(json.loads(stop), user, folder)
    shutil.rmtree(folder)
    try:
        Path(folder).parent.rmdir()
    except OSError:
        return  # another service's keeper is still at work, and will be the last
    shutil.rmtree(Path(pipe).parent)


def run(command: list[str], user: str, folder: str) -> int:
    # Output goes to a file: a pipe would be inherited by the service and never come to its end.
    who: dict[str, Any] = {"user": user, "extra_groups": []} if user else {}
    with (Path(folder) / "keeper.log").open("a") as log:
        return subprocess.call(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **who)


def wait_until_closed(pipe: str) -> None:
    # Opened without waiting for a writer: if the session is gone already there will never be one.
    descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(descriptor, True)
    os.read(descriptor, 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
