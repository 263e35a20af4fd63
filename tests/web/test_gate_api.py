"""A deploy pipeline asks the gate: by the API with a token, or by the command."""

import json
import re
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from subnotify import clock as system_clock
from subnotify.cli import main
from subnotify.operations.commence_changes import commence_change
from subnotify.operations.gate_out_client import gate_out_client
from subnotify.operations.keep_api_tokens import make_api_token, revoke_api_token
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.words import Role, TokenScope
from subnotify.storage.tables import ApiTokenRow, CaseRow, ChangeRow
from subnotify.web.access import MOST_PER_TOKEN, MOST_WRONG_TOKENS
from tests.operations.desk import LEGAL, evidence_types
from tests.support.scenario import Announced, Scenario
from tests.support.settings import environment_for
from tests.support.web_client import SettableClock, WebClient

PARIS = ZoneInfo("Europe/Paris")
ADMIN = {"by": "Ada Admin", "actor": "operator:9"}


@pytest.fixture
def announced(session, at) -> Announced:
    return Scenario(session, at=at).announce(commencement_on=date(2026, 5, 1))


@pytest.fixture
def change_id(session, announced) -> int:
    found = session.scalar(select(CaseRow.change_id).where(CaseRow.id == announced.case_ids[0]))
    session.rollback()
    return int(found)


def token_for(session, at, *, last_day: date | None = None) -> str:
    made = make_api_token(
        session,
        label="deploy",
        scope=TokenScope.GATE,
        last_day=last_day or at.date() + timedelta(days=300),
        zone=PARIS,
        at=at,
        **ADMIN,
    )
    return made.secret


def ask(client: WebClient, change_id: int, token: str | None, query: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return client.get(f"/api/v1/changes/{change_id}/gate{query}", headers=headers)


def test_the_gate_says_what_blocks_and_then_that_it_is_ready(
    client, clock: SettableClock, session, announced, change_id, at
) -> None:
    token = token_for(session, at)
    answer = ask(client, change_id, token)
    assert answer.status_code == 200
    said = answer.json
    assert said["ready"] is False
    assert [x["reason"] for x in said["blocked_by"]] == ["day_not_come", "cases_not_settled"]
    assert said["blocked_by"][1]["cases"] == 1
    assert [x["why"] for x in said["withheld"]] == ["blocks"]
    assert said["commencement_at"] == "2026-04-30T22:00:00+00:00"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers

    gate_out_client(session, announced.case_ids[0], note="kept on the old one", at=at, **LEGAL)
    clock.at = at.replace(year=2026, month=5, day=2)
    said = ask(client, change_id, token).json
    assert said["ready"] is True and said["blocked_by"] == []
    assert [x["why"] for x in said["withheld"]] == ["gated_out"]
    # What the gate calls ready commences, and stays ready.
    commence_change(session, change_id, zone=PARIS, at=clock.at, **LEGAL)
    said = ask(client, change_id, token).json
    assert said["state"] == "commenced" and said["ready"] is True
    # The client kept on the old one is told each time.
    assert [x["client"] for x in said["withheld"]] != []


def test_the_list_of_clients_is_read_on(client, session, change_id, at) -> None:
    token = token_for(session, at)
    first = ask(client, change_id, token).json
    assert len(first["withheld"]) == 1 and first["next"] is None
    assert ask(client, change_id, token, "?offset=1").json["withheld"] == []
    assert ask(client, change_id, token, "?offset=x").json["withheld"] == first["withheld"]


def test_without_a_valid_token_nothing_is_said(
    client, clock: SettableClock, session, change_id, at
) -> None:
    token = token_for(session, at, last_day=at.date())
    assert ask(client, change_id, token).status_code == 200
    for wrong in (None, "", "x" * 43, token + "x", token.removeprefix("subnotify_")):
        refused = ask(client, change_id, wrong)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        assert refused.content_type == "application/problem+json"
        assert set(refused.json) == {"type", "title", "status", "detail"}
        assert refused.json["status"] == 401 and refused.json["title"] == "Unauthorized"
    basic = client.get(
        f"/api/v1/changes/{change_id}/gate", headers={"Authorization": "Basic " + token}
    )
    assert basic.status_code == 401
    # The last day ends in the vendor's zone.
    ends_at = session.scalar(select(ApiTokenRow.expires_at))
    session.rollback()
    assert ends_at.astimezone(PARIS).replace(tzinfo=None).isoformat() == (
        f"{at.date() + timedelta(days=1)}T00:00:00"
    )
    clock.at = ends_at - timedelta(seconds=1)
    assert ask(client, change_id, token).status_code == 200
    clock.at = ends_at
    assert ask(client, change_id, token).status_code == 401


def test_a_revoked_token_opens_nothing(client, session, change_id, at) -> None:
    token = token_for(session, at)
    row = session.scalar(select(ApiTokenRow))
    session.rollback()
    revoke_api_token(session, row.id, at=at, **ADMIN)
    assert ask(client, change_id, token).status_code == 401
    assert {"api_token_made", "api_token_revoked"} <= set(evidence_types(session))
    # Nobody reads a token from the database.
    stored = session.scalar(select(ApiTokenRow.token_digest))
    assert token not in stored and len(stored) == 64
    session.rollback()


def test_unknown_changes_are_said_as_data(client, session, at) -> None:
    token = token_for(session, at)
    missing = ask(client, 999_999, token)
    assert missing.status_code == 404 and missing.json["detail"] == "There is no such change."
    nowhere = client.get("/api/v1/changes/x/gate")
    assert nowhere.status_code == 404 and nowhere.json["title"] == "Not Found"
    posted = client.client.post(
        "/api/v1/changes/1/gate",
        base_url=client.base_url,
        headers={"Authorization": f"Bearer {token}"},
    )
    assert posted.status_code in (400, 405)
    assert posted.content_type == "application/problem+json"


def test_a_token_that_asks_too_often_waits(
    client, clock: SettableClock, session, change_id, at
) -> None:
    busy, calm = token_for(session, at), token_for(session, at)
    for _ in range(MOST_PER_TOKEN):
        assert ask(client, change_id, busy).status_code == 200
    clock.at = at + timedelta(seconds=15)
    refused = ask(client, change_id, busy)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "45")
    assert refused.json["status"] == 429
    assert refused.json["detail"].endswith("Ask again in 45 s.")
    assert ask(client, change_id, calm).status_code == 200
    clock.at = at + timedelta(seconds=60)
    assert ask(client, change_id, busy).status_code == 200


