"""Delivery events posted by a relay: signed, each once, and what an attacker may try."""

import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from subnotify.rules.words import CaseState, DeliveryEventKind, EventSource, HoldReason
from subnotify.storage.tables import CaseRow, DeliveryEventRow, EvidenceRow, MessageRow
from subnotify.web.delivery_hooks import LARGEST_BODY, MOST_EVENTS, sign_events
from tests.support.scenario import Announced, Scenario
from tests.support.web_client import SettableClock, make_app

SECRET = "a-secret-of-the-relay-0123456789-abcdef"
PATH = "/hooks/delivery-events"
HEADER = "<0123456789abcdef0123456789abcdef@vendor.example>"
HOUR = timedelta(hours=1)


@pytest.fixture
def app(database_url: str, clock: SettableClock) -> Flask:
    clock.at += HOUR
    return make_app(database_url, clock, WEBHOOK_SECRET=SECRET)


@pytest.fixture
def announced(scenario: Scenario) -> Announced:
    made = scenario.announce()
    scenario.set_message_id(made, HEADER)
    return made


def event(at: datetime, /, **changed: Any) -> dict[str, Any]:
    return {
        "id": "evt-1",
        "message_id": HEADER,
        "event": "delivered",
        "at": at.isoformat(),
        "status": "2.0.0",
        "host": "mx.client.example",
        "words": "250 2.0.0 Ok",
    } | changed


def stamp(at: datetime) -> str:
    return str(int(at.timestamp()))


def post_bytes(
    app: Flask, body: bytes, signature: str | None, content_type: str = "application/json"
) -> TestResponse:
    headers = {} if signature is None else {"Subnotify-Signature": signature}
    return app.test_client().post(
        PATH,
        data=body,
        content_type=content_type,
        headers=headers,
        base_url=app.config["PUBLIC_URL"],
    )


def post(app: Flask, events: object, at: datetime, secret: str = SECRET) -> TestResponse:
    body = events if isinstance(events, bytes) else json.dumps(events).encode()
    return post_bytes(app, body, f"t={stamp(at)},v1={sign_events(stamp(at), body, secret)}")


def answers(response: TestResponse) -> list[tuple[str, str, str | None]]:
    assert response.status_code == 200, response.text
    return [(x["id"], x["answer"], x.get("reason")) for x in response.get_json()["events"]]


def stored(session: Session) -> list[DeliveryEventRow]:
    """The events as they are; the database is left to the app again."""
    session.rollback()
    rows = list(session.scalars(select(DeliveryEventRow).order_by(DeliveryEventRow.id)))
    session.expunge_all()
    session.rollback()
    return rows


def test_events_are_recorded_once(app, session, announced, clock) -> None:
    at = clock.at
    first = event(at - timedelta(minutes=5))
    assert answers(post(app, [first], at)) == [("evt-1", "recorded", None)]
    (row,) = stored(session)
    assert (row.source, row.kind) == (EventSource.WEBHOOK, DeliveryEventKind.DELIVERED)
    assert (row.message_id, row.at) == (announced.message_ids[0], at - timedelta(minutes=5))
    assert (row.host, row.status, row.words) == ("mx.client.example", "2.0.0", "250 2.0.0 Ok")
    assert row.recorded_at == at
    # The same again, and beside a new one; the same twice in one list.
    again = event(at, id="evt-2", event="delayed")
    assert answers(post(app, [first, again, again], at)) == [
        ("evt-1", "known", None),
        ("evt-2", "recorded", None),
        ("evt-2", "known", None),
    ]
    assert len(stored(session)) == 2
    evidence = session.scalars(select(EvidenceRow.actor).where(EvidenceRow.actor == "webhook"))
    assert len(evidence.all()) >= 2


def test_a_failure_withdraws_served(app, session, announced, clock) -> None:
    failed = event(clock.at, event="failed", status="5.1.1", words="550 5.1.1 User unknown")
    assert answers(post(app, [failed], clock.at)) == [("evt-1", "recorded", None)]
    session.rollback()
    message = session.get_one(MessageRow, announced.message_ids[0], populate_existing=True)
    assert message.bounced_at is not None
    case = session.get_one(CaseRow, announced.case_ids[0], populate_existing=True)
    assert case.state != CaseState.OPEN
    assert HoldReason.REPLY_WAITS not in case.holds


