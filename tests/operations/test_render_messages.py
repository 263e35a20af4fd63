"""The texts of messages as they are sent: each from its own notice, in its language, quickly."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, insert, update
from sqlalchemy.orm import Session

from subnotify.holiday_calendars import get_calendar
from subnotify.operations.mail_views import Moulds
from subnotify.operations.queue_messages import (
    queue_answer,
    queue_closing,
    queue_delivery_alarm,
    queue_objection_alarm,
    queue_receipts,
)
from subnotify.operations.render_messages import MailContext, load_texts, mail_texts
from subnotify.operations.write_mails import NothingToSay
from subnotify.rules.windows import compute_window, window_to_mapping
from subnotify.rules.words import (
    CaseState,
    HoldReason,
    MessagePurpose,
    MessageState,
    NoticeState,
    Outcome,
    ProofKind,
    ResponseKind,
    SettlementKind,
)
from subnotify.storage import outbox
from subnotify.storage.tables import (
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    MessageRow,
    NoticeRow,
    OutcomeRow,
    ResponseRow,
    SettlementRow,
)
from subnotify.wording.mails import MailText
from tests.support.announced import (
    Announced,
    add,
    add_client,
    add_notice_message,
    add_response,
    announce,
)
from tests.support.announced_facts import FIFTEEN_DAYS, REGISTERED

CONTEXT = MailContext("https://list.vendor.example", "Europe/Paris")
LEGAL = "legal@vendor.example"


def written(session: Session, at: datetime) -> list[tuple[outbox.OutgoingMessage, MailText]]:
    """Every due message with its text; its token is its number."""
    session.commit()
    due = outbox.claim_due(session, by="test", until=at + timedelta(hours=1), limit=500, at=at)
    write = mail_texts(CONTEXT, lambda: at)(session, due)
    return [(one, write(one, str(one.id) if one.contact_id else None)) for one in due]


def one_text(session: Session, at: datetime, purpose: MessagePurpose) -> MailText:
    """The text of the first message of this purpose."""
    return next(text for message, text in written(session, at) if message.purpose is purpose)


def start(session: Session, at: datetime) -> Announced:
    made = announce(session, at=at)
    add_client(session, made, "acme", at=at)
    return made


def serve(session: Session, notice_id: int, at: datetime) -> None:
    window = compute_window(FIFTEEN_DAYS, at, get_calendar("FR"))
    session.execute(
        update(NoticeRow)
        .where(NoticeRow.id == notice_id)
        .values(
            state=NoticeState.SERVED,
            served_at=at,
            served_proof=ProofKind.RECIPIENT_SERVER,
            window=window_to_mapping(window),
        )
    )
    session.execute(
        update(CaseRow)
        .where(CaseRow.notice_id == notice_id)
        .values(state=CaseState.OPEN, opens_at=at, closes_at=window.closes_at)
    )


def close(session: Session, case_id: int, outcome: Outcome, at: datetime, number: int = 1) -> None:
    session.execute(
        update(CaseRow)
        .where(CaseRow.id == case_id)
        .values(state=CaseState.CLOSED, outcome=outcome, outcome_at=at)
    )
    add(session, OutcomeRow, case_id=case_id, number=number, outcome=outcome, at=at, by="job")
    queue_closing(session, [case_id], at=at)


def test_notices_to_two_clients_do_not_mix(session: Session, at: datetime) -> None:
    made = start(session, at)
    add_client(session, made, "beta", at=at, terms=REGISTERED, services=(2,))
    ids = {key: add_notice_message(session, made, key, at=at) for key in ("acme", "beta")}
    texts = {message.id: text for message, text in written(session, at)}
    acme, beta = texts[ids["acme"]], texts[ids["beta"]]
    assert acme.subject.startswith("[2026-003-00001] Acme SARL – Monitoring and Backup:")
    assert beta.subject.startswith("[2026-003-00002] Beta SARL – Backup:")
    assert "within 15 days from receipt" in acme.text
    assert "within 30 days from receipt" in beta.text
    for key, text in (("acme", acme), ("beta", beta)):
        link = f"https://list.vendor.example/n/{ids[key]}"
        assert f"\n{link}\n" in text.text
        assert f'href="{link}"' in text.html
        other = "Beta" if key == "acme" else "Acme"
        assert other not in text.subject + text.text + text.html


def test_a_notice_says_all_that_must_be_said(session: Session, at: datetime) -> None:
    made = start(session, at)
    add_notice_message(session, made, "acme", at=at)
    text = one_text(session, at, MessagePurpose.NOTICE).text
    flowing = " ".join(text.split())
    for said in (
        "OVHcloud will replace IONOS for Monitoring",
        "Sentry will be added for Backup and Monitoring",
        "2 rue Kellermann, 59053 Roubaix Cedex 1, France",
        "privacy@ovh.example",
        "Hosting of databases",
        "Names, email addresses",
        "France (EU or EEA",
        "standard contractual clauses, module 3",
        "signed on 16 February 2026",
        "7 place de la Gare, 57200 Sarreguemines, France",
        "on Monday 1 June 2026 at the earliest",
        "For a notice received on Monday 2 March 2026, the period ends on Tuesday 17 March 2026",
        "your agreement deems that you have accepted the change",
        "Your agreement does not say what an objection leads to.",
        "art. 9.2",
        "“Beyond that period and without any response, ...”",
        "Costs of hosting.",
        "Nothing moves outside the EU.",
        "designates for it (annexe 2)",
        "privacy@northwind.example",
    ):
        assert said in flowing, said


def test_a_service_that_the_client_does_not_buy_is_not_named(
    session: Session, at: datetime
) -> None:
    made = announce(session, at=at)
    add_client(session, made, "acme", at=at, services=(1,))
    ended = add_client(session, made, "beta", at=at, services=(1, 2))
    agreement_id = session.get_one(NoticeRow, ended).agreement_id
    session.execute(
        update(AgreementServiceRow)
        .where(AgreementServiceRow.agreement_id == agreement_id)
        .where(AgreementServiceRow.service_id == 2)
        .values(until_on=date(2026, 3, 2))
    )
    for key in ("acme", "beta"):
        add_notice_message(session, made, key, at=at)
    for _, text in written(session, at):
        assert "Backup" not in text.subject + text.text


def test_a_copy_is_called_a_copy(session: Session, at: datetime) -> None:
    made = start(session, at)
    add_notice_message(session, made, "acme", at=at, copy=True)
    assert "You get this copy for information" in one_text(session, at, MessagePurpose.NOTICE).text


def test_a_notice_whose_window_runs_gives_its_date(session: Session, at: datetime) -> None:
    made = start(session, at)
    serve(session, made.notices["acme"], at)
    add_notice_message(session, made, "acme", at=at, copy=True)
    later = at + timedelta(days=3)
    text = one_text(session, later, MessagePurpose.NOTICE)
    assert "You can object until Tuesday 17 March 2026, 24:00 (Europe/Paris)." in text.text
    assert "objection possible until 17 March 2026" in text.subject
    assert "5 March" not in text.text


def test_moulds_keep_dates_and_terms_apart(session: Session, at: datetime) -> None:
    """One loader writes for days: what it keeps must not be told on another day."""
    made = start(session, at)
    add_client(
        session, made, "beta", at=at,
        terms=replace(FIFTEEN_DAYS, provenance=replace(FIFTEEN_DAYS.provenance, clause="§ 7")),
    )  # fmt: skip
    for key in ("acme", "beta"):
        add_notice_message(session, made, key, at=at)
    session.commit()
    now = [at]
    load = mail_texts(CONTEXT, lambda: now[0])
    due = outbox.claim_due(session, by="test", until=at + timedelta(hours=1), limit=9, at=at)
    today = [load(session, due)(one, "t").text for one in due]
    now[0] = at + timedelta(days=1)
    tomorrow = [load(session, due)(one, "t").text for one in due]
    assert ["art. 9.2" in text for text in today] == [True, False]
    assert ["§ 7" in text for text in today] == [False, True]
    assert all("received on Monday 2 March 2026" in text for text in today)
    assert all("received on Tuesday 3 March 2026" in text for text in tomorrow)


def test_a_postponed_commencement_reaches_the_next_mail(session: Session, at: datetime) -> None:
    made = start(session, at)
    add_notice_message(session, made, "acme", at=at)
    session.commit()
    load = mail_texts(CONTEXT, lambda: at)
    due = outbox.claim_due(session, by="test", until=at + timedelta(hours=1), limit=9, at=at)
    load(session, due)(due[0], "t")
    session.execute(update(ChangeRow).values(commencement_on=date(2026, 9, 1)))
    session.commit()
    assert "1 September 2026" in load(session, due)(due[0], "t").text


def test_receipt(session: Session, at: datetime) -> None:
    made = start(session, at)
    add_client(session, made, "beta", at=at, terms=REGISTERED)
    for key in ("acme", "beta"):
        response_id = add_response(
            session, made.notices[key], made.cases[key][0], ResponseKind.OBJECTION,
            at=at, text="No, thank you.", services=["monitoring"],
        )  # fmt: skip
        queue_receipts(session, response_id, at=at)
    by_notice = {message.notice_id: text for message, text in written(session, at)}
    text = by_notice[made.notices["acme"]].text
    assert "R-000001-OBJE" in text
    assert "ab" * 32 in text
    assert "> No, thank you." in text
    assert "Monday 2 March 2026 at 09:00 (Europe/Paris)" in text
    assert "OVHcloud will replace IONOS for Monitoring" in text
    assert "Sentry" not in text
    assert "/disown\n" in text
    assert "Not yet valid" not in text
    assert "Not yet valid: send the registered letter" in by_notice[made.notices["beta"]].text


def test_closing_by_silence_shows_proof_and_steps(session: Session, at: datetime) -> None:
    made = start(session, at)
    serve(session, made.notices["acme"], at)
    close(session, made.cases["acme"][0], Outcome.ACCEPTED_BY_SILENCE, at)
    text = one_text(session, at, MessagePurpose.CLOSING)
    assert text.subject == "[2026-003-00001] Acme SARL – OVHcloud: accepted by silence"
    assert "Your mail server accepted the notice." in text.text
    assert "Day 15 is Tuesday 17 March 2026." in text.text
    assert "(Agreement, art. 9.2.)" in text.text
    assert "Monday 1 June 2026" in text.text
    assert "This replaces" not in text.text


def test_closing_tells_of_an_extension(session: Session, at: datetime) -> None:
    made = start(session, at)
    serve(session, made.notices["acme"], at)
    case_id = made.cases["acme"][0]
    longer = datetime(2026, 3, 24, 23, tzinfo=UTC)
    session.execute(update(CaseRow).where(CaseRow.id == case_id).values(closes_at=longer))
    close(session, case_id, Outcome.ACCEPTED_BY_SILENCE, at)
    text = one_text(session, at, MessagePurpose.CLOSING).text
    assert "The window was extended to Tuesday 24 March 2026." in text
    assert "The window ends on Tuesday 24 March 2026" in text


def test_closing_after_a_reopening_corrects(session: Session, at: datetime) -> None:
    made = start(session, at)
    close(session, made.cases["acme"][0], Outcome.ACCOMMODATED, at, number=3)
    text = one_text(session, at, MessagePurpose.CLOSING).text
    assert "This replaces what we wrote to you before" in text
    assert "OVHcloud is not used for you." in text


def test_closing_of_a_termination(session: Session, at: datetime) -> None:
    made = announce(session, at=at)
    add_client(session, made, "acme", at=at, terms=REGISTERED)
    case_id = made.cases["acme"][0]
    session.execute(
        insert(SettlementRow).values(
            case_id=case_id, kind=SettlementKind.TERMINATED, note="internal",
            services=["monitoring"], takes_effect_on=date(2026, 4, 2), decided_at=at,
            decided_by="legal",
        )
    )  # fmt: skip
    close(session, case_id, Outcome.TERMINATED, at)
    text = one_text(session, at, MessagePurpose.CLOSING).text
    assert "Last day of Monitoring: Wednesday 1 April 2026." in text
    assert "destroyed" in text
    assert "internal" not in text


def test_a_case_reopened_before_its_closing_mail_left_is_not_told(
    session: Session, at: datetime
) -> None:
    made = start(session, at)
    case_id = made.cases["acme"][0]
    close(session, case_id, Outcome.ACCEPTED, at)
    session.execute(update(CaseRow).where(CaseRow.id == case_id).values(outcome=None))
    with pytest.raises(NothingToSay):
        written(session, at)


def test_answer(session: Session, at: datetime) -> None:
    made = start(session, at)
    serve(session, made.notices["acme"], at)
    response_id = add_response(
        session, made.notices["acme"], None, ResponseKind.QUESTION, at=at,
        text="Which data?", answer="Names only.",
    )  # fmt: skip
    queue_answer(session, response_id, at=at)
    text = one_text(session, at, MessagePurpose.ANSWER).text
    assert "Names only." in text
    assert "> Which data?" in text
    assert "You can object until Tuesday 17 March 2026" in text


def test_alarms_lead_to_the_desk(session: Session, at: datetime) -> None:
    made = start(session, at)
    case_id = made.cases["acme"][1]
    response_id = add_response(
        session, made.notices["acme"], case_id, ResponseKind.OBJECTION, at=at
    )
    queue_objection_alarm(session, response_id, LEGAL, at=at)
    session.execute(update(ResponseRow).values(disowned_at=at))
    queue_objection_alarm(session, response_id, LEGAL, at=at)
    texts = [text for _, text in written(session, at)]
    assert "Objection: Acme SARL, Sentry" in texts[0].subject
    assert "A response is disowned: Acme SARL" in texts[1].subject
    for text in texts:
        assert f"https://list.vendor.example/desk/cases/{case_id}" in text.text
        assert "Dominique Petit, DPO" in text.text


def test_delivery_alarm_quotes_the_server(session: Session, at: datetime) -> None:
    made = start(session, at)
    message_id = add_notice_message(session, made, "acme", at=at)
    words = "550 5.1.1 no such user"
    session.execute(
        update(MessageRow)
        .where(MessageRow.id == message_id)
        .values(state=MessageState.REJECTED, last_reply=words)
    )
    session.execute(
        update(NoticeRow).values(
            state=NoticeState.NOT_SERVED, failure_reason=HoldReason.NOT_SERVED, failure=words
        )
    )
    queue_delivery_alarm(session, [made.notices["acme"]], LEGAL, at=at)
    text = one_text(session, at, MessagePurpose.DELIVERY_ALARM)
    assert text.subject == "[2026-003-00001] Notice not served: Acme SARL"
    assert f"contact0@acme.example:\n  {words}" in text.text
    assert "serve the notice again" in text.text
    for case_id in made.cases["acme"]:
        assert f"/desk/cases/{case_id}" in text.text


@contextmanager
def counted_queries(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_a_batch_is_loaded_in_a_constant_number_of_queries(
    session: Session, engine: Engine, at: datetime
) -> None:
    made = announce(session, at=at)
    for number in range(12):
        add_client(session, made, f"client{number}", at=at)
        add_notice_message(session, made, f"client{number}", at=at)
    session.commit()
    due = outbox.claim_due(session, by="test", until=at + timedelta(hours=1), limit=99, at=at)
    load = mail_texts(CONTEXT, lambda: at)
    counts = []
    for size in (1, 12):
        with counted_queries(engine) as seen:
            write = load(session, due[:size])
            for message in due[:size]:
                write(message, "token")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_contacts_with_the_same_terms_share_one_rendering(session: Session, at: datetime) -> None:
    made = announce(session, at=at)
    for number in range(20):
        terms = REGISTERED if number % 2 else FIFTEEN_DAYS
        add_client(session, made, f"client{number}", at=at, terms=terms)
        add_notice_message(session, made, f"client{number}", at=at)
    session.commit()
    due = outbox.claim_due(session, by="test", until=at + timedelta(hours=1), limit=99, at=at)
    moulds = Moulds()
    for batch in (due[:5], due[5:]):
        write = load_texts(session, batch, CONTEXT, moulds, at=at)
        texts = [write(message, str(message.id)) for message in batch]
        assert len({text.text for text in texts}) == len(batch)
    assert len(moulds) == 2
