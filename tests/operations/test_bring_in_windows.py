"""Windows that ran before subnotify was used: brought in with their proofs, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.confirm_read import confirm_read
from subnotify.operations.import_differences import entries_digest
from subnotify.operations.import_files import DifferencesChanged, import_files
from subnotify.operations.notify_late import notify_late
from subnotify.operations.record_bounce import record_bounce
from subnotify.operations.record_letter import record_letter
from subnotify.operations.serve_anew import serve_anew
from subnotify.operations.transaction import transaction
from subnotify.rules.letters import Letter
from subnotify.rules.locations import Location
from subnotify.rules.presets import PRESETS
from subnotify.rules.transfer_records import RecordedBasis
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import (
    CaseState,
    ChangeKind,
    ChangeState,
    ConfirmationKind,
    ContactKind,
    HoldReason,
    LocationKind,
    MessagePurpose,
    MessageState,
    NoticeState,
    Outcome,
    ProofKind,
    ResponseChannel,
    ResponseKind,
)
from subnotify.storage.tables import (
    AttemptRow,
    BroughtInNoticeRow,
    CaseRow,
    ChangeRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
    ReleaseRow,
)
from tests.operations.rendering import written
from tests.support.csv_imports import (
    PARIS,
    PAUL,
    bring_tables,
    files_of,
    preview_tables,
    table_refusals,
)
from tests.support.imports import everything
from tests.support.release_world import Person, ReleaseWorld
from tests.support.scenario_facts import ORAGE
from tests.support.transfers import framework

COLUMNS = (
    "agreement,contact,kind,subprocessor,commencement_on,dispatched_at,received_at,proof,"
    "proof_reference,reason_en,reason_fr\n"
)
SENT, GOT = "2026-02-24 10:15", "2026-02-24 10:17"
REST = "recipient_server,Postfix log 2026-02-24 line 812"


def line(agreement: str = "a1", contact: str = "p0", **other: str) -> str:
    given = {
        "kind": "addition",
        "subprocessor": "orage",
        "commencement_on": "2026-05-01",
        "dispatched_at": SENT,
        "received_at": GOT,
        "rest": REST,
        "reason_en": "More room.",
        "reason_fr": "",
    } | other
    return ",".join([agreement, contact, *given.values()]) + "\n"


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def only(session: Session, table: type):
    session.expire_all()
    return session.scalars(select(table)).one()


def test_a_window_runs_from_the_receipt_that_was_proved(session, world, at):
    world.add_agreement()
    world.add_change("orage")
    report = bring_tables(session, at, windows=COLUMNS + line())
    assert [(x.section, x.new) for x in report.lines] == [("windows", 1)]
    fields = {x.name: x.after for x in report.entries[0].fields}
    assert fields["window_last_day"] == "2026-03-11"
    assert fields["window_closes_at"] == "2026-03-12 00:00+01:00"
    notice, case = only(session, NoticeRow), only(session, CaseRow)
    received_at = datetime(2026, 2, 24, 9, 17, tzinfo=UTC)
    assert (notice.state, notice.served_at) == (NoticeState.SERVED, received_at)
    assert (notice.served_proof, notice.reference) == ("recipient_server", "B2026-001-00001")
    assert (case.state, case.opens_at, case.holds) == (CaseState.OPEN, received_at, [])
    message = only(session, MessageRow)
    assert (message.state, message.handed_over_at) == (
        MessageState.HANDED_OVER,
        datetime(2026, 2, 24, 9, 15, tzinfo=UTC),
    )
    assert session.scalar(select(func.count()).select_from(AttemptRow)) == 0, "none was sent"
    proof, row = only(session, ReceiptProofRow), only(session, BroughtInNoticeRow)
    assert (proof.kind, proof.at) == (ProofKind.RECIPIENT_SERVER, received_at)
    assert (row.proof_reference, row.by) == ("Postfix log 2026-02-24 line 812", "paul")
    change, release = only(session, ChangeRow), only(session, ReleaseRow)
    assert (change.state, change.commencement_on) == (ChangeState.RELEASED, date(2026, 5, 1))
    assert (release.number, release.state) == ("B2026-001", "released")


def test_the_same_table_again_changes_nothing(session, world, at):
    world.add_agreement()
    world.add_change("orage")
    bring_tables(session, at, windows=COLUMNS + line())
    before = everything(session)
    report = bring_tables(session, at + timedelta(days=1), windows=COLUMNS + line())
    assert report.entries == () and [x.unchanged for x in report.lines] == [1]
    assert everything(session) == before


def test_a_preview_shows_the_window_and_changes_nothing(session, world, at):
    world.add_agreement()
    world.add_change("orage")
    before = everything(session)
    shown = preview_tables(session, at, windows=COLUMNS + line())
    assert everything(session) == before
    assert bring_tables(session, at, windows=COLUMNS + line()) == shown


def test_another_agreement_joins_the_same_release(session, world, at):
    world.add_agreement()
    world.add_agreement()
    world.add_change("orage")
    first = preview_tables(session, at, windows=COLUMNS + line())
    assert [(x.section, x.key) for x in first.entries][1:] == [("late_notices", "a2/orage")]
    bring_tables(session, at, windows=COLUMNS + line())
    both = COLUMNS + line() + line("a2", dispatched_at="2026-02-26", received_at="2026-02-26")
    report = bring_tables(session, at, windows=both)
    assert [(x.section, x.new, x.unchanged) for x in report.lines] == [("windows", 1, 1)]
    assert session.scalar(select(func.count()).select_from(ReleaseRow)) == 1
    assert session.scalars(select(NoticeRow.reference).order_by(NoticeRow.id)).all() == [
        "B2026-001-00001",
        "B2026-001-00002",
    ]
    session.commit()
    assert notify_late(session, zone=PARIS, legal_email="l@v.example", at=at) == 0
    queued = select(MessageRow).where(MessageRow.state != MessageState.HANDED_OVER)
    assert session.scalars(queued).all() == [], "nothing is mailed"


def test_who_is_left_out_gets_a_notice_from_subnotify(session, world, at):
    world.add_agreement()
    left_out = world.add_agreement()
    world.add_change("orage")
    bring_tables(session, at, windows=COLUMNS + line())
    assert notify_late(session, zone=PARIS, legal_email="l@v.example", at=at) == 1
    notice = session.scalars(select(NoticeRow).where(NoticeRow.agreement_id == left_out)).one()
    assert (notice.state, notice.reference) == (NoticeState.QUEUED, "B2026-001-00002")
    session.commit()
    both = COLUMNS + line() + line("a2")
    (said,) = table_refusals(session, at, windows=both)
    assert "This agreement has the notice B2026-001-00002 of this change" in said


def test_silence_closes_it_only_by_the_same_rules(session, world, at):
    world.add_agreement()
    world.add_change("orage")
    bring_tables(session, at, windows=COLUMNS + line())
    later = at + timedelta(days=40)
    close_windows(session, at=later)
    case = only(session, CaseRow)
    assert (case.state, case.holds) == (CaseState.HOLD, [HoldReason.REPLIES_NOT_READ])
    session.rollback()
    for kind in ConfirmationKind:
        confirm_read(
            session,
            kind,
            up_to_on=later.date() - timedelta(days=1),
            by="marc",
            actor="operator:2",
            zone=PARIS,
            at=later,
        )
    close_windows(session, at=later)
    assert only(session, CaseRow).outcome == Outcome.ACCEPTED_BY_SILENCE


def test_a_letter_of_before_is_recorded_in_time(session, world, at):
    world.add_agreement()
    world.add_change("orage")
    bring_tables(session, at, windows=COLUMNS + line())
    case = only(session, CaseRow)
    letter = Letter(
        kind=ResponseKind.OBJECTION,
        channel=ResponseChannel.REGISTERED_POST,
        received_on=date(2026, 2, 27),
        dispatched_on=date(2026, 2, 25),
        letter_reference="1A 202",
        by_name="Jeanne Petit",
        text="Non.",
        services=(),
        case_ids=(case.id,),
    )
    record_letter(session, case.notice_id, letter, by="marc", actor="operator:2", zone=PARIS, at=at)
    assert only(session, CaseRow).state == CaseState.OBJECTED


def test_every_notice_contact_needs_its_row_unless_any_is_enough(session, world, at):
    world.add_agreement(people=(Person(), Person()))
    world.add_change("orage")
    (said,) = table_refusals(session, at, windows=COLUMNS + line())
    assert "“p1” is a designated notice contact of this agreement too" in said
    second = line(contact="p1", received_at="2026-02-26 08:00")
    bring_tables(session, at, windows=COLUMNS + line() + second)
    assert only(session, NoticeRow).served_at == datetime(2026, 2, 26, 7, tzinfo=UTC)


def test_a_former_contact_counts_for_its_time(session, world, at):
    world.add_agreement(people=(Person(ended_on=date(2026, 2, 28)),))
    world.add_change("orage")
    bring_tables(session, at, windows=COLUMNS + line())
    assert only(session, NoticeRow).state == NoticeState.SERVED


def test_a_replacement_is_brought_in_too(session, world, at):
    world.add_agreement()
    world.add_change("orage", replaces="brume")
    (said,) = table_refusals(session, at, windows=COLUMNS + line())
    assert "column kind: The registry has this change as “replacement”." in said
    bring_tables(session, at, windows=COLUMNS + line(kind="replacement"))
    assert only(session, ChangeRow).kind == ChangeKind.REPLACEMENT


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"agreement": "a9"}, "column agreement: “a9” is not known."),
        ({"contact": "p9"}, "column contact: “p9” was not a designated notice contact"),
        ({"subprocessor": "pluie"}, "column subprocessor: “pluie” is not drafted"),
        ({"commencement_on": "2026-03-01"}, "column commencement_on: The day of commencement has"),
        ({"commencement_on": "May"}, "column commencement_on: “May” is not a day."),
        ({"commencement_on": ""}, "column commencement_on: This is missing."),
        ({"dispatched_at": ""}, "column dispatched_at: This is missing."),
        ({"dispatched_at": "24/02/2026"}, "column dispatched_at: “24/02/2026” is not a day or an"),
        ({"received_at": "2026-03-02 12:00"}, "column received_at: This lies in the future."),
        ({"received_at": "2026-02-23"}, "column received_at: The notice would be received before"),
        ({"received_at": ""}, "column received_at: It is not said when the notice was received."),
        ({"rest": ","}, "column proof: It is not said what proves the receipt."),
        ({"rest": "recipient_server,"}, "column proof_reference: It is not said where the proof"),
        ({"rest": "deemed,log"}, "column proof: Only facts outside the vendor's reach"),
        ({"rest": "registered_delivery,1A"}, "column proof: With these proofs no window opens"),
        ({"received_at": "", "rest": ","}, "column proof: With these proofs no window opens"),
        (
            {"dispatched_at": "2026-02-02", "received_at": "2026-02-02"},
            "column dispatched_at: This window ended on 2026-02-17",
        ),
        ({"reason_en": ""}, "column reason_en: The reason for the change is missing."),
        ({"kind": "removal"}, "column kind: Windows are brought in for additions and"),
        ({"kind": "gone"}, "column kind: “gone” is not a known value."),
    ],
)
def test_what_cannot_be_brought_in_is_said(session, world, at, changed, said):
    world.add_agreement()
    world.add_change("orage")
    found = table_refusals(session, at, windows=COLUMNS + line(**changed))
    assert any(one.startswith(f"windows.csv, line 2, {said}") for one in found), found


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"terms": None}, "The notice terms of this agreement are not known."),
        (
            {"terms": replace(PRESETS["fr-15-days"], objection_period=None)},
            "No dates can be computed from the notice terms",
        ),
        (
            {"terms": replace(PRESETS["fr-15-days"], changes_covered=frozenset())},
            "The terms of this agreement do not cover this kind of change",
        ),
        ({"services": ("helpdesk",)}, "The change does not concern this agreement"),
        ({"ended_on": date(2026, 2, 28)}, "This agreement has ended."),
        ({"people": (Person(ContactKind.COPY),)}, "“p0” was not a designated notice contact"),
    ],
)
def test_agreements_under_which_no_window_can_run(session, world, at, given, said):
    world.add_agreement(**given)
    world.add_change("orage")
    assert any(said in one for one in table_refusals(session, at, windows=COLUMNS + line()))


def test_what_subnotify_announced_itself_is_not_brought_in(session, world, at):
    world.add_agreement()
    change = world.add_change("orage")
    release = world.draft([change])
    (said,) = table_refusals(session, at, windows=COLUMNS + line())
    assert "is in a release that is being drafted" in said
    world.approve(release)
    world.release(release)
    (said,) = table_refusals(session, at, windows=COLUMNS + line())
    assert "was announced with release 2026-001" in said
    session.rollback()
    # The numbers of the two kinds never meet.
    world.add_change("brise")
    bring_tables(session, at, windows=COLUMNS + line(subprocessor="brise"))
    third = world.draft([world.add_change("grele")])
    world.approve(third)
    assert world.release(third).number == "2026-002"


def test_a_row_twice_and_two_days_for_one_change(session, world, at):
    world.add_agreement()
    world.add_agreement()
    world.add_change("orage")
    assert any(
        "“p0” is there twice." in one
        for one in table_refusals(session, at, windows=COLUMNS + line() + line())
    )
    other = line("a2", commencement_on="2026-06-01")
    assert any(
        "name different days" in one
        for one in table_refusals(session, at, windows=COLUMNS + line() + other)
    )


def test_terms_changed_since_the_preview_are_refused(session, world, at):
    world.add_agreement()
    world.add_change("orage")
    table = {"windows": COLUMNS + line()}
    shown = entries_digest(preview_tables(session, at, **table).entries)
    longer = "key,client,reference,language,objection_number\na1,c1,DPA-1,en,30\n"
    bring_tables(session, at, agreements=longer)
    before = everything(session)
    with pytest.raises(DifferencesChanged):
        import_files(session, files_of(table), by=PAUL, at=at, zone=PARIS, shown=shown)
    assert everything(session) == before


def test_the_clients_receipt_is_not_queued_for_it(session, world, at):
    world.add_agreement()
    world.add_change("orage")
    bring_tables(session, at, windows=COLUMNS + line())
    with transaction(session):
        purposes = session.scalars(select(MessageRow.purpose)).all()
    assert purposes == [MessagePurpose.NOTICE]


def test_the_reason_is_asked_for_in_the_languages_of_the_agreements(session, world, at):
    world.add_agreement()
    world.add_agreement(language="fr")
    world.add_change("orage")
    (said,) = table_refusals(session, at, windows=COLUMNS + line())
    assert said.startswith("windows.csv, line 2, column reason_fr: The text in French is missing.")
    both = COLUMNS + line() + line("a2", reason_en="", reason_fr="Plus de place.")
    bring_tables(session, at, windows=both)
    assert only(session, ReleaseRow).reason == {"en": "More room.", "fr": "Plus de place."}


def test_a_bounce_lets_it_be_served_anew_with_the_whole_notice(session, world, at):
    world.add_agreement()
    world.add_change("orage")
    bring_tables(session, at, windows=COLUMNS + line())
    message, notice = only(session, MessageRow), only(session, NoticeRow)
    session.rollback()
    who = {"by": "marc", "actor": "operator:2", "at": at}
    record_bounce(session, message.id, note="550 unknown", **who)
    assert only(session, CaseRow).holds == [HoldReason.BOUNCED]
    session.rollback()
    serve_anew(session, notice.id, note="New address.", zone=PARIS, **who)
    (sent,) = written(session, at)
    text = sent[1].text
    assert "B2026-001-00001" in text and "More room." in text


def test_an_answer_gets_its_receipt_and_the_outcome_its_mail(session, world, at):
    world.add_agreement()
    world.add_change("orage")
    bring_tables(session, at, windows=COLUMNS + line())
    case = only(session, CaseRow)
    letter = Letter(
        kind=ResponseKind.QUESTION,
        channel=ResponseChannel.OTHER,
        received_on=date(2026, 2, 27),
        by_name="Jeanne Petit",
        text="Why?",
        case_ids=(),
    )
    record_letter(session, case.notice_id, letter, by="marc", actor="operator:2", zone=PARIS, at=at)
    (sent,) = written(session, at)
    assert sent[0].purpose is MessagePurpose.RECEIPT and "B2026-001-00001" in sent[1].text


@pytest.mark.parametrize(
    "bases",
    [
        (),
        (RecordedBasis(ExportLaw.EU_GDPR, "EU-US-PRIVACY-SHIELD"),),
        # Nobody has looked at the list yet.
        (framework("Orage, Inc.", date(2026, 4, 20)),),
    ],
)
def test_a_change_without_a_lawful_basis_is_not_brought_in(
    session: Session, at: datetime, world: ReleaseWorld, bases: tuple[RecordedBasis, ...]
):
    world.add_agreement()
    place = Location("US", LocationKind.HOSTING, bases)
    world.add_change("orage", facts=replace(ORAGE, locations=(*ORAGE.locations, place)))
    (said,) = table_refusals(session, at, windows=COLUMNS + line())
    assert said.startswith("windows.csv, line 2, column subprocessor: The draft of “orage” is not")
