"""Legal's board of cases: in lanes, by time left, filtered in the address."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _l

from subnotify.rules.lanes import Lane
from subnotify.rules.words import CaseState, Role
from subnotify.storage.board import Board, load_board
from subnotify.storage.board_choices import Choices, load_choices
from subnotify.storage.board_lanes import MOST_COUNTED
from subnotify.storage.data_returns import count_owed_data
from subnotify.storage.database import db
from subnotify.storage.recomputation_pages import count_proposals
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.board_address import LANGUAGES, NOBODY, View, read_view
from subnotify.web.board_due_words import due_words, month_address
from subnotify.web.board_rows import RowWriter
from subnotify.web.board_step_words import list_steps
from subnotify.web.language import page_wording
from subnotify.web.navigation import count_waiting
from subnotify.web.unproved import count_kept
from subnotify.wording.language import Wording

board = Blueprint("board", __name__)

LANE_NAMES = {
    Lane.DUE: _l("Due within three days"),
    Lane.OPEN: _l("Open cases"),
    Lane.HOLD: _l("On hold"),
    Lane.OBJECTIONS: _l("Objections"),
    Lane.CLOSED: _l("Closed"),
}
# What the state filter offers.
STATE_NAMES = {
    CaseState.WAITING: _l("Waiting for service"),
    CaseState.OPEN: _l("Window open"),
    CaseState.OBJECTED: _l("Objection"),
    CaseState.HOLD: _l("On hold"),
    CaseState.CLOSED: _l("Closed"),
}


@dataclass(frozen=True)
class LaneLink:
    """A lane with its number of cases ("10,000+"), and where it is shown alone."""

    lane: Lane | None
    text: str
    count: str
    address: str
    is_current: bool


@board.route("/desk/board")
@needs_role(*Role)
def show_board() -> str:
    view = read_view(request.args)
    w, at = page_wording(), request_at()
    session, today = db.session(), w.local(at).date()
    found = load_board(session, view.shown, view.lane, at=at, after=view.after)
    choices = load_choices(session, change_id=view.shown.change_id)
    writer = RowWriter(w, at)
    is_legal = Role.LEGAL in current_operator().roles
    return render_template(
        "desk/board/board.html",
        view=view,
        shown=view.shown,
        lanes=_links(view, found, w),
        rows={lane: writer.rows(cases) for lane, cases in found.lanes.items()},
        later=view.going_on(found.next).address() if found.next else None,
        first=view.of_lane(view.lane).address() if view.after else None,
        filters=_filters(view, choices, w),
        steps=list_steps(choices.owners, w) if is_legal and view.lane is not Lane.CLOSED else (),
        hidden=[(k, v if isinstance(v, list) else [v]) for k, v in view.arguments().items()],
        csv_address=view.of_lane(view.lane).address("board_export.as_csv"),
        json_address=view.of_lane(view.lane).address("board_export.as_json"),
        due_words=due_words(view, w),
        calendar_address=month_address(view.shown.due.day if view.shown.due else today, view),
        is_empty=not any(found.lanes.values()),
        owed=count_owed_data(session),
        today=today,
        recomputed=_recomputed(),
        mails=_waiting_mails(),
        unproved=_unproved(),
    )


def count_text(count: int, w: Wording, most: int = MOST_COUNTED) -> str:
    """A count, or "10,000+" where there are more than are counted."""
    return f"{w.number(most)}+" if count > most else w.number(count)


def _links(view: View, found: Board, w: Wording) -> list[LaneLink]:
    every = LaneLink(
        None, str(_l("All lanes")), "", view.of_lane(None).address(), view.lane is None
    )
    return [
        every,
        *(
            LaneLink(
                lane,
                str(name),
                count_text(found.counts[lane], w, found.most),
                view.of_lane(lane).address(),
                view.lane is lane,
            )
            for lane, name in LANE_NAMES.items()
        ),
    ]


def _filters(view: View, choices: Choices, w: Wording) -> list[dict[str, Any]]:
    """The lists to choose from: each with its name in the address, and what is chosen."""
    shown = view.shown
    state = ",".join(x.value for x in shown.states)
    states = [(x.value, str(name)) for x, name in STATE_NAMES.items()]
    if len(shown.states) > 1:
        states.append((state, w.listed([str(STATE_NAMES[x]) for x in shown.states])))
    countries = sorted(((x, w.country(x)) for x in choices.countries), key=lambda x: x[1])
    owners = [(NOBODY, w.gettext("no owner")), *((x, x) for x in choices.owners)]
    if shown.owner and shown.owner not in choices.owners:
        owners.append((shown.owner, shown.owner))
    return [
        _filter("change", w.gettext("Change"), shown.change_id, _pairs(choices.changes)),
        _filter("state", w.gettext("State"), state, states),
        _filter("service", w.gettext("Service"), shown.service_id, _pairs(choices.services)),
        _filter("country", w.gettext("Country"), shown.country, countries),
        _filter(
            "language",
            w.gettext("Language"),
            shown.language,
            [(x, w.language_name(x)) for x in LANGUAGES],
        ),
        _filter("owner", w.gettext("Owner"), NOBODY if shown.is_unowned else shown.owner, owners),
    ]


def _filter(name: str, text: str, chosen: object, options: list[tuple[Any, str]]) -> dict[str, Any]:
    return {"name": name, "text": text, "chosen": chosen or "", "options": options}


def _pairs(choices: Any) -> list[tuple[Any, str]]:
    return [(choice.id, choice.text) for choice in choices]


def _recomputed() -> int:
    """Windows computed anew that wait for legal's decision; 0 for who cannot decide."""
    if Role.LEGAL not in current_operator().roles:
        return 0
    return sum(count_proposals(db.session()).values())


def _waiting_mails() -> int:
    """Mails that wait for legal; 0 for who cannot file them."""
    if Role.LEGAL not in current_operator().roles:
        return 0
    return count_waiting("incoming.show_mails")


def _unproved() -> int:
    """Notices that nothing proves; 0 for who does not see the list."""
    if not {Role.LEGAL, Role.PUBLISHER} & current_operator().roles:
        return 0
    return count_kept()
