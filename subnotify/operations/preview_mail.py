"""Show the mail that one agreement would get of a draft release. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.notice_drafts import NoticeDrafts
from subnotify.rules.errors import NotFound
from subnotify.rules.windows import Window
from subnotify.rules.words import ContactKind
from subnotify.storage.concerned_lists import ConcernedAgreement, find_concerned
from subnotify.wording.mail_notice import fill_notice, notice_mould
from subnotify.wording.mail_party import Party
from subnotify.wording.mails import MailText

LINK_LEFT_OPEN = "…"


@dataclass(frozen=True)
class MailPreview:
    """The mail in the agreement's language. window: as if it were received now."""

    agreement: ConcernedAgreement
    mail: MailText
    window: Window | None


def preview_mail(
    session: Session,
    release_id: int,
    agreement_id: int,
    *,
    public_url: str,
    zone: ZoneInfo,
    at: datetime,
) -> MailPreview:
    """The notice as this agreement's first designated contact would get it now.

    The reference is the one that the next release would give; the personal link is left open.
    zone: the vendor's. Raises NotFound, also for an agreement that no change concerns.
    """
    drafts = NoticeDrafts(session, release_id, zone=zone, at=at)
    draft = drafts.draft
    agreement = find_concerned(session, draft.notified_ids, agreement_id, draft.on)
    if agreement is None:
        raise NotFound
    told = drafts.load({agreement.id: agreement.terms_id})[agreement.id]
    facts, w = drafts.notice_facts(told, ContactKind.NOTICE, _first_clause(agreement))
    party = Party(agreement.client_name, agreement.reference, f"{drafts.number}-{agreement.id:05d}")
    mail = fill_notice(notice_mould(facts, w), party, f"{public_url}/n/{LINK_LEFT_OPEN}")
    return MailPreview(agreement, mail, told.window)


def _first_clause(agreement: ConcernedAgreement) -> str:
    """Where the agreement designates the contact that the mail is shown for."""
    clauses = (x.clause for x in agreement.contacts if x.kind is ContactKind.NOTICE)
    return next(clauses, "")
