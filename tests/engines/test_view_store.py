"""What every view store promises. The newsroom says 204 on its word."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cms.engines.views import lines
from cms.engines.views.redis import CarriedViews
from cms.engines.views.spool import Spool
from cms.interfaces import Beat, ViewStore, ViewsUnstorable
from tests.machines import Valkey

NOON = datetime(2026, 3, 26, 12, 0, 0, 123456, tzinfo=UTC)
WRITER = Path(__file__).with_name("view_writer.py")
ROOT = Path(__file__).parents[2]

Opener = Callable[[], ViewStore]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "views"


@pytest.fixture(params=["spool", "carried"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[0, 200], ids=["synced before the answer", "synced soon"])
def open_store(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Opens the same store again and again, as one process after another would."""
    opened: list[ViewStore] = []
    url = request.getfixturevalue("valkey").url if kind == "carried" else ""

    def open_it() -> ViewStore:
        opened.append(CarriedViews(folder, request.param, url) if url else Spool(folder, request.param))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


def beat(n: int = 0, at: datetime = NOON) -> Beat:
    return Beat(at + timedelta(seconds=n), "5m2k0c9x7t3wq8ad", f"view-{n:08d}", 2**63 - 1 - n, -(2**63) + n)


def views_in(store: ViewStore) -> list[str]:
    return [b.view for name in store.sealed() if (segment := store.read(name)) for b in segment.beats]


# --- The contract ------------------------------------------------------------------------------------------


def test_a_view_is_read_back_to_the_microsecond_and_the_last_bit(open_store: Opener) -> None:
    store = open_store()
    sent = [beat(0), beat(1), Beat(NOON, "a", "x" * 64, 0, 0, earlier=-1), beat(2, NOON.replace(year=2199))]
    for one in sent:
        store.append(one)
    assert [b for name in store.sealed() for b in store.read(name).beats] == sent


def test_what_this_process_appended_is_sealed_at_once_oldest_first(open_store: Opener) -> None:
    store = open_store()
    for n in range(3):
        store.append(beat(n))
        assert views_in(store) == [f"view-{m:08d}" for m in range(n + 1)]


def test_what_is_counted_is_discarded_for_good_and_twice_is_harmless(open_store: Opener) -> None:
    store = open_store()
    store.append(beat())
    [name] = store.sealed()
    store.discard([name])
    store.discard([name])
    assert store.sealed() == []
    assert store.read(name) is None


def test_views_that_did_not_count_are_summed_by_reason(open_store: Opener) -> None:
    store = open_store()
    for reason in ["bot", "staff", "bot"]:
        store.drop(reason, NOON)
    [drops] = [store.read(name).drops for name in store.sealed()]
    assert {drop.reason: drop.number for drop in drops} == {"bot": 2, "staff": 1}
    assert {drop.at for drop in drops} == {NOON}


