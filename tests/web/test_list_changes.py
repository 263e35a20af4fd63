"""The desk's pages for removals, corrections of the list and the history of an entry."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from subnotify.rules.words import Role
from subnotify.storage.list_corrections import find_waiting_correction
from subnotify.storage.registry import latest_entries
from tests.support.web_client import WebClient, session_on
from tests.web.list_changes import ListChanges, id_of, make_changes, published_list

REGISTRY = "/desk/registry"


@pytest.fixture
def changes(database_url: str, at: datetime) -> ListChanges:
    with session_on(database_url) as session:
        return make_changes(session, at)


@pytest.fixture
def publisher(signed_in: Callable[..., WebClient]) -> WebClient:
    return signed_in(Role.PUBLISHER)


@pytest.fixture
def legal(signed_in: Callable[..., WebClient]) -> WebClient:
    return signed_in(Role.LEGAL)


def test_an_entry_is_removed_from_its_page(database_url, at, publisher, legal):
    with session_on(database_url) as session:
        published_list(session, at)
        number = id_of(session, "ionos")
    page = f"{REGISTRY}/{number}"
    assert "Remove from the list" in publisher.get(page).text
    assert "Remove from the list" not in legal.get(page).text
    assert legal.get(f"{page}/remove").status_code == 403
    asked = publisher.get(f"{page}/remove").text
    assert "nothing changes on the list yet" in asked
    assert publisher.post(f"{page}/remove").status_code == 303
    text = publisher.get(page).text
    assert "removal drafted" in text and "drafted to leave the list" in text
    again = publisher.post(f"{page}/remove").text
    assert "Something else is drafted for this entry." in again
    publisher.post(f"{page}/discard", page)
    assert "removal drafted" not in publisher.get(page).text


def test_a_draft_of_records_alone_offers_a_correction(changes, publisher, legal, database_url):
    page = f"{REGISTRY}/{changes.records}"
    assert "Propose as a correction" in publisher.get(page).text
    assert "Propose as a correction" not in publisher.get(f"{REGISTRY}/{changes.amended}").text
    assert "Propose as a correction" not in publisher.get(f"{REGISTRY}/{changes.removed}").text
    empty = publisher.post(f"{page}/correct", note=" ")
    assert "Write the reason" in empty.text and "Guarantees reviewed on" in empty.text
    assert publisher.post(f"{page}/correct", note="Yearly review").status_code == 303
    assert "waits for another person, proposed by" in publisher.get(page).text
    waiting = legal.get(f"{REGISTRY}/corrections").text
    assert "Yearly review" in waiting and "same company, same place" in waiting
    assert "2 corrections of the list wait" in legal.get(REGISTRY).text
    assert "OVHcloud" in legal.get("/desk/confirmations").text
    refused = publisher.post(f"{REGISTRY}/{changes.amended}/correct", note="please")
    assert "This is a change of the list" in refused.text


def test_the_proposer_cannot_confirm_and_another_person_can(
    changes, publisher, legal, database_url
):
    page = f"{REGISTRY}/corrections/{changes.correction}"
    shown = publisher.get(page).text
    assert "It waits for another person, of legal." in shown
    bare = publisher.post(page, REGISTRY, decision="confirm")
    assert "Another person, of legal, decides about this correction." in bare.text
    shown = legal.get(page).text
    assert "+33 1 23 45 67 89" in shown and "Confirm: correct the list" in shown
    assert legal.post(page, decision="confirm").status_code == 303
    with session_on(database_url) as session:
        entry = latest_entries(session)[changes.proposed]
        assert (entry.facts.contact, entry.change_id) == ("+33 1 23 45 67 89", None)
    public = legal.get("/").text
    assert "+33 1 23 45 67 89" in public
    late = legal.post(page, REGISTRY, decision="confirm")
    assert "This correction was confirmed or refused already." in late.text


def test_a_refusal_needs_a_note_and_keeps_what_was_typed(changes, legal, database_url):
    page = f"{REGISTRY}/corrections/{changes.correction}"
    assert "Write the reason" in legal.post(page, decision="refuse", note="").text
    assert legal.post(page, decision="refuse", note="Not their number").status_code == 303
    text = legal.get(f"{REGISTRY}/{changes.proposed}").text
    assert "amendment drafted" in text
    history = legal.get(f"{REGISTRY}/{changes.proposed}/history").text
    assert "A correction was refused" in history and "Not their number" in history


def test_one_person_where_the_setting_allows_it(changes, app, signed_in, database_url):
    settings = app.config["SUBNOTIFY_SETTINGS"]
    app.config["SUBNOTIFY_SETTINGS"] = replace(settings, one_person_release=True)
    paul = signed_in(Role.PUBLISHER)
    page = f"{REGISTRY}/{changes.records}"
    assert paul.post(f"{page}/correct", note="Yearly review").status_code == 303
    with session_on(database_url) as session:
        waiting = find_waiting_correction(session, changes.records)
        assert waiting is not None
    own = f"{REGISTRY}/corrections/{waiting.id}"
    assert "Write the reason" in paul.post(own, decision="confirm", note="").text
    assert paul.post(own, decision="confirm", note="Alone this week").status_code == 303
    assert "Alone this week" in paul.get(f"{page}/history").text


def test_the_history_says_who_and_why(changes, legal):
    text = legal.get(f"{REGISTRY}/{changes.corrected}/history").text
    for said in (
        "First publication of the list",
        "Published by Paul.",
        "The list was corrected",
        "Proposed by Paul. Confirmed by Lea.",
        "They moved their help desk; same company, same place.",
        "transfer impact assessment",
        "TIA-2026-4",
        "Guarantees reviewed on",
    ):
        assert said in text, said
    thrown = legal.get(f"{REGISTRY}/{changes.records}/history").text
    assert "A draft was discarded" in thrown and "Discarded by Paul." in thrown
    assert legal.get(f"{REGISTRY}/999/history").status_code == 404


def test_the_preview_shows_now_and_then(changes, legal):
    text = legal.get(f"/desk/releases/{changes.release}").text
    assert "From then on" in text and "Collects logs and traces" in text
    assert "new: support: Ireland" in text
    assert "No other subprocessor takes its place." in text
