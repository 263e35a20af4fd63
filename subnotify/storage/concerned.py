"""Which agreements changes concern, and what stands in the way of serving them: as SQL.

Preview and release select by the same expressions, so that what legal saw is what is released.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select, true

from subnotify.rules.releases import Unservable
from subnotify.rules.terms_words import ServedWhen
from subnotify.rules.words import ContactKind
from subnotify.storage.notice_ways import (
    asks_for_every,
    asks_for_mail,
    asks_for_post,
    has_email,
    has_postal_address,
)
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    ChangeServiceRow,
    ContactRow,
    TermsVersionRow,
)


def agreement_is_active(on: date) -> ColumnElement[bool]:
    """Not ended before the day `on`; the day it ends is its last."""
    return or_(AgreementRow.ended_on.is_(None), AgreementRow.ended_on >= on)


def service_is_bought(on: date) -> ColumnElement[bool]:
    """Bought now or from a later day: then too the client will be concerned."""
    return or_(AgreementServiceRow.until_on.is_(None), AgreementServiceRow.until_on > on)


def contact_is_designated(on: date) -> ColumnElement[bool]:
    return and_(
        or_(AgreementContactRow.designated_on.is_(None), AgreementContactRow.designated_on <= on),
        or_(AgreementContactRow.ended_on.is_(None), AgreementContactRow.ended_on > on),
    )


def agreements_buying(change_ids: Sequence[int], on: date) -> Select[int]:
    """Ids of active agreements that buy a service which one of the changes concerns."""
    return (
        select(AgreementServiceRow.agreement_id)
        .join(ChangeServiceRow, ChangeServiceRow.service_id == AgreementServiceRow.service_id)
        .join(AgreementRow, AgreementRow.id == AgreementServiceRow.agreement_id)
        .where(
            ChangeServiceRow.change_id.in_(change_ids),
            agreement_is_active(on),
            service_is_bought(on),
        )
        .distinct()
    )


def reach(on: date, only: Sequence[int] | None = None) -> Subquery:
    """Per agreement, how many designated notice contacts it has, and how many have an address of
    which kind.

    only: ids of the few agreements that are asked about; the rest is not counted then.
    """
    asked = true() if only is None else AgreementContactRow.agreement_id.in_(only)
    return (
        select(
            AgreementContactRow.agreement_id,
            func.count().label("designated"),
            func.count(func.nullif(ContactRow.email, "")).label("with_email"),
            func.count(case((has_postal_address(), 1))).label("with_post"),
            func.count(case((or_(has_email(), has_postal_address()), 1))).label("with_either"),
        )
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .where(
            AgreementContactRow.kind == ContactKind.NOTICE.value, contact_is_designated(on), asked
        )
        .group_by(AgreementContactRow.agreement_id)
        .subquery("reach")
    )


def serving_problem(reached: Subquery) -> ColumnElement[str | None]:
    """Why the notice cannot be served by the channels of the terms; NULL when it can. Needs the
    joined terms."""
    mail, post = asks_for_mail(), asks_for_post()
    by_mail = (reached.c.with_email, Unservable.NO_EMAIL_ADDRESS, Unservable.CONTACT_WITHOUT_EMAIL)
    by_post = (
        *(reached.c.with_post, Unservable.NO_POSTAL_ADDRESS),
        Unservable.CONTACT_WITHOUT_POSTAL_ADDRESS,
    )
    by_either = (
        *(reached.c.with_either, Unservable.NO_ADDRESS),
        Unservable.CONTACT_WITHOUT_ADDRESS,
    )
    return case(
        (func.coalesce(reached.c.designated, 0) == 0, Unservable.NO_NOTICE_CONTACT.value),
        *_lacking(reached, and_(mail, post, ~asks_for_every()), *by_either),
        *_lacking(reached, and_(mail, or_(~post, asks_for_every())), *by_mail),
        *_lacking(reached, and_(post, or_(~mail, asks_for_every())), *by_post),
        else_=None,
    )


def _lacking(
    reached: Subquery,
    asked: ColumnElement[bool],
    usable: ColumnElement[int],
    nobody: Unservable,
    somebody: Unservable,
) -> tuple[tuple[ColumnElement[bool], str], ...]:
    """Where these addresses are asked for: all contacts lack theirs, or one that is needed does."""
    any_suffices = func.coalesce(
        TermsVersionRow.terms["served_when"].as_string() == ServedWhen.ANY.value, False
    )
    return (
        (and_(asked, usable == 0), nobody.value),
        (and_(asked, usable < reached.c.designated, any_suffices.is_(False)), somebody.value),
    )


def terms_problem() -> ColumnElement[str | None]:
    """Why no deadline can be computed; NULL when it can. Needs the joined terms."""
    return case(
        (TermsVersionRow.id.is_(None), Unservable.TERMS_UNKNOWN.value),
        (TermsVersionRow.not_computable.is_not(None), Unservable.TERMS_NOT_COMPUTABLE.value),
        else_=None,
    )


def concerned(
    change_ids: Sequence[int], on: date, *, only: Sequence[int] | None = None
) -> Subquery:
    """One row per agreement concerned: id, client_id, reference, language, terms_id, digest,
    not_computable, wants_dates, serving_problem, terms_problem.

    only: ids of the few agreements of a page.
    """
    reached = reach(on, only)
    asked = true() if only is None else AgreementRow.id.in_(only)
    return (
        select(
            AgreementRow.id,
            AgreementRow.client_id,
            AgreementRow.reference,
            AgreementRow.language,
            TermsVersionRow.id.label("terms_id"),
            TermsVersionRow.digest,
            TermsVersionRow.not_computable,
            TermsVersionRow.requires_agreement_dates.label("wants_dates"),
            serving_problem(reached).label("serving_problem"),
            terms_problem().label("terms_problem"),
        )
        .outerjoin(
            TermsVersionRow,
            and_(TermsVersionRow.agreement_id == AgreementRow.id, TermsVersionRow.is_current),
        )
        .outerjoin(reached, reached.c.agreement_id == AgreementRow.id)
        .where(AgreementRow.id.in_(agreements_buying(change_ids, on)), asked)
        .subquery("concerned")
    )
