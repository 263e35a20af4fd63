"""A publisher tries a draft: a mail to oneself, everything rendered, and the command."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify import clock as system_clock
from subnotify.cli import main
from subnotify.rules.words import Role
from subnotify.storage.tables import EvidenceRow, MessageRow
from tests.support.release_world import ReleaseWorld
from tests.support.settings import environment_for
from tests.support.web_client import session_on


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with session_on(database_url) as opened:
        yield opened


@pytest.fixture
def world(session: Session, at) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def test_a_trial_mail_goes_to_the_operator_alone(world, signed_in, smtp_server) -> None:
    agreement = world.add_agreement(language="fr")
    release = world.draft([world.add_change()])
    publisher = signed_in(Role.PUBLISHER)
    page = f"/desk/releases/{release}/preview/{agreement}"
    before = world.session.scalar(select(func.count()).select_from(EvidenceRow))
    world.session.rollback()
    sent = publisher.post(f"{page}/trial", page=page)
    assert sent.status_code == 303
    assert "ana.publisher@vendor.example" in publisher.get(page).text
    (mail,) = smtp_server.mails
    assert smtp_server.mails_to("ana.publisher@vendor.example") == [mail]
    parsed = mail.parsed
    text = parsed.get_body(("plain",)).get_content()
    html = parsed.get_body(("html",)).get_content()
    assert parsed["Subject"].startswith("[Essai]")
    assert text.lstrip().startswith("Ceci est un essai") and "Ceci est un essai" in html
    assert "/n/…" in text
    assert world.session.scalar(select(func.count()).select_from(MessageRow)) == 0
    after = world.session.scalar(select(func.count()).select_from(EvidenceRow))
    assert after == before
    world.session.rollback()


def test_an_admin_sends_no_trial(world, signed_in) -> None:
    agreement = world.add_agreement()
    release = world.draft([world.add_change()])
    admin = signed_in(Role.ADMIN)
    page = f"/desk/releases/{release}/preview/{agreement}"
    assert "/trial" not in admin.get(page).text
    assert admin.post(f"{page}/trial", page=page).status_code == 403


def test_a_mail_server_that_refuses_is_said(world, signed_in, smtp_server) -> None:
    agreement = world.add_agreement()
    release = world.draft([world.add_change()])
    publisher = signed_in(Role.PUBLISHER)
    page = f"/desk/releases/{release}/preview/{agreement}"
    smtp_server.stop()
    assert publisher.post(f"{page}/trial", page=page).status_code == 303
    assert "did not take the trial mail" in publisher.get(page).text


def test_the_page_says_what_was_rendered(world, signed_in, monkeypatch) -> None:
    for _ in range(3):
        world.add_agreement()
    unknown = world.add_agreement(terms=None)
    release = world.draft([world.add_change()])
    publisher = signed_in(Role.PUBLISHER)
    page = f"/desk/releases/{release}/dry-run"
    assert page in publisher.get(f"/desk/releases/{release}").text
    shown = publisher.get(page).text
    assert "4</span>agreements rendered" in shown and "Cannot be served or computed" in shown
    module = import_module("subnotify.web.release_trials")
    monkeypatch.setattr(module, "MOST_AGREEMENTS", 2)
    assert f"subnotify release dry-run {release}" in publisher.get(page).text
    assert publisher.get("/desk/releases/999/dry-run").status_code == 404
    world.approve(release, confirmed=[unknown])
    world.release(release)
    assert publisher.get(page).status_code == 303


@pytest.fixture
def command(database_url, monkeypatch, at) -> CliRunner:
    for name, value in environment_for(database_url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(system_clock, "now", lambda: at)
    return CliRunner()


def test_the_command_renders_all_of_it(world, command) -> None:
    world.add_agreement()
    release = world.draft([world.add_change()])
    done = command.invoke(main, ["release", "dry-run", str(release)])
    assert done.exit_code == 0, done.output
    assert "1 agreements, 1 mails (1 en)" in done.output
    unknown = world.add_agreement(terms=None)
    problems = command.invoke(main, ["release", "dry-run", str(release), "--json"])
    assert problems.exit_code == 1 and '"not_servable": 1' in problems.output
    assert command.invoke(main, ["release", "dry-run", "999"]).exit_code == 2
    world.approve(release, confirmed=[unknown])
    world.release(release)
    assert command.invoke(main, ["release", "dry-run", str(release)]).exit_code == 2
