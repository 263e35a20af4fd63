"""Legal writes to a client: kept once, mailed to all contacts, proven, and no date moves."""

import json

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.evidence.digest import plain_digest
from subnotify.operations.append_evidence import verify_evidence
from subnotify.operations.write_to_client import MessageMissing, ReasonTooLong, write_to_client
from subnotify.rules.words import MessagePurpose
from subnotify.storage.legal_messages import list_legal_messages
from subnotify.storage.tables import EvidenceContentRow, EvidenceRow, MessageRow
from tests.operations.desk import case_of
from tests.operations.rendering import one_text
from tests.support.scenario import Scenario

BY = {"by": "Lucie Garnier", "actor": "operator:1"}


def test_it_is_kept_once_mailed_and_proven(session: Session, scenario: Scenario, at) -> None:
    told = scenario.announce(contacts=2, copies=1)
    case_id = told.case_ids[0]
    before = case_of(session, case_id)
    dates = (before.state, before.closes_at, before.silence_after_at)
    session.rollback()
    first = write_to_client(session, case_id, " The test moved. ", form_key="a", at=at, **BY)
    assert write_to_client(session, case_id, "The test moved.", form_key="a", at=at, **BY) == first
    second = write_to_client(session, case_id, "The test moved.", form_key="b", at=at, **BY)
    kept = list_legal_messages(session, told.notice_id)
    assert [(one.id, one.text, one.written_by) for one in kept] == [
        (first, "The test moved.", "Lucie Garnier"),
        (second, "The test moved.", "Lucie Garnier"),
    ]
    queued = session.scalar(
        select(func.count())
        .select_from(MessageRow)
        .where(MessageRow.purpose == MessagePurpose.ANSWER)
    )
    assert queued == 2 * 3
    proof = session.scalars(select(EvidenceRow).where(EvidenceRow.type == "client_written_to"))
    for row, one in zip(proof.all(), kept, strict=True):
        assert verify_evidence(session, row.id)
        content = session.get_one(EvidenceContentRow, row.id).content
        said = json.loads(content) if isinstance(content, str) else content
        assert said["text"] == one.text and plain_digest(said) == one.digest
    after = case_of(session, case_id)
    assert (after.state, after.closes_at, after.silence_after_at) == dates


def test_its_mail_brings_the_words_and_the_deadline(
    session: Session, scenario: Scenario, at
) -> None:
    told = scenario.announce()
    write_to_client(session, told.case_ids[0], "A <b> & more.", form_key="a", at=at, **BY)
    mail = one_text(session, at, MessagePurpose.ANSWER)
    assert "A <b> & more." in mail.text and "A &lt;b&gt; &amp; more." in mail.html
    assert "You can object until" in mail.text and "/n/" in mail.text
    assert mail.subject.endswith("a message about this notice")


def test_nothing_and_too_much_are_refused(session: Session, scenario: Scenario, at) -> None:
    case_id = scenario.announce().case_ids[0]
    with pytest.raises(MessageMissing):
        write_to_client(session, case_id, " \n ", form_key="a", at=at, **BY)
    with pytest.raises(ReasonTooLong):
        write_to_client(session, case_id, "x" * 2_001, form_key="a", at=at, **BY)
