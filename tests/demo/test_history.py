"""The history of the demonstration: every phase is there, whatever the day of the first start, and
every page shows it in both languages to each role."""

import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from subnotify.delivery.mail_folder import MailFolder, parse_mail
from subnotify.demo.folder import DemoFolder
from subnotify.operations.append_evidence import verify_evidence
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import (
    BatchState,
    CaseState,
    ChangeKind,
    Channel,
    CorrectionState,
    DeliveryEventKind,
    FiledAs,
    HoldReason,
    IncomingLetterKind,
    LapseState,
    LetterProduct,
    LetterReason,
    LetterState,
    MessagePurpose,
    MessageState,
    NoticeState,
    Outcome,
    ResponseKind,
    StepKind,
    TagStanding,
)
from subnotify.storage.registry import get_vendor, list_entries_in_force
from subnotify.storage.tables import (
    CaseRow,
    ChangeRow,
    ClientRow,
    CountryExceptionRow,
    DataReturnRow,
    DeliveryEventRow,
    DocumentRequestRow,
    EvidenceRow,
    IncomingLetterRow,
    IncomingMailRow,
    LetterBatchRow,
    LetterEventCorrectionRow,
    LetterRow,
    ListCorrectionRow,
    ListEntryRow,
    MailResponseRow,
    MessageRow,
    NoticeRow,
    ObjectionStepRow,
    ReleaseRow,
    ResponseRow,
    TransferLapseRow,
)
from tests.demo.playing import FIRST_STARTS, Played, play
from tests.support.crawling import crawl
from tests.support.web_client import WebClient, session_on

_NOTICE_LINK = re.compile(r"http://127\.0\.0\.1:\d+(/n/[\w-]+)")


def require_every_phase(played: Played) -> None:
    with session_on(played.settings.database_url) as session:
        cases = session.scalars(select(CaseRow)).all()
        states = Counter(CaseState(case.state) for case in cases)
        outcomes = Counter(Outcome(case.outcome) for case in cases if case.outcome)
        holds = {HoldReason(hold) for case in cases for hold in case.holds}
        releases = session.scalars(select(ReleaseRow.state).order_by(ReleaseRow.id)).all()
        changes = session.scalars(select(ChangeRow.state).order_by(ChangeRow.id)).all()
        clients = len(session.scalars(select(ClientRow.id)).all())
        unsent = session.scalars(
            select(MessageRow.state).where(
                MessageRow.channel == Channel.EMAIL,
                MessageRow.state.not_in([MessageState.HANDED_OVER, MessageState.REJECTED]),
            )
        ).all()
        evidence = session.scalars(select(EvidenceRow.id)).all()
        assert all(verify_evidence(session, number) for number in evidence)
    assert set(states) == set(CaseState)
    assert states[CaseState.OPEN] >= 5 and states[CaseState.OBJECTED] >= 2
    assert set(outcomes) == {
        Outcome.ACCEPTED,
        Outcome.ACCEPTED_BY_SILENCE,
        Outcome.ACCOMMODATED,
        Outcome.TERMINATED,
        Outcome.INFORMED,
        Outcome.CHANGE_WITHDRAWN,
    }
    assert holds >= {
        HoldReason.NOT_SERVED,
        HoldReason.NO_NOTICE_CONTACT,
        HoldReason.TERMS_UNKNOWN,
        HoldReason.REPLIES_NOT_READ,
        HoldReason.SILENCE_BROKEN,
        HoldReason.WAITS_FOR_PERSON,
        HoldReason.OBJECTION_FORM,
        HoldReason.OBJECTION_DISPUTED,
        HoldReason.COUNTRY_NOT_ALLOWED,
        HoldReason.REPLY_WAITS,
    }
    assert releases == ["released"] * 7 + ["approved", "draft", "draft"]
    assert changes[:3] == ["commenced", "commenced", "commenced"]
    assert clients >= 12
    assert unsent == []


