"""How Copydesk stands beside WordPress and Wagtail, each with the same stories, with and without its page cache.

    sh scripts/bench peers                          # three rounds, about twenty-five minutes with the filling
    sh scripts/bench peers --stories 100 --rounds 1 --seconds 1

Rounds are interleaved: everybody is asked the same for a few seconds, in turn, so that whatever else the machine does
falls on all alike. Everything runs in a temporary folder on free ports of 127.0.0.1, and is gone at the end. Tables go
to docs/benchmarks/peers.md.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import platform
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.machine import Others, until_idle
from bench.newsroom import APART, REPORTERS, SECTIONS, WORDS_A_STORY, write
from bench.serving import CONNECTIONS, ROOT, STORIES, Run, fetch, run_wrk, script
from bench.sites import Door, Peer
from bench.sites.copydesk import Copydesk
from bench.sites.wagtail import Wagtail
from bench.sites.wordpress import DEBIAN, WordPress

ARTICLE, ARTICLES, FRONT = "article, 1 address", "articles, all addresses", "front page"
AFTER, PURGED = "articles, just after a publication", "articles, just after a purge"
PAGES = (ARTICLE, ARTICLES, FRONT, AFTER, PURGED)
PURGED_SECONDS = 10
PATIENCE = 20
"""Seconds after which a story that isn't on the front page is waited for no longer."""


