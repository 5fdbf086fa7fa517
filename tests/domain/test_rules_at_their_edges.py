"""Rules that meet only where several acts have come before: each told here in a few of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.clock import SetClock
from cms.domain.articles import autosaving
from cms.domain.articles import desk as rows
from cms.domain.articles.model import (
    Article,
    Autosave,
    Correction,
    Publication,
    RevisionByline,
    RevisionMedia,
    RevisionSection,
    RevisionTag,
)
from cms.domain.audit import AuditLine
from cms.domain.errors import Conflict, Forbidden, Invalid, StaleBase
from cms.domain.people.staff import SYSTEM, Actor
from cms.domain.taxonomy.model import Tag
from cms.domain.workflow import editing, editions, erasing, fixing, holds, pulling, spans
from cms.domain.workflow.fixing import Fixed
from cms.domain.workflow.permissions import owns, require_front
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import hang, picture

HOUR = timedelta(hours=1)


@pytest.fixture
def story(desk: Desk) -> str:
    return desk.write("Ferry returns")


def publications(newsroom: Newsroom, story: str) -> list[tuple[int, bool, str | None]]:
    """Each publication's revision, whether it stands, and its notice."""
    with newsroom.sessions.read() as session:
        found = rows.publications(session, rows.find(session, story))
        return [(row.revision.number, row.cancelled_at is None, row.notice) for row in found]


# --- Rights --------------------------------------------------------------------------------------------------


def test_a_reporter_publishes_a_minor_change_to_a_live_story_of_their_own_and_nothing_else(
    desk: Desk, clock: SetClock
) -> None:
    reporter = desk.actor("reporter")
    own, other = desk.write("Ferry returns", by=reporter), desk.write("Ferry sinks")

    def refused(story: str, **when: Any) -> str:
        with pytest.raises(Forbidden) as refusal:
            desk.put_live(story, by=reporter, **when)
        return refusal.value.details["right"]

    assert refused(own, minor=True) == "publish"
    for story in (own, other):
        desk.put_live(story)
        desk.save(story, standfirst="At noon.")
    clock.advance(HOUR)
    assert refused(own) == "publish"
    assert refused(own, minor=True, live_from=desk.now + HOUR) == "publish"
    assert refused(other, minor=True) == "publish_minor"
    desk.put_live(own, by=reporter, minor=True)


def test_a_story_is_ones_own_while_ones_name_stands_on_its_newest_text(desk: Desk) -> None:
    desk.person("Rex", "rex")
    rex = replace(desk.actor("reporter", "Rex"), person_id=1)
    story = desk.write("Ferry returns")
    desk.write("Ferry sinks", bylines=[{"person": "rex", "role": "writer"}])

    def mine() -> bool:
        with desk.newsroom.sessions.read() as session:
            return owns(session, rex, rows.find(session, story))

    assert not mine()
    desk.save(story, bylines=[{"person": "rex", "role": "writer"}])
    assert mine()
    desk.save(story, bylines=[])
    assert not mine()


def test_what_nobody_began_is_nobodys_own(desk: Desk) -> None:
    story = desk.write("Ferry returns", by=SYSTEM)
    with desk.newsroom.sessions.read() as session:
        assert not owns(session, Actor(None, "A ghost", "reporter"), rows.find(session, story))


def test_an_editor_limited_to_sections_arranges_their_fronts_and_no_other(desk: Desk) -> None:
    for name, parent in (("News", None), ("Courts", "news"), ("Sport", None)):
        desk.section(name, name.lower(), parent)
    lea = replace(desk.actor("editor"), sections=frozenset({1}))
    with desk.newsroom.sessions.read() as session:
        for section in (None, 3):
            with pytest.raises(Forbidden):
                require_front(session, lea, section)
            require_front(session, desk.actor("editor"), section)
        require_front(session, lea, 2)
        with pytest.raises(Forbidden):
            require_front(session, desk.actor("reporter"), 2)


# --- Saving ------------------------------------------------------------------------------------------------