def require_a_correction_and_a_withdrawal(played: Played) -> None:
    """A release that another one corrects, whose change was withdrawn by a mail of its own."""
    with session_on(played.settings.database_url) as session:
        (correction,) = session.scalars(
            select(ReleaseRow).where(ReleaseRow.corrects_id.is_not(None))
        )
        changes = session.scalars(
            select(ChangeRow.state).where(
                ChangeRow.release_id.in_([correction.id, correction.corrects_id])
            )
        ).all()
        told = session.scalars(
            select(MessageRow.state).where(MessageRow.purpose == MessagePurpose.WITHDRAWN)
        ).all()
    assert changes == ["withdrawn"] * 2
    assert len(told) > 3 and MessageState.HANDED_OVER in told


def require_every_answer(played: Played) -> None:
    """Both agreements of one client waived by one code, a question answered, a contact who is not
    the one to ask, an objection with its conditions."""
    with session_on(played.settings.database_url) as session:
        given = session.scalars(select(ResponseRow).order_by(ResponseRow.id)).all()
        of_kind = {kind: [x for x in given if x.kind == kind] for kind in ResponseKind}
        first, second = of_kind[ResponseKind.WAIVER]
        closed = [session.get_one(CaseRow, x.case_id) for x in (first, second)]
    assert first.notice_id != second.notice_id and first.confirmed_at == second.confirmed_at
    assert [case.outcome for case in closed] == [Outcome.ACCEPTED] * 2
    assert any(x.answer for x in of_kind[ResponseKind.QUESTION])
    assert [x.named_name for x in of_kind[ResponseKind.WRONG_PERSON]] == ["Nadia Ferrand"]
    assert any(x.conditions for x in of_kind[ResponseKind.OBJECTION])


def require_objections_on_their_way(played: Played) -> None:
    """One acknowledged with a proposal that waits for the client; a client that left, whose data
    is still to be destroyed."""
    with session_on(played.settings.database_url) as session:
        steps = session.scalars(select(ObjectionStepRow).order_by(ObjectionStepRow.id)).all()
        owed = session.scalars(select(DataReturnRow).where(DataReturnRow.done_at.is_(None))).all()
        told = session.scalars(
            select(MessageRow.state).where(MessageRow.purpose == MessagePurpose.OBJECTION_STEP)
        ).all()
    assert [step.kind for step in steps] == [StepKind.ACKNOWLEDGED, StepKind.PROPOSED]
    assert len(told) == 2 and set(told) == {MessageState.HANDED_OVER}
    assert [row.due_on > played.at.date() for row in owed if row.due_on] == [True]


def require_every_transfer(played: Played) -> None:
    """What the list shows of transfers: a basis that ends, corrections, every kind of change, an
    entry that some clients keep, countries that a client does not allow, and a chain."""
    with session_on(played.settings.database_url) as session:
        lapses = session.scalars(select(TransferLapseRow)).all()
        corrections = set(session.scalars(select(ListCorrectionRow.state)))
        kinds = set(session.scalars(select(ChangeRow.kind)))
        kept = session.scalars(
            select(ListEntryRow).where(
                ListEntryRow.phased_out_from_on.is_not(None),
                ListEntryRow.in_force_until_on.is_(None),
            )
        ).all()
        blocked = session.scalars(select(CaseRow).where(CaseRow.blocked_countries != "")).all()
        excepted = set(session.scalars(select(CountryExceptionRow.country)))
        entries = list_entries_in_force(session, played.at.date())
        vendor = get_vendor(session).profile
        alarms = session.scalars(
            select(MessageRow).where(MessageRow.purpose == MessagePurpose.TRANSFER_ALARM)
        ).all()
    assert lapses and {lapse.state for lapse in lapses} == {LapseState.OPEN}
    assert all(0 < (lapse.lapses_on - played.at.date()).days <= 90 for lapse in lapses)
    assert all(lapse.note for lapse in lapses) and len(alarms) == 2
    assert corrections == {CorrectionState.CONFIRMED, CorrectionState.PROPOSED}
    assert kinds == set(ChangeKind)
    assert len(kept) == 1 and blocked and {"US", "CA", "LI"} <= excepted
    assert vendor.laws == (ExportLaw.EU_GDPR, ExportLaw.CH_FADP) and vendor.mechanisms
    assert any(entry.facts.engaged_by for entry in entries)
    assert any(entry.facts.special_categories for entry in entries)


