"""Ids that do not belong together: a child of one owner in the path of another opens nothing.

The addresses come from the map of routes: a new one with ids in its path is tried, or the test
asks for an object of its kind.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from subnotify.delivery.sealing import SealKey
from subnotify.operations.keep_document import GivenFile, keep_document
from subnotify.rules.words import (
    Channel,
    CorrectionState,
    LetterEventKind,
    LetterEventSource,
    Measure,
    ResponseChannel,
    Role,
    StepKind,
)
from subnotify.storage.database import create_engine_for
from subnotify.storage.objection_steps import list_steps
from subnotify.storage.responses import list_responses
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    Base,
    CaseRow,
    CountryExceptionRow,
    DocumentRequestRow,
    LetterContradictionRow,
    LetterEventCorrectionRow,
    ObjectionStepRow,
)
from subnotify.web.access import Key, find_access
from tests.support.answers import give, objection
from tests.support.databases import Databases
from tests.support.letter_batches import queue
from tests.support.row_sums import changed, row_sums
from tests.support.scenario import Announced, Scenario
from tests.support.settings import SEAL_KEY
from tests.support.smtp_server import ScriptedSmtpServer
from tests.support.web_client import (
    SettableClock,
    WebClient,
    make_app,
    make_operator,
    session_on,
)
from tests.web.test_notice_answers import NAMED, send
from tests.web.test_portal import sign_in

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
_ID = re.compile(r"<(?:int:)?(\w+)>")
# In the paths below an owner, but not of one owner: words, places in the owner's own list, and what
# the vendor has once for everybody.
NOT_OWNED = {"name", "reason", "kind", "filed_as", "number", "service_id", "token"}
# Nobody's object: the bytes of a letter that was printed anew, which no browser made here.
NOT_THERE = {"seal_id": "1", "mail_id": "1", "subprocessor_id": "1"}


@dataclass(frozen=True)
class Side:
    """One client with one of everything, by the names of the routes' ids."""

    announced: Announced
    ids: Mapping[str, str]

    @property
    def token(self) -> str:
        return self.announced.token

    @property
    def mailbox(self) -> str:
        number = self.announced.token.split("-")[1]
        return f"dpo0@client{number}.example"


@dataclass(frozen=True)
class World:
    url: str
    mine: Side
    theirs: Side
    desk: WebClient
    nobody: WebClient
    clients: WebClient

    def rules(self, *keys: Key) -> Iterator[Rule]:
        for rule in self.desk.app.url_map.iter_rules():
            access = find_access(self.desk.app.view_functions[rule.endpoint])
            if access is not None and access.key in keys:
                yield rule


def add(session: Session, row: Base) -> str:
    session.add(row)
    session.flush()
    return str(row.id)  # type: ignore[attr-defined]


def answered_request(session: Session, agreement_id: int) -> str:
    """A request for the list, with the document that was given."""
    kept = keep_document(
        session,
        GivenFile("list.pdf", b"%PDF-1.7\n%%EOF\n"),
        fallback_name="list",
        seal_key=SealKey(SEAL_KEY),
        by="legal",
        at=AT,
    )
    request = DocumentRequestRow(
        agreement_id=agreement_id,
        channel=ResponseChannel.LINK,
        requested_on=AT.date(),
        requested_by="somebody",
        as_of_on=AT.date(),
        language="en",
        recorded_at=AT,
        recorded_by="somebody",
        answered_at=AT,
        answered_by="legal",
        answered_on=AT.date(),
        answered_through=ResponseChannel.LINK,
        document_id=kept.id,
    )
    return add(session, request)