def test_a_text_that_names_what_is_not_there_is_not_saved(desk: Desk, story: str, newsroom: Newsroom) -> None:
    named = {"lead_image": "nothing", "sections": ["nowhere"], "bylines": [{"person": "nobody", "role": "writer"}]}
    with pytest.raises(Invalid) as refused:
        desk.save(story, **named)
    assert refused.value.errors.keys() == named.keys()
    with newsroom.sessions.read() as session:
        assert rows.find(session, story).newest == 1


def test_a_save_that_says_nothing_of_tags_keeps_the_storys_own(desk: Desk, newsroom: Newsroom) -> None:
    desk.write("Ferry sinks", tags=["Sea"])
    story = desk.write("Ferry returns", tags=["Quay", "Boats"])
    desk.save(story, headline="Ferry stays")
    with newsroom.sessions.read() as session:
        newest = rows.revision(session, rows.find(session, story))
        of_newest = select(Tag.name).join(RevisionTag).where(RevisionTag.revision_id == newest.id)
        assert session.scalars(of_newest.order_by(RevisionTag.position)).all() == ["Quay", "Boats"]


def test_a_correction_brings_its_story_to_the_top_of_the_desks_list(
    desk: Desk, newsroom: Newsroom, clock: SetClock
) -> None:
    story = desk.publish("Ferry returns")
    clock.advance(HOUR)
    desk.correct(story, "It was Tuesday.")
    with newsroom.sessions.read() as session:
        assert rows.find(session, story).touched_at == desk.now


# --- Embargo -----------------------------------------------------------------------------------------------


def test_an_editor_sets_an_embargo_and_pushes_it_back_and_an_admin_alone_eases_it(desk: Desk, story: str) -> None:
    editor, admin = desk.actor("editor"), desk.actor("admin")
    for until in (desk.now + HOUR, desk.now + 2 * HOUR):
        desk.embargo(story, until, editor)
    for until in (desk.now + HOUR, None):
        with pytest.raises(Forbidden) as refused:
            desk.embargo(story, until, editor)
        assert refused.value.details == {"right": "lift_embargo"}
        desk.embargo(story, until, admin)


def test_an_embargo_that_has_passed_is_anybodys_to_tidy_away(desk: Desk, story: str, clock: SetClock) -> None:
    desk.embargo(story, desk.now + HOUR)
    clock.advance(HOUR)
    desk.embargo(story, None, desk.actor("editor"))


def test_an_embargo_is_over_at_its_very_instant(desk: Desk, story: str) -> None:
    desk.embargo(story, desk.now)
    desk.put_live(story)
    desk.embargo(story, desk.now - HOUR)
    desk.embargo(story, desk.now)
    with pytest.raises(Conflict) as refused:
        desk.embargo(story, desk.now + timedelta(microseconds=1))
    assert refused.value.code == "live"


def test_what_readers_saw_last_comes_back_neither_under_an_embargo_nor_on_hold(
    desk: Desk, story: str, clock: SetClock
) -> None:
    editor, admin = desk.actor("editor"), desk.actor("admin")

    def refused() -> str:
        with pytest.raises(Conflict) as refusal:
            desk.act(story, lambda s, row: editions.republish(s, editor, row, desk.now, zone=desk.zone))
        return refusal.value.code

    desk.put_live(story)
    clock.advance(HOUR)
    desk.withdraw(story)
    desk.embargo(story, desk.now + HOUR)
    assert refused() == "embargoed"
    desk.embargo(story, None, admin)
    desk.act(story, lambda s, row: holds.hold(s, editor, row, "A letter", desk.now, zone=desk.zone))
    assert refused() == "held"


def test_an_embargo_calls_off_what_would_begin_before_it_and_nothing_else(
    newsroom: Newsroom, desk: Desk, story: str
) -> None:
    for hours in (1, 2, 3):
        desk.put_live(story, live_from=desk.now + hours * HOUR)
    desk.embargo(story, desk.now + 2 * HOUR)
    assert [stands for _revision, stands, _notice in publications(newsroom, story)] == [False, True, True]


# --- Taking down -------------------------------------------------------------------------------------------


