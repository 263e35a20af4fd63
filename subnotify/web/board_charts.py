"""Pictures of the board, drawn here as SVG; each has a table that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, render_template

from subnotify.rules.words import ResponseKind, Role
from subnotify.storage.board_charts import (
    ChangeAnswers,
    ReleaseDelivery,
    RunningWindow,
    list_change_answers,
    list_release_deliveries,
    list_running_windows,
)
from subnotify.storage.database import db
from subnotify.web.access import needs_role, request_at
from subnotify.web.language import page_wording
from subnotify.wording.labels import label
from subnotify.wording.language import Wording

board_charts = Blueprint("board_charts", __name__, url_prefix="/desk/board/charts")

# In units of the pictures: names stand in the left part of it, bars in the rest.
WIDTH, NAMES, ROW = 480, 185, 34
_KINDS = (
    (ResponseKind.NO_OBJECTION, "ok"),
    (ResponseKind.OBJECTION, "plum"),
    (ResponseKind.WITHDRAWAL, "info"),
    (ResponseKind.WAIVER, "accent"),
    (ResponseKind.QUESTION, "warn"),
    (ResponseKind.MORE_TIME, "plain"),
)


@dataclass(frozen=True)
class Bar:
    """tone: its colour class. text: what its end says, too."""

    x: float
    y: float
    width: float
    tone: str


@dataclass(frozen=True)
class Line:
    """A line of a picture: a name, bars, and what stands behind them."""

    y: float
    name: str
    bars: Sequence[Bar]
    text: str
    text_x: float


@dataclass(frozen=True)
class Chart:
    """A picture and its twin: columns and rows of a table. mark_x: where today is."""

    id: str
    title: str
    said: str
    lines: Sequence[Line]
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    legend: Sequence[tuple[str, str]] = ()
    mark_x: float | None = None
    mark: str = ""

    @property
    def height(self) -> int:
        return ROW * len(self.lines) + 30


@board_charts.route("")
@needs_role(*Role)
def show_charts() -> str:
    session, w, at = db.session(), page_wording(), request_at()
    return render_template(
        "desk/board/charts.html",
        charts=[
            _windows(list_running_windows(session, at=at), w, at),
            _answers(list_change_answers(session), w),
            delivery_chart(list_release_deliveries(session), w),
        ],
        width=WIDTH,
    )


def _cases(number: int, w: Wording) -> str:
    return w.ngettext("%(n)s case", "%(n)s cases", number)


def _windows(windows: Sequence[RunningWindow], w: Wording, at: datetime) -> Chart:
    first = min((x.opens_at for x in windows), default=at)
    last = max((x.closes_at for x in windows), default=at + timedelta(days=1))
    room = WIDTH - NAMES - 80
    scale = room / max((last - first).total_seconds(), 1)

    def place(instant: datetime) -> float:
        return round(NAMES + (instant - first).total_seconds() * scale, 1)

    def day(instant: datetime) -> str:
        return w.last_day_words(instant, "short")

    lines = [
        Line(
            ROW * number + 8,
            day(x.closes_at),
            [
                Bar(
                    place(x.opens_at),
                    ROW * number + 8,
                    max(place(x.closes_at) - place(x.opens_at), 2),
                    "warn" if x.closes_at - at <= timedelta(days=5) else "info",
                )
            ],
            _cases(x.cases, w),
            place(x.closes_at) + 6,
        )
        for number, x in enumerate(windows)
    ]
    return Chart(
        "windows",
        w.gettext("Windows that run"),
        w.gettext("Each bar is a window, from its opening to its last day; the line is today."),
        lines,
        (w.gettext("Last day"), w.gettext("Opened"), w.gettext("Cases")),
        [
            (day(x.closes_at), w.date(w.local(x.opens_at).date(), "short"), w.number(x.cases))
            for x in windows
        ],
        mark_x=place(at),
        mark=w.gettext("today"),
    )


def _answers(changes: Sequence[ChangeAnswers], w: Wording) -> Chart:
    room = WIDTH - NAMES - 80
    most = max((max(sum(x.answers.values()), 1) for x in changes), default=1)
    lines = []
    for number, change in enumerate(changes):
        x, bars = float(NAMES), []
        for kind, tone in _KINDS:
            width = round(room * change.answers.get(kind, 0) / most, 1)
            if width:
                bars.append(Bar(x, ROW * number + 8, width, tone))
                x += width
        told = sum(change.answers.get(kind, 0) for kind, _tone in _KINDS)
        text = w.gettext("%(n)s of %(all)s", n=w.number(told), all=w.number(change.cases))
        lines.append(Line(ROW * number + 8, change.name[:20], bars, text, x + 6))
    return Chart(
        "answers",
        w.gettext("Answers per change"),
        w.gettext("How many cases of the latest changes have an answer, by its kind."),
        lines,
        (
            w.gettext("Change"),
            w.gettext("Cases"),
            *(label(w, kind).capitalize() for kind, _tone in _KINDS),
        ),
        [
            (
                f"{x.name} ({x.release})",
                w.number(x.cases),
                *(w.number(x.answers.get(kind, 0)) for kind, _tone in _KINDS),
            )
            for x in changes
        ],
        legend=[(tone, label(w, kind)) for kind, tone in _KINDS],
    )


def delivery_chart(releases: Sequence[ReleaseDelivery], w: Wording) -> Chart:
    """How far the notices of each release have come."""
    room = WIDTH - NAMES - 80
    stages = (w.gettext("Notices"), w.gettext("Left"), w.gettext("Served"), w.gettext("Answered"))
    tones = ("", "info", "ok", "plum")
    named = len(releases) > 1
    lines = []
    for number, release in enumerate(releases):
        counts = (release.notices, release.left, release.served, release.answered)
        for step, (count, tone) in enumerate(zip(counts, tones, strict=True)):
            y = ROW * (number * 4 + step) + 8
            width = round(room * count / max(release.notices, 1), 1)
            name = f"{release.number} · {stages[step]}" if step == 0 and named else stages[step]
            bar = [Bar(NAMES, y, width, tone or "plain")] if count else []
            lines.append(Line(y, name, bar, w.number(count), NAMES + width + 6))
    return Chart(
        "deliveries",
        w.gettext("Delivery per release"),
        w.gettext("Of the notices of each release: how many left, were served and were answered."),
        lines,
        (w.gettext("Release"), *stages),
        [
            (x.number, *(w.number(n) for n in (x.notices, x.left, x.served, x.answered)))
            for x in releases
        ],
    )
