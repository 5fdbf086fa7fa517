"""Leaving when the parent is gone: a killed ``cms run`` must not leave a process behind that holds the port."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from multiprocessing import parent_process

LOOK_EVERY = 0.2
"""Seconds between two looks at who the parent is."""


def leave_with_parent(leave: Callable[[], object]) -> None:
    """Call ``leave`` once, from a thread, when this process's parent has died.

    Asking who the parent is works everywhere; the kernel's own death signal is Linux's alone, and is sent when the
    parent's *thread* ends. Who was begun by multiprocessing knows its parent even if that died before it came to ask.
    """
    began_by = parent_process()
    parent = began_by.pid if began_by else os.getppid()

    def watch() -> None:
        asleep = threading.Event()
        while os.getppid() == parent:
            asleep.wait(LOOK_EVERY)
        leave()

    threading.Thread(target=watch, name="leave-with-parent", daemon=True).start()