def test_pulling_what_was_withdrawn_keeps_its_time_and_its_notice(
    newsroom: Newsroom, desk: Desk, story: str, clock: SetClock
) -> None:
    desk.put_live(story)
    clock.advance(HOUR)
    desk.withdraw(story, notice="It was wrong.")
    then = clock.now()
    clock.advance(HOUR)
    pull(desk, story)
    assert publications(newsroom, story) == [(1, True, "It was wrong.")]
    with newsroom.sessions.read() as session:
        [row] = rows.publications(session, rows.find(session, story))
        assert (row.withdrawn_at, row.live_until) == (then, then)


def test_what_was_withdrawn_is_not_brought_back_by_moving_its_end(desk: Desk, story: str, newsroom: Newsroom) -> None:
    """At the very instant of its withdrawal, too: what began just now ends a microsecond later."""
    editor = desk.actor("editor")
    desk.put_live(story)
    desk.withdraw(story)
    with pytest.raises(Conflict) as refused:
        desk.act(story, lambda s, row: editions.expire(s, editor, row, 1, None, desk.now, zone=desk.zone))
    assert refused.value.code == "over"


def test_a_third_publication_within_one_instant_is_refused(desk: Desk, story: str) -> None:
    desk.put_live(story)
    desk.save(story, headline="Ferry stays")
    desk.put_live(story)
    with pytest.raises(Conflict) as refused:
        fix(desk, story, 1, headline="Ferry sinks")
    assert refused.value.code == "taken"


def pull(desk: Desk, story: str) -> None:
    editor = desk.actor("editor")
    desk.act(story, lambda s, row: pulling.pull(s, editor, row, "A letter", desk.now, zone=desk.zone))


# --- Fix live ----------------------------------------------------------------------------------------------


def test_what_was_approved_is_still_approved_with_a_fix_in_it(
    desk: Desk, story: str, newsroom: Newsroom, clock: SetClock
) -> None:
    desk.put_live(story)
    clock.advance(HOUR)
    desk.save(story, headline="Ferry stays")
    move(desk, story, "return", "submit", "approve")
    fix(desk, story, 1, standfirst="At noon.")
    with newsroom.sessions.read() as session:
        row = rows.find(session, story)
        newest = rows.revision(session, row)
        assert (row.state, row.approved, row.newest) == ("ready", 4, 4)
        assert (newest.headline, newest.standfirst, newest.base) == ("Ferry stays", "At noon.", 3)


def test_a_fix_is_carried_once_into_a_text_that_is_scheduled_twice(
    desk: Desk, story: str, newsroom: Newsroom, clock: SetClock
) -> None:
    desk.put_live(story)
    desk.save(story, headline="Ferry stays")
    for hours in (2, 4):
        desk.put_live(story, revision=2, live_from=desk.now + hours * HOUR, live_until=desk.now + (hours + 1) * HOUR)
    clock.advance(HOUR)
    fix(desk, story, 1, standfirst="At noon.")
    assert [each[:2] for each in publications(newsroom, story)] == [
        (1, True), (3, True), (2, False), (4, True), (2, False), (4, True)
    ]  # fmt: skip


def test_a_limited_editor_mends_a_live_story_whose_working_copy_somebody_filed_elsewhere(
    desk: Desk, newsroom: Newsroom, clock: SetClock
) -> None:
    desk.section("News", "news")
    desk.section("Sport", "sport")
    editor = desk.actor("editor")
    lea = Actor(editor.user_id, editor.name, "editor", sections=frozenset({1}))
    story = desk.write("Ferry returns", by=editor, sections=["news"])
    desk.put_live(story)
    clock.advance(HOUR)
    desk.save(story, by=desk.actor("admin"), sections=["sport"])
    fixes = {"standfirst": "At noon."}
    desk.act(story, lambda s, row: fixing.fix(s, lea, row, 1, fixes, desk.now, zone=desk.zone))
    desk.act(story, lambda s, row: editing.restore(s, lea, row, 1, row.newest, desk.now))
    with pytest.raises(Forbidden):
        desk.save(story, by=lea, sections=["sport"])
    with pytest.raises(Forbidden):
        desk.act(story, lambda s, row: editing.restore(s, lea, row, 2, row.newest, desk.now))


