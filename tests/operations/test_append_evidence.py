"""Evidence: salted digests over a canonical form, appended in bulk, erasable contents."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from subnotify.evidence.digest import canonical_json, plain_digest, salted_digest, seal_content
from subnotify.operations.append_evidence import (
    NewEvidence,
    append_evidence,
    append_evidence_many,
    verify_evidence,
)
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NotFound
from subnotify.rules.words import Role
from subnotify.storage.tables import EvidenceContentRow, EvidenceRow, ServiceRow

CONTENT = {"who": "Zoé", "at": datetime(2026, 3, 2, 9, tzinfo=UTC), "day": date(2026, 3, 2)}


def test_the_canonical_form():
    paris = timezone(timedelta(hours=1))
    content = {"b": datetime(2026, 3, 2, 9, tzinfo=paris), "a": [1, Role.LEGAL, None, "é"]}
    assert canonical_json(content) == (
        '{"a":[1,"legal",null,"é"],"b":"2026-03-02T08:00:00Z"}'.encode()
    )
    with pytest.raises(ValueError, match="zone"):
        canonical_json({"at": datetime(2026, 3, 2)})  # noqa: DTZ001
    with pytest.raises(ValueError):
        canonical_json({"x": float("nan")})
    with pytest.raises(TypeError):
        canonical_json({"x": {1, 2}})


def test_a_salted_digest_says_nothing_of_its_content():
    one, other = seal_content(CONTENT), seal_content(CONTENT)
    assert one.salt != other.salt
    assert one.digest != other.digest != plain_digest(CONTENT)
    # Over the plain form as stored, it is the same digest.
    assert salted_digest(one.salt, one.content) == one.digest


def test_what_is_stored_verifies_and_a_changed_content_does_not(session: Session, at: datetime):
    with transaction(session):
        number = append_evidence(
            session,
            "list_published",
            actor="operator:1",
            object_type="vendor",
            object_id=1,
            content=CONTENT,
            at=at,
        )
    session.expunge_all()
    assert verify_evidence(session, number) is True
    changed = {"who": "Zoë", "at": "2026-03-02T09:00:00Z", "day": "2026-03-02"}
    session.execute(update(EvidenceContentRow).values(content=changed))
    session.expire_all()
    assert verify_evidence(session, number) is False
    session.execute(delete(EvidenceContentRow))
    session.expire_all()
    assert verify_evidence(session, number) is None
    with pytest.raises(NotFound):
        verify_evidence(session, number + 1)


def test_many_are_appended_in_order_and_ids_go_on_from_there(session: Session, at: datetime):
    facts = [NewEvidence("notice_created", "notice", n, {"n": n}) for n in range(12_000)]
    with transaction(session):
        ids = append_evidence_many(session, facts, actor="operator:1", at=at)
        session.add(
            EvidenceRow(
                type="x", at=at, actor="client", object_type="case", object_id=1, digest="0" * 64
            )
        )
    assert len(set(ids)) == 12_000
    assert session.scalar(select(func.count(EvidenceRow.id))) == 12_001
    objects = dict(session.execute(select(EvidenceRow.id, EvidenceRow.object_id)).all())
    assert [objects[number] for number in ids] == list(range(12_000))
    assert verify_evidence(session, ids[7_777]) is True
    with transaction(session):
        assert append_evidence_many(session, [], actor="operator:1", at=at) == []


def test_an_error_undoes_the_transaction(session: Session):
    with pytest.raises(ZeroDivisionError), transaction(session):
        session.add(ServiceRow(key="a", name="A"))
        session.flush()
        raise ZeroDivisionError
    assert session.scalar(select(func.count(ServiceRow.id))) == 0


def test_an_operation_does_not_run_inside_another(session: Session):
    with pytest.raises(RuntimeError), transaction(session), transaction(session):
        pass
    with transaction(session):
        session.add(ServiceRow(key="a", name="A"))
    assert session.scalar(select(func.count(ServiceRow.id))) == 1
