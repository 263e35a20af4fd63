"""Show the closing mail that a decision leads to, by what writes it. Reads only."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.mail_views import MailViews, Moulds
from subnotify.operations.preview_mail import LINK_LEFT_OPEN
from subnotify.operations.preview_step import addresses_of_mail
from subnotify.operations.render_messages import MailContext
from subnotify.operations.settle_objection import Settlement, draft_settlement
from subnotify.operations.write_mails import closing_facts
from subnotify.rules.errors import NotFound
from subnotify.rules.settlements import expected_closing_at, expected_outcome
from subnotify.rules.words import Outcome
from subnotify.storage.case_decisions import settlement_fact
from subnotify.storage.cases import load_case_facts
from subnotify.storage.mail_facts import load_mail_facts
from subnotify.storage.registry import get_vendor
from subnotify.storage.tables import CaseRow, ChangeRow, SettlementRow
from subnotify.storage.told_letters import list_told_by_letter
from subnotify.wording.mail_closing import closing_mould, fill_closing
from subnotify.wording.mails import MailText


@dataclass(frozen=True)
class ClosingPreview:
    """to: the addresses that get it. by_letter: names of those who get a letter that says the same.
    language: of the mail. leaves_at: not before; None while the notice is not served and the
    settlement waits for its window."""

    outcome: Outcome
    mail: MailText
    to: tuple[str, ...]
    by_letter: tuple[str, ...]
    language: str
    leaves_at: datetime | None


def preview_settlement(
    session: Session,
    case_id: int,
    decision: Settlement,
    *,
    by: str,
    context: MailContext,
    at: datetime,
) -> ClosingPreview:
    """The outcome and its mail, where nothing else comes; each personal link is left open.

    Raises what settling raises: what could not be recorded is not shown.
    """
    row = draft_settlement(session, case_id, decision, by=by, at=at)
    case = session.get_one(CaseRow, case_id)
    change = session.get_one(ChangeRow, case.change_id)
    facts = load_case_facts(session, [case_id], at=at)[case_id]
    facts = replace(facts, settlement=settlement_fact(row, facts.terms, change.commencement_on))
    outcome = expected_outcome(facts)
    closing = _closing(session, case, outcome, {case_id: row}, context=context, at=at)
    return replace(closing, leaves_at=expected_closing_at(facts, at=at))


def preview_closing(
    session: Session, case_id: int, outcome: Outcome, *, context: MailContext, at: datetime
) -> ClosingPreview:
    """The mail of a case that ends with this outcome now, without a settlement. Raises NotFound."""
    case = session.get(CaseRow, case_id)
    if case is None:
        raise NotFound
    return _closing(session, case, outcome, {}, context=context, at=at)


def _closing(
    session: Session,
    case: CaseRow,
    outcome: Outcome,
    settlements: dict[int, SettlementRow],
    *,
    context: MailContext,
    at: datetime,
) -> ClosingPreview:
    of_mail = load_mail_facts(session, {case.notice_id}, ())
    views = MailViews(
        facts=replace(of_mail, settlements=settlements),
        vendor=get_vendor(session).profile,
        undelivered={},
        vendor_time_zone=context.vendor_time_zone,
        moulds=Moulds(),
        at=at,
    )
    notice = of_mail.notices[case.notice_id]
    (shown,) = views.cases(notice, case.id)
    w = views.wording(notice, notice.language)
    told = closing_facts(outcome, notice, shown, views, w, corrects=shown.outcomes > 0)
    link = f"{context.public_url}/n/{LINK_LEFT_OPEN}"
    return ClosingPreview(
        outcome=outcome,
        mail=fill_closing(closing_mould(told, w), views.party(notice), link),
        to=addresses_of_mail(session, case.agreement_id),
        by_letter=list_told_by_letter(session, case.notice_id),
        language=notice.language,
        leaves_at=at,
    )
