"""Imports on the desk: differences first, then exactly those; who may, and what is refused."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from io import BytesIO

import pytest
from sqlalchemy import delete, func, select, update

from subnotify.operations.import_registry import import_registry
from subnotify.operations.propose_import import forget_imports
from subnotify.operations.publish_list import publish_list
from subnotify.rules.csv_layouts import EXPORTED
from subnotify.rules.terms_words import RunsFrom
from subnotify.rules.words import Channel, Role
from subnotify.storage.tables import (
    CaseRow,
    ClientRow,
    EvidenceContentRow,
    ImportFileRow,
    ImportProposalRow,
    ListEntryRow,
    NoticeRow,
    VendorRow,
)
from tests.support.csv_imports import PARIS
from tests.support.imports import everything
from tests.support.letters import terms_by
from tests.support.release_world import ReleaseWorld
from tests.support.samples import EXAMPLE, sample
from tests.support.web_client import SettableClock, WebClient, session_on

PATH = "/desk/imports"
CLIENTS = "key,name,country\nmairie-vouziers,Commune de Vouziers,FR\nnew,=New & Co,FR\n"
SHOWN = re.compile(r'name="shown"[^>]*value="([0-9a-f]{64})"')


@pytest.fixture(autouse=True)
def registry(database_url: str, at: datetime) -> None:
    with session_on(database_url) as session:
        import_registry(session, sample(EXAMPLE), by="paul", at=at, zone=PARIS)
        publish_list(session, by="paul", at=at, zone=PARIS)


def upload(browser: WebClient, **files: str | bytes):
    parts = [
        (BytesIO(x.encode() if isinstance(x, str) else x), name if "." in name else f"{name}.csv")
        for name, x in files.items()
    ]
    return browser.post_bare(PATH, {"csrf_token": browser.token(PATH), "files": parts})


def confirm(browser: WebClient, page: str, step: str = "apply"):
    shown = SHOWN.search(browser.get(page).text)
    fields = {"shown": shown[1]} if shown else {}
    return browser.post(f"{page}/{step}", page, **fields)


def stored_names(url: str) -> list[str]:
    with session_on(url) as session:
        return sorted(session.scalars(select(ClientRow.name)))


def test_differences_first_then_exactly_those(
    database_url: str, signed_in: Callable[..., WebClient]
):
    browser = signed_in(Role.PUBLISHER)
    sent = upload(browser, clients=CLIENTS)
    assert sent.status_code == 303, sent.text
    assert stored_names(database_url) == ["Mairie de Vouziers"]
    page = unescape(browser.get(sent.location).text)
    for said in ("Mairie de Vouziers", "Commune de Vouziers", "=New & Co", "these 2 entries"):
        assert said in page, said
    done = confirm(browser, sent.location)
    assert done.status_code == 303
    assert stored_names(database_url) == ["=New & Co", "Commune de Vouziers"]
    after = browser.get(sent.location).text
    assert "What this import changed" in after and "Import exactly this" not in after
    assert confirm(browser, sent.location).status_code in (409, 400)
    with session_on(database_url) as session:
        file = session.scalars(select(ImportFileRow)).one()
        assert file.content is None and len(file.sha256) == 64, "no second copy is kept"


def test_what_changed_meanwhile_is_shown_anew(
    database_url: str, at: datetime, signed_in: Callable[..., WebClient]
):
    browser = signed_in(Role.PUBLISHER)
    sent = upload(browser, clients=CLIENTS)
    source = sample(EXAMPLE).replace(b"Mairie de Vouziers", b"Vouziers (Ardennes)")
    with session_on(database_url) as session:
        import_registry(session, source, by="paul", at=at, zone=PARIS)
    answer = confirm(browser, sent.location)
    assert answer.status_code == 303
    assert stored_names(database_url) == ["Vouziers (Ardennes)"]
    page = unescape(browser.get(sent.location).text)
    assert "has changed since these differences were shown" in page
    assert "Vouziers (Ardennes)" in page and "Mairie de Vouziers" not in page
    confirm(browser, sent.location)
    assert stored_names(database_url) == ["=New & Co", "Commune de Vouziers"]


def test_an_older_page_does_not_confirm_newer_differences(
    database_url: str, at: datetime, signed_in: Callable[..., WebClient]
):
    browser = signed_in(Role.PUBLISHER)
    sent = upload(browser, clients=CLIENTS)
    old = SHOWN.search(browser.get(sent.location).text)
    source = sample(EXAMPLE).replace(b"Mairie de Vouziers", b"Vouziers (Ardennes)")
    with session_on(database_url) as session:
        import_registry(session, source, by="paul", at=at, zone=PARIS)
    confirm(browser, sent.location, "compare")
    browser.post(f"{sent.location}/apply", sent.location, shown=old[1])
    assert stored_names(database_url) == ["Vouziers (Ardennes)"]


def test_problems_are_listed_and_nothing_is_kept(
    database_url: str, signed_in: Callable[..., WebClient]
):
    browser = signed_in(Role.PUBLISHER)
    answer = upload(browser, clients="key,name,country\nx,,UK\n", contacts="client,key\n")
    assert answer.status_code == 422
    page = unescape(answer.text)
    assert "contacts.csv, line 1: The column “name” is missing." in page
    answer = upload(browser, clients="key,name,country\nx,,UK\n")
    page = unescape(answer.text)
    assert "clients.csv, line 2, column name: This is missing. Fill it in." in page
    assert "clients.csv, line 2, column country: “UK” is not a country code." in page
    for empty in ({}, {"x.pdf": "%PDF"}, {"clients": b"\xff\xfe"}):
        assert upload(browser, **empty).status_code == 422
    with session_on(database_url) as session:
        assert session.scalar(select(func.count()).select_from(ImportProposalRow)) == 0


def test_problems_that_came_since_are_shown_with_the_differences(
    database_url: str, at: datetime, signed_in: Callable[..., WebClient]
):
    browser = signed_in(Role.PUBLISHER)
    table = "client,key,name\nmairie-vouziers,chief,Anne Roux\n"
    sent = upload(browser, contacts=table)
    with session_on(database_url) as session:
        session.execute(update(ClientRow).values(key="vouziers"))
        session.commit()
    answer = confirm(browser, sent.location)
    assert answer.status_code == 422
    assert "“mairie-vouziers” is not known" in unescape(answer.text)
    assert "Import exactly this" not in answer.text


def test_the_registry_file_shows_its_differences_too(
    database_url: str, signed_in: Callable[..., WebClient]
):
    browser = signed_in(Role.LEGAL)
    again = upload(browser, **{"registry.yaml": sample(EXAMPLE)})
    assert "Nothing would change" in browser.get(again.location).text
    changed = sample(EXAMPLE).replace(b"AIG-2024-017", b"AIG-2026-001")
    sent = upload(browser, **{"registry.yaml": changed})
    page = browser.get(sent.location).text
    assert "AIG-2024-017" in page and "AIG-2026-001" in page
    bad = upload(
        browser, **{"registry.yaml": sample(EXAMPLE).replace(b"country: GB", b"country: X")}
    )
    assert bad.status_code == 422 and re.search(r"line \d+, subprocessors\[0\]", bad.text)


@pytest.mark.parametrize("name", [kind.value for kind in EXPORTED])
def test_what_is_taken_away_changes_nothing_when_it_comes_back(
    name: str, signed_in: Callable[..., WebClient]
):
    browser = signed_in(Role.PUBLISHER)
    answer = browser.get(f"{PATH}/export/{name}.csv")
    assert answer.mimetype == "text/csv" and answer.headers["Cache-Control"] == "no-store"
    assert len(answer.text.splitlines()) > 1
    sent = upload(browser, **{name: answer.data})
    assert "Nothing would change" in browser.get(sent.location).text
    assert browser.get(f"{PATH}/export/windows.csv").status_code == 404
    french = browser.get(f"{PATH}/export/{name}.csv", headers={"Accept-Language": "fr"})
    assert (";" in french.text.splitlines()[0]) == (";" not in answer.text.splitlines()[0])


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_the_list_is_taken_away_in_one_file(form: str, signed_in: Callable[..., WebClient]):
    browser = signed_in(Role.PUBLISHER)
    assert f"{PATH}/export/registry.{form}" in browser.get(PATH).text
    answer = browser.get(f"{PATH}/export/registry.{form}")
    assert answer.mimetype == f"application/{form}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "northwind-mail" in answer.text and "assessed" not in answer.text
    sent = upload(browser, **{f"registry.{form}": answer.data})
    assert "Nothing would change" in browser.get(sent.location).text
    assert browser.get(f"{PATH}/export/registry.xml").status_code == 404
    assert signed_in(Role.ADMIN).get(f"{PATH}/export/registry.{form}").status_code == 403


def test_a_difference_of_a_basis_is_told_by_place_and_law(signed_in: Callable[..., WebClient]):
    browser = signed_in(Role.PUBLISHER)
    # The seat is there already, with its basis; the table of bases says it again.
    locations = (
        "subprocessor,country,kind\nnorthwind-mail,GB,establishment\nnorthwind-mail,SG,access\n"
    )
    bases = (
        "subprocessor,country,kind,law,code,signed_on,assessment_result,assessment_reference,"
        "assessment_done_on\n"
        "northwind-mail,SG,access,EU_GDPR,scc_eu_2021_m3,2026-01-05,sufficient,TIA-1,2026-01-04\n"
    )
    sent = upload(browser, bases=bases, locations=locations)
    assert sent.status_code == 303, sent.text
    page = unescape(browser.get(sent.location).text)
    for said in (
        "access, Singapore: Country",
        "access, Singapore, EU GDPR: Transfer basis",
        "module 3 (art. 46(2)(c)) · scc_eu_2021_m3",
        "access, Singapore, EU GDPR: Transfer impact assessment: reference",
        "seat, United Kingdom, EU GDPR: Transfer basis",
    ):
        assert said in page, said


def test_internal_notes_are_published_nowhere(
    database_url: str, at: datetime, signed_in: Callable[..., WebClient]
):
    browser = signed_in(Role.PUBLISHER)
    notes = "key,name,internal_notes\nnorthwind-mail,Northwind Mail Ltd,Contract in the blue safe\n"
    confirm(browser, upload(browser, subprocessors=notes).location)
    assert "blue safe" in browser.get(f"{PATH}/export/registry.json").text
    for path in ("/", "/subprocessors.json"):
        shown = browser.get(path)
        assert shown.status_code == 200 and "blue safe" not in shown.text, path
    with session_on(database_url) as session:
        told = (
            *session.scalars(select(EvidenceContentRow.content)),
            *session.scalars(select(ListEntryRow.facts)),
        )
        assert told and "blue safe" not in repr(told)


def test_a_json_file_that_is_none_is_refused_with_its_line(signed_in: Callable[..., WebClient]):
    browser = signed_in(Role.PUBLISHER)
    refused = upload(browser, **{"registry.json": '{\n "services": [\n  {"key": "a",}\n]}'})
    assert refused.status_code == 422
    assert "line 3: This is not valid JSON" in unescape(refused.text)


def test_only_its_uploader_and_legal_open_an_import(signed_in: Callable[..., WebClient]):
    publisher = signed_in(Role.PUBLISHER)
    sent = upload(publisher, clients=CLIENTS)
    other, legal = signed_in(Role.PUBLISHER, Role.ADMIN), signed_in(Role.LEGAL)
    assert other.get(sent.location).status_code == 404
    assert other.post(f"{sent.location}/apply", PATH).status_code == 404
    assert "Last imports" not in other.get(PATH).text
    assert legal.get(sent.location).status_code == 200
    assert "Ana publisher" in legal.get(PATH).text
    admin = signed_in(Role.ADMIN)
    assert admin.get(PATH).status_code == 403


def test_an_import_is_discarded_or_forgotten(
    database_url: str, clock: SettableClock, signed_in: Callable[..., WebClient]
):
    browser = signed_in(Role.PUBLISHER)
    first, second = (upload(browser, clients=CLIENTS).location for _ in range(2))
    browser.post(f"{first}/discard", first)
    assert browser.get(first).status_code == 404
    for days, status in ((6, 200), (2, 404)):
        clock.at += timedelta(days=days)
        with session_on(database_url) as session:
            assert forget_imports(session, at=clock.at) == int(status == 404)
        browser.sign_in("Ana publisher")
        assert browser.get(second).status_code == status
    assert stored_names(database_url) == ["Mairie de Vouziers"]


def test_too_large_a_file_is_refused_and_others_stay_small(signed_in: Callable[..., WebClient]):
    browser = signed_in(Role.PUBLISHER)
    allowed = "key,name,country\n" + f"big,{'x' * 100_000},FR\n" * 40
    assert upload(browser, clients=allowed).status_code == 422, "read, and found wrong"
    assert upload(browser, clients=b"x" * (11 * 1024 * 1024)).status_code == 413


def test_many_differences_come_in_pages(signed_in: Callable[..., WebClient]):
    browser = signed_in(Role.PUBLISHER)
    lines = [f"c{n:03},Client {n:03},FR" for n in range(120)]
    sent = upload(browser, clients="\n".join(["key,name,country", *lines]))
    first, last = browser.get(sent.location).text, browser.get(f"{sent.location}?page=3").text
    assert "c049" in first and "c050" not in first
    assert "c119" in last and "Page 3 of 3, 120 differences" in last
    assert browser.get(f"{sent.location}?page=99").text.count("c119") == last.count("c119")


WINDOWS = (
    "agreement,contact,kind,subprocessor,commencement_on,dispatched_at,received_at,proof,"
    "proof_reference,reason_en\n"
    "a1,p0,addition,orage,2026-05-01,2026-02-24 10:15,2026-02-24 10:17,recipient_server,log 812,"
    "More room.\n"
)


def test_legal_brings_in_a_running_window(
    database_url: str, at: datetime, clock: SettableClock, signed_in: Callable[..., WebClient]
):
    with session_on(database_url) as session:
        session.execute(delete(VendorRow))
        session.commit()
        world = ReleaseWorld(session, at=at)
        world.add_agreement()
        world.add_agreement()
        world.add_change("orage")
    publisher = signed_in(Role.PUBLISHER)
    refused = upload(publisher, windows=WINDOWS)
    assert refused.status_code == 422
    assert "Windows that run already are brought in by legal" in refused.text
    legal = signed_in(Role.LEGAL)
    sent = upload(legal, windows=WINDOWS)
    page = unescape(legal.get(sent.location).text)
    assert "Last day of the window" in page and "2026-03-11" in page
    assert "p0: received" in page
    assert "subnotify will send them its own notice" in page and "a2" in page
    confirm(legal, sent.location)
    with session_on(database_url) as session:
        notice = session.scalars(select(NoticeRow)).one()
        case_id = session.scalars(select(CaseRow.id)).one()
    board = legal.get("/desk/board").text
    assert notice.state == "served" and "orage" in board.lower()
    case = legal.get(f"/desk/cases/{case_id}").text
    assert "Given before subnotify was used" in case and "log 812" in case
    assert "were not sent from here" in legal.get(f"/desk/releases/{notice.release_id}").text
    assert legal.get("/").status_code == 200
    again = upload(legal, windows=WINDOWS)
    assert "Nothing would change" in legal.get(again.location).text


def test_a_window_whose_channel_nobody_said_is_refused(
    database_url: str, at: datetime, signed_in: Callable[..., WebClient]
):
    with session_on(database_url) as session:
        session.execute(delete(VendorRow))
        session.commit()
        world = ReleaseWorld(session, at=at)
        terms = terms_by(Channel.REGISTERED_POST, proofs=())
        world.add_agreement(terms=replace(terms, runs_from=RunsFrom.DISPATCH))
        world.add_change("orage")
    legal = signed_in(Role.LEGAL)
    assert "channel is email, post or registered_post" in unescape(legal.get(PATH).text)
    row = "agreement,contact,subprocessor,commencement_on,dispatched_at,reason_en"
    windows = f"{row}\na1,p0,orage,2026-05-01,2026-02-24,More room.\n"
    refused = upload(legal, windows=windows)
    assert refused.status_code == 422
    said = unescape(refused.text)
    assert "line 2, column channel: It is not said by which channel the notice was given." in said
    said_so = windows.replace("reason_en", "reason_en,channel").replace("room.", "room.,post")
    refused = upload(legal, windows=said_so)
    assert "they name registered_post." in unescape(refused.text)
    sent = upload(legal, windows=said_so.replace("post\n", "registered_post\n"))
    page = unescape(legal.get(sent.location).text)
    assert "p0: channel" in page and "registered_post" in page


def test_a_get_changes_nothing(database_url: str, signed_in: Callable[..., WebClient]):
    browser = signed_in(Role.PUBLISHER)
    sent = upload(browser, clients=CLIENTS)
    with session_on(database_url) as session:
        before = everything(session)
    for path in (PATH, sent.location, f"{PATH}/export/clients.csv"):
        assert browser.get(path).status_code == 200
    with session_on(database_url) as session:
        assert everything(session) == before


def test_a_form_without_a_token_imports_nothing(
    database_url: str, signed_in: Callable[..., WebClient]
):
    browser = signed_in(Role.PUBLISHER)
    part = (BytesIO(CLIENTS.encode()), "clients.csv")
    assert browser.post_bare(PATH, {"files": part}).status_code == 400
    sent = upload(browser, clients=CLIENTS)
    shown = SHOWN.search(browser.get(sent.location).text)[1]
    assert browser.post_bare(f"{sent.location}/apply", {"shown": shown}).status_code == 400
    assert stored_names(database_url) == ["Mairie de Vouziers"]