def test_a_fix_leaves_the_working_copy_the_newest_though_it_goes_into_later_texts_too(
    desk: Desk, story: str, newsroom: Newsroom, clock: SetClock
) -> None:
    desk.put_live(story)
    for headline in ("Ferry stays", "Ferry sinks"):
        desk.save(story, headline=headline)
    desk.put_live(story, revision=3, live_from=desk.now + 2 * HOUR)
    desk.put_live(story, revision=2, live_from=desk.now + 3 * HOUR)
    clock.advance(HOUR)
    done = fix(desk, story, 1, standfirst="At noon.")
    with newsroom.sessions.read() as session:
        row = rows.find(session, story)
        newest = rows.revision(session, row)
        assert (newest.number, newest.headline, newest.standfirst) == (done.working_copy, "Ferry sinks", "At noon.")


def test_a_limited_editor_mends_a_live_story_though_the_working_copy_elsewhere_cannot_take_it(
    desk: Desk, newsroom: Newsroom, clock: SetClock
) -> None:
    for name in ("News", "Sport"):
        desk.section(name, name.lower())
    lea = Actor(desk.actor("editor").user_id, "Lea", "editor", sections=frozenset({1}))
    story = desk.write("Ferry returns", by=lea, sections=["news"])
    desk.put_live(story)
    clock.advance(HOUR)
    desk.save(story, by=desk.actor("admin"), headline="Ferry wins", sections=["sport"])
    fixes = {"headline": "Ferry stays"}
    done = desk.act(story, lambda s, row: fixing.fix(s, lea, row, 1, fixes, desk.now, zone=desk.zone))
    assert done.conflicts == ["headline"]
    with newsroom.sessions.read() as session:
        assert rows.revision(session, rows.find(session, story)).headline == "Ferry wins"


def test_a_fix_of_names_and_key_points_is_carried_into_a_working_copy_that_changed_others(
    desk: Desk, newsroom: Newsroom, clock: SetClock
) -> None:
    desk.person("Ana Ruiz")
    story = desk.publish("Ferry returns", key_points=["At ten.", "From the quay.", "For four pounds."])
    clock.advance(HOUR)
    desk.save(story, key_points=["At ten.", "From the quay.", "For five pounds."])
    signed = [{"person": "ana-ruiz", "role": "writer"}]
    fix(desk, story, 1, bylines=signed, key_points=["At noon.", "From the quay.", "For four pounds."])
    with newsroom.sessions.read() as session:
        newest = rows.revision(session, rows.find(session, story))
        assert newest.key_points == ["At noon.", "From the quay.", "For five pounds."]
        assert [byline["name"] for byline in newest.bylines] == ["Ana Ruiz"]


def test_a_fix_is_carried_only_into_the_text_that_whoever_saves_it_has_seen(
    desk: Desk, story: str, clock: SetClock
) -> None:
    editor = desk.actor("editor")
    desk.put_live(story)
    clock.advance(HOUR)
    desk.save(story, headline="Ferry stays")
    fix(desk, story, 1, headline="Ferry sinks")
    with pytest.raises(StaleBase):
        desk.act(story, lambda s, row: fixing.rebase(s, editor, row, row.newest - 1, {}, desk.now))


def fix(desk: Desk, story: str, base: int, **fields: Any) -> Fixed:
    editor = desk.actor("editor")
    return desk.act(story, lambda s, row: fixing.fix(s, editor, row, base, fields, desk.now, zone=desk.zone))


def move(desk: Desk, story: str, *verbs: str) -> None:
    editor = desk.actor("editor")
    for verb in verbs:
        desk.act(story, lambda s, row, verb=verb: editing.transition(s, editor, row, verb, desk.now))


def test_a_fix_stands_in_the_history_with_its_writers_words_or_as_a_fix(
    desk: Desk, story: str, newsroom: Newsroom, clock: SetClock
) -> None:
    editor = desk.actor("editor")
    desk.put_live(story)
    for base, note in ((1, "It was the mate"), (2, "")):
        clock.advance(HOUR)
        told = {"headline": f"Ferry returns {base}"}
        desk.act(
            story,
            lambda s, row, base=base, note=note, told=told: fixing.fix(
                s, editor, row, base, told, desk.now, zone=desk.zone, note=note
            ),
        )
    with newsroom.sessions.read() as session:
        found = rows.revisions(session, rows.find(session, story), 4, 9)
    assert [revision.note for revision in found] == ["Fixed live", "It was the mate", ""]


