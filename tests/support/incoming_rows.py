"""Rows of incoming mail for tests of what is done with it: as if a mailbox had been read."""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealKey, seal
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.open_incoming import incoming_owner
from subnotify.operations.transaction import transaction
from subnotify.rules.words import FiledAs, IncomingKind, IncomingSource, TagStanding
from subnotify.storage.tables import AgreementRow, CaseRow, IncomingMailRow
from tests.support.scenario import Announced
from tests.support.settings import SEAL_KEY

PLAIN = b"""From: Camille Perrin <dpo0@client1.example>
To: privacy@vendor.example
Subject: Re: New subprocessor
Message-ID: <%d@client1.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

We object to this.
"""


def add_incoming(
    session: Session,
    announced: Announced | None,
    *,
    received_at: datetime,
    raw: bytes | None = None,
    filed_as: FiledAs | None = None,
    **columns: Any,
) -> int:
    """A mail that came in; its id. announced: what its signed tag ties it to, None for nobody.

    The cases of the client are decided anew, as reading the mailbox does.
    """
    with transaction(session):
        number = len(session.scalars(select(IncomingMailRow.id)).all()) + 1
        octets = raw if raw is not None else PLAIN % number
        sealed = seal(octets, SealKey(SEAL_KEY), owner=incoming_owner(_digest(octets)))
        given: dict[str, Any] = {
            "source": IncomingSource.IMAP,
            "place": "imap:mail.vendor.example:privacy:INBOX",
            "collected_at": received_at,
            "kind": IncomingKind.REPLY,
            "tag": TagStanding.VALID if announced else TagStanding.MISSING,
            "from_address": "dpo0@client1.example",
            "from_name": "Camille Perrin",
            "subject": "Re: New subprocessor",
            "text": "We object to this.",
        }
        if announced is not None:
            client_id = session.scalars(
                select(AgreementRow.client_id).where(AgreementRow.id == announced.agreement_id)
            ).one()
            given |= {
                "message_id": announced.message_ids[0],
                "notice_id": announced.notice_id,
                "client_id": client_id,
            }
        if filed_as is not None:
            given |= {"filed_as": filed_as, "filed_at": received_at, "filed_by": "mail:imap"}
        row = IncomingMailRow(
            received_at=received_at,
            digest=sealed.digest,
            ciphertext=sealed.ciphertext,
            **given | columns,
        )
        session.add(row)
        session.flush()
        if announced is not None:
            cases = session.scalars(
                select(CaseRow.id).where(CaseRow.agreement_id == announced.agreement_id)
            ).all()
            apply_standings(session, cases, actor="mail:imap", at=received_at)
        return row.id


def _digest(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()