def test_every_view_of_many_threads_is_there_once_while_others_collect(open_store: Opener) -> None:
    store, counter = open_store(), open_store()
    found: Counter[str] = Counter()

    def write(first: int) -> None:
        for n in range(first, first + 150):
            store.append(beat(n))

    def collect() -> None:
        for name in counter.sealed():
            found.update(b.view for b in counter.read(name).beats)
            counter.discard([name])

    threads = [threading.Thread(target=write, args=(first * 1000,)) for first in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        store.sealed()
        collect()
    store.close()
    collect()
    assert len(found) == 8 * 150
    assert set(found.values()) == {1}


def test_a_living_process_hands_its_views_over_by_itself(open_store: Opener) -> None:
    writer, counter = open_store(), open_store()
    writer.append(beat())
    writer.drop("bot", NOON)
    until(lambda: views_in(counter) == ["view-00000000"], seconds=1.5)
    until(lambda: any(counter.read(name).drops for name in counter.sealed()), seconds=1.5)


def test_a_closed_store_keeps_what_it_was_told(open_store: Opener) -> None:
    writer = open_store()
    writer.append(beat())
    writer.drop("bot", NOON)
    writer.close()
    counter = open_store()
    assert views_in(counter) == ["view-00000000"]
    assert [drop.number for name in counter.sealed() for drop in counter.read(name).drops] == [1]


def test_a_burst_is_handed_over_in_parts_that_can_be_counted_quickly(folder: Path) -> None:
    store = Spool(folder, 200)
    for n in range(25_000):
        store.append(beat(n))
    sizes = [len(store.read(name).beats) for name in store.sealed()]
    assert (sum(sizes), max(sizes) <= 10_000) == (25_000, True)


def test_a_store_in_order_says_so(open_store: Opener) -> None:
    open_store().ping()


# --- Several machines --------------------------------------------------------------------------------------

Machine = Callable[[str], CarriedViews]


@pytest.fixture
def machine(tmp_path: Path, valkey: Valkey) -> Iterator[Machine]:
    """A process of the machine of this name."""
    opened: list[CarriedViews] = []

    def open_it(name: str) -> CarriedViews:
        opened.append(CarriedViews(tmp_path / name, 200, valkey.url))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


def all_views(store: ViewStore) -> list[str]:
    """Read and forgotten."""
    names = store.sealed()
    found = [b.view for name in names if (segment := store.read(name)) for b in segment.beats]
    store.discard(names)
    return found


def test_what_one_machine_acknowledged_the_worker_of_another_counts(machine: Machine, tmp_path: Path) -> None:
    web, worker = machine("web"), machine("worker")
    web.append(beat(1))
    web.drop("bot", NOON)
    until(lambda: views_in(worker) == ["view-00000001"], seconds=3)
    worker.discard(worker.sealed())
    until(lambda: not list((tmp_path / "web").glob("*.sealed")), seconds=3)
    assert worker.sealed() == []


def test_what_was_carried_and_lost_with_the_server_is_carried_again(machine: Machine, valkey: Valkey) -> None:
    web, worker = machine("web"), machine("worker")
    web.append(beat(1))
    until(lambda: views_in(worker) == ["view-00000001"], seconds=3)
    valkey.kill()
    web.append(beat(2))
    assert worker.sealed() == []
    valkey.start()
    until(lambda: views_in(worker) == ["view-00000001", "view-00000002"], seconds=10)


def test_without_the_server_a_machines_own_worker_counts_its_views(machine: Machine, valkey: Valkey) -> None:
    web, worker = machine("same"), machine("same")
    valkey.kill()
    web.append(beat(1))
    until(lambda: views_in(worker) == ["view-00000001"], seconds=3)
    with pytest.raises(OSError, match="does not answer"):
        worker.ping()
    assert all_views(worker) == ["view-00000001"]
    valkey.start()
    assert all_views(worker) == []


def test_a_worker_that_finds_the_server_emptied_takes_nothing_for_read(machine: Machine, valkey: Valkey) -> None:
    web, worker = machine("web"), machine("worker")
    web.append(beat(1))
    until(lambda: worker.sealed(), seconds=3)
    [name] = worker.sealed()
    web._closing.set()  # carries nothing again for now
    time.sleep(0.3)
    valkey.client().flushall()
    assert worker.read(name) is None


def test_a_dead_machines_process_leaves_its_views_to_the_next_one(machine: Machine, tmp_path: Path) -> None:
    Spool(tmp_path / "web", 200).append(beat(1))  # it is killed: nobody closes it
    machine("web").ping()
    worker = machine("worker")
    until(lambda: views_in(worker) == ["view-00000001"], seconds=3)


def test_machines_agree_on_a_secret_of_the_day(machine: Machine, valkey: Valkey) -> None:
    day = timedelta(days=1)
    first = machine("one").agree("salt:2026-03-26", b"first", day)
    assert machine("other").agree("salt:2026-03-26", b"second", day) == first == b"first"
    valkey.kill()
    with pytest.raises(OSError, match="does not answer"):
        machine("third").agree("salt:2026-03-26", b"third", day)


# --- Kills and full disks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("sync_ms", [0, 50])
def test_no_acknowledged_view_is_lost_or_doubled_over_thirty_kills(folder: Path, sync_ms: int) -> None:
    """Two processes write and are killed in the middle of it, over and over, while a third one counts."""
    counter = Spool(folder, sync_ms)
    acknowledged: list[str] = []
    found: Counter[str] = Counter()

    def collect() -> None:
        for name in counter.sealed():
            found.update(b.view for b in counter.read(name).beats)
            counter.discard([name])

    for round_ in range(15):
        writers = [start_writer(folder, sync_ms) for _ in range(2)]
        for writer in writers:
            assert writer.stdout is not None
            acknowledged += [writer.stdout.readline().strip() for _ in range(20 + 37 * round_)]
        collect()
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            rest, _ = writer.communicate()
            acknowledged += rest.split("\n")[:-1]
    collect()
    assert len(acknowledged) > 30 * 20
    assert [view for view in acknowledged if found[view] != 1] == []
    assert set(found.values()) == {1}
    assert list(folder.iterdir()) == []


def test_a_living_process_is_left_its_segment(folder: Path) -> None:
    writer, counter = Spool(folder, 60_000), Spool(folder, 60_000)
    writer.append(beat())
    assert counter.sealed() == []
    writer.close()
    assert views_in(counter) == ["view-00000000"]


def test_a_torn_last_line_is_left_out_wherever_it_was_torn() -> None:
    whole = lines.of_beat(beat(0)) + lines.of_beat(beat(1))
    last = lines.of_beat(beat(2))
    for length in range(len(last)):
        segment, unreadable = lines.read("name", whole + last[:length])
        assert (segment.beats, unreadable) == ((beat(0), beat(1)), 0)


def test_a_damaged_line_costs_itself_alone() -> None:
    content = lines.of_beat(beat(0)) + b"\0" * 90 + b"\n\xff 1 2\n" + lines.of_beat(beat(1))
    segment, unreadable = lines.read("name", content)
    assert (segment.beats, unreadable) == ((beat(0), beat(1)), 2)


@pytest.mark.parametrize("sync_ms", [0, 50])
def test_a_full_disk_is_said_so_and_hurts_no_view_before_or_after(folder: Path, sync_ms: int) -> None:
    writer = start_writer(folder, sync_ms, "5000")
    told, _ = writer.communicate(timeout=20)
    acknowledged = told.split()
    assert len(acknowledged) > 100
    assert views_in(Spool(folder, sync_ms)) == acknowledged


def test_a_store_that_cannot_be_written_to_says_so(tmp_path: Path) -> None:
    (tmp_path / "views").write_text("a file where the folder should be")
    with pytest.raises(ViewsUnstorable):
        Spool(tmp_path / "views", 200).append(beat())


def start_writer(folder: Path, sync_ms: int, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(WRITER), str(folder), str(sync_ms), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)})


def until(true: Callable[[], bool], seconds: float) -> None:
    """Ask again and again; fail when it hasn't come true in time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "not in time"
