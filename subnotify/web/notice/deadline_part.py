"""The deadline on the page of a notice: the day and how it was computed, or how it will be."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from subnotify.operations.expected_windows import expected_window
from subnotify.rules.letter_counts import LetterWay
from subnotify.rules.responses import objection_terminates, online_objection_is_valid
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.windows import Window
from subnotify.rules.words import Channel, Outcome, ResponseKind
from subnotify.storage.database import db
from subnotify.storage.unserved_notices import load_told_before
from subnotify.web.notice.opening import OpenedNotice
from subnotify.wording.deadlines import expected_deadline_sentences, former_window_sentences
from subnotify.wording.language import Wording
from subnotify.wording.silence import is_request
from subnotify.wording.window_steps import step_sentences, told_last_day


@dataclass(frozen=True)
class DeadlinePart:
    """closes_at None: no window runs, `expected` says how it will be computed.

    label: what must be done by then. is_over: the window has ended. steps: how it was computed.
    is_needed: somebody may still want to keep it.
    """

    label: str
    closes_at: datetime | None
    is_over: bool
    expected: tuple[str, ...]
    steps: tuple[str, ...]
    after: tuple[str, ...] = ()
    is_needed: bool = False


def can_object(opened: OpenedNotice) -> bool:
    return bool(opened.can_take(ResponseKind.OBJECTION))


def _windows(opened: OpenedNotice, is_closed: bool) -> Iterator[Window]:
    """Of the changes that are still open; where none is, of those that are closed, but for what
    the client was only told of."""
    for facts in opened.facts.values():
        outcome = facts.outcome.outcome if facts.outcome else None
        is_shown = outcome is None or (is_closed and outcome is not Outcome.INFORMED)
        if facts.window is not None and is_shown:
            yield facts.window


def deadline_part(opened: OpenedNotice, w: Wording, *, is_closed: bool) -> DeadlinePart | None:
    """The first deadline that is still to come, else the last one that has passed."""
    terms = opened.terms
    windows = sorted(_windows(opened, is_closed), key=lambda window: window.closes_at)
    if not windows:
        if is_closed or not can_object(opened):
            return None
        return DeadlinePart("", None, False, _expected(opened, w), ())
    running = [window for window in windows if opened.at < window.closes_at]
    window = running[0] if running else windows[-1]
    return DeadlinePart(
        label=_deadline_label(terms, is_over=not running, is_closed=is_closed),
        closes_at=window.closes_at,
        is_over=not running,
        expected=(),
        steps=_steps(window, w.in_zone(window.time_zone)),
        after=() if running or is_closed else _after_the_window(),
        is_needed=bool(running) and not is_closed,
    )


def _expected(opened: OpenedNotice, w: Wording) -> tuple[str, ...]:
    """How the deadline will be computed, as the last letter to this contact says it."""
    terms, link = opened.terms, opened.link
    told = load_told_before(db.session(), link.notice_id, link.contact_id)
    letter = LetterWay(Channel.REGISTERED_POST, is_fallback=True)
    expected = expected_deadline_sentences(
        terms,
        _example(opened),
        w,
        letter=letter if told.has_ladder_letter else None,
        elsewhere=True,
    )
    return (*expected, *former_window_sentences(terms, w)) if told.has_former_window else expected


def _steps(window: Window, w: Wording) -> tuple[str, ...]:
    """How the day was computed; a later end that a person granted comes last."""
    steps = step_sentences(window, w)
    told = told_last_day(window)
    if told is not None and told < window.last_day:
        extended = gettext(
            "The window was extended to %(day)s.", day=w.date(window.last_day, "weekday")
        )
        return (*steps, str(extended))
    return steps


def _deadline_label(terms: NoticeTerms | None, *, is_over: bool, is_closed: bool) -> str:
    if is_over:
        return str(gettext("The objection period ended on"))
    if is_closed:
        return str(gettext("The objection period runs until"))
    if is_request(terms):
        return str(gettext("You can answer until"))
    if not online_objection_is_valid(terms) and objection_terminates(terms):
        return str(gettext("You can object, by registered letter, until"))
    return str(gettext("You can object until"))


def _after_the_window() -> tuple[str, ...]:
    """What is true between the end of the window and an outcome."""
    return (
        gettext("The outcome is not recorded yet: letters and replies may still be on their way."),
        gettext("You can still object. It is recorded as late, and a person looks at it."),
    )


def _example(opened: OpenedNotice) -> Window | None:
    """The window that would run if the notice were served now."""
    days = [x.commencement_on for x in opened.changes if x.commencement_on is not None]
    return expected_window(
        opened.terms,
        at=opened.at,
        commencement_on=min(days, default=None),
        announced=[change.facts for change in opened.changes],
    )
