"""What every search index promises, whichever engine it is."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread, Timer

import pytest
from sqlalchemy import Engine, create_engine

from cms.engines.search.postgres.engine import PostgresIndex
from cms.engines.search.whoosh.engine import WhooshIndex
from cms.interfaces import Document, Facets, IndexUnusable, Phrase, Query, Removal, SearchIndex, Word
from tests.engines.searching import NOW, facets, find, found_ids, matching, model_of, queries, stories, story

Opener = Callable[[], SearchIndex]


@pytest.fixture(params=["whoosh", "postgres"])
def another(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens the same index again, as another process would."""
    if request.param == "whoosh":
        yield lambda: WhooshIndex(tmp_path / "index")
        return
    url, engines = request.getfixturevalue("postgres_url"), list[Engine]()

    def connect() -> PostgresIndex:
        engines.append(create_engine(url))
        return PostgresIndex(engines[-1])

    yield connect
    for engine in engines:
        engine.dispose()


@pytest.fixture
def index(another: Opener) -> SearchIndex:
    opened = another()
    opened.rebuild([], 0)
    return opened


def test_a_published_story_is_found_at_once_in_every_process(index: SearchIndex, another: Opener) -> None:
    elsewhere = another()
    for number in range(12):
        index.apply([story(f"a{number}", f"Harbour opens, day {number}")], number)
        assert find(elsewhere, "harbour").total == number + 1


def test_a_withdrawn_story_is_gone_from_search(index: SearchIndex) -> None:
    index.apply([story("a", "Storm warning"), story("b", "Storm over")], 1)
    index.apply([Removal("a")], 2)
    assert found_ids(index, "storm") == {"b"}
    assert find(index, "storm").facets.sections == {"news": 1}


def test_a_rewritten_story_is_found_by_its_new_words_only(index: SearchIndex) -> None:
    index.apply([story("a", "Minister denies")], 1)
    index.apply([story("a", "Minister admits")], 2)
    assert found_ids(index, "minister") == found_ids(index, "admits") == {"a"}
    assert not found_ids(index, "denies")


def test_the_last_of_several_changes_to_a_story_in_one_batch_holds(index: SearchIndex) -> None:
    index.apply([story("a", "First"), story("a", "Second"), story("b", "First"), Removal("b")], 1)
    assert found_ids(index, "second") == {"a"}
    assert not found_ids(index, "first")


def test_applying_a_batch_twice_changes_nothing(index: SearchIndex) -> None:
    batch = [story("a", "Storm"), story("b", "Calm"), Removal("c")]
    index.apply(batch, 7)
    before = find(index, Query())
    index.apply(batch, 7)
    assert find(index, Query()) == before
    assert index.cursor() == 7


def test_removing_what_was_never_there_is_harmless(index: SearchIndex) -> None:
    index.apply([Removal("nobody")], 3)
    assert index.cursor() == 3
    assert find(index, Query()).total == 0


@pytest.mark.parametrize(
    ("language", "text", "asked"),
    [
        ("en", "He was running late", "run"),
        ("en", "They run the city", "running"),
        ("en-GB", "Germany's economy", "germany"),
        ("de", "Die Häuser am Fluss", "Haus"),
        ("de", "Das Haus am Fluss", "Häuser"),
        ("de", "In der Straße", "Strasse"),
        ("fr", "Les élections sont proches", "election"),
        ("ro", "Casele de pe malul râului", "casa"),
        ("en", "A naïve café in Łódź", "naive cafe lodz"),
        ("en", "A naive cafe in Lodz", "naïve café Łódź"),
        ("xx", "ORBITAL ÉCLAIR", "orbital eclair"),
        ("zh", "北京市長訪問東京", "東京"),
        ("en", "The U.S. and AT&T", "U.S. AT&T"),
    ],
)
def test_a_word_is_found_by_the_rules_of_its_storys_language(
    index: SearchIndex, language: str, text: str, asked: str
) -> None:
    index.apply([story("a", body=text, language=language), story("b", body="Nothing of it")], 1)
    assert found_ids(index, asked) == {"a"}


def test_a_word_is_found_however_long_it_is_spelt_out(index: SearchIndex) -> None:
    """One such letter stands for four words."""
    index.apply([story("a", "ﷺ" * 90, "ﷺ" * 64), story("b", "Storm")], 1)
    for word in (Word("ﷺ" * 64), Word("ﷺ" * 90, prefix=True)):
        assert found_ids(index, Query((word,))) == {"a"}