# --- Erasure -----------------------------------------------------------------------------------------------


def test_over_an_erased_text_nothing_is_saved_without_a_headline(desk: Desk, story: str) -> None:
    """Else a story without one could go out, at an address without a last part."""
    first, second = desk.actor("admin", "Ada"), desk.actor("admin", "Ben")
    desk.act(story, lambda s, row: erasing.ask(s, first, row, "A court order", desk.now))
    desk.act(story, lambda s, row: erasing.agree(s, second, row, desk.now, zone=desk.zone))
    move(desk, story, "unspike")
    with pytest.raises(Invalid) as refused:
        desk.save(story, standfirst="At noon.")
    assert list(refused.value.errors) == ["headline"]
    desk.save(story, headline="Ferry stays")
    desk.put_live(story)


def erase(desk: Desk, story: str, revisions: list[int] | None = None) -> None:
    ada, ben = desk.actor("admin", "Ada"), desk.actor("admin", "Ben")
    desk.act(story, lambda s, row: erasing.ask(s, ada, row, "A court order", desk.now, revisions=revisions))
    desk.act(story, lambda s, row: erasing.agree(s, ben, row, desk.now, zone=desk.zone))


def test_an_erasure_takes_what_was_typed_into_the_story_and_leaves_every_other_story_alone(
    desk: Desk, story: str, newsroom: Newsroom
) -> None:
    other, editor = desk.publish("Ferry sinks"), desk.actor("editor")
    desk.put_live(story)
    for each in (story, other):
        desk.correct(each, "It was Tuesday.")
        desk.act(each, lambda s, row: autosaving.keep(s, row, editor.user_id or 0, 1, {"headline": "Typed"}, desk.now))
    erase(desk, story)
    with newsroom.sessions.read() as session:
        left = rows.find(session, other)
        assert rows.revision(session, left).headline == "Ferry sinks"
        assert session.scalars(select(Autosave.article_id)).all() == [left.id]
        assert session.scalars(select(Correction.article_id)).all() == [left.id]
        assert {row.article_id: row.slug for row in session.scalars(select(Publication))} == {
            left.id: "ferry-sinks", rows.find(session, story).id: ""
        }  # fmt: skip
        said = {
            (line.subject, verb, line.after.get("headline") or line.after.get("text"))
            for line in session.scalars(select(AuditLine))
            if (verb := line.verb) in ("create", "correct")
        }
    assert said == {
        (f"article:{story}", "create", "[erased]"), (f"article:{story}", "correct", "[erased]"),
        (f"article:{other}", "create", "Ferry sinks"), (f"article:{other}", "correct", "It was Tuesday."),
    }  # fmt: skip


def test_what_an_erased_text_was_filed_under_is_forgotten_with_it(desk: Desk, newsroom: Newsroom) -> None:
    """Else its writer, its section and its picture would go on telling of it, at the desk and in every export."""
    desk.person("Rex", "rex")
    filed = {"sections": [desk.section("Quay")], "tags": ["Ferries"], "bylines": [{"person": "rex", "role": "writer"}]}
    picture_id, _key = hang(newsroom, picture(), alt="A ferry")
    story, other = (desk.write("Ferry returns", lead_image=picture_id, **filed) for _each in range(2))
    erase(desk, story)
    with newsroom.sessions.read() as session:
        left = rows.revision(session, rows.find(session, other)).id
        for kind in (RevisionSection, RevisionTag, RevisionByline, RevisionMedia):
            assert session.scalars(select(kind.revision_id)).all() == [left], kind


