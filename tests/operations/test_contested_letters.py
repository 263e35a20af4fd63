"""Proofs of a letter that contradict each other, and corrections that wait: silence waits too."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.correct_letter_event import (
    confirm_event_correction,
    propose_contradiction_untrue,
    propose_event_correction,
    refuse_event_correction,
)
from subnotify.operations.hand_over_batch import note_handed_over
from subnotify.operations.record_letter_events import GivenEvent
from subnotify.operations.two_person_decisions import SecondPersonNeeded
from subnotify.rules.terms import DeemedReceipt, NoticeTerms
from subnotify.rules.terms_words import DeemedKind, RunsFrom
from subnotify.rules.words import (
    BatchState,
    CaseState,
    Channel,
    ConfirmationKind,
    HoldReason,
    LetterEventKind,
    LetterEventSource,
    LetterState,
    NoticeState,
    Outcome,
)
from subnotify.storage.letter_contradictions import (
    count_contested,
    list_contested_letters,
    list_open_contradictions,
)
from subnotify.storage.tables import (
    CaseRow,
    ConfirmationRow,
    EvidenceRow,
    LetterBatchRow,
    LetterEventRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
)
from tests.support.letter_batches import prepare, queue
from tests.support.letters import LEGAL, announce_by_post, tell, tell_all, terms_by
from tests.support.scenario import Scenario

Kind = LetterEventKind
DAY = date(2026, 3, 2)
REGISTERED = terms_by(Channel.REGISTERED_POST)
DISPATCHED = replace(REGISTERED, runs_from=RunsFrom.DISPATCH, proof_of_receipt=frozenset())
PLAIN_DEEMED = replace(
    terms_by(Channel.POST, proofs=()),
    deemed_receipt=DeemedReceipt(DeemedKind.DAYS_AFTER_DISPATCH, days=2),
)
AFTER = timedelta(days=10)
PARIS = "Europe/Paris"
MARC = {"by": "marc", "actor": "operator:2"}
LEA = {"by": "lea", "actor": "operator:3"}


def day(days: int) -> date:
    return DAY + timedelta(days=days)


def case_of(session: Session, notice_id: int) -> CaseRow:
    query = select(CaseRow).where(CaseRow.notice_id == notice_id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def notice_of(session: Session, notice_id: int) -> NoticeRow:
    return session.get_one(NoticeRow, notice_id, populate_existing=True)


def letter_of(session: Session, letter: int) -> LetterRow:
    return session.get_one(LetterRow, letter, populate_existing=True)


def read_all(session: Session, end: datetime) -> None:
    session.add_all(
        ConfirmationRow(kind=kind, up_to_at=end, up_to_on=end.date(), at=end, by="marc")
        for kind in (ConfirmationKind.REPLIES_READ, ConfirmationKind.REGISTERED_POST_OPENED)
    )
    session.commit()


def close(session: Session, at: datetime) -> None:
    """Everything was read, and the window is long over."""
    read_all(session, at)
    close_windows(session, at=at)


def untrue(session: Session, letter: int, *, at: datetime) -> int:
    """Propose that what contradicts the record did not happen."""
    (told,) = list_open_contradictions(session, [letter])
    return propose_contradiction_untrue(
        session, letter, told.id, reason="Another letter's.", **MARC, at=at
    )


def never(session: Session, letter: int, kind: Kind, *, at: datetime) -> int:
    return propose_event_correction(
        session,
        letter,
        kind,
        on=None,
        reason="Another letter's card.",
        vendor_time_zone=PARIS,
        **MARC,
        at=at,
    )


def confirm(session: Session, correction: int, *, at: datetime) -> None:
    confirm_event_correction(
        session, correction, legal_email=LEGAL, vendor_time_zone=PARIS, **LEA, at=at
    )


RECEIVED_AND_RETURNED = [(Kind.RECEIVED, 4), (Kind.RETURNED, 6)]


@pytest.mark.parametrize("told", [RECEIVED_AND_RETURNED, RECEIVED_AND_RETURNED[::-1]])
def test_received_and_returned_hold_in_either_order(
    session: Session, scenario: Scenario, at: datetime, told: list[tuple[Kind, int]]
) -> None:
    announced, (letter,) = announce_by_post(scenario, REGISTERED)
    for kind, days in told:
        report = tell(session, letter, kind, day(days), at=at + AFTER)
        assert report.refused == ()
    assert [one.given.kind for one in report.contested] == [told[1][0]]
    close(session, at + timedelta(days=60))
    case, notice = case_of(session, announced.notice_id), notice_of(session, announced.notice_id)
    assert (case.state, list(case.holds), case.outcome) == (
        CaseState.HOLD,
        [HoldReason.LETTER_RETURNED, HoldReason.PROOF_CONTESTED],
        None,
    )
    assert (notice.state, notice.failure_reason) == (
        NoticeState.NOT_SERVED,
        HoldReason.LETTER_RETURNED,
    )
    assert letter_of(session, letter).state == LetterState.RETURNED
    assert list_contested_letters(session, announced.notice_id) == [letter]
    assert count_contested(session) == 1
    types = set(session.scalars(select(EvidenceRow.type)))
    assert {"letter_event_contradicted", f"letter_{told[0][0].value}"} <= types
    # Told again, as by a file read twice, it changes nothing.
    again = tell(session, letter, told[1][0], day(told[1][1]), at=at + timedelta(days=61))
    assert (again.new, again.contested, again.unchanged) == ((), (), 1)


@pytest.mark.parametrize("told", [RECEIVED_AND_RETURNED, RECEIVED_AND_RETURNED[::-1]])
@pytest.mark.parametrize("true", [Kind.RECEIVED, Kind.RETURNED])
def test_two_persons_say_which_of_the_two_is_true(
    session: Session,
    scenario: Scenario,
    at: datetime,
    told: list[tuple[Kind, int]],
    true: Kind,
) -> None:
    announced, (letter,) = announce_by_post(scenario, REGISTERED)
    for kind, days in told:
        tell(session, letter, kind, day(days), at=at + AFTER)
    wrong = next(kind for kind, _ in told if kind is not true)
    if wrong is told[0][0]:
        correction = never(session, letter, wrong, at=at + AFTER)
    else:
        correction = untrue(session, letter, at=at + AFTER)
    confirm(session, correction, at=at + AFTER)
    case, notice = case_of(session, announced.notice_id), notice_of(session, announced.notice_id)
    events = session.scalars(select(LetterEventRow.kind)).all()
    proofs = session.scalars(select(ReceiptProofRow.at)).all()
    assert events == [true]
    assert letter_of(session, letter).state == LetterState(true.value)
    assert list_open_contradictions(session, [letter]) == []
    if true is Kind.RECEIVED:
        assert (notice.state, case.state, list(case.holds)) == (
            NoticeState.SERVED,
            CaseState.OPEN,
            [],
        )
        assert proofs == [notice.served_at]
        assert notice.served_at == datetime(2026, 3, 6, 22, 59, 59, 999999, tzinfo=UTC)
        assert case.closes_at == datetime(2026, 3, 23, 23, tzinfo=UTC)
    else:
        assert (notice.state, list(case.holds)) == (
            NoticeState.NOT_SERVED,
            [HoldReason.LETTER_RETURNED],
        )
        assert proofs == []


def test_a_letter_that_comes_back_against_its_card_reopens_what_silence_closed(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced, (letter,) = announce_by_post(scenario, REGISTERED)
    tell(session, letter, Kind.RECEIVED, day(4), at=at + AFTER)
    end = at + timedelta(days=60)
    close(session, end)
    assert case_of(session, announced.notice_id).outcome == Outcome.ACCEPTED_BY_SILENCE
    tell(session, letter, Kind.RETURNED, day(50), at=end)
    case = case_of(session, announced.notice_id)
    assert (case.state, case.outcome) == (CaseState.HOLD, None)
    assert HoldReason.LETTER_RETURNED in case.holds


@pytest.mark.parametrize(
    ("terms", "record", "second"),
    [
        (REGISTERED, (Kind.RECEIVED, 4), (Kind.RECEIVED, 9)),
        (REGISTERED, (Kind.RECEIVED, 4), (Kind.POSTED, 5)),
        (DISPATCHED, (Kind.POSTED, 1), (Kind.POSTED, 3)),
        (PLAIN_DEEMED, (Kind.POSTED, 1), (Kind.POSTED, 3)),
    ],
)
def test_a_day_in_dispute_holds_silence(
    session: Session,
    scenario: Scenario,
    at: datetime,
    terms: NoticeTerms,
    record: tuple[Kind, int],
    second: tuple[Kind, int],
) -> None:
    announced, (letter,) = announce_by_post(scenario, terms)
    tell(session, letter, record[0], day(record[1]), at=at + AFTER)
    assert notice_of(session, announced.notice_id).state == NoticeState.SERVED
    tell(session, letter, second[0], day(second[1]), at=at + AFTER)
    close(session, at + timedelta(days=60))
    case = case_of(session, announced.notice_id)
    assert (case.state, list(case.holds)) == (CaseState.HOLD, [HoldReason.PROOF_CONTESTED])
    correction = untrue(session, letter, at=at + timedelta(days=61))
    confirm(session, correction, at=at + timedelta(days=61))
    close_windows(session, at=at + timedelta(days=61))
    assert case_of(session, announced.notice_id).outcome == Outcome.ACCEPTED_BY_SILENCE
    # Two persons found it untrue: a file that tells it once more is refused.
    again = tell_all(
        session,
        [GivenEvent(letter, second[0], day(second[1]), f"RK {letter}")],
        source=LetterEventSource.FILE,
        at=at + timedelta(days=62),
    )
    assert (again.new, again.contested, len(again.refused)) == ((), (), 1)


def test_a_number_of_another_letter_holds_silence(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced, (letter,) = announce_by_post(scenario, DISPATCHED)
    tell_all(session, [GivenEvent(letter, Kind.POSTED, day(1), "RK 1")], at=at + AFTER)
    tell_all(session, [GivenEvent(letter, Kind.PRESENTED, day(2), "RK 2")], at=at + AFTER)
    close(session, at + timedelta(days=60))
    assert list(case_of(session, announced.notice_id).holds) == [HoldReason.PROOF_CONTESTED]
    # The posting was of another letter; what contradicted it brings the true number.
    confirm(session, never(session, letter, Kind.POSTED, at=at + AFTER), at=at + AFTER)
    assert letter_of(session, letter).proof_number == "RK 2"
    assert letter_of(session, letter).state == LetterState.PRESENTED


def test_what_the_vendor_notes_is_refused_and_holds_nothing(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced, (letter,) = announce_by_post(scenario, REGISTERED)
    tell(session, letter, Kind.HANDED_OVER, day(5), at=at + AFTER)
    # Clicked late: the post had it before.
    for kind, days in ((Kind.POSTED, 1), (Kind.RECEIVED, 4)):
        assert len(tell(session, letter, kind, day(days), at=at + AFTER).new) == 1
    again = tell(session, letter, Kind.HANDED_OVER, day(6), at=at + AFTER)
    assert (again.contested, len(again.refused)) == ((), 1)
    assert notice_of(session, announced.notice_id).state == NoticeState.SERVED
    assert case_of(session, announced.notice_id).state == CaseState.OPEN


def _refuse(session: Session, correction: int, at: datetime) -> None:
    refuse_event_correction(session, correction, **LEA, at=at)


@pytest.mark.parametrize("in_bulk", [True, False])
def test_a_proposed_correction_holds_silence_until_it_is_decided(
    session: Session, scenario: Scenario, at: datetime, in_bulk: bool
) -> None:
    announced, (letter,) = announce_by_post(scenario, REGISTERED)
    tell(session, letter, Kind.RECEIVED, day(4), at=at + AFTER)
    correction = never(session, letter, Kind.RECEIVED, at=at + AFTER)
    case = case_of(session, announced.notice_id)
    assert (case.state, list(case.holds), case.is_quiet) == (
        CaseState.HOLD,
        [HoldReason.PROOF_CONTESTED],
        False,
    )
    if in_bulk:
        # However the case is stored: bulk closing asks for itself.
        session.execute(update(CaseRow).values(is_quiet=True, state=CaseState.OPEN, holds=[]))
        session.commit()
    end = at + timedelta(days=60)
    close(session, end)
    assert case_of(session, announced.notice_id).outcome is None
    _refuse(session, correction, end)
    close_windows(session, at=end)
    assert case_of(session, announced.notice_id).outcome == Outcome.ACCEPTED_BY_SILENCE


def test_a_letter_of_which_there_are_no_bytes_was_not_sent(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced, (letter,) = announce_by_post(scenario, PLAIN_DEEMED, written=False)
    for kind in (Kind.HANDED_OVER, Kind.PRINTED, Kind.POSTED, Kind.RETURNED):
        report = tell(session, letter, kind, day(1), at=at + AFTER)
        assert (report.new, report.contested) == ((), ())
        assert [x.where for x in report.refused[0].problems] == ["letter"]
    close(session, at + timedelta(days=60))
    case = case_of(session, announced.notice_id)
    assert (case.state, case.outcome) == (CaseState.WAITING, None)
    assert letter_of(session, letter).state == LetterState.QUEUED


@pytest.mark.parametrize(
    "terms",
    [
        DISPATCHED,
        replace(
            REGISTERED,
            deemed_receipt=DeemedReceipt(DeemedKind.DAYS_AFTER_DISPATCH, days=3),
            proof_of_receipt=frozenset(),
        ),
    ],
)
def test_a_registered_letter_serves_by_dispatch_with_its_number(
    session: Session, scenario: Scenario, at: datetime, terms: NoticeTerms
) -> None:
    announced, (letter,) = announce_by_post(scenario, terms)
    tell_all(session, [GivenEvent(letter, Kind.POSTED, day(1))], at=at + AFTER)
    assert notice_of(session, announced.notice_id).state == NoticeState.SERVING
    close(session, at + timedelta(days=60))
    assert case_of(session, announced.notice_id).outcome is None
    # The same told with its number: now it is proved.
    tell_all(session, [GivenEvent(letter, Kind.POSTED, day(1), "RK 1")], at=at + AFTER)
    notice = notice_of(session, announced.notice_id)
    assert (notice.state, notice.served_at) == (
        NoticeState.SERVED,
        datetime(2026, 3, 3, 22, 59, 59, 999999, tzinfo=UTC),
    )
    assert "letter_number_recorded" in set(session.scalars(select(EvidenceRow.type)))
    (event,) = session.scalars(select(LetterEventRow))
    assert event.proof_number == "RK 1"


def test_a_posting_counts_from_the_later_of_two_zones(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    """Posted in Paris until the evening of the tenth, which is the eleventh in Tokyo."""
    counting = replace(DISPATCHED.counting, time_zone="Asia/Tokyo")
    announced, (letter,) = announce_by_post(scenario, replace(DISPATCHED, counting=counting))
    tell(session, letter, Kind.POSTED, day(8), at=at + AFTER)
    served_at = datetime(2026, 3, 10, 22, 59, 59, 999999, tzinfo=UTC)
    assert notice_of(session, announced.notice_id).served_at == served_at
    assert session.get_one(MessageRow, letter, populate_existing=True).handed_over_at == served_at
    # Corrected, it is counted in the same way.
    correction = propose_event_correction(
        session,
        letter,
        Kind.POSTED,
        on=day(9),
        reason="The receipt says so.",
        vendor_time_zone=PARIS,
        **MARC,
        at=at + AFTER,
    )
    confirm(session, correction, at=at + timedelta(days=11))
    assert notice_of(session, announced.notice_id).served_at == served_at + timedelta(days=1)


def test_who_proposed_is_known_by_its_number(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    _, (letter,) = announce_by_post(scenario, REGISTERED)
    tell(session, letter, Kind.RECEIVED, day(4), at=at + AFTER)
    correction = never(session, letter, Kind.RECEIVED, at=at + AFTER)
    with pytest.raises(SecondPersonNeeded):
        confirm_event_correction(
            session,
            correction,
            legal_email=LEGAL,
            vendor_time_zone=PARIS,
            by="Another Name",
            actor=MARC["actor"],
            at=at + AFTER,
        )
    # Two persons of one name are two.
    confirm_event_correction(
        session,
        correction,
        legal_email=LEGAL,
        vendor_time_zone=PARIS,
        by=MARC["by"],
        actor=LEA["actor"],
        at=at + AFTER,
    )


def test_a_withdrawn_event_may_be_entered_again_for_the_same_day(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced, (letter,) = announce_by_post(scenario, REGISTERED)
    tell(session, letter, Kind.RECEIVED, day(4), at=at + AFTER)
    confirm(session, never(session, letter, Kind.RECEIVED, at=at + AFTER), at=at + AFTER)
    told = [GivenEvent(letter, Kind.RECEIVED, day(4))]
    of_file = tell_all(session, told, source=LetterEventSource.FILE, at=at + AFTER)
    assert (of_file.new, len(of_file.refused)) == ((), 1)
    # A person who found the card after all.
    assert len(tell_all(session, told, at=at + AFTER).new) == 1
    assert notice_of(session, announced.notice_id).state == NoticeState.SERVED


def test_a_corrected_event_says_still_who_recorded_it_and_when(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    _, (letter,) = announce_by_post(scenario, REGISTERED)
    tell(session, letter, Kind.RECEIVED, day(4), at=at + AFTER)
    correction = propose_event_correction(
        session,
        letter,
        Kind.RECEIVED,
        on=day(12),
        reason="Misread.",
        vendor_time_zone=PARIS,
        **MARC,
        at=at + timedelta(days=20),
    )
    confirm(session, correction, at=at + timedelta(days=21))
    (event,) = session.scalars(select(LetterEventRow).execution_options(populate_existing=True))
    assert (event.on, event.recorded_at, event.recorded_by, event.corrected_at) == (
        day(12),
        at + AFTER,
        "marc",
        at + timedelta(days=21),
    )
    (proof,) = session.scalars(select(ReceiptProofRow).execution_options(populate_existing=True))
    # The end of the true day, though it was recorded before.
    assert proof.at == datetime(2026, 3, 14, 22, 59, 59, 999999, tzinfo=UTC)


def _posted(session: Session, letters: list[int], at: datetime) -> None:
    for letter in letters:
        tell(session, letter, Kind.POSTED, day(1), at=at)
    note_handed_over(session, **MARC, at=at)


def _batch(session: Session) -> LetterBatchRow:
    query = select(LetterBatchRow).execution_options(populate_existing=True)
    return session.scalars(query).one()


def test_a_batch_of_which_nothing_is_on_record_any_more_is_still_to_be_handed_over(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    letters = queue(scenario, 2, Channel.REGISTERED_POST)
    prepare(session, at=at)
    _posted(session, letters[:1], at + AFTER)
    assert _batch(session).state == BatchState.HANDED_OVER
    correction = never(session, letters[0], Kind.POSTED, at=at + AFTER)
    confirm(session, correction, at=at + AFTER)
    assert _batch(session).state == BatchState.PREPARED
    assert letter_of(session, letters[0]).state == LetterState.QUEUED
    assert letter_of(session, letters[0]).batch_id is not None


@pytest.mark.parametrize("then", [None, Kind.HANDED_OVER])
def test_a_letter_of_a_batch_that_the_printer_has_never_waits_unseen(
    session: Session, scenario: Scenario, at: datetime, then: Kind | None
) -> None:
    letters = queue(scenario, 2, Channel.REGISTERED_POST)
    prepare(session, at=at)
    _posted(session, letters, at + AFTER)
    confirm(session, never(session, letters[0], Kind.POSTED, at=at + AFTER), at=at + AFTER)
    # The printer has it with the others.
    assert letter_of(session, letters[0]).state == LetterState.HANDED_OVER
    if then is None:
        return
    # That is untrue as well: it is written anew.
    confirm(session, never(session, letters[0], then, at=at + AFTER), at=at + AFTER)
    assert letter_of(session, letters[0]).state == LetterState.QUEUED
    assert letter_of(session, letters[0]).batch_id is None
    session.commit()
    assert prepare(session, at=at + timedelta(days=11)).letters == 1