def test_a_story_is_found_by_its_authors_and_tags_names(index: SearchIndex) -> None:
    index.apply([story("a", "Storm", author_names=("Ada Lovelace",), tag_names=("Climate",))], 1)
    assert found_ids(index, "lovelace storm") == found_ids(index, "climate") == {"a"}


def test_a_phrase_is_found_only_in_its_order_and_within_one_text(index: SearchIndex) -> None:
    index.apply(
        [
            story("a", body="the prime minister of Norway"),
            story("b", body="minister of the prime estate"),
            story("c", headline="Prime", standfirst="Minister"),
            story("d", author_names=("Ada Prime", "Minister Bob")),
        ],
        1,
    )
    assert found_ids(index, Query((Phrase("prime minister"),))) == {"a"}
    assert found_ids(index, Query((Phrase("minister of"),))) == {"a", "b"}


def test_a_phrase_of_everyday_words_is_found_exactly_where_it_stands(index: SearchIndex) -> None:
    index.apply(
        [
            story("next", body="One of the few, and of them all"),
            story("turned", body="The of a few"),
            story("apart", body="Of all the few"),
            story("gap", headline="Out of", standfirst="the few"),
            story("twice", body="The the of of the"),
            story("german", body="Einer of the der die", language="de"),
            story("unknown", body="of the of the", language="xx"),
        ],
        1,
    )
    for phrase, expected in (
        ("of the", {"next", "twice", "german", "unknown"}),
        ("the few", {"next", "gap", "apart"}),
        ("one of the few", {"next"}),
        ("of the few", {"next"}),
        ("the the", {"twice"}),
        ("the of the", {"unknown"}),
        ("of the of the", {"unknown"}),
        ("of of the", {"twice"}),
        ("the der", {"german"}),
        ("der die", {"german"}),
        ("and of them", {"next"}),
        ("and the", set()),
    ):
        assert found_ids(index, Query((Phrase(phrase),))) == expected, phrase
    assert found_ids(index, Query((Word("of"),), without=(Phrase("of the"),))) == {"turned", "apart", "gap"}
    either = Query((Phrase("of all"), Phrase("of of")), relaxed=True)
    assert found_ids(index, either) == {"apart", "twice"}


def test_a_phrase_of_words_that_most_stories_have_is_found_in_what_was_there_and_in_what_comes(
    index: SearchIndex, another: Opener
) -> None:
    def coming() -> Iterator[Document]:
        yield story("first", body="A strike in the harbour")
        another().apply([story("meanwhile", body="harbour pilots strike again")], 2)
        for number in range(1_200):
            yield story(f"old{number}", body="harbour strike" if number % 2 else "harbour pilots strike")

    index.rebuild(coming(), 1)
    index.apply([story("new", body="pilots strike, harbour shut"), story("old1", body="strike of harbour pilots")], 3)
    for phrase, total in (("harbour strike", 599), ("pilots strike", 602), ("harbour pilots strike", 601)):
        assert find(index, Query((Phrase(phrase),))).total == total, phrase
    assert found_ids(index, Query((Phrase("strike harbour"),))) == {"new"}
    assert found_ids(index, Query((Phrase("pilots strike again"),))) == {"meanwhile"}


def test_the_beginning_of_a_headlines_word_finds_it_as_it_is_typed(index: SearchIndex) -> None:
    index.apply([story("a", "Éclairs and parliamentarians"), story("b", body="Parliamentarians met")], 1)
    for typed in ("ecl", "écla", "par", "parliamentari", "PARLIAM"):
        assert found_ids(index, Query((Word(typed, prefix=True),))) == {"a"}, typed
    assert not found_ids(index, Query((Word("pa", prefix=True),)))
    assert found_ids(index, Query((Word("parliamentarians", prefix=True),))) == {"a", "b"}


def test_a_headline_counts_more_than_the_body_and_fresh_news_more_than_old(index: SearchIndex) -> None:
    filler = "other words of a story that goes on"
    old = NOW - timedelta(days=400)
    index.apply(
        [
            story("body", "Quiet day", f"harbour {filler}"),
            story("headline", "Quiet harbour", f"day {filler}"),
            story("old", "Quiet harbour", f"day {filler}", published_at=old),
        ],
        1,
    )
    assert [hit.article for hit in find(index, "harbour").hits] == ["headline", "body", "old"]