def test_one_wrong_event_does_not_hinder_the_others(app, session, announced, clock) -> None:
    at = clock.at
    listed: list[Any] = [
        event(at, id="other", message_id="<ffffffffffffffffffffffffffffffff@vendor.example>"),
        event(at, id="no-zone", at="2026-03-02T10:00:00"),
        event(at, id="kind", event="opened"),
        event(at, id=""),
        event(at, id="status", status="550"),
        event(at, id="nothing", message_id=""),
        event(at + 2 * HOUR, id="future"),
        event(at - timedelta(days=400), id="early"),
        "text", None, [], 7,
        event(at, id="good", message_id=HEADER.strip("<>"), event="DELIVERED"),
    ]  # fmt: skip
    found = answers(post(app, listed, at))
    assert found == [
        ("other", "refused", "unknown_message"),
        ("no-zone", "refused", "malformed"),
        ("kind", "refused", "malformed"),
        ("", "refused", "malformed"),
        ("status", "refused", "malformed"),
        ("nothing", "refused", "malformed"),
        ("future", "refused", "in_future"),
        ("early", "refused", "before_first_attempt"),
        *[("", "refused", "malformed")] * 4,
        ("good", "recorded", None),
    ]
    assert [row.external_id for row in stored(session)] == ["good"]
    said = post(app, listed[:3], at).get_json()["events"]
    assert said[0]["words"].startswith("No mail of this installation has this Message-ID")
    assert (
        "events[1].at: “2026-03-02T10:00:00” is not an instant with its zone." in said[1]["words"]
    )
    assert "delivered" in said[2]["words"]


def test_the_envelope_id_names_the_mail_too(app, session, announced, clock) -> None:
    at = clock.at
    envelope_id = HEADER.strip("<>").partition("@")[0]
    by_envelope = event(at, message_id=None, envelope_id=envelope_id)
    assert answers(post(app, [by_envelope], at)) == [("evt-1", "recorded", None)]
    contradicting = event(at, id="evt-2", envelope_id="f" * 32)
    assert answers(post(app, [contradicting], at)) == [("evt-2", "refused", "unknown_message")]


@pytest.mark.parametrize(
    "changed",
    [
        {"words": "nul \0 and \ud800 lone"},
        {"words": "x" * 100_000},
        {"words": {"deep": [1]}},
        {"host": "mx\ud800"},
        {"host": "mx\0"},
        {"host": "x" * 300},
        {"id": "\0"},
        {"id": "x" * 300},
        {"id": "\ud800"},
        {"id": 10**300},
        {"id": True},
        {"id": 12345},
        {"at": "9999-12-31T23:59:59-23:00"},
        {"at": "0001-01-01T00:00:00+23:00"},
        {"at": 1e999},
        {"at": "2026-W10-1T09:00:00Z"},
        {"message_id": "<a\r\nb@c>"},
        {"message_id": ["x"]},
        {"message_id": "%"},
        {"envelope_id": "_" * 32},
        {"status": "5.1.1\n"},
        {"event": ["delivered"]},
        {"event": "delivered\0"},
    ],
)
def test_odd_values_are_refused_or_made_harmless(app, session, announced, clock, changed) -> None:
    body = json.dumps([event(clock.at, **changed), event(clock.at, id="good")]).encode()
    found = answers(post(app, body, clock.at))
    assert found[1][1] == "recorded"
    assert all(row.words.isprintable() for row in stored(session))


# -- who may post -----------------------------------------------------------------------------


def test_without_a_secret_there_is_no_such_page(database_url, clock) -> None:
    app = make_app(database_url, clock)
    assert post(app, [], clock.at).status_code == 404
    assert post(app, [], clock.at, secret="").status_code == 404


def test_signatures_that_do_not_hold(app, session, announced, clock) -> None:
    at = clock.at
    body = json.dumps([event(at)]).encode()
    now = stamp(at)
    good = sign_events(now, body, SECRET)
    late = stamp(at - timedelta(minutes=5, seconds=1))
    early = stamp(at + timedelta(minutes=5, seconds=1))
    for signature in [
        None,
        "",
        good,
        f"v1={good}",
        f"t={now}",
        f"t={now},v1=",
        f"t={now},v1={good[:-1]}",
        f"t={now},v1={good}0",
        f"t={now},v1={good.upper()}",
        f"t={now},v0={good}",
        f"t={now},t={now},v1={good}",
        f"t={now}," + ",".join([f"v1={'0' * 64}"] * 9 + [f"v1={good}"]),
        f"t={now},v1={'é' * 64}",
        f"t={now}.0,v1={good}",
        f"t=-{now},v1={good}",
        f"t={'9' * 400},v1={good}",
        f"t=١٢٣,v1={good}",
        # Another secret, another body, another time.
        f"t={now},v1={sign_events(now, body, SECRET + 'x')}",
        f"t={now},v1={sign_events(now, body + b' ', SECRET)}",
        f"t={now},v1={sign_events(stamp(at - timedelta(seconds=1)), body, SECRET)}",
        # Signed rightly, and too old, or from the future.
        f"t={late},v1={sign_events(late, body, SECRET)}",
        f"t={early},v1={sign_events(early, body, SECRET)}",
    ]:
        response = post_bytes(app, body, signature)
        assert response.status_code == 401, signature
        assert "Subnotify-Signature" in response.get_json()["error"]
    assert stored(session) == []
    replaced = f"t={now}, v1={'0' * 64}, v1={good}"
    assert answers(post_bytes(app, body, replaced)) == [("evt-1", "recorded", None)]


