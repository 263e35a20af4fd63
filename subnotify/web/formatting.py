"""How templates speak of states, instants, days left and errors: Jinja filters."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from flask import Flask
from flask_babel import gettext, ngettext
from wtforms import Form
from wtforms.fields import Field, FieldList, FormField

from subnotify.rules import words
from subnotify.web.access import request_at
from subnotify.web.language import page_wording
from subnotify.wording.labels import label as label_in

NEAR_DAYS = 5
"""From how many days before a deadline on a page marks it as near."""

_TONES: tuple[tuple[str, tuple[StrEnum, ...]], ...] = (
    (
        "ok",
        (
            words.ChangeState.COMMENCED,
            words.NoticeState.SERVED,
            words.MessageState.HANDED_OVER,
            words.AttemptResult.HANDED_OVER,
            words.Outcome.ACCEPTED,
            words.Outcome.ACCEPTED_BY_SILENCE,
            words.Outcome.NO_OBJECTION,
            words.Outcome.OBJECTION_WITHDRAWN,
            words.Outcome.TERMINATION_NOT_EXERCISED,
            words.ResponseKind.NO_OBJECTION,
            words.ResponseKind.WAIVER,
            words.Timeliness.IN_TIME,
            words.LetterState.RECEIVED,
            words.BatchState.HANDED_OVER,
            words.WayState.DONE,
        ),
    ),
    (
        "info",
        (
            words.ReleaseState.APPROVED,
            words.ReleaseState.RELEASED,
            words.ChangeState.RELEASED,
            words.NoticeState.SERVING,
            words.MessageState.SENDING,
            words.CaseState.OPEN,
            words.ResponseKind.QUESTION,
            words.ResponseKind.MORE_TIME,
            words.ResponseKind.WRONG_PERSON,
            words.LetterState.HANDED_OVER,
            words.LetterState.PRINTED,
            words.LetterState.POSTED,
            words.LetterState.PRESENTED,
            words.BatchState.PREPARED,
            words.WayState.WAITS,
        ),
    ),
    (
        "warn",
        (
            words.WayState.NEXT,
            words.MessageState.DEFERRED,
            words.MessageState.UNKNOWN,
            words.MessageState.PARKED,
            words.MessageState.PAUSED,
            words.AttemptResult.DEFERRED,
            words.AttemptResult.UNKNOWN,
            words.CaseState.HOLD,
            words.Outcome.ACCEPTED_UNRESOLVED,
            words.ResponseState.AWAITING_CODE,
            words.Timeliness.LATE,
            words.Timeliness.WAIVED,
            words.Timeliness.DISPUTED,
            *words.HoldReason,
        ),
    ),
    (
        "stop",
        (
            words.NoticeState.NOT_SERVED,
            words.MessageState.REJECTED,
            words.AttemptResult.REJECTED,
            words.AttemptResult.AUTHENTICATION_FAILED,
            words.Outcome.NOT_AUTHORISED,
            words.Outcome.TERMINATED,
            words.SettlementKind.TERMINATED,
            words.LetterState.UNCLAIMED,
            words.LetterState.RETURNED,
        ),
    ),
    (
        "plum",
        (
            words.CaseState.OBJECTED,
            words.ResponseKind.OBJECTION,
            words.Outcome.ACCOMMODATED,
            words.SettlementKind.ACCOMMODATED,
        ),
    ),
)
# Keyed by class too: members of different sets may share a value.
_TONE_OF = {(type(m), m.value): tone for tone, members in _TONES for m in members}


@dataclass(frozen=True)
class ErrorLine:
    """One line of the error summary; `target` is the id of the field's first control, or empty."""

    text: str
    target: str


def label(value: object) -> str:
    """A member of a closed set in words; any other value as it is."""
    return label_in(page_wording(), value) if isinstance(value, StrEnum) else str(value)


def tone(value: object) -> str:
    """The colour class of a state: ok, info, warn, stop, plum, or "" for a plain one."""
    return _TONE_OF.get((type(value), value.value), "") if isinstance(value, StrEnum) else ""


def instant_iso(instant: datetime) -> str:
    """For <time datetime>: UTC, to the second."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def date_words(day: date, form: str = "long") -> str:
    return page_wording().date(day, form)


def date_time_words(instant: datetime, zone: str | None = None, form: str = "long") -> str:
    return page_wording(zone).date_time(instant, form)


def until_words(closes_at: datetime, zone: str | None = None) -> str:
    return page_wording(zone).until(closes_at)


def days_left(closes_at: datetime, zone: str | None = None) -> int:
    """Calendar days to the last day, from the request's instant; -1 once it is over."""
    return page_wording(zone).days_left(closes_at, at=request_at())


def days_left_words(closes_at: datetime, zone: str | None = None) -> str:
    return days_words(days_left(closes_at, zone))


def days_words(days: int) -> str:
    """Of days_left's number."""
    if days < 0:
        return str(gettext("deadline passed"))
    if days == 0:
        return str(gettext("last day today"))
    return str(ngettext("%(num)s day left", "%(num)s days left", days))


def days_left_tone(closes_at: datetime, zone: str | None = None) -> str:
    return days_tone(days_left(closes_at, zone))


def days_tone(days: int) -> str:
    return "stop" if days < 0 else "warn" if days <= NEAR_DAYS else "info"


def deadline_class(closes_at: datetime, zone: str | None = None) -> str:
    return {"stop": "over", "warn": "near", "info": ""}[days_left_tone(closes_at, zone)]


def first_message(errors: Sequence[Any]) -> str:
    """The first sentence of a field's errors, which nest for fields made of fields."""
    return next(iter(_sentences(errors)), "")


def error_lines(form: Form) -> list[ErrorLine]:
    """Every error of a form in the order of its fields, those of the whole form last."""
    lines = [line for field in form for line in _field_lines(field)]
    return lines + [ErrorLine(str(text), "") for text in form.form_errors]


def _field_lines(field: Field) -> Iterator[ErrorLine]:
    if isinstance(field, FormField):
        for inner in field.form:
            yield from _field_lines(inner)
        return
    if isinstance(field, FieldList):
        for entry in field.entries:
            yield from _field_lines(entry)
        yield from (ErrorLine(text, field.id) for text in field.errors if isinstance(text, str))
        return
    target = field.id
    if field.type in ("RadioField", "CheckboxesField", "SelectMultipleField"):
        target = f"{field.id}-0"
    yield from (ErrorLine(text, target) for text in _sentences(field.errors))


def _sentences(errors: Iterable[Any]) -> Iterator[str]:
    for error in errors:
        if isinstance(error, dict):
            for inner in error.values():
                yield from _sentences(inner)
        elif isinstance(error, (list, tuple)):
            yield from _sentences(error)
        else:
            yield str(error)


def init_formatting(app: Flask) -> None:
    """Give the templates these filters."""
    app.jinja_env.filters.update(
        label=label,
        tone=tone,
        instant_iso=instant_iso,
        date_words=date_words,
        date_time_words=date_time_words,
        until_words=until_words,
        days_left=days_left,
        days_left_words=days_left_words,
        days_left_tone=days_left_tone,
        days_words=days_words,
        days_tone=days_tone,
        deadline_class=deadline_class,
        first_message=first_message,
        error_lines=error_lines,
        country=lambda code: page_wording().country(code),
        number=lambda value: page_wording().number(value),
        listed=lambda items, style="standard": page_wording().listed(list(items), style),
    )