def one_of_everything(session: Session, scenario: Scenario) -> Side:
    announced = scenario.announce(changes=2)
    given = give(session, announced, objection(announced), at=AT)
    case = session.get_one(CaseRow, announced.case_ids[0])
    agreement = session.get_one(AgreementRow, announced.agreement_id)
    naming = select(AgreementContactRow.id).where(AgreementContactRow.agreement_id == agreement.id)
    told = {"recorded_at": AT, "recorded_by": "test"}
    by_hand = {**told, "source": LetterEventSource.DESK, "kind": LetterEventKind.POSTED}
    ids = {
        "agreement_id": agreement.id,
        "client_id": agreement.client_id,
        "contact_id": announced.contact_ids[0],
        "naming_id": session.scalars(naming).one(),
        "case_id": case.id,
        "change_id": case.change_id,
        "notice_id": announced.notice_id,
        "release_id": announced.release_id,
        "message_id": announced.message_ids[0],
        "response_id": given.response_ids[0],
        "reference": given.reference,
        "request_id": answered_request(session, agreement.id),
        "step_id": add(
            session,
            ObjectionStepRow(
                case_id=case.id,
                kind=StepKind.PROPOSED,
                measure=next(iter(Measure)),
                text="Hosted elsewhere.",
                taken_at=AT,
                taken_by="legal",
                counts_at=AT,
            ),
        ),
        "exception_id": add(
            session,
            CountryExceptionRow(
                agreement_id=agreement.id,
                country="US",
                from_on=AT.date(),
                reference="Letter",
                **told,
            ),
        ),
    }
    (letter_id,) = queue(scenario, 1, Channel.REGISTERED_POST)
    ids["letter_id"] = letter_id
    ids["contradiction_id"] = add(
        session, LetterContradictionRow(message_id=letter_id, on=date(2026, 3, 1), **by_hand)
    )
    ids["correction_id"] = add(
        session,
        LetterEventCorrectionRow(
            message_id=letter_id,
            was_on=date(2026, 3, 1),
            reason="Mistyped.",
            state=CorrectionState.PROPOSED,
            proposed_at=AT,
            proposed_by="another",
            proposed_actor="operator:99",
            **by_hand,
        ),
    )
    session.commit()
    return Side(announced, {name: str(value) for name, value in ids.items()})


@pytest.fixture(scope="module")
def world(databases: Databases) -> Iterator[World]:
    logging.disable(logging.CRITICAL)
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        scenario = Scenario(session, at=AT)
        mine, theirs = (one_of_everything(session, scenario) for _ in range(2))
    with ScriptedSmtpServer() as server:
        yield world_on(url, mine, theirs, server)
    logging.disable(logging.NOTSET)


def world_on(url: str, mine: Side, theirs: Side, server: ScriptedSmtpServer) -> World:
    app = make_app(url, SettableClock(AT), smtp_port=server.port)
    make_operator(url, "Ana Everything", list(Role), at=AT)
    desk, clients = WebClient(app), WebClient(app)
    desk.sign_in("Ana Everything")
    sign_in(clients, server, mine.mailbox)
    return World(url, mine, theirs, desk, WebClient(app), clients)


def owned(rule: Rule) -> list[str]:
    """The names of the ids of a path that have one owner."""
    return [name for name in _ID.findall(rule.rule) if name not in NOT_OWNED | set(NOT_THERE)]


def filled(rule: Rule, *, first: Side, others: Side) -> str:
    """The path with its first id of one side and all others of another; else with 1."""
    names = _ID.findall(rule.rule)

    def value(name: str) -> str:
        if name == "token":
            return first.token
        return (first if name == names[0] else others).ids.get(name, "1")

    return _ID.sub(lambda found: value(found[1]), rule.rule)


def ask(browser: WebClient, method: str, path: str) -> int:
    """The status; of a form with a right token, so that nothing else refuses it."""
    if method == "GET":
        return browser.get(path).status_code
    page = "/portal" if path.startswith("/portal") else "/reset"
    form = {"csrf_token": browser.token(page), "note": "x", "by_name": "Ada Berger"}
    return browser.post_bare(path, form).status_code


def sums(world: World) -> dict[str, str]:
    engine = create_engine_for(world.url)
    try:
        return row_sums(engine)
    finally:
        engine.dispose()