def test_wrong_tokens_wait_by_address_and_a_valid_one_goes_on(
    client, clock: SettableClock, session, change_id, at
) -> None:
    token = token_for(session, at)
    refused = [ask(client, change_id, f"x{number}") for number in range(MOST_WRONG_TOKENS + 1)]
    assert [x.status_code for x in refused] == [401] * MOST_WRONG_TOKENS + [429]
    assert refused[-1].headers["Retry-After"] == "60"
    assert ask(client, change_id, token).status_code == 200
    elsewhere = client.client.get(
        f"/api/v1/changes/{change_id}/gate",
        base_url=client.base_url,
        headers={"Authorization": "Bearer x"},
        environ_overrides={"REMOTE_ADDR": "192.0.2.9"},
    )
    assert elsewhere.status_code == 401
    clock.at = at + timedelta(minutes=1)
    assert ask(client, change_id, "x").status_code == 401


def test_a_token_for_something_else_is_said_to_be_one(
    client, session, change_id, at, monkeypatch
) -> None:
    token = token_for(session, at)
    other = SimpleNamespace(is_valid=lambda _at: True, scope="something else", id=1)
    monkeypatch.setattr("subnotify.web.access.find_api_token", lambda *_: other)
    refused = ask(client, change_id, token)
    assert refused.status_code == 403 and refused.json["title"] == "Forbidden"
    assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize(("label", "days"), [("", 10), ("x" * 81, 10), ("deploy", -1), ("d", 367)])
