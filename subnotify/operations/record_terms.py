"""Record an agreement's notice terms, or how legal reads what its clause leaves open.

Both make a new version. Notices that were released keep the version they were released under, so
no running window moves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.holiday_calendars import UnknownCalendar, get_calendar
from subnotify.operations.append_evidence import append_evidence_many
from subnotify.operations.terms_versions import (
    add_terms_version,
    read_version,
    says_the_same,
    terms_recorded,
    with_kept_readings,
)
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import NotFound, Problem, ProblemsFound, RuleError
from subnotify.rules.terms import NoticeTerms, Reading
from subnotify.rules.terms_parts_reading import READABLE
from subnotify.storage.client_rows import lock_client_of_agreement, lock_registry
from subnotify.storage.tables import TermsVersionRow
from subnotify.storage.terms_versions import find_current_row


class TermsRecordedMeanwhile(RuleError):
    """Another version became the current one since the form was opened."""

    message = "Another version of these terms was recorded meanwhile. Compare it with yours."


class FieldNotOpen(RuleError):
    """The clause says what the field means, so there is nothing to read into it."""

    message = "The clause is not silent here, so no reading is needed."


@dataclass(frozen=True)
class RecordedTerms:
    """number: of the version that is current now. is_changed: False where it was so already."""

    number: int
    is_changed: bool


def record_terms(
    session: Session,
    agreement_id: int,
    terms: NoticeTerms,
    *,
    based_on: int,
    by: str,
    actor: str,
    at: datetime,
) -> RecordedTerms:
    """Make these the agreement's notice terms, as a new version; the same again changes nothing.

    based_on: the number of the version that whoever enters them saw as the current one, 0 for
    none. Readings that legal took stand where the terms leave the same field open. Raises
    TermsRecordedMeanwhile, ProblemsFound for a holiday calendar nobody has, and NotFound.
    """
    check_calendar(terms)
    with transaction(session):
        current = _lock_current(session, agreement_id, based_on)
        kept = with_kept_readings(terms, current)
        return _record(session, agreement_id, current, kept, by, actor, at)


def record_reading(
    session: Session,
    agreement_id: int,
    field: str,
    value: str,
    why: str,
    *,
    based_on: int,
    by: str,
    actor: str,
    at: datetime,
    zone: ZoneInfo,
) -> RecordedTerms:
    """Record what legal takes an unspecified field of the terms to mean, and why.

    field: of READABLE. value: one of its values; "" takes a reading back. zone: the vendor's.
    Raises FieldNotOpen, TermsRecordedMeanwhile, ReasonMissing, ReasonTooLong and NotFound.
    """
    reason = written_reason(why)
    with transaction(session):
        current = _lock_current(session, agreement_id, based_on)
        if current is None or field not in READABLE:
            raise NotFound
        terms = read_version(current)
        if getattr(terms, field) != "unspecified":
            raise FieldNotOpen
        readings = _with_reading(terms, field, value, by, reason, at.astimezone(zone))
        return _record(
            session, agreement_id, current, replace(terms, readings=readings), by, actor, at
        )


def check_calendar(terms: NoticeTerms) -> None:
    """Raises ProblemsFound unless we have the holiday calendar that the terms name."""
    name = terms.counting.holiday_calendar
    try:
        get_calendar(name)
    except UnknownCalendar:
        raise ProblemsFound(
            (
                Problem(
                    "counting.holiday_calendar",
                    "“%(value)s” is not a holiday calendar that we have.",
                    "Choose a country or a part of it; write further holidays one on each line.",
                    (("value", name),),
                ),
            )
        ) from None


def _lock_current(session: Session, agreement_id: int, based_on: int) -> TermsVersionRow | None:
    lock_registry(session)  # an import may be writing a version of its own
    lock_client_of_agreement(session, agreement_id)
    current = find_current_row(session, agreement_id)
    if (current.number if current else 0) != based_on:
        raise TermsRecordedMeanwhile
    return current


def _record(
    session: Session,
    agreement_id: int,
    current: TermsVersionRow | None,
    terms: NoticeTerms,
    by: str,
    actor: str,
    at: datetime,
) -> RecordedTerms:
    if current is not None and says_the_same(current, terms):
        return RecordedTerms(current.number, is_changed=False)
    row = add_terms_version(session, agreement_id, current, terms, by=by, at=at)
    append_evidence_many(session, [terms_recorded(row)], actor=actor, at=at)
    return RecordedTerms(row.number, is_changed=True)


def _with_reading(
    terms: NoticeTerms, field: str, value: str, by: str, why: str, local: datetime
) -> Mapping[str, Reading]:
    readings = dict(terms.readings)
    readings.pop(field, None)
    if not value:
        return readings
    kind = READABLE[field]
    if value == "unspecified" or value not in set(kind):
        raise ProblemsFound(
            (Problem("value", "It is not said what the clause is read as.", "Choose one."),)
        )
    return {**readings, field: Reading(value, by, local.date(), why)}
