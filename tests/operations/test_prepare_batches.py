"""Batches of letters: none lost, none in two, whatever happens meanwhile."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealedMail, open_sealed
from subnotify.operations.build_mails import CONTACT_CHANGED
from subnotify.operations.give_batches import open_batch, open_letter
from subnotify.operations.prepare_batches import MISSING_CHARACTERS
from subnotify.operations.sweep_notices import sweep_notices
from subnotify.rules.csv_tables import read_table
from subnotify.rules.letter_manifests import MANIFEST_COLUMNS
from subnotify.rules.words import (
    BatchState,
    Channel,
    LetterProduct,
    LetterState,
    MessagePurpose,
    MessageState,
    NoticeState,
)
from subnotify.storage.database import session_factory
from subnotify.storage.tables import (
    AgreementContactRow,
    ContactRow,
    LetterBatchRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    SealedMailRow,
)
from tests.operations.rendering import one_text
from tests.support.letter_batches import KEY, facts, letters, prepare, queue
from tests.support.letter_press import ScriptedPress
from tests.support.scenario import Scenario


def batches(session: Session) -> list[LetterBatchRow]:
    session.rollback()
    return list(session.scalars(select(LetterBatchRow).order_by(LetterBatchRow.id)))


def test_each_letter_is_in_one_batch_of_its_product(scenario: Scenario, at: datetime):
    session = scenario.session
    plain = queue(scenario, 5)
    registered = queue(scenario, 2, Channel.REGISTERED_POST)
    prepared = prepare(session, at=at, most=2)
    assert prepared.batches == ["L-000001", "L-000002", "L-000003", "L-000004"]
    assert (prepared.letters, prepared.set_aside) == (7, 0)
    found = batches(session)
    assert [row.product for row in found] == ["plain", "plain", "plain", "registered"]
    assert [row.letters for row in found] == [2, 2, 1, 2]
    assert all(row.state == BatchState.PREPARED and row.place is None for row in found)
    placed = [(row.batch_id, row.position) for row in letters(session)]
    assert placed == [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (4, 1), (4, 2)]
    assert [row.message_id for row in letters(session)] == plain + registered


def test_the_bytes_are_sealed_and_their_digests_on_record(scenario: Scenario, at: datetime):
    session = scenario.session
    (letter,) = queue(scenario)
    prepare(session, at=at)
    row = session.get_one(SealedMailRow, letter)
    message = session.get_one(MessageRow, letter)
    pdf = open_sealed(SealedMail(row.digest, row.ciphertext), (KEY,), owner=message.logical_key)
    assert pdf.startswith(f"%PDF {message.logical_key} ".encode())
    token = pdf.split()[-1]
    assert message.link_digest == hashlib.sha256(token).hexdigest()
    assert open_letter(session, letter, keys=(KEY,)) == pdf
    (fact,) = facts(session, "letter_sealed")
    assert fact["sha256"] == row.digest and fact["batch"] == "L-000001"
    (batch,) = batches(session)
    assert open_batch(batch, (KEY,)) == pdf
    assert hashlib.sha256(batch.manifest.encode()).hexdigest() == batch.manifest_digest
    (said,) = facts(session, "letter_batch_prepared")
    assert (said["pdf"], said["manifest"]) == (batch.pdf_digest, batch.manifest_digest)
    assert message.state == MessageState.QUEUED


def test_the_manifest_has_a_line_for_each_letter(scenario: Scenario, at: datetime):
    session = scenario.session
    ids = queue(scenario, 3, Channel.REGISTERED_POST)
    session.execute(
        update(ContactRow).values(name="=Jean", postal_address="1 rue X\n75001 Paris\nFRANCE")
    )
    lines = ["=Jean", "1 rue X", "75001 Paris", "FRANCE"]
    session.execute(update(LetterRow).values(address_lines=lines))
    session.commit()
    prepare(session, ScriptedPress(pages=3), at=at)
    (batch,) = batches(session)
    assert "'=Jean" in batch.manifest
    table = read_table("manifest.csv", batch.manifest.encode(), MANIFEST_COLUMNS)
    assert table.columns == MANIFEST_COLUMNS
    keys = [session.get_one(MessageRow, x).logical_key for x in ids]
    assert [row.cells["letter"] for row in table.rows] == keys
    pages = [(row.cells["pages_from"], row.cells["pages_to"]) for row in table.rows]
    assert pages == [("1", "3"), ("4", "6"), ("7", "9")]
    assert batch.pages == 9
    first = table.rows[0].cells
    assert [first[f"address_{n}"] for n in range(1, 6)] == [*lines, ""]
    assert (first["batch"], first["position"], first["product"]) == ("L-000001", "1", "registered")
    assert first["reference"] == session.scalars(select(NoticeRow.reference)).first()


def test_nothing_is_prepared_twice(scenario: Scenario, at: datetime):
    queue(scenario, 2)
    prepare(scenario.session, at=at)
    press = ScriptedPress()
    assert prepare(scenario.session, press, at=at).batches == []
    assert press.pressed == [] and len(batches(scenario.session)) == 1


def test_of_two_who_prepare_the_second_begins_anew(
    scenario: Scenario, engine: Engine, at: datetime
):
    """Both wrote the same letters; only one of them has them in a batch."""
    first = queue(scenario, 2)
    added: list[int] = []

    def other_is_faster() -> None:
        if added:
            return
        with session_factory(engine)() as other:
            prepare(other, at=at)
            added.append(1)

    prepared = prepare(scenario.session, ScriptedPress(meanwhile=other_is_faster), at=at)
    assert prepared.batches == []
    (batch,) = batches(scenario.session)
    assert [row.batch_id for row in letters(scenario.session)] == [batch.id] * len(first)
    assert len(facts(scenario.session, "letter_sealed")) == 2


def test_what_was_cancelled_while_it_was_written_is_not_printed(
    scenario: Scenario, engine: Engine, at: datetime
):
    gone, stays = queue(scenario, 2)
    turns = []

    def cancel() -> None:
        if turns:
            return
        turns.append(1)
        with session_factory(engine)() as other:
            other.execute(
                update(MessageRow).where(MessageRow.id == gone).values(state=MessageState.CANCELLED)
            )
            other.commit()

    press = ScriptedPress(meanwhile=cancel)
    prepared = prepare(scenario.session, press, at=at)
    assert press.pressed == [[gone, stays], [stays]]
    assert prepared.letters == 1
    assert [row.batch_id for row in letters(scenario.session)] == [None, 1]
    assert scenario.session.get(SealedMailRow, gone) is None


def test_a_letter_that_cannot_be_written_stops_no_other(scenario: Scenario, at: datetime):
    session = scenario.session
    bad, good = queue(scenario, 2)
    prepared = prepare(session, ScriptedPress(refuses={bad}), at=at)
    assert (prepared.letters, prepared.set_aside) == (1, 1)
    row = session.get_one(MessageRow, bad)
    assert row.state == MessageState.PARKED and row.last_reply == "ValueError: no such glyph"
    assert session.get_one(LetterRow, good).batch_id == 1
    # It waits for a person, who lets it go on.
    row.state = MessageState.QUEUED
    session.commit()
    assert prepare(session, at=at).letters == 1


def test_a_letter_with_holes_in_its_words_is_not_printed(scenario: Scenario, at: datetime):
    session = scenario.session
    bad, good = queue(scenario, 2)
    press = ScriptedPress(unprintable={bad})
    prepared = prepare(session, press, at=at)
    assert (prepared.letters, prepared.set_aside) == (1, 1)
    row = session.get_one(MessageRow, bad)
    assert row.state == MessageState.PARKED
    assert row.last_reply == MISSING_CHARACTERS
    assert session.get(SealedMailRow, bad) is None
    assert session.get_one(LetterRow, good).batch_id == 1
    notice_id = row.notice_id
    sweep_notices(session, legal_email="legal@vendor.example", at=at)
    notice = session.get_one(NoticeRow, notice_id, populate_existing=True)
    assert notice.state == NoticeState.NOT_SERVED
    alarm = one_text(session, at, MessagePurpose.DELIVERY_ALARM)
    assert "such as Chinese or Arabic ones" in " ".join(alarm.text.split())


def test_who_is_designated_no_more_is_not_written_to(scenario: Scenario, at: datetime):
    session = scenario.session
    former, moved, stays = queue(scenario, 3)
    contact = session.get_one(MessageRow, former).contact_id
    session.execute(
        update(AgreementContactRow)
        .where(AgreementContactRow.contact_id == contact)
        .values(ended_on=at.date())
    )
    session.get_one(ContactRow, session.get_one(MessageRow, moved).contact_id).postal_address = "X"
    session.commit()
    prepared = prepare(session, at=at)
    assert (prepared.letters, prepared.set_aside) == (1, 2)
    for letter in (former, moved):
        assert session.get_one(MessageRow, letter).last_reply == CONTACT_CHANGED
    assert session.get_one(LetterRow, stays).batch_id == 1


def test_an_electronic_letter_is_written_and_never_printed(scenario: Scenario, at: datetime):
    session = scenario.session
    (letter,) = queue(scenario, 1, Channel.REGISTERED_POST)
    session.get_one(LetterRow, letter).product = LetterProduct.REGISTERED_ELECTRONIC
    session.commit()
    prepared = prepare(session, at=at)
    assert (prepared.batches, prepared.electronic) == ([], 1)
    row = session.get_one(LetterRow, letter)
    assert (row.batch_id, row.state) == (None, LetterState.QUEUED)
    assert open_letter(session, letter, keys=(KEY,)).startswith(b"%PDF")
    session.rollback()
    assert prepare(session, at=at + timedelta(days=1)).electronic == 0
