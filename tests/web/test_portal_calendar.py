"""The private calendar of a mailbox: shown once, of all its clients, revoked and renewed."""

import re
from dataclasses import replace
from datetime import timedelta

from icalendar import Calendar
from sqlalchemy import select

from subnotify.operations.extend_window import extend_case_window
from subnotify.operations.serve_anew import serve_anew
from subnotify.rules.words import MessagePurpose
from subnotify.storage.tables import AgreementContactRow, MessageRow, PortalCalendarRow
from tests.operations.desk import LEGAL, PARIS
from tests.operations.test_serve_notices import bounce, prove
from tests.support.row_sums import row_sums
from tests.support.web_client import WebClient, session_on
from tests.web import test_portal
from tests.web.test_portal import sign_in

world = test_portal.world
PAGE = "/portal/calendar"


def make_address(client: WebClient) -> str:
    shown = client.post(PAGE).text
    return re.search(r"<code>http[^<]*?(/portal/calendars/[\w-]{43}\.ics)</code>", shown)[1]


def uids(client: WebClient, address: str) -> list[str]:
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    calendar = Calendar.from_ical(answer.data)
    assert calendar["METHOD"] == "PUBLISH"
    assert b"/n/" not in answer.data
    return sorted(str(event["UID"]) for event in calendar.walk("VEVENT"))


def test_the_deadlines_of_all_its_clients_and_of_nobody_else(
    app, client, world, smtp_server, database_url, at
):
    sign_in(client, smtp_server)
    address, program = make_address(client), WebClient(app)
    assert address not in client.get(PAGE).text
    with session_on(database_url) as session:
        stored = session.scalars(select(PortalCalendarRow)).one()
        assert stored.token_digest not in address and len(stored.token_digest) == 64
        session.rollback()
        before = row_sums(session.get_bind())
    found = uids(program, address)
    assert len(found) == 2
    with session_on(database_url) as session:
        assert row_sums(session.get_bind()) == before
    # The same entry as in the file of the notice.
    file = client.get(f"/n/{world['one'].token}/deadline.ics").data
    assert str(Calendar.from_ical(file).walk("VEVENT")[0]["UID"]) in found
    # What does not name the mailbox any more is told no longer.
    with session_on(database_url) as session:
        named = session.scalars(
            select(AgreementContactRow).where(
                AgreementContactRow.contact_id == world["two"].contact_ids[0]
            )
        ).one()
        named.ended_on = at.date()
        session.commit()
    assert len(uids(program, address)) == 1


def entry(client: WebClient, address: str, uid: str) -> tuple[str, int, object]:
    events = Calendar.from_ical(client.get(address).data).walk("VEVENT")
    (event,) = [x for x in events if str(x["UID"]) == uid]
    return str(event["STATUS"]), int(event["SEQUENCE"]), event.decoded("DTSTART")


def test_a_notice_that_is_served_anew_with_the_same_end_takes_the_place_of_the_cancelled(
    client, world, smtp_server, database_url, at
):
    """The feed and the file of the notice tell it alike; both numbers only grow."""
    sign_in(client, smtp_server)
    feed, told = make_address(client), world["one"]
    file = f"/n/{told.token}/deadline.ics"
    uid = str(Calendar.from_ical(client.get(file).data).walk("VEVENT")[0]["UID"])
    seen = []

    def look() -> None:
        seen.append(entry(client, feed, uid))
        assert entry(client, file, uid) == seen[-1]

    later = {"at": at + timedelta(days=2)}
    with session_on(database_url) as session:
        last_day = (at + timedelta(days=60)).date()
        extend_case_window(session, told.case_ids[0], last_day, note="asked", at=at, **LEGAL)
        look()
        bounce(session, told, **later)
        look()
        serve_anew(session, told.notice_id, note="new address", zone=PARIS, **LEGAL, **later)
        look()
        again = select(MessageRow.id).where(
            MessageRow.notice_id == told.notice_id,
            MessageRow.purpose == MessagePurpose.NOTICE,
            MessageRow.serving_number == 2,
        )
        message_ids = tuple(session.scalars(again))
        session.rollback()
        prove(session, replace(told, message_ids=message_ids), **later)
        look()
    assert [status for status, _, _ in seen] == ["CONFIRMED", "CANCELLED", "CANCELLED", "CONFIRMED"]
    assert {day for _, _, day in seen} == {last_day}
    numbers = [number for _, number, _ in seen]
    assert numbers == sorted(set(numbers))


def test_an_address_is_renewed_and_revoked(app, client, world, smtp_server):
    sign_in(client, smtp_server)
    first, program = make_address(client), WebClient(app)
    second = make_address(client)
    unknown = program.get(f"/portal/calendars/{'x' * 43}.ics")
    assert program.get(second).status_code == 200
    assert program.get(first).status_code == unknown.status_code == 404
    revoked = program.get(first).text.replace(first.split("/")[-1], f"{'x' * 43}.ics")
    assert revoked == unknown.text
    assert client.post_bare(f"{PAGE}/revoke", {}).status_code == 400
    assert client.post(f"{PAGE}/revoke", PAGE).location == PAGE
    assert program.get(second).status_code == 404
    assert "You have no address now." in client.get(PAGE).text
