"""Every form about letters: sent by who may not, about what is not there, and sent twice."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from subnotify.operations.record_request import record_request
from subnotify.rules.document_requests import NewRequest
from subnotify.rules.words import Channel, IncomingLetterKind, ResponseChannel, Role
from subnotify.storage.tables import AgreementRow, EvidenceRow, LetterRow, MessageRow, NoticeRow
from tests.support.databases import KINDS, Databases
from tests.support.incoming_letters import PARIS, PDF, add_letter
from tests.support.letter_batches import queue
from tests.support.list_documents import add_version
from tests.support.page_forms import fields_of
from tests.support.scenario import Scenario
from tests.support.web_client import SettableClock, WebClient, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
LATER = AT + timedelta(days=8)
POSTED = {"kind": "posted", "on": "2026-03-03", "proof_number": "RK 1"}
RECEIVED = {"kind": "received", "on": "2026-03-05"}
# Both cannot be true: what is told later is kept beside the record.
RETURNED = {"kind": "returned", "on": "2026-03-06"}
NOT_THERE = "999999"
# Blueprints of these forms: one of theirs without a line in STEPS fails below.
BLUEPRINTS = {
    *("letters", "letter_batches", "letter_files", "letter_events", "letter_corrections"),
    *("letter_steps", "requests", "requests_new", "incoming_letters", "incoming_letter_filing"),
}


@dataclass
class Ground:
    """One of everything. ids: by name; changed: how much the record holds."""

    app: Flask
    url: str
    legal: WebClient
    others: list[WebClient]
    ids: dict[str, int] = field(default_factory=dict)

    def recorded(self) -> int:
        with session_on(self.url) as session:
            return session.scalar(select(func.count()).select_from(EvidenceRow)) or 0


@dataclass(frozen=True)
class Step:
    """A form: where it stands, where it goes (by default to its own page), what is filled in."""

    page: str
    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    # What leads to the page that has the form.
    before: dict[str, str] = field(default_factory=dict)
    # Nothing of the address names a thing.
    names_nothing: bool = False
    # It shows what would be recorded, and records nothing.
    records: bool = True


def letter_step(**given: Any) -> dict[str, Any]:
    return {"kind": "other", "channel": "post", "received_on": "2026-03-09", **given}


EVENT = "/desk/letters/{event}/event"
STEPS = {
    "letter_files.event_page": Step(EVENT, fields=POSTED, records=False),
    "letter_files.record_event": Step(EVENT, f"{EVENT}/record", before=POSTED),
    "letter_events.upload": Step(
        "/desk/letters/events",
        files={"file": (b"letter,event,on\n", "a.csv")},
        names_nothing=True,
        records=False,
    ),
    "letter_corrections.propose_page": Step(
        "/desk/letters/{propose}/corrections/new/posted",
        fields={"what": "day", "on": "2026-03-04", "note": "The stamp says so."},
    ),
    "letter_corrections.confirm_page": Step("/desk/letters/{confirm}/corrections/1/confirm"),
    "letter_corrections.refuse_page": Step("/desk/letters/{refuse}/corrections/2/refuse"),
    "letter_corrections.untrue_page": Step(
        "/desk/letters/{contested}/corrections/contradiction/1",
        fields={"note": "The envelope is another letter's."},
    ),
    "letter_batches.give_again": Step(
        "/desk/letters/batches/{hand_over_batch}", "{page}/give", records=False
    ),
    "letter_batches.hand_over_page": Step(
        "/desk/letters/batches/{hand_over_batch}/hand-over", fields={"on": f"{AT:%Y-%m-%d}"}
    ),
    "letter_batches.cancel_page": Step("/desk/letters/batches/{cancel_batch}/cancel"),
    "letter_steps.electronic_page": Step("/desk/letters/{electronic}/electronic"),
    "letter_steps.paper_page": Step("/desk/letters/{paper}/paper"),
    "letters.prepare": Step("/desk/letters", "/desk/letters/prepare", names_nothing=True),
    "requests.prepare": Step("/desk/requests/{asked}", "{page}/prepare"),
    "requests.answer": Step("/desk/requests/{ready}/answer", fields={"through": "post"}),
    "requests_new.new_request": Step(
        "/desk/requests/new?agreement={agreement}",
        fields={"requested_by": "Ada Berger", "channel": "post", "requested_on": "2026-03-09"},
    ),
    "incoming_letters.record_about": Step(
        "/desk/incoming-letters/new/notice/{notice}",
        fields=letter_step(kind="objection"),
        files={"scan": (PDF, "scan.pdf")},
    ),
    "incoming_letters.record_of": Step(
        "/desk/incoming-letters/new/client/{client}", fields=letter_step(note="An invitation.")
    ),
    "incoming_letters.record_unknown": Step(
        "/desk/incoming-letters/new/unknown",
        fields=letter_step(note="No sender."),
        names_nothing=True,
    ),
    "incoming_letter_filing.file_page": Step(
        "/desk/incoming-letters/{to_file}/file", fields=letter_step(note="An invitation.")
    ),
    "incoming_letter_filing.tie_page": Step(
        "/desk/incoming-letters/{to_tie}/tie", fields={"client_id": "{client}"}
    ),
    "incoming_letter_filing.done_page": Step("/desk/incoming-letters/{to_do}/done"),
    "incoming_letter_filing.scan_page": Step(
        "/desk/incoming-letters/{to_scan}/scan", files={"scan": (PDF, "scan.pdf")}
    ),
}


@pytest.fixture(scope="module", params=KINDS)
def ground(request: pytest.FixtureRequest, databases: Databases) -> Ground:
    url, clock = databases.migrated(request.param), SettableClock(AT)
    app = make_app(url, clock)
    people = {"Lea": Role.LEGAL, "Ben": Role.LEGAL, "Paula": Role.PUBLISHER, "Adam": Role.ADMIN}
    browsers = {name: WebClient(app) for name in people}
    for name, role in people.items():
        make_operator(url, name, [role], at=AT)
    browsers["Lea"].sign_in("Lea")
    made = Ground(app, url, browsers["Lea"], [browsers["Paula"], browsers["Adam"]])
    with session_on(url) as session:
        scenario = Scenario(session, at=AT)
        _print(made, scenario)
        # A week later nobody is signed in any more.
        clock.at = LATER
        for name, browser in browsers.items():
            browser.sign_in(name)
        _tell(made, scenario, browsers["Ben"])
        _write_to_us(made, session)
    return made


def _print(ground: Ground, scenario: Scenario) -> None:
    """Two batches of registered letters and one of plain ones."""
    registered, ids = Channel.REGISTERED_POST, ground.ids
    names = ("event", "propose", "confirm", "refuse", "contested")
    ids |= dict(zip(names, queue(scenario, len(names), registered), strict=True))
    send(ground.legal, Step("/desk/letters", "/desk/letters/prepare"))
    (hand_over,), (cancel,) = queue(scenario, 1, registered), queue(scenario)
    send(ground.legal, Step("/desk/letters", "/desk/letters/prepare"))
    for name, letter in (("hand_over_batch", hand_over), ("cancel_batch", cancel)):
        ids[name] = batch_of(scenario.session, letter)


def _tell(ground: Ground, scenario: Scenario, colleague: WebClient) -> None:
    """Letters that were posted, corrections that wait, and letters that wait."""
    registered, legal, ids = Channel.REGISTERED_POST, ground.legal, ground.ids
    for name in ("propose", "confirm", "refuse"):
        assert send_event(legal, ids[name]).status_code == 303
        if name != "propose":
            path = f"/desk/letters/{ids[name]}/corrections/new/posted"
            form = {"what": "day", "on": "2026-03-04", "note": "The stamp says so."}
            assert send(colleague, Step(path, fields=form)).status_code == 303
    for happened in (POSTED, RECEIVED, RETURNED):
        assert send_event(legal, ids["contested"], **happened).status_code == 303
    (ids["paper"],) = queue(scenario, 1, registered)
    send(legal, Step(f"/desk/letters/{ids['paper']}/electronic"))
    (ids["electronic"],) = queue(scenario, 1, registered)
    queue(scenario)


def _write_to_us(ground: Ground, session: Session) -> None:
    """Letters that wait for each step, and requests for the list."""
    agreement_id, client_id = session.execute(
        select(AgreementRow.id, AgreementRow.client_id).order_by(AgreementRow.id)
    ).first() or (0, 0)
    notice_id = session.scalars(select(func.max(NoticeRow.id))).one()
    session.rollback()
    ids = ground.ids
    ids |= {"agreement": agreement_id, "client": client_id, "notice": notice_id}
    of: dict[str, Any] = {"client_id": client_id, "at": LATER}
    ids["to_tie"] = add_letter(session, at=LATER).id
    ids["to_file"] = add_letter(session, **of).id
    ids["to_do"] = add_letter(session, kind=IncomingLetterKind.CONTACT_CHANGE, **of).id
    ids["to_scan"] = add_letter(session, **of).id
    add_version(session, 1, at=AT)
    today = LATER.date()
    for name in ("asked", "ready"):
        asked = NewRequest(agreement_id, ResponseChannel.POST, today, name, today, "en")
        now: dict[str, Any] = {"zone": PARIS, "by": "Lea", "actor": "operator:1", "at": LATER}
        ids[name] = record_request(session, asked, **now)
    send(
        ground.legal,
        Step(f"/desk/requests/{ids['ready']}", f"/desk/requests/{ids['ready']}/prepare"),
    )


def batch_of(session: Session, letter: int) -> int:
    found = session.scalars(select(LetterRow.batch_id).where(LetterRow.message_id == letter)).one()
    session.rollback()
    assert found is not None
    return found


def form_of(browser: WebClient, step: Step) -> dict[str, Any]:
    """What a browser would send of the form, filled in."""
    page = browser.get(step.page).text
    if step.before:
        page = browser.post_bare(step.page, fields_of(page) | step.before).text
    given = fields_of(page) | step.fields
    # A page that offers the form to nobody now has another one, with the same token.
    given["csrf_token"] = given.get("csrf_token", [browser.token(step.page)])[-1]
    return given


def post(browser: WebClient, path: str, form: dict[str, Any], step: Step) -> TestResponse:
    files = {name: (BytesIO(octets), called) for name, (octets, called) in step.files.items()}
    return browser.post_bare(path, form | files)


def send(browser: WebClient, step: Step) -> TestResponse:
    return post(browser, step.action or step.page, form_of(browser, step), step)


def send_event(browser: WebClient, letter: int, **given: str) -> TestResponse:
    path = f"/desk/letters/{letter}/event"
    return send(browser, Step(path, f"{path}/record", before=POSTED | given))


def filled(ground: Ground, endpoint: str) -> Step:
    """The step with the ids of its ground."""
    step, ids = STEPS[endpoint], ground.ids
    page = step.page.format(**ids)
    return Step(
        page,
        step.action.format(page=page, **ids) or page,
        {name: value.format(**ids) for name, value in step.fields.items()},
        step.files,
        step.before,
        step.names_nothing,
        step.records,
    )


def test_every_form_about_letters_is_attacked(ground: Ground) -> None:
    def takes_a_form(rule: Rule) -> bool:
        return "POST" in (rule.methods or ()) and rule.endpoint.split(".")[0] in BLUEPRINTS

    found = {rule.endpoint for rule in ground.app.url_map.iter_rules() if takes_a_form(rule)}
    # What a file told is recorded by a form of its own: below.
    assert found == {*STEPS, "letter_events.record"}


# In this order: the batch of what waits takes the letters of no other step.
@pytest.mark.parametrize("endpoint", sorted(STEPS, key=lambda x: x == "letters.prepare"))
def test_a_form(ground: Ground, endpoint: str) -> None:
    step = filled(ground, endpoint)
    form, before = form_of(ground.legal, step), ground.recorded()

    # Others know the form and its address, and have a token of their own.
    for other in ground.others:
        own = form | {"csrf_token": other.token("/desk/board")}
        assert post(other, step.action, own, step).status_code == 403
    stranger = WebClient(ground.app)
    own = form | {"csrf_token": stranger.token("/sign-in")}
    assert post(stranger, step.action, own, step).location.startswith("/sign-in")

    for path in () if step.names_nothing else addresses_of_nothing(step.action):
        assert post(ground.legal, path, form, step).status_code == 404, path
    without = {name: value for name, value in form.items() if name != "csrf_token"}
    assert post(ground.legal, step.action, without, step).status_code == 400
    assert ground.recorded() == before

    # A double click: the same form twice.
    first = post(ground.legal, step.action, form, step)
    assert first.status_code in ((303,) if step.records else (200, 303, 422)), first.text
    once = ground.recorded()
    assert (once > before) == step.records
    assert post(ground.legal, step.action, form, step).status_code in (200, 303, 422)
    assert ground.recorded() == once


def addresses_of_nothing(path: str) -> Iterator[str]:
    """The address with each of its numbers replaced by one that nothing has."""
    for found in re.finditer(r"(?<=[/=])\d+", path):
        yield path[: found.start()] + NOT_THERE + path[found.end() :]


def test_the_form_of_one_letter_records_nothing_of_another(ground: Ground) -> None:
    event, other = (f"/desk/letters/{ground.ids[x]}/event" for x in ("event", "propose"))
    own = {"kind": "presented", "on": "2026-03-05"}
    form, before = form_of(ground.legal, Step(event, before=own)), ground.recorded()
    assert ground.legal.post_bare(f"{other}/record", form).status_code == 400
    # A decision about the correction of one letter at the address of another.
    for step in ("confirm", "refuse"):
        path = f"/desk/letters/{ground.ids['event']}/corrections/1/{step}"
        assert ground.legal.post_bare(path, form).status_code == 404
    assert ground.recorded() == before


def test_what_a_file_tells_is_recorded_once(ground: Ground) -> None:
    with session_on(ground.url) as session:
        key = session.get_one(MessageRow, ground.ids["event"]).logical_key
    table = f"letter,event,on,proof_number\n{key},presented,2026-03-05,RK 1\n".encode()
    upload, path = "/desk/letters/events", "/desk/letters/events/record"
    given = form_of(ground.legal, Step(upload)) | {"file": (BytesIO(table), "a.csv")}
    form = fields_of(ground.legal.post_bare(upload, given).text)
    before = ground.recorded()
    for other in ground.others:
        own = form | {"csrf_token": other.token("/desk/board")}
        assert other.post_bare(path, own).status_code == 403
    # What is confirmed is what was shown, to the letter.
    changed = form | {"events": [form["events"][0].replace("2026-03-05", "2026-03-06")]}
    ground.legal.post_bare(path, changed)
    assert ground.recorded() == before
    assert ground.legal.post_bare(path, form).status_code == 303
    once = ground.recorded()
    assert once > before
    assert ground.legal.post_bare(path, form).status_code == 303
    assert ground.recorded() == once


def test_another_clients_case_and_contact_are_no_choice(ground: Ground) -> None:
    path = "/desk/incoming-letters/new/notice/{notice}".format(**ground.ids)
    step, before = Step(path, fields=letter_step(kind="objection")), ground.recorded()
    for name, value in (("case_ids", "1"), ("case_ids", NOT_THERE), ("contact_id", "1")):
        form = form_of(ground.legal, step) | {name: [value]}
        assert ground.legal.post_bare(path, form).status_code == 422, name
    tie = "/desk/incoming-letters/{to_tie}/tie".format(**ground.ids)
    for name in ("notice_id", "client_id"):
        form = form_of(ground.legal, Step(tie)) | {name: NOT_THERE}
        assert ground.legal.post_bare(tie, form).status_code in (404, 422), name
    assert ground.recorded() == before


FILES: dict[str, Callable[[dict[str, int]], str]] = {
    "letter": lambda ids: f"/desk/letters/{ids['event']}/letter.pdf",
    "batch": lambda ids: f"/desk/letters/batches/{ids['hand_over_batch']}/letters.pdf",
    "manifest": lambda ids: f"/desk/letters/batches/{ids['hand_over_batch']}/manifest.csv",
    "list": lambda ids: f"/desk/requests/{ids['ready']}/document",
    "scan": lambda ids: "/desk/documents/1",
}


@pytest.mark.parametrize("name", FILES)
def test_files_are_saved_by_who_may_read_them(ground: Ground, name: str) -> None:
    path = FILES[name](ground.ids)
    answer = ground.legal.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert WebClient(ground.app).get(path).location.startswith("/sign-in")
    admin = ground.others[1]
    assert admin.get(path).status_code == 403
    for nothing in addresses_of_nothing(path):
        assert ground.legal.get(nothing).status_code == 404
