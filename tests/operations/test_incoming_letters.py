"""Letters from clients: what waits holds silence, what is filed becomes responses, scans sealed."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealKey
from subnotify.operations.close_windows import close_windows
from subnotify.operations.confirm_read import LettersWait, confirm_read
from subnotify.operations.file_letter import (
    LetterFiledBefore,
    NoTaskLeft,
    file_letter,
    finish_letter_task,
    tie_letter,
)
from subnotify.operations.keep_document import DocumentNotReadable, GivenFile, open_document
from subnotify.operations.letter_answers import LetterNotTied
from subnotify.operations.record_incoming_letter import ScanOnRecord, attach_scan
from subnotify.rules.document_files import LARGEST_OCTETS
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.rules.words import (
    CaseState,
    ConfirmationKind,
    HoldReason,
    IncomingLetterKind,
    Outcome,
    ResponseChannel,
    ResponseKind,
    Timeliness,
)
from subnotify.storage.tables import (
    AgreementRow,
    DocumentRow,
    EvidenceRow,
    IncomingLetterRow,
    LetterResponseRow,
    ResponseRow,
)
from tests.operations.desk import case_of, standing_of
from tests.operations.test_close_windows import confirm_all
from tests.support.incoming_letters import (
    HTML,
    KEY,
    LEGAL,
    PARIS,
    PDF,
    add_letter,
    given_letter,
)
from tests.support.scenario import FIFTEEN, REGISTERED, Announced, Scenario

DAY = timedelta(days=1)


@pytest.fixture
def scenario(session: Session, at: datetime) -> Scenario:
    return Scenario(session, at=at)


def client_of(session: Session, announced: Announced) -> int:
    found = session.scalars(
        select(AgreementRow.client_id).where(AgreementRow.id == announced.agreement_id)
    ).one()
    session.rollback()
    return found


def letters(session: Session) -> list[IncomingLetterRow]:
    rows = list(session.scalars(select(IncomingLetterRow).order_by(IncomingLetterRow.id)))
    session.expunge_all()
    session.rollback()
    return rows


def responses(session: Session) -> list[tuple[str, str | None, int | None]]:
    rows = session.scalars(select(ResponseRow).order_by(ResponseRow.id)).all()
    found = [(row.kind, row.timeliness, row.case_id) for row in rows]
    session.rollback()
    return found


def facts(session: Session) -> list[str]:
    query = (
        select(EvidenceRow.type)
        .where(EvidenceRow.object_type == "incoming_letter")
        .order_by(EvidenceRow.id)
    )
    found = list(session.scalars(query))
    session.rollback()
    return found


def test_a_letter_about_a_notice_is_filed_at_once_with_its_scan(session, scenario, at):
    announced = scenario.announce(preset=REGISTERED)
    [case_id] = announced.case_ids
    recorded = add_letter(
        session,
        at=at + 9 * DAY,
        notice_id=announced.notice_id,
        kind=IncomingLetterKind.TERMINATION,
        case_ids=(case_id,),
        services=("monitoring",),
        scan=GivenFile("../Lettre.html", PDF),
    )
    assert responses(session) == [("objection", "in_time", case_id)]
    assert standing_of(session, case_id)[0] is CaseState.OBJECTED
    [row] = letters(session)
    assert row.kind == IncomingLetterKind.TERMINATION
    assert row.filed_by == "marc" and row.filed_at == at + 9 * DAY
    linked = session.execute(
        select(LetterResponseRow.response_id, LetterResponseRow.incoming_letter_id)
    ).all()
    assert linked == [(recorded.response_ids[0], recorded.id)]
    kept = session.get_one(DocumentRow, row.document_id)
    assert PDF not in kept.ciphertext and kept.media_type == "application/pdf"
    document, octets = open_document(session, kept.id, keys=(KEY,))
    assert (document.file_name, octets) == ("Lettre.pdf", PDF)
    with pytest.raises(DocumentNotReadable):
        open_document(session, kept.id, keys=(SealKey(b"x" * 32),))
    session.rollback()
    assert facts(session) == ["incoming_letter_recorded"]


def test_the_scan_of_another_letter_does_not_open(session, scenario, at):
    announced = scenario.announce()
    for name, octets in (("one.pdf", PDF), ("two.pdf", PDF + b"2")):
        add_letter(
            session,
            at=at + DAY,
            notice_id=announced.notice_id,
            kind=IncomingLetterKind.QUESTION,
            scan=GivenFile(name, octets),
        )
    one, two = session.scalars(select(DocumentRow).order_by(DocumentRow.id)).all()
    one.ciphertext, two.ciphertext = two.ciphertext, one.ciphertext
    session.commit()
    with pytest.raises(DocumentNotReadable):
        open_document(session, one.id, keys=(KEY,))


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"", "This file is empty."),
        (HTML, "This is no PDF"),
        (PDF + bytes(LARGEST_OCTETS + 1 - len(PDF)), "larger than 10 MB"),
    ],
)
def test_a_file_that_cannot_be_kept_leaves_nothing(session, scenario, at, octets, said):
    announced = scenario.announce()
    with pytest.raises(ProblemsFound) as refused:
        add_letter(
            session,
            at=at + DAY,
            notice_id=announced.notice_id,
            kind=IncomingLetterKind.QUESTION,
            scan=GivenFile("letter.pdf", octets),
        )
    assert said in str(refused.value) and refused.value.problems[0].where == "scan"
    assert letters(session) == [] and responses(session) == [] and facts(session) == []


def test_the_largest_file_is_kept(session, scenario, at):
    scan = GivenFile("letter.pdf", PDF + bytes(LARGEST_OCTETS - len(PDF)))
    add_letter(session, at=at + DAY, kind=IncomingLetterKind.QUESTION, scan=scan)
    assert session.scalars(select(DocumentRow.octets)).all() == [LARGEST_OCTETS]


def test_the_same_form_twice_is_one_letter(session, scenario, at):
    announced = scenario.announce()
    client_id = client_of(session, announced)
    for tie in ({"notice_id": announced.notice_id}, {"client_id": client_id}, {}):
        given = {"kind": IncomingLetterKind.QUESTION, "form_token": f"form-{sorted(tie)}"}
        scan = GivenFile("letter.pdf", PDF)
        first = add_letter(session, at=at + DAY, scan=scan, **tie, **given)
        second = add_letter(session, at=at + 2 * DAY, scan=scan, **tie, **given)
        assert first == second
    assert len(letters(session)) == 3
    assert len(responses(session)) == 1
    assert session.scalar(select(func.count(DocumentRow.id))) == 3


def test_a_letter_of_a_known_client_holds_all_its_cases(session, scenario, at):
    announced = scenario.announce(preset=FIFTEEN, changes=2)
    other = scenario.announce(preset=FIFTEEN)
    recorded = add_letter(
        session,
        at=at + 3 * DAY,
        client_id=client_of(session, announced),
        kind=IncomingLetterKind.QUESTION,
    )
    for case_id in announced.case_ids:
        assert standing_of(session, case_id) == (CaseState.HOLD, [HoldReason.REPLY_WAITS], None)
    later = at + 40 * DAY
    confirm_all(session, later)
    close_windows(session, at=later)
    for case_id in announced.case_ids:
        assert standing_of(session, case_id) == (CaseState.HOLD, [HoldReason.REPLY_WAITS], None)
    assert standing_of(session, other.case_ids[0])[2] is Outcome.ACCEPTED_BY_SILENCE

    with pytest.raises(LetterNotTied):
        file(session, recorded.id, later, kind=IncomingLetterKind.QUESTION)
    file(session, recorded.id, later, kind=IncomingLetterKind.OTHER, note="an advertisement")
    close_windows(session, at=later)
    assert standing_of(session, announced.case_ids[0])[2] is Outcome.ACCEPTED_BY_SILENCE
    assert facts(session) == ["incoming_letter_recorded", "incoming_letter_filed"]


def test_a_letter_of_nobody_stops_the_confirmations(session, scenario, at):
    announced = scenario.announce(preset=REGISTERED)
    [case_id] = announced.case_ids
    later = at + 60 * DAY
    came_on = case_of(session, case_id).closes_at.astimezone(PARIS).date()
    recorded = add_letter(
        session,
        at=later,
        kind=IncomingLetterKind.OBJECTION,
        received_on=came_on,
        dispatched_on=None,
    )
    kind = ConfirmationKind.REGISTERED_POST_OPENED
    with pytest.raises(LettersWait):
        confirm_read(session, kind, came_on, zone=PARIS, at=later, **LEGAL)
    confirm_read(session, kind, came_on - DAY, zone=PARIS, at=later, **LEGAL)
    close_windows(session, at=later)
    state, holds, _ = standing_of(session, case_id)
    assert state is CaseState.HOLD
    assert set(holds) == {HoldReason.POST_NOT_OPENED, HoldReason.REPLIES_NOT_READ}

    tie_letter(session, recorded.id, notice_id=announced.notice_id, at=later, **LEGAL)
    assert HoldReason.REPLY_WAITS in standing_of(session, case_id)[1]
    file(
        session,
        recorded.id,
        later,
        kind=IncomingLetterKind.OBJECTION,
        received_on=came_on,
        dispatched_on=came_on - 2 * DAY,
        case_ids=(case_id,),
    )
    assert responses(session) == [("objection", "disputed", case_id)]
    state, holds, _ = standing_of(session, case_id)
    assert state is CaseState.HOLD and HoldReason.OBJECTION_DISPUTED in holds
    for one in ConfirmationKind:
        confirm_read(session, one, later.date(), zone=PARIS, at=later, **LEGAL)
    close_windows(session, at=later)
    assert standing_of(session, case_id)[2] is None, "never accepted by silence"


def test_a_letter_recorded_after_the_confirmation_takes_it_back(session, scenario, at):
    """Post that lay under something: who confirmed had not opened all of it."""
    announced = scenario.announce(preset=REGISTERED)
    [case_id] = announced.case_ids
    later = at + 60 * DAY
    confirm_all(session, later)
    add_letter(session, at=later, received_on=date(2026, 3, 20), dispatched_on=None)
    close_windows(session, at=later)
    state, holds, outcome = standing_of(session, case_id)
    assert (state, outcome) == (CaseState.HOLD, None)
    assert HoldReason.POST_NOT_OPENED in holds


def file(session: Session, letter_id: int, at: datetime, **fields) -> tuple[int, ...]:
    return file_letter(session, letter_id, given_letter(**fields), zone=PARIS, at=at, **LEGAL)


def test_filing_twice_is_one_and_an_answer_stands(session, scenario, at):
    announced = scenario.announce(preset=FIFTEEN)
    recorded = add_letter(session, at=at + 9 * DAY, client_id=client_of(session, announced))
    tie_letter(session, recorded.id, notice_id=announced.notice_id, at=at + 9 * DAY, **LEGAL)
    fields = {"case_ids": announced.case_ids, "form_token": "f"}
    first = file(session, recorded.id, at + 9 * DAY, **fields)
    assert file(session, recorded.id, at + 9 * DAY, **fields) == first
    assert len(responses(session)) == 1
    with pytest.raises(LetterFiledBefore):
        file(session, recorded.id, at + 9 * DAY, kind=IncomingLetterKind.QUESTION)
    with pytest.raises(LetterFiledBefore):
        tie_letter(session, recorded.id, notice_id=announced.notice_id, at=at + 9 * DAY, **LEGAL)


def test_filed_wrongly_it_is_filed_anew(session, scenario, at):
    announced = scenario.announce(preset=FIFTEEN)
    recorded = add_letter(
        session,
        at=at + 9 * DAY,
        client_id=client_of(session, announced),
        kind=IncomingLetterKind.OTHER,
        note="a greeting",
    )
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OPEN
    tie_letter(session, recorded.id, notice_id=announced.notice_id, at=at + 9 * DAY, **LEGAL)
    file(session, recorded.id, at + 9 * DAY, case_ids=announced.case_ids)
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OBJECTED
    assert facts(session) == [
        "incoming_letter_recorded",
        "incoming_letter_tied",
        "incoming_letter_filed",
    ]


def test_tied_wrongly_it_is_tied_anew(session, scenario, at):
    one, two = scenario.announce(preset=FIFTEEN), scenario.announce(preset=FIFTEEN)
    recorded = add_letter(session, at=at + DAY, client_id=client_of(session, one))
    assert standing_of(session, one.case_ids[0])[1] == [HoldReason.REPLY_WAITS]
    tie_letter(session, recorded.id, notice_id=two.notice_id, at=at + DAY, **LEGAL)
    assert standing_of(session, one.case_ids[0])[0] is CaseState.OPEN
    assert standing_of(session, two.case_ids[0])[1] == [HoldReason.REPLY_WAITS]
    for nobody in ({"notice_id": 999}, {"client_id": 999}, {}):
        with pytest.raises(NotFound):
            tie_letter(session, recorded.id, at=at + DAY, **nobody, **LEGAL)


def test_what_asks_for_a_step_waits_until_it_is_done(session, scenario, at):
    announced = scenario.announce(preset=FIFTEEN)
    recorded = add_letter(
        session,
        at=at + DAY,
        notice_id=announced.notice_id,
        kind=IncomingLetterKind.CONTACT_CHANGE,
    )
    assert recorded.response_ids == ()
    assert standing_of(session, announced.case_ids[0])[1] == [HoldReason.REPLY_WAITS]
    for _ in range(2):
        finish_letter_task(session, recorded.id, "named", at=at + 2 * DAY, **LEGAL)
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OPEN
    assert facts(session) == ["incoming_letter_recorded", "incoming_letter_filed"]
    [row] = letters(session)
    assert (row.filed_note, row.filed_at) == ("named", at + 2 * DAY)
    question = add_letter(
        session,
        at=at + DAY,
        client_id=client_of(session, announced),
        kind=IncomingLetterKind.OTHER,
        note="x",
    )
    with pytest.raises(NoTaskLeft):
        finish_letter_task(session, question.id, "", at=at + 2 * DAY, **LEGAL)


def test_a_termination_after_an_objection_waits_for_a_person(session, scenario, at):
    announced = scenario.announce(preset=FIFTEEN)
    for kind in (IncomingLetterKind.OBJECTION, IncomingLetterKind.TERMINATION):
        add_letter(
            session,
            at=at + 5 * DAY,
            notice_id=announced.notice_id,
            kind=kind,
            case_ids=announced.case_ids,
        )
    assert [kind for kind, _, _ in responses(session)] == [
        ResponseKind.OBJECTION,
        ResponseKind.QUESTION,
    ]


def test_days_are_corrected_when_it_is_filed_and_both_stay_on_record(session, scenario, at):
    announced = scenario.announce(preset=FIFTEEN)
    recorded = add_letter(session, at=at + 9 * DAY, client_id=client_of(session, announced))
    tie_letter(session, recorded.id, notice_id=announced.notice_id, at=at + 9 * DAY, **LEGAL)
    file(
        session,
        recorded.id,
        at + 9 * DAY,
        received_on=date(2026, 3, 9),
        dispatched_on=date(2026, 3, 6),
        channel=ResponseChannel.POST,
        case_ids=announced.case_ids,
    )
    [row] = letters(session)
    assert (row.received_on, row.channel) == (date(2026, 3, 9), "post")
    [response] = session.scalars(select(ResponseRow)).all()
    assert response.dispatched_on == date(2026, 3, 6)
    assert response.timeliness == Timeliness.IN_TIME


def test_a_scan_is_added_once(session, scenario, at):
    recorded = add_letter(session, at=at + DAY)
    scan = GivenFile("later.pdf", PDF)
    attach_scan(session, recorded.id, scan, seal_key=KEY, at=at + DAY, **LEGAL)
    with pytest.raises(ScanOnRecord):
        attach_scan(session, recorded.id, scan, seal_key=KEY, at=at + DAY, **LEGAL)
    with pytest.raises(NotFound):
        attach_scan(session, 999, scan, seal_key=KEY, at=at + DAY, **LEGAL)
    assert facts(session) == ["incoming_letter_recorded", "incoming_letter_scanned"]