def require_every_returned_mail(played: Played) -> None:
    """One of each kind came back, all by signed tags; one waits for a person, and holds."""
    with session_on(played.settings.database_url) as session:
        mails = session.scalars(select(IncomingMailRow).order_by(IncomingMailRow.id)).all()
        events = session.scalars(select(DeliveryEventRow.kind).order_by(DeliveryEventRow.id)).all()
        (waiting,) = (mail for mail in mails if mail.filed_at is None)
        held = session.scalars(
            select(CaseRow).where(
                CaseRow.notice_id == waiting.notice_id, CaseRow.state == CaseState.HOLD
            )
        ).all()
        (asked,) = session.scalars(
            select(ResponseRow).join(MailResponseRow, MailResponseRow.response_id == ResponseRow.id)
        )
    assert [mail.filed_as for mail in mails if mail.filed_at] == [
        FiledAs.QUESTION,
        FiledAs.AUTO_REPLY,
        FiledAs.REPORT,
        FiledAs.REPORT,
    ]
    assert {mail.tag for mail in mails} == {TagStanding.VALID}
    assert events == [DeliveryEventKind.DELAYED, DeliveryEventKind.DELIVERED]
    assert waiting.text.startswith("Bonjour") and "a écrit" not in waiting.text
    assert held and all(case.holds == [HoldReason.REPLY_WAITS] for case in held)
    assert asked.kind == ResponseKind.QUESTION and asked.answer
    kept = [mail.recipient for mail in MailFolder(played.folder.mails).list_mails()]
    assert len([x for x in kept if x.startswith("retours+")]) == len(mails)


def require_every_letter(played: Played) -> None:
    """Letters of both kinds in every stage, the printer's folder, and what came on paper."""
    with session_on(played.settings.database_url) as session:
        letters = session.execute(
            select(LetterRow.product, LetterRow.reason, LetterRow.state, NoticeRow.state)
            .join(MessageRow, MessageRow.id == LetterRow.message_id)
            .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        ).all()
        batches = session.execute(select(LetterBatchRow.key, LetterBatchRow.state)).all()
        corrections = session.scalars(select(LetterEventCorrectionRow.state)).all()
        incoming = session.execute(
            select(
                IncomingLetterRow.kind,
                IncomingLetterRow.filed_at.is_not(None),
                IncomingLetterRow.document_id.is_not(None),
            ).order_by(IncomingLetterRow.id)
        ).all()
        answered = session.scalars(
            select(DocumentRequestRow.answered_at.is_not(None)).order_by(DocumentRequestRow.id)
        ).all()
    registered, plain = LetterProduct.REGISTERED, LetterProduct.PLAIN
    by_terms, received = LetterReason.TERMS, LetterState.RECEIVED
    assert {tuple(letter) for letter in letters} >= {
        (registered, by_terms, received, NoticeState.SERVED),
        (registered, by_terms, LetterState.RETURNED, NoticeState.NOT_SERVED),
        (registered, by_terms, LetterState.POSTED, NoticeState.SERVING),
        (plain, by_terms, LetterState.POSTED, NoticeState.SERVED),
        (registered, LetterReason.NO_PROOF, received, NoticeState.SERVED),
    }
    assert {state for _, state in batches} == {BatchState.PREPARED, BatchState.HANDED_OVER}
    for key, _ in batches:
        assert (played.folder.letters / key / "letters.pdf").read_bytes().startswith(b"%PDF-")
    assert corrections == [CorrectionState.PROPOSED]
    assert [tuple(letter) for letter in incoming] == [
        (IncomingLetterKind.TERMINATION, True, True),
        (IncomingLetterKind.OBJECTION, True, True),
        (IncomingLetterKind.CONTACT_CHANGE, False, True),
    ]
    assert answered == [True, False]