def test_every_id_of_a_path_with_an_owner_is_tried(world: World) -> None:
    """Where this fails, `one_of_everything` lacks the object of a new route."""
    known = NOT_OWNED | set(NOT_THERE) | set(world.mine.ids)
    unknown = {
        (rule.rule, name)
        for rule in world.rules(Key.ROLE, Key.NOTICE_LINK, Key.PORTAL)
        for name in _ID.findall(rule.rule)
        if name not in known and (len(_ID.findall(rule.rule)) > 1 or "/portal/" in rule.rule)
    }
    assert not unknown


def test_on_the_desk_a_child_of_another_owner_is_not_found(world: World) -> None:
    before, tried = sums(world), 0
    for rule in world.rules(Key.ROLE):
        if len(owned(rule)) < 2:
            continue
        own = filled(rule, first=world.mine, others=world.mine)
        mixed = filled(rule, first=world.mine, others=world.theirs)
        for method in {"GET", "POST"} & (rule.methods or set()):
            status = ask(world.desk, method, mixed)
            assert status in (303, 404), (method, mixed)
            if method == "GET" and ask(world.desk, "GET", own) == 200:
                tried += 1
    assert tried >= 13, "the children exist: under their own owner they are found"
    assert changed(before, sums(world)) == []


def test_behind_a_link_nothing_of_another_client_is_found(world: World) -> None:
    before, tried = sums(world), 0
    for rule in world.rules(Key.NOTICE_LINK):
        if not owned(rule):
            continue
        own = filled(rule, first=world.mine, others=world.mine)
        mixed = filled(rule, first=world.mine, others=world.theirs)
        for method in {"GET", "POST"} & (rule.methods or set()):
            assert ask(world.nobody, method, mixed) == 404, (method, mixed)
            if method == "GET" and ask(world.nobody, "GET", own) == 200:
                tried += 1
    assert tried >= 3
    assert changed(before, sums(world)) == []


@pytest.mark.parametrize("is_mixed", [False, True])
def test_a_form_behind_a_link_answers_for_nobody_else(world: World, is_mixed: bool) -> None:
    """The cases and the other agreements of a form are the holder's own, whatever is sent."""
    before = of_side(world, world.theirs)
    theirs = world.theirs.ids
    cases = [theirs["case_id"], *(map(str, world.mine.announced.case_ids) if is_mixed else ())]
    for rule in world.rules(Key.NOTICE_LINK):
        if "POST" not in (rule.methods or ()) or owned(rule) or "disown" in rule.rule:
            continue
        path = filled(rule, first=world.mine, others=world.mine)
        fields = {"cases": cases, "text": "x", "ask_for": "question", "elsewhere": "1", **NAMED}
        status = send(world.nobody, path, **fields).status_code
        assert status in (200, 303, 404), path
        elsewhere = {**fields, "cases": list(world.mine.announced.case_ids)}
        send(world.nobody, path, **elsewhere | {"elsewhere": theirs["notice_id"]})
    assert of_side(world, world.theirs) == before


def of_side(world: World, side: Side) -> list[object]:
    """What is on record of one client's notice."""
    with session_on(world.url) as session:
        return [
            list_responses(session, side.announced.notice_id),
            list_steps(session, side.announced.case_ids),
            [
                (case.state, case.holds, case.closes_at)
                for case in session.scalars(
                    select(CaseRow).where(CaseRow.id.in_(side.announced.case_ids))
                )
            ],
        ]


def test_the_portal_opens_and_shows_nothing_of_another_client(world: World) -> None:
    before, tried = sums(world), 0
    name = world.theirs.token.split("-")[1]
    for rule in world.rules(Key.PORTAL):
        for method in {"GET", "POST"} & (rule.methods or set()):
            if owned(rule):
                path = filled(rule, first=world.theirs, others=world.theirs)
                assert ask(world.clients, method, path) == 404, (method, path)
                tried += 1
            if method == "GET":
                own = filled(rule, first=world.mine, others=world.mine)
                page = world.clients.get(own)
                assert page.status_code == 200, own
                for word in (f"client{name}.example", f"DPA-2024-00{name}", f"Mills {name} "):
                    assert word not in page.text, own
    assert tried >= 3
    assert changed(before, sums(world)) == []