def test_the_log_of_an_erased_story_forgets_its_words_and_keeps_everything_else(
    desk: Desk, story: str, newsroom: Newsroom
) -> None:
    desk.put_live(story)
    desk.correct(story, "It was Tuesday.")
    desk.withdraw(story, "Taken down.")

    def told() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
        with newsroom.sessions.read() as session:
            lines = session.scalars(select(AuditLine).where(AuditLine.subject == f"article:{story}"))
            return [(line.verb, dict(line.before), dict(line.after)) for line in lines.all()]

    before = told()
    erase(desk, story)
    words = {"headline": "Ferry returns", "text": "It was Tuesday.", "notice": "Taken down."}
    for (verb, was, became), (_verb, left, now) in zip(before, told(), strict=False):
        for line, kept in ((was, left), (became, now)):
            silenced = {name: "[erased]" for name, said in words.items() if line.get(name) == said}
            assert kept == line | silenced, verb


def test_what_was_put_on_hold_since_is_not_erased_though_a_second_person_agrees(desk: Desk, story: str) -> None:
    ada, ben = desk.actor("admin", "Ada"), desk.actor("admin", "Ben")
    desk.act(story, lambda s, row: erasing.ask(s, ada, row, "A court order", desk.now))
    desk.act(story, lambda s, row: holds.hold(s, ada, row, "A letter", desk.now, zone=desk.zone))
    with pytest.raises(Conflict) as refused:
        desk.act(story, lambda s, row: erasing.agree(s, ben, row, desk.now, zone=desk.zone))
    assert refused.value.code == "held"


def test_what_went_on_show_since_is_not_erased_though_a_second_person_agrees(desk: Desk, story: str) -> None:
    ada, ben = desk.actor("admin", "Ada"), desk.actor("admin", "Ben")
    desk.save(story, headline="Ferry stays")
    desk.act(story, lambda s, row: erasing.ask(s, ada, row, "A court order", desk.now, revisions=[1]))
    desk.put_live(story, revision=1)
    with pytest.raises(Conflict) as refused:
        desk.act(story, lambda s, row: erasing.agree(s, ben, row, desk.now, zone=desk.zone))
    assert (refused.value.code, refused.value.details["revisions"]) == ("in_use", [1])


def test_no_byte_of_what_was_erased_is_left_in_the_file(desk: Desk, newsroom: Newsroom) -> None:
    story = desk.publish("Ferry returns", body_html="<p>Zanzibarquux.</p>" * 1000)
    erase(desk, story)
    newsroom.sessions.write_engine.raw_connection().cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    held = b"".join(each.read_bytes() for each in newsroom.settings.data_dir.glob("copydesk.sqlite3*"))
    assert b"Zanzibarquux" not in held


def test_erasing_an_earlier_text_leaves_its_later_ones_on_show_and_their_corrections(
    desk: Desk, story: str, newsroom: Newsroom, clock: SetClock
) -> None:
    desk.put_live(story)
    clock.advance(HOUR)
    desk.save(story, headline="Ferry stays", slug="ferry-stays")
    desk.put_live(story)
    desk.correct(story, "It was Tuesday.")
    erase(desk, story, [1])
    with newsroom.sessions.read() as session:
        row = rows.find(session, story)
        assert (row.state, [each.slug for each in rows.publications(session, row)]) == ("ready", ["", "ferry-stays"])
        assert session.scalars(select(Correction.text)).all() == ["It was Tuesday."]
        said = session.scalars(select(AuditLine).where(AuditLine.verb == "correct")).one()
        assert said.after["text"] == "It was Tuesday."
    with pytest.raises(Invalid) as refused:
        erase(desk, story, [1, 2, 9])
    assert refused.value.errors == {
        "revisions": ["There is no text of revision 1 to erase.", "There is no text of revision 9 to erase."]
    }


def test_an_erasure_is_replayed_on_what_it_named_and_on_nothing_else(
    desk: Desk, story: str, newsroom: Newsroom
) -> None:
    named = {"id": "e1", "reason": "A court order", "asked_at": "2026-01-01T00:00:00+00:00", "asked_by": "Ada"}
    named |= {"erased_at": "2026-01-02T00:00:00+00:00", "agreed_by": "Ben"}
    with newsroom.sessions.read() as session:
        digest = rows.revision(session, rows.find(session, story)).digest

    def replay(article: str, number: int, digest: str) -> bool:
        record = {**named, "article": article, "revisions": [{"number": number, "digest": digest}]}
        with newsroom.sessions.write() as session:
            event = erasing.replay(session, SYSTEM, record, desk.now, zone=desk.zone)
            session.commit()
        return event is not None

    assert not replay("nowhere", 1, digest)
    assert not replay(story, 1, "another text's")
    assert replay(story, 1, digest)
    assert not replay(story, 1, digest)
    with newsroom.sessions.read() as session:
        assert rows.revision(session, rows.find(session, story)).headline == ""
        assert [record["agreed_by"] for record in erasing.records(session)] == ["Ben"]