def test_what_is_wrong_with_a_token_is_said_at_its_field(session, at, label, days) -> None:
    with pytest.raises(ProblemsFound) as refused:
        make_api_token(
            session,
            label=label,
            scope=TokenScope.GATE,
            last_day=at.date() + timedelta(days=days),
            zone=PARIS,
            at=at,
            **ADMIN,
        )
    assert {x.where for x in refused.value.problems} == {"label" if days == 10 else "last_day"}


def test_an_administrator_makes_and_revokes_tokens_on_the_desk(
    client, signed_in, session, change_id, at
) -> None:
    admin = signed_in(Role.ADMIN)
    refused = admin.post("/desk/tokens", label="", last_day="2020-01-01")
    assert refused.status_code == 422 and "Name the machine" in refused.text
    made = admin.post("/desk/tokens", label="deploy", last_day=str(at.date() + timedelta(days=9)))
    assert made.status_code == 200
    token = made.text.split("<code>subnotify_")[1].split("<")[0]
    assert ask(client, change_id, "subnotify_" + token).status_code == 200
    # Shown once.
    assert token not in admin.get("/desk/tokens").text
    number = session.scalar(select(ApiTokenRow.id))
    session.rollback()
    path = f"/desk/tokens/{number}/revoke"
    for _ in range(2):
        assert admin.post(path, page="/desk/tokens").status_code == 303
    assert ask(client, change_id, "subnotify_" + token).status_code == 401
    assert admin.post("/desk/tokens/999/revoke", page="/desk/tokens").status_code == 404


@pytest.fixture
def command(database_url, monkeypatch) -> CliRunner:
    for name, value in environment_for(database_url).items():
        monkeypatch.setenv(name, value)
    return CliRunner()


def test_the_command_ends_with_what_the_gate_says(
    command, session, announced, change_id, at, monkeypatch
) -> None:
    monkeypatch.setattr(system_clock, "now", lambda: at)
    blocked = command.invoke(main, ["gate", str(change_id)])
    assert blocked.exit_code == 1
    assert "blocked" in blocked.output and "its day has not come: 2026-05-01" in blocked.output
    gate_out_client(session, announced.case_ids[0], note="kept on the old one", at=at, **LEGAL)
    monkeypatch.setattr(system_clock, "now", lambda: at.replace(month=5, day=2))
    ready = command.invoke(main, ["gate", str(change_id)])
    assert ready.exit_code == 0, ready.output
    assert "ready" in ready.output and "gated_out" in ready.output
    as_data = command.invoke(main, ["gate", str(change_id), "--json"])
    assert json.loads(as_data.output)["ready"] is True
    assert command.invoke(main, ["gate", "999999"]).exit_code == 2
    assert command.invoke(main, ["gate", "first"]).exit_code == 2


def test_tokens_by_command(command, client, change_id, at, monkeypatch) -> None:
    monkeypatch.setattr(system_clock, "now", lambda: at)
    until = (at.date() + timedelta(days=30)).isoformat()
    made = command.invoke(
        main, ["token", "make", "--label", "deploy", "--scope", "gate", "--until", until]
    )
    assert made.exit_code == 0, made.output
    token = made.stdout.strip()
    assert ask(client, change_id, token).status_code == 200
    assert "valid" in command.invoke(main, ["token", "list"]).output
    assert command.invoke(main, ["token", "revoke", "1"]).exit_code == 0
    assert command.invoke(main, ["token", "revoke", "1"]).exit_code == 1
    assert ask(client, change_id, token).status_code == 401
    past = command.invoke(
        main, ["token", "make", "--label", "d", "--scope", "gate", "--until", "2020-01-01"]
    )
    assert past.exit_code == 1 and "past" in past.output


def test_only_a_commencement_sets_a_change_commenced(session, change_id, at, announced) -> None:
    """Nothing but the gate's operation writes it: said by the source, as the rule of the layers."""
    package = Path(__file__).parents[2] / "subnotify"
    written = re.compile(r"(state|values\(state)[^=!<>\n]* ?= ?ChangeState\.COMMENCED")
    writers = [
        path.name
        for path in package.rglob("*.py")
        if written.search(path.read_text(encoding="utf-8"))
    ]
    assert writers == ["commence_changes.py"]
    assert session.get(ChangeRow, change_id).commenced_at is None
    session.rollback()