def test_letters_went_and_came(played: Played) -> None:
    require_every_letter(played)


def test_every_phase_is_there(played: Played) -> None:
    require_every_phase(played)


def test_a_release_was_corrected_and_a_change_withdrawn(played: Played) -> None:
    require_a_correction_and_a_withdrawal(played)


def test_mails_came_back(played: Played) -> None:
    require_every_returned_mail(played)


def test_transfers_are_shown(played: Played) -> None:
    require_every_transfer(played)
    require_objections_on_their_way(played)


def test_every_kind_of_answer_came(played: Played) -> None:
    require_every_answer(played)


@pytest.mark.full
@pytest.mark.parametrize("at", FIRST_STARTS[1:], ids=lambda at: at.date().isoformat())
def test_every_phase_is_there_on_other_days(tmp_path: Path, at: datetime) -> None:
    other = play(DemoFolder(tmp_path / "data"), at)
    require_every_phase(other)
    require_a_correction_and_a_withdrawal(other)
    require_every_transfer(other)
    require_objections_on_their_way(other)
    require_every_answer(other)
    require_every_returned_mail(other)
    require_every_letter(other)


def test_its_mails_have_dates_of_their_own(played: Played) -> None:
    mails = MailFolder(played.folder.mails).list_mails()
    days = {mail.sent_at.date() for mail in mails if mail.sent_at}
    assert len(days) > 15
    assert all(mail.sent_at and mail.sent_at < played.at for mail in mails)
    assert not {mail.recipient for mail in mails} & set(played.cast.dead_addresses)


def test_legal_of_a_french_vendor_is_written_to_in_french(played: Played) -> None:
    folder = MailFolder(played.folder.mails)
    to_legal = [x for x in folder.list_mails() if x.recipient == played.cast.legal_email]
    raws = [parse_mail(folder.find_raw(x.number) or b"") for x in to_legal]
    assert {mail["Content-Language"] for mail in raws} == {"fr"}
    subjects = [" ".join(str(mail["Subject"]).split()) for mail in raws]
    for begins in ("Ce qui vous attend, ", r"\[[\d-]+\] Notification non effectuée : "):
        assert any(re.match(begins, subject) for subject in subjects), subjects


def notice_paths(played: Played) -> list[str]:
    folder = MailFolder(played.folder.mails)
    found = []
    for mail in folder.list_mails():
        body = parse_mail(folder.find_raw(mail.number) or b"").get_body(("plain",))
        found += _NOTICE_LINK.findall(str(body.get_content())) if body else []
    return sorted(set(found))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", ["Paule Vidal", "Lucie Garnier", "Amir Benali", "Chloe Martin"])
def test_every_page_of_the_desk_opens(played: Played, app: Flask, name: str, language: str) -> None:
    player = next(x for x in played.cast.operators if x.name == name)
    browser = WebClient(app)
    browser.get(f"/sign-in?lang={language}")
    browser.sign_in(player.name, player.password)
    page = browser.get("/desk/registry").text
    assert f'<html lang="{language}"' in page
    opened = crawl(browser, ["/desk/registry"], lambda path: path.startswith("/desk"))
    assert {"/desk/releases/0", "/desk/cases/0", "/desk/changes/0/gate"} <= set(opened)
    assert {"/desk/registry", "/desk/agreements", "/desk/board"} <= set(opened)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_of_clients_opens(played: Played, app: Flask, language: str) -> None:
    browser = WebClient(app)
    browser.get(f"/?lang={language}")
    paths = notice_paths(played)
    assert len(paths) > 40
    opened = crawl(
        browser,
        ["/", "/mailbox", "/portal/sign-in", *paths],
        # The portal leads whoever is not signed in to its sign-in.
        lambda path: not path.startswith("/desk") and "lang=" not in path and path != "/portal",
    )
    assert {"/n/x/object", "/n/x/receipts/x", "/n/x/disown", "/mailbox/0/html"} <= set(opened)
    for path in paths:
        assert browser.get(path).status_code == 200