def test_an_erasure_that_a_backup_still_knew_as_asked_for_is_replayed_as_that_one(
    desk: Desk, story: str, newsroom: Newsroom
) -> None:
    ada, ben = desk.actor("admin", "Ada"), desk.actor("admin", "Ben")
    asked, _event = desk.act(story, lambda s, row: erasing.ask(s, ada, row, "A court order", desk.now))
    done = {"id": asked.public_id, "article": story, "revisions": asked.revisions, "reason": "A court order"}
    done |= {"asked_at": desk.now.isoformat(), "asked_by": "Ada", "erased_at": desk.now.isoformat(), "agreed_by": "Ben"}
    desk.act(story, lambda s, _row: erasing.replay(s, SYSTEM, done, desk.now, zone=desk.zone))
    with newsroom.sessions.read() as session:
        assert erasing.records(session) == [done]
    with pytest.raises(Conflict) as refused:
        desk.act(story, lambda s, row: erasing.agree(s, ben, row, desk.now, zone=desk.zone))
    assert refused.value.code == "not_asked"


# --- Times -------------------------------------------------------------------------------------------------


def test_a_story_comes_back_until_a_time_to_come(desk: Desk, story: str, clock: SetClock) -> None:
    editor = desk.actor("editor")

    def republish(until: datetime | None) -> None:
        desk.act(story, lambda s, row: editions.republish(s, editor, row, desk.now, zone=desk.zone, live_until=until))

    desk.put_live(story)
    clock.advance(HOUR)
    desk.withdraw(story)
    for past in (desk.now - HOUR, desk.now):
        with pytest.raises(Invalid) as refused:
            republish(past)
        assert list(refused.value.errors) == ["live_until"]
    republish(desk.now + HOUR)
    desk.withdraw(story)
    clock.advance(HOUR)
    republish(None)


def test_readers_are_led_back_only_to_what_they_have_seen_and_see_no_more(
    desk: Desk, story: str, newsroom: Newsroom, clock: SetClock
) -> None:
    editor = desk.actor("editor")

    def refused(n: int) -> str:
        with pytest.raises(Conflict) as refusal:
            desk.act(story, lambda s, row: editions.rollback(s, editor, row, n, desk.now, zone=desk.zone))
        return refusal.value.code

    desk.put_live(story)
    desk.save(story, headline="Ferry stays")
    desk.put_live(story, live_from=desk.now + HOUR)
    assert (refused(1), refused(2)) == ("on_show", "not_begun")
    clock.advance(2 * HOUR)
    assert refused(2) == "on_show"
    desk.act(story, lambda s, row: editions.rollback(s, editor, row, 1, desk.now, zone=desk.zone))
    assert publications(newsroom, story)[-1] == (1, True, None)


def test_the_log_keeps_the_spans_before_and_after(desk: Desk, story: str, newsroom: Newsroom) -> None:
    desk.put_live(story, live_from=desk.now + HOUR, live_until=desk.now + 2 * HOUR)
    desk.put_live(story, live_from=desk.now + 3 * HOUR)
    desk.cancel(story, 2)
    with newsroom.sessions.read() as session:
        line = session.scalars(select(AuditLine).where(AuditLine.verb == "unschedule")).one()
    first = {"n": 1, "live_from": (desk.now + HOUR).isoformat(), "live_until": (desk.now + 2 * HOUR).isoformat()}
    second = {"n": 2, "live_from": (desk.now + 3 * HOUR).isoformat(), "live_until": None}
    assert line.before["spans"] == [first, second]
    assert line.after["spans"] == [first]


