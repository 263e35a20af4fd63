"""`board`: legal's board over 100,000 cases, its first page and the slowest of its filters, against
a page of the same frame that reads one row by its key.

What is told is the slowest of the board's addresses below; a line on stderr tells each of them.
"""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, render_template_string
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from subnotify.rules.words import Role
from subnotify.storage.case_copies import copy_countries
from subnotify.storage.database import create_engine_for, db
from subnotify.storage.search_words import keep_agreement_words
from subnotify.storage.tables import CaseRow, ClientRow, NoticeRow
from subnotify.web.access import needs_role
from tests.bench.measures import Measure, interleaved, peak_rss_mib
from tests.support.many_agreements import add_many_agreements
from tests.support.release_world import FIFTEEN, REGISTERED, ReleaseWorld
from tests.support.scenario import terms_of
from tests.support.web_client import SettableClock, WebClient, make_app, make_operator

AGREEMENTS = 20_000
CHANGES = 5
ROUNDS = 15
DAY = timedelta(days=1)
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
# Of a hundred cases, so many in each state.
SHARES = (("closed", 45), ("open", 30), ("hold", 20), ("objected", 3), ("waiting", 2))
ONE_ROW = """{% extends "base.html" %}{% block title %}One row{% endblock %}
{% block content %}<h1>{{ client.name }}</h1>{% endblock %}"""
ADDRESSES = (
    "/desk/board",
    "/desk/board?lane=open",
    "/desk/board?lane=hold&hold=post_not_opened",
    "/desk/board?lane=closed",
    "/desk/board?country=DE",
    "/desk/board?country=IS&language=fr",
    "/desk/board?service=1&country=DE&language=fr",
    "/desk/board?q=client",
    "/desk/board?q=client+0001",
    "/desk/board?q=orage",
    "/desk/board?owner=-",
    "/desk/board?owner=Ana+legal&country=DE",
    "/desk/board?change=3&language=en&state=hold",
)


def measure(kind: str, url: str) -> Measure:
    engine = create_engine_for(url)
    with Session(engine) as session:
        _fill(session)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # As a database is that has run for a day.
        connection.execute(text("VACUUM ANALYZE" if kind == "postgresql" else "ANALYZE"))
    app = make_app(url, SettableClock(AT))
    _add_page_of_one_row(app)
    make_operator(url, "Ana legal", [Role.LEGAL], at=AT)
    browser = WebClient(app)
    browser.sign_in("Ana legal")
    worst = (0.0, 0.0, 0.0)
    for address in ADDRESSES:
        part, limit = interleaved(
            [(_opening(browser, address), _opening(browser, "/one/1"))] * ROUNDS
        )
        print(f"{kind} {address}: {part * 1000:.1f} ms, {part / limit:.2f}", file=sys.stderr)
        worst = max(worst, (part / limit, part, limit))
    engine.dispose()
    ratio, part, limit = worst
    return Measure(
        measure="board",
        database=kind,
        n=AGREEMENTS * CHANGES,
        value=round(part * 1000, 2),
        unit="ms",
        limit=round(limit * 1000, 2),
        ratio=round(ratio, 2),
        rss_mib=peak_rss_mib(),
    )


def _opening(browser: WebClient, address: str) -> Callable[[], object]:
    def open_page() -> None:
        answer = browser.get(address)
        assert answer.status_code == 200

    open_page()
    return open_page


def _add_page_of_one_row(app: Flask) -> None:
    @app.route("/one/<int:client_id>")
    @needs_role(*Role)
    def one(client_id: int) -> str:
        client = db.session.get_one(ClientRow, client_id)
        return render_template_string(ONE_ROW, client=client)


def _fill(session: Session) -> None:
    world = ReleaseWorld(session, at=AT)
    service_id = world.services["mail"].id
    terms = (terms_of(FIFTEEN), terms_of(REGISTERED))
    add_many_agreements(session, AGREEMENTS, service_id=service_id, terms=terms, at=AT)
    # One client in a hundred is in Iceland, a third in Germany.
    session.execute(text("UPDATE clients SET country = 'DE' WHERE id % 3 = 0"))
    session.execute(text("UPDATE clients SET country = 'IS' WHERE id % 100 = 0"))
    changes = [world.add_change(f"orage-{number}") for number in range(CHANGES)]
    release = world.draft(changes)
    world.approve(release)
    world.release(release)
    keep_agreement_words(session, range(1, AGREEMENTS + 1))
    for values in _standings():
        rest = values.pop("rest")
        session.execute(update(CaseRow).where(CaseRow.id * 7919 % 400 == rest).values(values))
    copy_countries(session, range(1, AGREEMENTS + 1))
    served = {"state": "served", "served_at": AT, "served_proof": "recipient_server"}
    session.execute(update(NoticeRow).where(NoticeRow.id % 50 != 0).values(served))
    session.commit()
    assert session.scalar(select(func.count(CaseRow.id))) == AGREEMENTS * CHANGES


def _standings() -> Iterator[dict[str, Any]]:
    """What each four-hundredth of the cases is made: a hundred standings by four deadlines."""
    states = [state for state, share in SHARES for _ in range(share)]
    for rest in range(400):
        state, days = states[rest % 100], rest // 100
        values: dict[str, Any] = {"rest": rest, "state": state, "closes_at": AT + days * DAY}
        if rest % 7 == 0:
            values["owner"] = "Ana legal"
        if state == "closed":
            closed_at = AT - days * DAY
            values |= {"outcome": "accepted", "outcome_at": closed_at, "closes_at": closed_at}
        if state == "hold":
            reason = "post_not_opened" if rest % 3 == 0 else "replies_not_read"
            values |= {"holds": [reason], "closes_at": AT - days * DAY}
        if state == "objected":
            values |= {"accommodation_ends_at": AT + (days + 20) * DAY}
        if state == "waiting":
            values["closes_at"] = None
        yield values