def test_an_old_body_posted_again_does_nothing(app, session, announced, clock) -> None:
    at = clock.at
    body = json.dumps([event(at)]).encode()
    signature = f"t={stamp(at)},v1={sign_events(stamp(at), body, SECRET)}"
    assert answers(post_bytes(app, body, signature)) == [("evt-1", "recorded", None)]
    clock.at = at + timedelta(minutes=4)
    assert answers(post_bytes(app, body, signature)) == [("evt-1", "known", None)]
    clock.at = at + timedelta(minutes=6)
    assert post_bytes(app, body, signature).status_code == 401
    # An old time stamp under a signature of its own day cannot be moved to another body.
    assert len(stored(session)) == 1


def test_bodies_that_are_no_list(app, clock) -> None:
    for body in [
        b"", b"{", b"{}", b'"x"', b"null", b"7", b"\xff\xfe", b"[" * 100_000, b'[{"id": NaN',
        b"[" + b"9" * 5000 + b"]", b"\xef\xbb\xbf[]", json.dumps([]).encode("utf-16"),
    ]:  # fmt: skip
        response = post(app, body, clock.at)
        assert response.status_code == 400, body[:20]
        assert "error" in response.get_json()
    assert answers(post(app, b" [ ] ", clock.at)) == []


def test_bodies_that_are_too_large(app, clock) -> None:
    body = b"[" + b" " * LARGEST_BODY + b"]"
    assert post(app, body, clock.at).status_code == 413
    refused = post_bytes(app, body, "t=1,v1=x")
    assert refused.status_code == 413 and "larger" in refused.get_json()["error"]
    assert post(app, b"[" + b"7," * MOST_EVENTS + b"7]", clock.at).status_code == 413
    largest = b"[" + b" " * (LARGEST_BODY - 2) + b"]"
    assert post(app, largest, clock.at).status_code == 200


def test_a_body_that_does_not_say_its_length(app, clock) -> None:
    def chunked(body: bytes) -> TestResponse:
        signed = f"t={stamp(clock.at)},v1={sign_events(stamp(clock.at), body, SECRET)}"
        return app.test_client().post(
            PATH,
            input_stream=io.BytesIO(body),
            content_type="application/json",
            headers={"Subnotify-Signature": signed, "Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
            base_url=app.config["PUBLIC_URL"],
        )

    assert chunked(b"[]").get_json() == {"events": []}
    assert chunked(b"[" + b" " * LARGEST_BODY + b"]").status_code == 413
    assert chunked(b"[" + b" " * (LARGEST_BODY - 2) + b"]").status_code == 200


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
     "text/json", "application/jsonp"],
)  # fmt: skip
def test_other_kinds_of_content(app, clock, content_type) -> None:
    body = b"[]"
    signature = f"t={stamp(clock.at)},v1={sign_events(stamp(clock.at), body, SECRET)}"
    assert post_bytes(app, body, signature, content_type).status_code == 415
    charset = post_bytes(app, body, signature, "application/json; charset=utf-8")
    assert charset.status_code == 200


def test_other_verbs_and_places(app, clock) -> None:
    browser = app.test_client()
    base = app.config["PUBLIC_URL"]
    assert browser.get(PATH, base_url=base).status_code == 405
    assert browser.put(PATH, base_url=base).status_code == 405
    assert browser.post("/hooks", base_url=base).status_code == 404
    assert browser.post(PATH, base_url="http://elsewhere.example").status_code == 400


def test_an_answer_is_kept_by_nobody(app, clock) -> None:
    response = post(app, [], clock.at)
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers
    assert response.mimetype == "application/json"


def test_delivered_without_a_host_is_kept_and_proves_nothing(app, session, scenario, clock) -> None:
    waiting = scenario.announce(served=False)
    scenario.set_message_id(waiting, HEADER)
    at = clock.at
    session.get_one(MessageRow, waiting.message_ids[0]).handed_over_at = at - HOUR
    session.commit()
    assert answers(post(app, [event(at, host="")], at)) == [("evt-1", "recorded", None)]
    session.rollback()
    case = session.get_one(CaseRow, waiting.case_ids[0], populate_existing=True)
    assert case.state == CaseState.WAITING