def test_the_dates_that_a_publication_may_have(desk: Desk, story: str, clock: SetClock) -> None:
    """Only a first publication is dated back; an end comes after its start, and is to come."""

    def refused(**when: datetime) -> list[str]:
        with pytest.raises(Invalid) as refusal:
            desk.put_live(story, **when)
        return list(refusal.value.errors)

    assert refused(live_until=desk.now) == ["live_until"]
    assert refused(live_from=desk.now + HOUR, live_until=desk.now + HOUR) == ["live_until"]
    assert refused(live_from=desk.now - 2 * HOUR, live_until=desk.now - HOUR) == ["live_until"]
    desk.put_live(story, live_from=desk.now - HOUR)
    assert refused(live_from=desk.now - 2 * HOUR) == ["live_from"]
    desk.put_live(story, live_from=desk.now)
    clock.advance(HOUR)
    with pytest.raises(Conflict) as begun:
        desk.cancel(story, 2)
    assert begun.value.code == "begun"


def test_a_publication_ends_where_the_next_begins_or_at_its_own_end_whichever_comes_first(
    newsroom: Newsroom, desk: Desk, story: str
) -> None:
    desk.put_live(story, live_from=desk.now + 4 * HOUR)
    desk.put_live(story, live_from=desk.now + HOUR, live_until=desk.now + 2 * HOUR)
    desk.put_live(story, live_from=desk.now + 3 * HOUR, live_until=desk.now + 5 * HOUR)
    with newsroom.sessions.read() as session:
        spans = [
            (row.live_from - desk.now, row.live_until and row.live_until - desk.now)
            for row in rows.publications(session, rows.find(session, story))
        ]
    assert sorted(spans) == [(HOUR, 2 * HOUR), (3 * HOUR, 4 * HOUR), (4 * HOUR, None)]


def test_the_end_that_was_set_last_remains_when_what_was_to_come_before_it_is_called_off(
    newsroom: Newsroom, desk: Desk, story: str
) -> None:
    editor = desk.actor("editor")

    def end() -> timedelta | None:
        with newsroom.sessions.read() as session:
            live = rows.on_show(rows.publications(session, rows.find(session, story)), desk.now)
        assert live is not None
        return live.live_until and live.live_until - desk.now

    desk.put_live(story, live_until=desk.now + 9 * HOUR)
    for asked in (timedelta(hours=3), None):
        until = asked and desk.now + asked
        desk.act(story, lambda s, row, at=until: editions.expire(s, editor, row, 1, at, desk.now, zone=desk.zone))
        change = desk.put_live(story, live_from=desk.now + HOUR)
        assert end() == HOUR
        desk.cancel(story, change)
        assert end() == asked


def test_what_was_scheduled_keeps_the_time_on_the_wall_that_its_editor_meant(
    newsroom: Newsroom, desk: Desk, story: str
) -> None:
    desk.put_live(story)
    desk.put_live(story, live_from=desk.now + HOUR)
    with newsroom.sessions.read() as session:
        now, scheduled = rows.publications(session, rows.find(session, story))
    assert (now.wall_time, now.zone) == (None, None)
    assert (scheduled.wall_time, scheduled.zone) == ("2026-03-26T16:26:05.250000-04:00", "America/New_York")


def test_in_its_last_instant_a_story_is_neither_fixed_nor_rolled_back_but_republished(
    desk: Desk, clock: SetClock, story: str
) -> None:
    editor, end = desk.actor("editor"), desk.now + HOUR
    desk.put_live(story)
    clock.advance(HOUR - spans.TICK)
    desk.put_live(story, revision=desk.save(story, headline="Ferry late"), live_until=end)

    def refused(verb: Callable[[Session, Article], Any]) -> tuple[str, list[str]]:
        with pytest.raises(Conflict) as refusal:
            desk.act(story, verb)
        return refusal.value.code, refusal.value.details["verbs"]

    fixes = {"headline": "Ferry sinks"}
    over = "over", ["republish"]
    assert refused(lambda s, row: fixing.fix(s, editor, row, 2, fixes, desk.now, zone=desk.zone)) == over
    assert refused(lambda s, row: editions.rollback(s, editor, row, 1, desk.now, zone=desk.zone)) == over
    clock.advance(spans.TICK)
    desk.act(story, lambda s, row: editions.republish(s, editor, row, desk.now, zone=desk.zone))
