"""Ask the public address as a client would, and record since when it does not answer.

Downtime never turns into acceptance (DESIGN section 3 item 11), so whatever is not known counts
as down: from the last good probe to the first failed one, and while nobody asked.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from subnotify.delivery.public_probe import ProbeAnswer
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.rules.troubles import stored_text
from subnotify.rules.words import OutageCause
from subnotify.storage.service_watch import append_outage, list_open_outages, take_watch
from subnotify.storage.tables import ServiceWatchRow

ACTOR = "job:probe_service"


def probe_service(
    session: Session,
    *,
    ask: Callable[[], ProbeAnswer],
    longest_pause: timedelta,
    tolerated: timedelta,
    clock: Callable[[], datetime],
) -> str:
    """Ask once and record what came of it; one line about it.

    `ask` waits for the network, with no transaction open; `clock` is read when it is back. A
    failed probe opens an outage that began at the last good one. Any good probe ends it, also
    one of another worker: clients could reach us again from somewhere, and a worker that never
    can has each of its failures count from the last good probe, so the doubt stays with us.
    """
    answer = ask()
    at = clock()
    with transaction(session):
        watch = take_watch(session, longest_pause=longest_pause, tolerated=tolerated, at=at)
        pause = _record_pause(session, watch, longest_pause, at)
        said = (_record_up if answer.is_up else _record_down)(session, watch, answer, at)
        # A slower worker's probe may be recorded after a later one.
        watch.last_probe_at = max(watch.last_probe_at, at)
    return said + pause


def _record_pause(
    session: Session, watch: ServiceWatchRow, longest_pause: timedelta, at: datetime
) -> str:
    """Nobody asked for too long: it counts as down, even if it was up all the while."""
    since = watch.last_probe_at
    if at - since <= longest_pause:
        return ""
    outage_id = append_outage(
        session,
        OutageCause.NO_PROBE,
        began_at=since,
        ended_at=at,
        words="",  # the cause says it all
    )
    _append(session, "probes_missed", outage_id, {"began_at": since, "ended_at": at}, at)
    return f"; nobody had asked since {_moment(since)}"


def _record_up(session: Session, watch: ServiceWatchRow, _answer: ProbeAnswer, at: datetime) -> str:
    if at < watch.last_probe_at:
        # A later probe is on record: this one says nothing of the time since.
        return "up"
    ended = list_open_outages(session)
    for outage in ended:
        outage.ended_at = at
        content = {"began_at": outage.began_at, "ended_at": at}
        _append(session, "outage_ended", outage.id, content, at)
    watch.last_up_at = at
    return f"up again, down since {_moment(min(x.began_at for x in ended))}" if ended else "up"


def _record_down(
    session: Session, watch: ServiceWatchRow, answer: ProbeAnswer, at: datetime
) -> str:
    lasting = list_open_outages(session)
    if lasting:
        return _down(min(x.began_at for x in lasting), answer)
    # Before the first probe nothing is known, and nothing is held against anybody.
    began_at = min(watch.last_up_at or watch.first_probe_at, at)
    trouble = answer.trouble
    outage_id = append_outage(
        session,
        OutageCause.UNREACHABLE,
        began_at=began_at,
        ended_at=None,
        words=stored_text(trouble) if trouble else "",
    )
    content = {"began_at": began_at, "answer": trouble.as_mapping() if trouble else None}
    _append(session, "outage_began", outage_id, content, at)
    return _down(began_at, answer)


def _down(began_at: datetime, answer: ProbeAnswer) -> str:
    return f"down since {_moment(began_at)}: {answer.words}"


def _append(
    session: Session, type: str, outage_id: int, content: Mapping[str, object], at: datetime
) -> None:
    append_evidence(
        session,
        type,
        actor=ACTOR,
        object_type="outage",
        object_id=outage_id,
        content=content,
        at=at,
    )


def _moment(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M:%SZ")
