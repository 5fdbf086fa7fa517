"""What of the machine's time is ours, and what is somebody else's."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def until_idle(most: float = 60) -> None:
    """wrk leaves requests behind when its time is up, and a slow server works at them on into the next measurement."""
    for _ in range(int(most * 2)):
        before = _ours()
        time.sleep(0.5)
        if _ours() - before < 0.05:
            return


class Others:
    """Use as a context: afterwards, ``share`` is how much of all cores those took who don't belong to us."""

    def __enter__(self) -> Others:
        self._began, self._all, self._own = time.monotonic(), _everybody(), _ours()
        return self

    def __exit__(self, *_: object) -> None:
        taken = (_everybody() - self._all) - (_ours() - self._own)
        self.share = max(0.0, taken / (time.monotonic() - self._began) / (os.cpu_count() or 1))


def _everybody() -> float:
    """Seconds of all processes' time: user, nice and system."""
    return sum(map(int, Path("/proc/stat").read_text().split(maxsplit=4)[1:4])) / TICKS


def _ours() -> float:
    """Seconds of this process's time, of all below it, and of those it has waited for."""
    children, spent = defaultdict(list), {}
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = each.read_text().rsplit(")", 1)[1].split()
        except OSError:  # it has just ended
            continue
        children[int(told[1])].append(int(each.parent.name))
        spent[int(each.parent.name)] = sum(map(int, told[11:15]))
    total, left = 0, [os.getpid()]
    while left:
        process = left.pop()
        total += spent.get(process, 0)
        left += children[process]
    return total / TICKS
