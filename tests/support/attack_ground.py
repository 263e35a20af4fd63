"""One of everything for tests that attack the pages: every address of the app has an object.

ground = make_ground(databases.migrated("postgresql"), at, smtp_port=...)
ground.operator     # a browser, signed in with every role
ground.addresses()  # every GET route, filled with ids that exist
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealKey
from subnotify.operations.answer_request import prepare_document
from subnotify.operations.queue_letters import queue_letters
from subnotify.operations.record_request import record_request
from subnotify.operations.serve_notices import serve_notices
from subnotify.rules.document_requests import NewRequest
from subnotify.rules.words import LetterReason, MessageState, ProofKind, ResponseChannel, Role
from subnotify.storage.insert_once import insert_once
from subnotify.storage.tables import CaseRow, ContactRow, LetterRow, MessageRow, ReceiptProofRow
from tests.support.letter_batches import prepare
from tests.support.list_documents import add_version
from tests.support.release_world import PARIS, ReleaseWorld
from tests.support.scenario import digest_of
from tests.support.settings import SEAL_KEY
from tests.support.web_client import (
    SettableClock,
    WebClient,
    make_app,
    make_operator,
    session_on,
)

TOKEN = "attacked-link-for-tests-only-0123456789abcd"


@dataclass(frozen=True)
class Ground:
    app: Flask
    url: str
    clock: SettableClock
    operator: WebClient
    ids: dict[str, str]

    def path(self, rule: str) -> str:
        """The rule with ids that exist, where we have such an object."""
        return re.sub(
            r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>",
            lambda m: self.ids.get(m[2], "1" if m[1] == "int" else "x"),
            rule,
        )

    def rules(self, method: str) -> Iterator[str]:
        for rule in self.app.url_map.iter_rules():
            if method in (rule.methods or ()) and rule.endpoint != "static":
                yield rule.rule


def make_ground(url: str, at: datetime, *, smtp_port: int, mailbox: Path) -> Ground:
    """A draft release, a released one with a served notice behind TOKEN, and every role."""
    clock = SettableClock(at)
    app = make_app(url, clock, smtp_port=smtp_port, DEMO_MAILBOX=str(mailbox))
    make_operator(url, "Ana Everything", list(Role), at=at)
    operator = WebClient(app)
    operator.sign_in("Ana Everything")
    with session_on(url) as session:
        ids = _fill(session, at)
    return Ground(app, url, clock, operator, ids)


def _fill(session: Session, at: datetime) -> dict[str, str]:
    world = ReleaseWorld(session, at=at)
    agreement_id = world.add_agreement(services=("mail", "helpdesk"))
    released = world.draft([world.add_change("orage")])
    world.approve(released)
    world.release(released)
    draft = world.draft([world.add_change("mirador")])
    case = session.scalars(select(CaseRow)).one()
    message = session.scalars(select(MessageRow)).one()
    _serve(session, message, at)
    _ask_for_the_list(session, agreement_id, at)
    letter_id = _print_letter(session, case.notice_id, at)
    return {
        "letter_id": str(letter_id),
        "token": TOKEN,
        "case_id": str(case.id),
        "change_id": str(case.change_id),
        "message_id": str(message.id),
        "agreement_id": str(agreement_id),
        "name": "objection_timely_when",
        "release_id": str(draft),
        "released_id": str(released),
        "subprocessor_id": "1",
        "response_id": "1",
        "number": "1",
        "reference": "R-000001-ABCD",
        "reason": "case_disputed",
        "kind": "replies_read",
    }


def _ask_for_the_list(session: Session, agreement_id: int, at: datetime) -> None:
    """A written request whose document is prepared: request 1."""
    add_version(session, 1, at=at)
    today = at.astimezone(PARIS).date()
    asked = NewRequest(agreement_id, ResponseChannel.POST, today, "Camille Perrin", today, "en")
    now = {"zone": PARIS, "by": "Ana Everything", "actor": "operator:1", "at": at}
    number = record_request(session, asked, **now)
    prepare_document(session, number, in_place_of=None, seal_key=SealKey(SEAL_KEY), **now)


def _print_letter(session: Session, notice_id: int, at: datetime) -> int:
    """A registered letter in batch 1; the id of its message."""
    session.execute(update(ContactRow).values(postal_address="1 rue X\n75001 Paris"))
    queue_letters(session, [notice_id], LetterReason.NO_PROOF, on=at.date(), at=at)
    session.commit()
    prepare(session, at=at)
    return session.scalars(select(LetterRow.message_id)).one()


def _serve(session: Session, message: MessageRow, at: datetime) -> None:
    served = {"link_digest": digest_of(TOKEN), "state": MessageState.HANDED_OVER}
    session.execute(update(MessageRow).values(handed_over_at=at, **served))
    proof = {"message_id": message.id, "notice_id": message.notice_id, "at": at}
    kinds = (ProofKind.DISPATCH, ProofKind.RECIPIENT_SERVER)
    insert_once(session, ReceiptProofRow, [{**proof, "kind": kind.value} for kind in kinds])
    serve_notices(session, [message.notice_id or 0], actor="test", at=at)
    session.commit()
