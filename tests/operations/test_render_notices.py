"""Notices as they are sent: from their own agreement, in its language, rendered once for many."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, event, update
from sqlalchemy.orm import Session

from subnotify.operations.mail_views import Moulds
from subnotify.operations.render_messages import load_texts, mail_texts
from subnotify.rules.words import (
    MessagePurpose,
)
from subnotify.storage import claims
from subnotify.storage.tables import (
    AgreementServiceRow,
    ChangeRow,
    NoticeRow,
)
from tests.operations.rendering import CONTEXT, one_text, serve, start, written
from tests.support.announced import (
    add_client,
    add_notice_message,
    announce,
)
from tests.support.announced_facts import FIFTEEN_DAYS, REGISTERED


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
        "standard contractual clauses 2021/914, module 3",
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
    due = claims.claim_due(
        session, by="test", until=at + timedelta(hours=1), limit=9, at=at
    ).messages
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
    due = claims.claim_due(
        session, by="test", until=at + timedelta(hours=1), limit=9, at=at
    ).messages
    load(session, due)(due[0], "t")
    session.execute(update(ChangeRow).values(commencement_on=date(2026, 9, 1)))
    session.commit()
    assert "1 September 2026" in load(session, due)(due[0], "t").text


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
    due = claims.claim_due(
        session, by="test", until=at + timedelta(hours=1), limit=99, at=at
    ).messages
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
    due = claims.claim_due(
        session, by="test", until=at + timedelta(hours=1), limit=99, at=at
    ).messages
    moulds = Moulds()
    for batch in (due[:5], due[5:]):
        write = load_texts(session, batch, CONTEXT, moulds, at=at)
        texts = [write(message, str(message.id)) for message in batch]
        assert len({text.text for text in texts}) == len(batch)
    assert len(moulds) == 2