@dataclass
class Found:
    """Of every kind and every door or program, one entry a round."""

    runs: dict[str, dict[str, list[Run]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    seconds: dict[str, dict[str, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    others: list[float] = field(default_factory=list)
    """The share of the cores that strangers took, run by run."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--stories", type=int, default=STORIES)
    parser.add_argument("--newsroom", type=Path, help="a data folder that bench/newsroom.py has filled with as many")
    given = parser.parse_args()
    Copydesk.filled = given.newsroom
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        with ready(folder, given.stories) as peers:
            found = Found()
            for number in range(given.rounds):
                read(peers, folder, given.seconds, found, f"round {number + 1}")
                publish(peers, found)
            for number in range(given.rounds):
                purge(peers, folder, found, f"purge {number + 1}")
            report(peers, found, given)


@contextlib.contextmanager
def ready(folder: Path, count: int) -> Iterator[list[Peer]]:
    """Everybody installed, filled and serving; stopped again at the end, whatever happens."""
    stories, now = folder / "stories.jsonl", datetime.now(UTC)
    with stories.open("w") as lines:
        for number, story in enumerate(write(count, list(SECTIONS), list(REPORTERS))):
            at = now - APART * (count - number)
            lines.write(json.dumps({**story, "at": f"{at:%Y-%m-%d %H:%M:%S}"}) + "\n")
    stories.chmod(0o644)
    with contextlib.ExitStack() as open_:
        peers = []
        for kind in (Copydesk, WordPress, Wagtail):
            peer = kind(folder / kind.__name__.lower(), stories)
            open_.callback(peer.stop)
            for verb in (peer.install, peer.fill, peer.serve):
                began = time.monotonic()
                verb()
                print(f"{kind.__name__} {verb.__name__}: {time.monotonic() - began:.0f} s", flush=True)
            if len(peer.paths) != count:
                raise SystemExit(f"{kind.__name__} has {len(peer.paths):,} stories, not {count:,}")
            peers.append(peer)
        yield peers


# --- What is measured --------------------------------------------------------------------------------------


def read(peers: list[Peer], folder: Path, seconds: int, found: Found, title: str) -> None:
    """Pages as readers find them on a quiet day, and in the seconds after a story was published."""
    for kind, ask in {
        ARTICLE: lambda peer, door: run_wrk(door.port, peer.paths[0], seconds),
        ARTICLES: lambda peer, door: run_wrk(door.port, "/", seconds, "-s", anywhere(folder, peer)),
        FRONT: lambda _peer, door: run_wrk(door.port, "/", seconds),
        AFTER: lambda peer, door: after_publication(peer, door, folder, seconds),
    }.items():
        for peer, door in doors(peers):
            if door.purge and kind in (ARTICLES, AFTER):
                peer.warm(door)
            measure(found, kind, door, lambda peer=peer, door=door, ask=ask: ask(peer, door), title)


def after_publication(peer: Peer, door: Door, folder: Path, seconds: int) -> Run:
    door.publish("And then")
    return run_wrk(door.port, "/", seconds, "-s", anywhere(folder, peer))


def publish(peers: list[Peer], found: Found, times: int = 10) -> None:
    """What saving and publishing takes, and how long after it the front page shows the story."""
    for number in range(times):
        for peer in peers:
            for name, program in peer.programs.items():
                found.seconds["published"][name].append(timed(lambda p=program, n=number: p(f"Publication {n}")))
    for _, door in doors(peers):
        fetch(door.port, "/")  # so that whoever keeps pages has just this one
        until_idle()
        headline = f"Seen {time.monotonic_ns()}"
        door.publish(headline)
        found.seconds["seen"][door.name].append(look(door, headline))
        print(f"{door.name}: seen after {found.seconds['seen'][door.name][-1]:.3f} s", flush=True)


def look(door: Door, headline: str) -> float:
    """Seconds of reloading the front page until it names the story; without end after a while."""
    began = time.perf_counter()
    while headline not in fetch(door.port, "/").decode():
        if time.perf_counter() > began + PATIENCE:
            return math.inf
        time.sleep(0.005)
    return time.perf_counter() - began


def purge(peers: list[Peer], folder: Path, found: Found, title: str) -> None:
    for peer, door in doors(peers):
        if forget := door.purge:

            def emptied(peer: Peer = peer, door: Door = door, forget: Callable[[], None] = forget) -> Run:
                forget()
                return run_wrk(door.port, "/", PURGED_SECONDS, "-s", anywhere(folder, peer))

            measure(found, PURGED, door, emptied, title)


def measure(found: Found, kind: str, door: Door, ask: Callable[[], Run], title: str) -> None:
    until_idle()
    with Others() as others:
        run = ask()
    found.runs[kind][door.name].append(run)
    found.others.append(others.share)
    print(f"{title}  {kind:<36}{door.name:<34}{run.rate:>10,.1f}/s  others {others.share:.0%}", flush=True)


def doors(peers: list[Peer]) -> list[tuple[Peer, Door]]:
    return [(peer, door) for peer in peers for door in peer.doors]


def anywhere(folder: Path, peer: Peer) -> str:
    """A wrk script that asks for its stories at random, each of wrk's threads for others."""
    paths = ", ".join(map(json.dumps, peer.paths))
    seed = "math.randomseed(os.time() + tonumber(tostring({}):sub(8)) % 1e6)"
    before = f"local paths = {{{paths}}}\n{seed}"
    return script(folder, type(peer).__name__, before, "paths[math.random(#paths)]")


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


# --- What is written ---------------------------------------------------------------------------------------


def report(peers: list[Peer], found: Found, given: argparse.Namespace) -> None:
    rounds = len(found.runs[ARTICLE][peers[0].doors[0].name])
    machine = f"{os.cpu_count()} cores, {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') >> 30} GiB"
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    strangers = statistics.median(found.others), max(found.others)
    lines = [
        "# Beside WordPress and Wagtail",
        "",
        f"`make bench-peers` on {datetime.now(UTC):%B %-d, %Y}: {rounds} interleaved rounds of {given.seconds} s "
        f"({PURGED_SECONDS} s after a purge), wrk with {CONNECTIONS} connections on the same {machine}; {system}, "
        f"Python {platform.python_version()}. Everybody holds the same {given.stories:,} generated stories of "
        f"{WORDS_A_STORY:,} words. Medians; × is how many times as fast Copydesk was in the same round. Strangers' "
        f"processes took {strangers[0]:.0%} of the cores, at most {strangers[1]:.0%}: trust the ratios.",
        "",
        *(f"- {peer.about}" for peer in peers),
        "",
        "## Pages",
        "",
        *table(["requests a second", *PAGES], rows(peers, lambda name, kind: rate(found.runs[kind], name))),
        "",
        *table(["p99, ms", *PAGES], rows(peers, lambda name, kind: p99(found.runs[kind][name]))),
        "",
        *table(["KB a page", "article", "front page"], sizes(peers)),
        "",
        "## Publishing",
        "",
        *table(["save and publish, 1 client", "median, ms", "worst, ms", "×"], published(peers, found)),
        "",
        *table(["from then until the front page shows it", "median, ms", "worst, ms"], seen(peers, found)),
        "",
        NOTES.strip(),
    ]
    (ROOT / "docs" / "benchmarks" / "peers.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


NOTES = f"""
## What to make of it

- Whoever keeps no finished pages has nothing to purge. A cache in front of WordPress or Wagtail is fast for as long as
  it need not ask what is behind it; when it must, a page takes what their own rows say.
- nginx's cache learns nothing of a publication: its pages stay as they are until they have grown old. The front page
  had just been kept when the story was published, so that is the longest wait; the mean is half of it. A page kept for
  long is late, and pages kept for ten seconds are old sooner than PHP can make {STORIES:,} of them: every one was asked
  for beforehand, and a reader of an old one gets it at once, but nginx holds the connection until it is made anew.
- wagtail-cache is cleared whole on each publication, so that readers see the story at once and every other page is
  made again: the cost is in the column after a publication.
- Copydesk's API takes two calls to save and publish, WordPress's one; Wagtail has no API that writes. "In process" is a
  program that has started already: Wagtail's ORM, WordPress's `wp_insert_post`, Copydesk's verbs.
- Copydesk's page tells how often it was read. When nobody has asked for it for 50 s, that sentence is told anew for
  its next reader, which takes as long as a look into the database: here, every page had been asked for just before.
- Copydesk indexes for search in its worker, at once after a publication; Wagtail's index is written by the publication
  itself, and WordPress has none. Wagtail's templates are plainer than a newspaper's would be.
- A rate of a few dozen in {CONNECTIONS} connections means waits over a second; wrk counts what was answered in time.
- Not tried: WordPress with an object cache or a plug-in that purges, Wagtail on PostgreSQL or behind nginx, TLS.
"""


def table(head: list[str], body: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *body]]


def rows(peers: list[Peer], cell: Callable[[str, str], str]) -> list[list[str]]:
    return [[door.name, *(cell(door.name, kind) for kind in PAGES)] for _, door in doors(peers)]


def rate(runs: dict[str, list[Run]], name: str) -> str:
    if not runs[name]:
        return "–"
    median = statistics.median(run.rate for run in runs[name])
    ours = next(iter(runs.values()))
    ratio = statistics.median(other.rate / run.rate for run, other in zip(runs[name], ours, strict=True))
    refused = sum(run.errors for run in runs[name])
    return (
        f"{median:,.{0 if median >= 100 else 1}f}"
        + (f" (×{short(ratio)})" if runs[name] is not ours else "")
        + (f", {refused:,} refused" if refused else "")
    )


def p99(runs: list[Run]) -> str:
    return f"{statistics.median(run.p99 for run in runs):,.1f}" if runs else "–"


def sizes(peers: list[Peer]) -> list[list[str]]:
    asked = [(door, peer.paths[0]) for peer, door in doors(peers)]
    return [[door.name, *(f"{len(fetch(door.port, path)) / 1000:,.0f}" for path in (one, "/"))] for door, one in asked]


def published(peers: list[Peer], found: Found) -> list[list[str]]:
    """Programs are compared with ours of their kind: over HTTP, or in process."""
    times, ours = found.seconds["published"], {"API" in name: name for name in peers[0].programs}
    lines = []
    for name, took in times.items():
        beside = times[ours["API" in name]]
        ratio = statistics.median(mine / other for mine, other in zip(took, beside, strict=True))
        times_ours = "" if took is beside else f"×{short(ratio)}"
        lines.append([name, *milliseconds(took), times_ours])
    return lines


def seen(peers: list[Peer], found: Found) -> list[list[str]]:
    return [[door.name, *milliseconds(found.seconds["seen"][door.name])] for _, door in doors(peers)]


def milliseconds(seconds: list[float]) -> list[str]:
    found = [each(seconds) * 1000 for each in (statistics.median, max)]
    return [f"{each:,.1f}" if each < math.inf else f"more than {PATIENCE * 1000:,}" for each in found]


def short(ratio: float) -> str:
    return f"{ratio:.2g}" if ratio < 10 else f"{ratio:,.0f}"


if __name__ == "__main__":
    if missing := [each for each in ("wrk", "nginx", "mariadbd", "php") if shutil.which(each) is None]:
        raise SystemExit(f"missing: {', '.join(missing)}. Type: sh scripts/bench peers")
    if not DEBIAN.is_dir():
        raise SystemExit("WordPress is missing. Type: sh scripts/bench peers")
    main()
