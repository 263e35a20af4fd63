"""Internal notes: operators read them, and nobody else ever does."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

import subnotify
from subnotify.operations.import_registry import import_registry
from subnotify.operations.keep_internal_notes import keep_internal_notes
from subnotify.operations.publish_list import publish_list
from subnotify.rules.words import Role
from subnotify.storage.internal_notes import get_internal_notes
from subnotify.storage.registry import find_subprocessor
from subnotify.storage.tables import (
    ChangeRow,
    EvidenceContentRow,
    EvidenceRow,
    MessageRow,
)
from tests.support.release_world import ReleaseWorld
from tests.support.samples import COMPLETED_LIST, sample
from tests.support.web_client import WebClient, session_on

PARIS = ZoneInfo("Europe/Paris")
REGISTRY = "/desk/registry"
SECRET = "Kestrel: price talks, renew before May"


@pytest.fixture
def published(database_url: str, at: datetime) -> str:
    with session_on(database_url) as session:
        import_registry(session, sample(COMPLETED_LIST), by="paul", at=at, zone=PARIS)
        publish_list(session, by="paul", at=at, zone=PARIS)
    return database_url


@pytest.fixture
def address(published: str) -> str:
    with session_on(published) as session:
        found = find_subprocessor(session, "sentry")
        assert found is not None
        return f"{REGISTRY}/{found.id}"


def evidence(url: str) -> list[tuple[str, str, object]]:
    with session_on(url) as session:
        rows = session.execute(
            select(EvidenceRow.type, EvidenceRow.actor, EvidenceContentRow.content)
            .join(EvidenceContentRow, EvidenceContentRow.evidence_id == EvidenceRow.id)
            .where(EvidenceRow.type == "internal_notes_kept")
        )
        return [(row.type, row.actor, row.content) for row in rows]


def test_operators_write_and_read_them(
    address: str, published: str, signed_in: Callable[..., WebClient]
):
    legal, admin = signed_in(Role.LEGAL), signed_in(Role.ADMIN)
    answer = legal.post(f"{address}/notes", notes=f" {SECRET}\r\nsecond line ")
    assert answer.status_code == 303
    assert f"{SECRET}\nsecond line" in admin.get(address).text
    assert admin.get(f"{address}/notes").status_code == 403
    assert "/notes" not in admin.get(address).text
    # Who and when is on record; what was written is not.
    ((_type, actor, content),) = evidence(published)
    assert actor.startswith("operator:")
    assert isinstance(content, dict) and content["by"] == "Ana legal"
    assert SECRET not in str(content)
    # The same again is no change.
    legal.post(f"{address}/notes", notes=f"{SECRET}\nsecond line")
    assert len(evidence(published)) == 1


def test_who_comes_second_is_told(address: str, signed_in: Callable[..., WebClient]):
    legal = signed_in(Role.LEGAL)
    legal.post(f"{address}/notes", notes="first", seen="")
    answer = legal.post(f"{address}/notes", notes="mine", seen="")
    assert answer.status_code == 200
    assert "Somebody else changed the notes meanwhile." in answer.text
    assert (
        "On record now:" in answer.text
        and "first" in answer.text
        and "mine</textarea>" in answer.text
    )
    assert legal.post(f"{address}/notes", notes="first, mine", seen="first").status_code == 303


def test_too_long_ones_are_refused_and_kept_in_the_form(
    address: str, published: str, signed_in: Callable[..., WebClient]
):
    legal = signed_in(Role.LEGAL)
    answer = legal.post(f"{address}/notes", notes="x" * 20_001, seen="")
    assert "These notes are longer than 20000 characters." in answer.text
    assert "x" * 20_001 in answer.text
    assert legal.get(f"{REGISTRY}/99/notes").status_code == 404
    assert evidence(published) == []


def test_nothing_public_holds_them(address: str, published: str, client: WebClient, at: datetime):
    number = int(address.rsplit("/", 1)[1])
    with session_on(published) as session:
        keep_internal_notes(session, number, SECRET, by="Lea", at=at)
    for page in ("/", "/?lang=fr", "/subprocessors.json"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "Kestrel" not in answer.text, page
    assert "sign-in" in client.get(address).location
    assert "sign-in" in client.get(f"{address}/notes").location


def test_no_release_and_no_notice_holds_them(database_url: str, at: datetime):
    """Every column of every table but the notes' own, after a release."""
    with session_on(database_url) as session:
        world = ReleaseWorld(session, at=at)
        world.add_agreement()
        change = world.add_change()
        number = session.get_one(ChangeRow, change).subprocessor_id
        keep_internal_notes(session, number, SECRET, by="Lea", at=at)
        release = world.draft([change])
        world.approve(release)
        world.release(release)
        assert get_internal_notes(session, number) == SECRET
        assert session.scalar(select(MessageRow.id)) is not None
        for table in MessageRow.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                kept = {name: x for name, x in row.items() if name != "internal_notes"}
                assert "Kestrel" not in repr(kept), table.name


def test_only_pages_and_files_of_operators_read_them():
    """Mails are sealed, and pages are many: so who reads the column at all is listed here."""
    folder = Path(subnotify.__file__).parent
    readers = {
        str(file.relative_to(folder))
        for file in folder.rglob("*.py")
        if "internal_notes" in file.read_text()
    }
    # What shows something: pages and words. The registry's own files are for operators.
    shown = {x for x in readers if x.startswith(("web/", "wording/", "delivery/", "evidence/"))}
    assert shown <= {
        "web/registry.py",
        "web/registry_notes.py",
        "wording/evidence.py",
        "wording/import_fields.py",
    }
    files = (
        r"operations/(keep_internal_notes|import_\w+|export_registry|stored_registry|registry_\w+)"
    )
    assert [x for x in readers if x.startswith("operations/") and not re.match(files, x)] == []
