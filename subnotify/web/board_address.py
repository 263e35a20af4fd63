"""The board's filter in its address: every view of it can be sent to a colleague as a link."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from subnotify.rules.lanes import Due, DueKind, Lane, due_on
from subnotify.rules.words import CaseState, HoldReason
from subnotify.storage.board_filter import BoardFilter
from subnotify.storage.board_lanes import Place
from subnotify.web.language import page_wording

NOBODY = "-"
LANGUAGES = ("en", "fr")
# What a calendar shows; days further away are misspelled.
MIN_YEAR, MAX_YEAR = 2000, 2199
WAIT_FOR_PERSON = (CaseState.HOLD, CaseState.OBJECTED)


@dataclass(frozen=True)
class View:
    """What an address of the board shows. lane None: all lanes. after: where its page goes on."""

    shown: BoardFilter
    lane: Lane | None = None
    after: Place | None = None

    def of_lane(self, lane: Lane | None) -> "View":
        """The same filter in another lane, on its first page."""
        return View(self.shown, lane)

    def going_on(self, after: Place) -> "View":
        return replace(self, after=after)

    def arguments(self) -> dict[str, Any]:
        """As the address has them; what is not asked for is left out."""
        shown = self.shown
        said: dict[str, Any] = {
            "lane": self.lane and self.lane.value,
            "q": shown.search,
            "state": [state.value for state in shown.states],
            "client": shown.client_id,
            "change": shown.change_id,
            "release": shown.release_id,
            "service": shown.service_id,
            "country": shown.country,
            "language": shown.language,
            "owner": NOBODY if shown.is_unowned else shown.owner,
            "hold": [reason.value for reason in shown.holds],
            "due": shown.due and shown.due.kind.value,
            "on": shown.due and shown.due.day.isoformat(),
            "after": _place_text(self.after) if self.after else None,
        }
        return {name: value for name, value in said.items() if value}

    def address(self, endpoint: str = "board.show_board") -> str:
        return url_for(endpoint, **self.arguments())


def read_view(given: MultiDict[str, str]) -> View:
    """What the address asks for; what it misspells is left out."""
    # Several at once stand in one choice of the form: "hold,objected".
    asked_states = ",".join(given.getlist("state")).split(",")
    states = tuple(state for state in CaseState if state.value in asked_states)
    lane = given.get("lane", "")
    asked = Lane(lane) if lane in set(Lane) else None
    if given.get("ending") == "soon":
        # Of summaries that were mailed before there were lanes.
        asked, states = Lane.DUE, states or WAIT_FOR_PERSON
    client = given.get("client", "").strip()
    owner = given.get("owner", "").strip()[:200]
    language, country = given.get("language", ""), given.get("country", "")
    shown = BoardFilter(
        # A client used to be asked for by a part of its name.
        search=(given.get("q", "").strip() or ("" if client.isdigit() else client))[:200],
        states=states,
        client_id=_number(given, "client"),
        change_id=_number(given, "change"),
        release_id=_number(given, "release"),
        service_id=_number(given, "service"),
        country=country if len(country) == 2 and country.isalpha() else "",
        language=language if language in LANGUAGES else "",
        owner="" if owner == NOBODY else owner,
        is_unowned=owner == NOBODY,
        holds=tuple(x for x in HoldReason if x.value in given.getlist("hold")),
        due=_read_due(given),
    )
    return View(shown, asked, _read_place(given.get("after", "")) if asked else None)


def _read_due(given: Mapping[str, str]) -> Due | None:
    kind = given.get("due", "")
    try:
        day = date.fromisoformat(given.get("on", ""))
    except ValueError:
        return None
    # Where a calendar ends, the next day cannot be told.
    if kind not in set(DueKind) or not MIN_YEAR <= day.year <= MAX_YEAR:
        return None
    return due_on(DueKind(kind), day, page_wording().zone)


def _number(given: Mapping[str, str], name: str) -> int | None:
    text = given.get(name, "").strip()
    # Larger than any id: the database would refuse it.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _place_text(place: Place) -> str:
    """ "1773702000000000-42": microseconds since 1970 and the case; "-42" without an instant."""
    at = "" if place.at is None else str(round(place.at.timestamp() * 1_000_000))
    return f"{at}-{place.case_id}"


def _read_place(text: str) -> Place | None:
    at, dash, case_id = text.partition("-")
    if not dash or not _is_number(case_id, 9) or (at and not _is_number(at, 17)):
        return None
    if not at:
        return Place(None, int(case_id))
    seconds, rest = divmod(int(at), 1_000_000)
    try:
        instant = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
    except (OverflowError, ValueError, OSError):
        return None
    return Place(instant, int(case_id))


def _is_number(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= most
