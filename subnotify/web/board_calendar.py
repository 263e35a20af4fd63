"""The board's calendar: a month of what ends and begins, for the cases of the board's filter."""

from calendar import MONDAY, Calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, render_template, request, url_for

from subnotify.rules.lanes import DueKind, due_on
from subnotify.rules.words import Role
from subnotify.storage.board_calendar import MOST_OF_A_DAY, count_due
from subnotify.storage.database import db
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.board import count_text
from subnotify.web.board_address import MAX_YEAR, MIN_YEAR, View, read_view
from subnotify.web.board_due_words import month_address
from subnotify.web.language import page_wording
from subnotify.wording.language import Wording
from subnotify.wording.months import month_name, weekday_names

board_calendar = Blueprint("board_calendar", __name__, url_prefix="/desk/board/calendar")

_TONES = {
    DueKind.WINDOW: "info",
    DueKind.OBJECTION: "plum",
    DueKind.COMMENCEMENT: "ok",
    DueKind.DATA: "warn",
}


@dataclass(frozen=True)
class DueLink:
    """What is due on a day: how many, in words, and where they are listed."""

    text: str
    tone: str
    address: str


@dataclass(frozen=True)
class CalendarDay:
    """A day of the month. words: with the name of the day."""

    day: date
    words: str
    links: Sequence[DueLink]
    is_today: bool


@board_calendar.route("")
@needs_role(*Role)
def show_calendar() -> str:
    w = page_wording()
    today = w.local(request_at()).date()
    first = _read_month(request.args.get("month", "")) or today.replace(day=1)
    # A day that the board was filtered to is no part of a month.
    view = View(replace(read_view(request.args).shown, due=None))
    weeks = Calendar(MONDAY).monthdatescalendar(first.year, first.month)
    days = [day for week in weeks for day in week if day.month == first.month]
    found = count_due(db.session(), view.shown, days, w.zone)
    return render_template(
        "desk/board/calendar.html",
        month=month_name(first, w),
        zone=w.zone_name(),
        weekdays=weekday_names(w),
        weeks=[
            [_day(day, found, view, w, today) if day.month == first.month else None for day in week]
            for week in weeks
        ],
        is_legal=Role.LEGAL in current_operator().roles,
        is_empty=not found,
        is_narrow=view.shown.is_narrow,
        before=_other_month(first, -1, view),
        after=_other_month(first, 1, view),
        now=None if first == today.replace(day=1) else month_address(today, view),
        board_address=view.address(),
        every=url_for("board_calendar.show_calendar", month=f"{first:%Y-%m}"),
        month_names=[month_name(x, w) if x else "" for x in (_moved(first, -1), _moved(first, 1))],
    )


def _read_month(text: str) -> date | None:
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return first if MIN_YEAR <= first.year <= MAX_YEAR else None


def _moved(first: date, months: int) -> date | None:
    number = first.year * 12 + first.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, 1) if MIN_YEAR <= year <= MAX_YEAR else None


def _other_month(first: date, months: int, view: View) -> str | None:
    other = _moved(first, months)
    return month_address(other, view) if other else None


def _day(
    day: date,
    found: Mapping[date, Mapping[DueKind, int]],
    view: View,
    w: Wording,
    today: date,
) -> CalendarDay:
    links = [
        DueLink(
            _words(kind, count, w),
            _TONES[kind],
            replace(view, shown=replace(view.shown, due=due_on(kind, day, w.zone))).address(),
        )
        for kind, count in found.get(day, {}).items()
    ]
    return CalendarDay(day, w.date(day, "weekday"), links, day == today)


def _words(kind: DueKind, number: int, w: Wording) -> str:
    told = count_text(number, w, MOST_OF_A_DAY)
    match kind:
        case DueKind.WINDOW:
            return w.ngettext("%(count)s window ends", "%(count)s windows end", number, count=told)
        case DueKind.OBJECTION:
            return w.ngettext(
                "%(count)s objection clock", "%(count)s objection clocks", number, count=told
            )
        case DueKind.COMMENCEMENT:
            return w.ngettext(
                "%(count)s change commences", "%(count)s changes commence", number, count=told
            )
        case DueKind.DATA:
            return w.ngettext(
                "data of %(count)s client due", "data of %(count)s clients due", number, count=told
            )
