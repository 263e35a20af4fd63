"""Legal's board of cases: by time left, filtered in the address."""

from dataclasses import dataclass
from datetime import date, datetime
from math import ceil

from flask import Blueprint, render_template, request, url_for
from flask_babel import lazy_gettext as _l

from subnotify.rules.words import CaseState, HoldReason, Role
from subnotify.storage.board import PAGE_SIZE, BoardCase, BoardFilter, load_board
from subnotify.storage.data_returns import count_owed_data
from subnotify.storage.database import db
from subnotify.storage.incoming_pages import count_waiting_mails
from subnotify.storage.recomputation_pages import count_proposals
from subnotify.storage.waiting_counts import SOON
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.language import page_wording
from subnotify.web.unproved import count_kept

board = Blueprint("board", __name__)

UNSETTLED = ""
LAST_PAGE = 100_000
# What the state filter offers beside the states themselves.
STATE_NAMES = {
    CaseState.WAITING: _l("Waiting for service"),
    CaseState.OPEN: _l("Window open"),
    CaseState.OBJECTED: _l("Objection"),
    CaseState.HOLD: _l("On hold"),
    CaseState.CLOSED: _l("Closed"),
}


@dataclass(frozen=True)
class StateLink:
    """A state with its number of cases, and where it is shown alone."""

    text: str
    count: int
    address: str
    is_current: bool


@dataclass(frozen=True)
class NextClock:
    """The next clock of an objection, or the last one that has run out."""

    name: str
    ends_at: datetime


@dataclass(frozen=True)
class LineDays:
    """Days of a line in its agreement's zone."""

    served_on: date | None
    objected_on: date | None


@board.route("/desk/board")
@needs_role(*Role)
def show_board() -> str:
    shown = _filter()
    page = _number("page") or 1
    found = load_board(db.session(), shown, page=min(page, LAST_PAGE))
    pages = max(1, ceil(found.total / PAGE_SIZE))
    unsettled = sum(n for state, n in found.counts.items() if state is not CaseState.CLOSED)
    states = [
        StateLink(
            str(_l("Not settled")), unsettled, _address(shown, state=UNSETTLED), not shown.state
        ),
        *(
            StateLink(
                str(name),
                found.counts.get(state, 0),
                _address(shown, state=state.value),
                shown.state is state,
            )
            for state, name in STATE_NAMES.items()
        ),
    ]
    return render_template(
        "desk/board/board.html",
        board=found,
        days={case.id: _days(case) for case in found.cases},
        clocks={case.id: _next_clock(case, request_at()) for case in found.cases},
        owed=count_owed_data(db.session()),
        today=page_wording().local(request_at()).date(),
        shown=shown,
        states=states,
        recomputed=_recomputed(),
        mails=_waiting_mails(),
        unproved=_unproved(),
        page=page,
        page_count=pages,
        earlier=_address(shown, page=page - 1) if page > 1 else None,
        later=_address(shown, page=page + 1) if page < pages else None,
    )


def _next_clock(case: BoardCase, at: datetime) -> NextClock | None:
    running = [
        NextClock(name, ends_at)
        for name, ends_at in (
            (str(_l("time to find a way")), case.accommodation_ends_at),
            (str(_l("counts as unresolved")), case.unresolved_ends_at),
        )
        if ends_at is not None
    ]
    still = [clock for clock in running if clock.ends_at > at]
    return still[0] if still else running[-1] if running else None


def _recomputed() -> int:
    """Windows computed anew that wait for legal's decision; 0 for who cannot decide."""
    if Role.LEGAL not in current_operator().roles:
        return 0
    return sum(count_proposals(db.session()).values())


def _waiting_mails() -> int:
    """Mails that wait for legal; 0 for who cannot file them."""
    if Role.LEGAL not in current_operator().roles:
        return 0
    return count_waiting_mails(db.session())


def _unproved() -> int:
    """Notices that nothing proves; 0 for who does not see the list."""
    if not {Role.LEGAL, Role.PUBLISHER} & current_operator().roles:
        return 0
    return count_kept()


def _days(case: BoardCase) -> LineDays:
    w = page_wording(case.zone)
    objection = case.objection
    return LineDays(
        served_on=w.local(case.served_at).date() if case.served_at else None,
        objected_on=w.local(objection.received_at).date() if objection else None,
    )


def _filter() -> BoardFilter:
    """What the address asks for; what it misspells is left out."""
    state = request.args.get("state", "")
    return BoardFilter(
        state=CaseState(state) if state in set(CaseState) else None,
        client=request.args.get("client", "").strip()[:200],
        change_id=_number("change"),
        release_id=_number("release"),
        holds=_holds(),
        ending=_ending(),
    )


def _holds() -> tuple[HoldReason, ...]:
    asked = request.args.getlist("hold")
    return tuple(reason for reason in HoldReason if reason.value in asked)


def _ending() -> tuple[datetime, datetime] | None:
    """The next three days, for `?ending=soon`."""
    at = request_at()
    return (at, at + SOON) if request.args.get("ending") == "soon" else None


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    # Larger than any id: the database would refuse it.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _address(shown: BoardFilter, *, state: str | None = None, page: int | None = None) -> str:
    """The board with the same filter, but for what is named; on its first page unless said."""
    if state is None:
        state = shown.state.value if shown.state else UNSETTLED
    return url_for(
        ".show_board",
        state=state or None,
        client=shown.client or None,
        change=shown.change_id,
        release=shown.release_id,
        hold=[reason.value for reason in shown.holds] or None,
        ending="soon" if shown.ending else None,
        page=page if page and page > 1 else None,
    )