def test_where_any_word_will_do_the_story_with_most_of_them_is_first_however_many_are_newer(index: SearchIndex) -> None:
    old = story("old", "Harbour pilots strike", published_at=NOW - timedelta(days=40))
    index.rebuild([old, *(story(f"new{number}", f"Strike, day {number}") for number in range(2_100))], 1)
    words = tuple(map(Word, ("harbour", "pilots", "strike", "ballott")))
    found = index.search(Query(words, relaxed=True), now=NOW, sort="relevance", offset=0, limit=10)
    assert (found.hits[0].article, found.total) == ("old", 2_101)
    beyond = index.search(Query(words, relaxed=True), now=NOW, sort="relevance", offset=2_050, limit=100)
    assert len({hit.article for hit in beyond.hits} - {"old"}) == 51


def test_a_story_excluded_is_in_no_total_and_no_facet(index: SearchIndex) -> None:
    index.apply([story("a", "Storm", tags=("sea",)), story("b", "Storm", tags=("land",))], 1)
    index.apply([story("c", "Storm", tags=("sea",))], 2)
    found = find(index, "storm", exclude=frozenset({"a", "never-there"}))
    assert {hit.article for hit in found.hits} == {"b", "c"}
    assert found.total == 2
    assert found.facets.tags == {"land": 1, "sea": 1}


def test_who_asks_for_no_facets_gets_the_same_stories_and_total(index: SearchIndex) -> None:
    index.apply([story("a", "Storm", tags=("sea",)), story("b", "Storm", tags=("land",))], 1)
    whole, bare = find(index, "storm"), find(index, "storm", facets=False)
    assert (list(bare.hits), bare.total) == (list(whole.hits), whole.total)
    assert bare.facets == Facets()


def test_stories_like_a_story_share_its_words(index: SearchIndex) -> None:
    index.apply(
        [
            story("a", "Harbour strike", "Dockers at the harbour went on strike over pay"),
            story("b", "Dockers end strike", "Pay deal ends the harbour strike"),
            story("c", "Election day", "Voters went to the polls"),
            *(story(f"f{number}", "Weather", "Rain is expected") for number in range(9)),
        ],
        1,
    )
    assert list(index.similar("a", 3)) == ["b"]
    assert list(index.similar("nobody", 3)) == []


def test_every_answer_is_that_of_looking_at_each_story(index: SearchIndex) -> None:
    """Totals, facets, members and order, over segments with replaced and removed stories, merged and not."""
    dice = random.Random(3)
    pool = list(stories(260))
    model = model_of(pool[:150])
    index.rebuild(model.values(), 1)
    for cursor in range(2, 12):
        batch: list[Document | Removal] = [replace(one, article=f"story-{dice.randrange(260)}") for one in pool[150:]]
        batch = [*dice.sample(batch, 8), Removal(f"story-{dice.randrange(260)}")]
        index.apply(batch, cursor)
        for change in batch:
            model.pop(change.article, None)
            if isinstance(change, Document):
                model[change.article] = change
    for settle in (lambda: None, index.optimise, index.purge):
        settle()
        for query in queries(120):
            _same_as_looking_at_each(index, model, query)


def _same_as_looking_at_each(index: SearchIndex, model: dict[str, Document], query: Query) -> None:
    expected = matching(model.values(), query)
    found = find(index, query, sort="newest", limit=10)
    newest = sorted(expected.values(), key=lambda one: one.published_at, reverse=True)
    assert found.total == len(expected), query
    assert found.facets == facets(expected.values()), query
    assert [hit.published_at for hit in found.hits] == [one.published_at for one in newest[:10]], query
    assert found_ids(index, query) == set(expected), query


def test_pages_follow_one_another_without_gap_or_repeat(index: SearchIndex) -> None:
    index.apply(list(stories(60)), 1)
    for sort in ("relevance", "newest"):
        whole = [hit.article for hit in find(index, Query(), sort=sort, limit=60).hits]
        pages = [find(index, Query(), sort=sort, offset=start, limit=7).hits for start in range(0, 70, 7)]
        assert [hit.article for page in pages for hit in page] == whole
        assert len(set(whole)) == 60


def test_searches_go_on_while_the_index_is_rebuilt(index: SearchIndex, another: Opener) -> None:
    before, after = list(stories(40)), list(stories(80, seed=9))
    index.rebuild(before, 1)
    totals: set[int] = set()
    finished = Event()

    def search() -> None:
        reader = another()
        while not finished.is_set():
            totals.add(find(reader, Query()).total)
        totals.add(find(reader, Query()).total)

    searching = Thread(target=search)
    searching.start()
    for _ in range(4):
        index.rebuild(after, 2)
        index.rebuild(before, 2)
    index.rebuild(after, 3)
    finished.set()
    searching.join()
    assert totals <= {40, 80}
    assert 80 in totals


