"""The way between the board's calendar and the board: a month's address, a day's words."""

from dataclasses import replace
from datetime import date
from typing import Any

from flask import url_for

from subnotify.rules.lanes import DueKind
from subnotify.web.board_address import View
from subnotify.wording.language import Wording


def month_address(day: date, view: View) -> str:
    """The day's month with the board's filter, in all lanes."""
    shown = replace(view.shown, due=None)
    said: dict[str, Any] = {**View(shown).arguments(), "month": f"{day:%Y-%m}"}
    return url_for("board_calendar.show_calendar", **said)


def due_words(view: View, w: Wording) -> str:
    """What a day of the calendar narrowed the board down to; "" where none did."""
    if view.shown.due is None:
        return ""
    day = w.date(view.shown.due.day, "weekday")
    match view.shown.due.kind:
        case DueKind.WINDOW:
            return w.gettext("Only cases whose window ends on %(day)s.", day=day)
        case DueKind.OBJECTION:
            return w.gettext("Only cases of objections with a clock that ends on %(day)s.", day=day)
        case DueKind.COMMENCEMENT:
            return w.gettext("Only cases of changes that commence on %(day)s.", day=day)
        case DueKind.DATA:
            return w.gettext("Only cases whose data is due on %(day)s.", day=day)
