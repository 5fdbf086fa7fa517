"""What every signal promises: whoever reads the number never believes what a commit has made old."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cms.engines.signal.local import LocalSignal
from cms.engines.signal.redis import LEASE, RedisSignal
from cms.interfaces import SiteSignal
from tests.machines import Valkey
from tests.serving import ROOT, until

Open = Callable[[], SiteSignal]


def opened(kind: str, where: str) -> SiteSignal:
    return LocalSignal(Path(where)) if kind == "local" else RedisSignal(where, lambda: 0, pending_for=4.0)


@pytest.fixture(params=["local", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Which signal, and where it is."""
    local = request.param == "local"
    return request.param, str(tmp_path / "signal") if local else request.getfixturevalue("valkey").url


@pytest.fixture
def open_signal(place: tuple[str, str]) -> Iterator[Open]:
    """Opens the same number again and again, as one process after another would; it can be read on return."""
    made: list[SiteSignal] = []

    def open_it() -> SiteSignal:
        made.append(opened(*place))
        until(lambda: made[-1].read() is not None, "it can be read")
        return made[-1]

    yield open_it
    for each in made:
        if isinstance(each, RedisSignal):
            each.close()


# --- The contract ------------------------------------------------------------------------------------------


def test_nobody_believes_anything_from_before_a_commit_until_it_is_published(open_signal: Open) -> None:
    writer, reader = open_signal(), open_signal()
    before = reader.read()
    pending = writer.pending()
    assert (writer.read(), reader.read()) == (None, None)
    pending.publish(7)
    until(lambda: reader.read() is not None, "it can be read again")
    assert reader.read() not in (None, before)


def test_the_number_stands_while_nothing_happens(open_signal: Open) -> None:
    reader = open_signal()
    open_signal().pending().publish(1)
    time.sleep(LEASE)  # it may look around first
    first = reader.read()
    time.sleep(LEASE)
    assert reader.read() == first is not None


def test_a_change_that_never_came_about_leaves_the_number_readable(open_signal: Open) -> None:
    reader = open_signal()
    open_signal().pending().publish(0)
    until(lambda: reader.read() is not None, "it can be read again")


def test_a_change_whose_process_died_is_cleared_away_in_time(place: tuple[str, str], open_signal: Open) -> None:
    reader, worker = open_signal(), open_signal()
    died = f"from tests.engines.{Path(__file__).stem} import opened; opened(*{place!r}).pending()"
    subprocess.run([sys.executable, "-c", died], cwd=ROOT, check=True)
    assert reader.read() is None

    def mended() -> bool:
        worker.repair(lambda: 7)
        return reader.read() is not None

    until(mended, "it is mended")


def test_a_signal_in_order_says_so(open_signal: Open) -> None:
    open_signal().ping()


def test_no_reader_ever_believes_what_has_been_committed_over(open_signal: Open) -> None:
    """What is committed is a plain number here; readers keep what they last saw under the signal's number."""
    committed, old, over = [0], list[tuple[int, int]](), threading.Event()
    writing = threading.Lock()

    def write(mine: SiteSignal, dice: random.Random) -> None:
        for _ in range(20):
            with writing:
                pending = mine.pending()
                committed[0] += 1
                newest = committed[0]
            if dice.random() < 0.3:
                time.sleep(dice.random() / 200)
            pending.publish(newest)

    def read(mine: SiteSignal) -> None:
        kept: tuple[int | None, int] = (None, 0)
        while not over.is_set():
            known = committed[0]
            number = mine.read()
            if number is None or number != kept[0]:
                kept = (number, committed[0])
            if kept[1] < known:
                old.append((kept[1], known))
            time.sleep(0.0002)  # lets the others come to their turn

    readers = [threading.Thread(target=read, args=(open_signal(),)) for _ in range(2)]
    writers = [threading.Thread(target=write, args=(open_signal(), random.Random(n))) for n in range(3)]
    for thread in readers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    for thread in readers:
        thread.join()
    assert not old


# --- Across machines ---------------------------------------------------------------------------------------


@pytest.fixture
def machine(valkey: Valkey) -> Iterator[Callable[..., RedisSignal]]:
    opened: list[RedisSignal] = []

    def open_it(newest: Callable[[], int] = lambda: 0) -> RedisSignal:
        opened.append(RedisSignal(valkey.url, newest))
        return opened[-1]

    yield open_it
    for each in opened:
        each.close()


def believing(machine: Callable[..., RedisSignal], *given: Callable[[], int]) -> RedisSignal:
    reader = machine(*given)
    until(lambda: reader.read() is not None, "it has its lease")
    return reader


def test_a_commit_waits_no_longer_than_a_lease_for_a_machine_that_has_gone(
    machine: Callable[..., RedisSignal],
) -> None:
    gone = believing(machine)
    gone._closing.set()  # its threads stop, and tell nobody
    began = time.monotonic()
    machine().pending().publish(1)
    assert time.monotonic() - began < 2 * LEASE
    assert gone.read() is None


def test_without_the_server_nobody_believes_anything_and_writers_go_on(
    machine: Callable[..., RedisSignal], valkey: Valkey
) -> None:
    reader, writer = believing(machine), machine()
    valkey.kill()
    with pytest.raises(OSError, match="does not answer"):
        writer.ping()
    pending = writer.pending()  # returns once no lease can be left
    assert reader.read() is None
    pending.publish(1)
    began = time.monotonic()
    writer.pending().publish(2)
    assert time.monotonic() - began < LEASE / 2  # the second time, there is nobody to wait for


def test_a_server_that_hangs_is_as_good_as_gone(machine: Callable[..., RedisSignal], valkey: Valkey) -> None:
    reader, writer = believing(machine), believing(machine)
    number = valkey.client().info()["process_id"]
    subprocess.run(["kill", "-STOP", str(number)], check=True)
    try:
        pending = writer.pending()
        assert reader.read() is None
        pending.publish(1)
    finally:
        subprocess.run(["kill", f"-{signal.SIGCONT.value}", str(number)], check=True)


def test_a_server_that_comes_back_with_no_memory_is_believed_only_after_a_look(
    machine: Callable[..., RedisSignal], valkey: Valkey
) -> None:
    reader = believing(machine)
    before = reader.read()
    valkey.kill()
    valkey.start()
    pending = machine().pending()  # it knows of no lease, and waits for those that it may have forgotten
    assert reader.read() is None
    pending.publish(1)
    until(lambda: reader.read() is not None, "it has its lease again")
    assert reader.read() != before


def test_a_change_that_reached_the_database_alone_is_noticed(machine: Callable[..., RedisSignal]) -> None:
    newest = [5]
    reader = believing(machine, lambda: newest[0])
    time.sleep(1.2)  # it has looked
    before = reader.read()
    newest[0] = 6
    until(lambda: reader.read() != before, "the reader notices")


def test_two_sites_on_one_server_do_not_disturb_each_other(valkey: Valkey) -> None:
    signals = [RedisSignal(f"{valkey.url}?prefix={name}", lambda: 0) for name in ("one", "another")]
    until(lambda: all(each.read() is not None for each in signals), "they have their leases")
    signals[0].pending()
    assert signals[0].read() is None
    assert signals[1].read() is not None
    for each in signals:
        each.close()


@pytest.mark.parametrize(
    "url",
    ["redis://", "redis://host/zero", "redis://host:none/", "redis://:half@of:it/0", "redis://host/0?timeout=5"],
)
def test_an_address_that_cannot_be_one_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="takes redis://") as refused:
        RedisSignal(url, lambda: 0)
    assert "half" not in str(refused.value)