def test_what_is_applied_during_a_rebuild_is_in_the_new_index(index: SearchIndex, another: Opener) -> None:
    index.apply([story("old", "Storm")], 1)

    def read_slowly() -> Iterator[Document]:
        yield story("a", "Storm")
        another().apply([story("b", "Storm"), Removal("a")], 5)
        assert found_ids(index, "storm") == {"old", "b"}
        yield story("c", "Storm")

    index.rebuild(read_slowly(), 2)
    assert found_ids(index, "storm") == {"b", "c"}
    assert index.cursor() == 5


def test_a_rebuild_that_fails_leaves_the_old_index(index: SearchIndex) -> None:
    index.apply([story("a", "Storm")], 1)

    def breaks() -> Iterator[Document]:
        yield story("b", "Calm")
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        index.rebuild(breaks(), 2)
    index.apply([story("c", "Storm")], 3)
    assert found_ids(index, Query()) == {"a", "c"}
    index.rebuild([story("d")], 4)
    assert found_ids(index, Query()) == {"d"}


def test_a_writer_killed_at_any_moment_leaves_whole_batches(index: SearchIndex, another: Opener) -> None:
    dice = random.Random(5)
    for first in range(100, 700, 100):
        before = index.cursor()
        ready, begun = os.pipe()
        writer = get_context("fork").Process(target=_apply_without_end, args=(another(), first, begun))
        writer.start()
        os.close(begun)
        os.read(ready, 1)
        os.close(ready)
        assert writer.pid is not None
        Timer(dice.random() / 30, os.kill, (writer.pid, signal.SIGKILL)).start()
        writer.join()
        assert writer.exitcode == -signal.SIGKILL
        reader = another()
        assert reader.health().ok
        assert reader.cursor() >= before
        for cursor in range(first, reader.cursor() + 2):
            assert find(reader, f"edition{cursor}").total in (0, 5)
        index.apply([story("a", f"edition{first}")], first + 50)
        assert index.health().ok


def _apply_without_end(index: SearchIndex, cursor: int, begun: int) -> None:
    while True:
        os.write(begun, b".") if cursor % 100 == 0 else None
        index.apply([story(f"{cursor % 4}-{place}", f"edition{cursor}") for place in range(5)], cursor)
        cursor += 1


def test_two_processes_see_each_others_changes_at_once(index: SearchIndex, another: Opener) -> None:
    ours, theirs = get_context("fork").Pipe()
    other = get_context("fork").Process(target=_take_turns, args=(another(), theirs))
    other.start()
    for turn in range(10):
        index.apply([story(f"ours-{turn}", "Ping")], 2 * turn)
        ours.send(turn)
        assert ours.recv() == turn + 1
        assert find(index, "pong").total == turn + 1
    ours.send(None)
    other.join()
    assert other.exitcode == 0


def _take_turns(index: SearchIndex, pipe: object) -> None:
    while (turn := pipe.recv()) is not None:  # type: ignore[attr-defined]
        seen = find(index, "ping").total
        index.apply([story(f"theirs-{turn}", "Pong")], 2 * turn + 1)
        pipe.send(seen)  # type: ignore[attr-defined]


def test_threads_sharing_an_index_get_right_answers(index: SearchIndex, another: Opener) -> None:
    pool = list(stories(200))
    index.rebuild(pool[:120], 1)
    for cursor in range(2, 10):
        index.apply(pool[cursor * 10 + 100 : cursor * 10 + 110], cursor)
    asked = list(queries(90))
    expected = [find(index, query) for query in asked]
    shared = another()
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda query: find(shared, query), asked * 4))
    assert answers == expected * 4


def test_an_index_that_is_not_there_says_so(another: Opener) -> None:
    index = another()
    with pytest.raises(IndexUnusable):
        find(index, "storm")
    with pytest.raises(IndexUnusable):
        index.apply([story("a")], 1)
    with pytest.raises(IndexUnusable):
        index.cursor()
    assert not index.health().ok


def test_many_small_batches_do_not_pile_up(index: SearchIndex) -> None:
    for number in range(40):
        index.apply([story(f"a{number}", "Storm")], number)
        assert index.health().segments <= 17
    index.optimise()
    assert index.health().segments <= 10
    assert find(index, "storm").total == 40


def test_it_can_say_which_revision_of_each_story_it_holds(index: SearchIndex) -> None:
    index.apply([story("a", revision=1), story("b", revision=4), story("c", revision=2)], 1)
    index.apply([story("a", revision=2), Removal("b")], 2)
    assert index.holds() == {"a": 2, "c": 2}
    index.optimise()
    index.purge()
    assert index.holds() == {"a": 2, "c": 2}
