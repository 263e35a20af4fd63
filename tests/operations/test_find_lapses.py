"""Tasks about transfer bases that end: opened, told in stages, closed by themselves."""

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from subnotify.operations.find_lapses import LapsesFound, find_lapses
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import MessagePurpose
from subnotify.storage.database import session_factory
from subnotify.storage.tables import MessageRow
from tests.operations.desk import evidence_types
from tests.operations.desk_registry import facts_on_record
from tests.operations.rendering import one_text
from tests.rules.transfer_samples import CH, EU, in_full
from tests.support.lapse_world import LEGAL_EMAIL, LapseWorld, in_us
from tests.support.release_world import PARIS
from tests.support.scenario_facts import ORAGE

DAY = timedelta(days=1)
ENDS = date(2026, 12, 31)
WITHOUT = ENDS + DAY
CLAUSES = in_full("scc_eu_2021_m3", expires_on=ENDS)
OPEN = ("US establishment", "EU_GDPR", "scc_eu_2021_m3", WITHOUT, "open")
NOTHING = LapsesFound()


@pytest.fixture
def world(session: Session, at: datetime) -> LapseWorld:
    return LapseWorld(session, at=at)


def alarms(session: Session) -> list[MessageRow]:
    query = select(MessageRow).where(MessageRow.purpose == MessagePurpose.TRANSFER_ALARM.value)
    rows = session.scalars(query.order_by(MessageRow.id)).all()
    session.rollback()
    return list(rows)


def test_before_the_first_import_there_is_nothing_to_find(session: Session, at: datetime):
    assert find_lapses(session, zone=PARIS, legal_email=LEGAL_EMAIL, at=at) == NOTHING


def test_a_basis_is_told_of_at_180_90_30_days_and_on_the_day(session, world):
    world.add_entry("mirador", in_us(CLAUSES))
    world.add_entry("orage", ORAGE)
    assert world.find(WITHOUT - 181 * DAY) == NOTHING
    assert world.tasks() == []
    assert world.find(WITHOUT - 180 * DAY) == LapsesFound(opened=1, told=1)
    assert world.tasks() == [OPEN]
    for days in range(179, -10, -1):
        found = world.find(WITHOUT - days * DAY)
        assert found == (LapsesFound(told=1) if days in (90, 30, 0) else NOTHING)
    assert world.told() == [(1, 180), (1, 90), (1, 30), (1, 0)]
    assert [(mail.to_address, mail.language) for mail in alarms(session)] == [
        (LEGAL_EMAIL, "en")
    ] * 4
    assert evidence_types(session) == ["transfer_lapse_opened", *["transfer_lapse_told"] * 4]


def test_after_downtime_legal_is_told_once_of_the_nearest_stage(world):
    world.add_entry("mirador", in_us(CLAUSES))
    world.find(WITHOUT - 170 * DAY)
    assert world.find(WITHOUT - 20 * DAY) == LapsesFound(told=1)
    assert world.find(WITHOUT - 20 * DAY, hour=23) == NOTHING
    assert world.told() == [(1, 180), (1, 30)]


def test_one_mail_tells_of_everything_that_is_new(session, world):
    world.add_entry("mirador", in_us(CLAUSES))
    world.add_entry("phare", in_us(replace(CLAUSES, expires_on=ENDS + 5 * DAY), name="Phare"))
    assert world.find(WITHOUT - 100 * DAY) == LapsesFound(opened=2, told=2)
    assert [mail.logical_key for mail in alarms(session)] == ["transfer_alarm:1:2"]
    world.find(WITHOUT - 90 * DAY)
    world.find(WITHOUT - 85 * DAY)
    assert world.told() == [(1, 180), (2, 180), (1, 90), (2, 90)]
    assert len(alarms(session)) == 3


def test_an_amendment_with_a_basis_that_holds_closes_the_task(session, world):
    entry = world.add_entry("mirador", in_us(CLAUSES))
    world.find(WITHOUT + DAY)
    world.say_instead(entry, in_us(in_full("EU-US-DPF")), on=WITHOUT + 3 * DAY)
    assert world.find(WITHOUT + 2 * DAY) == NOTHING
    assert world.find(WITHOUT + 3 * DAY) == LapsesFound(closed=1)
    assert world.tasks() == [(*OPEN[:4], "replaced")]
    assert evidence_types(session)[-1] == "transfer_lapse_closed"
    assert facts_on_record(session, "transfer_lapse_closed")[0]["why"] == "lawful_or_left"
    assert world.find(WITHOUT + 4 * DAY) == NOTHING


def test_a_basis_extended_to_another_day_is_another_task(session, world):
    entry = world.add_entry("mirador", in_us(CLAUSES))
    world.find(WITHOUT - 100 * DAY)
    later = in_us(replace(CLAUSES, expires_on=ENDS + 20 * DAY))
    world.say_instead(entry, later, on=WITHOUT - 99 * DAY)
    assert world.find(WITHOUT - 99 * DAY) == LapsesFound(opened=1, told=1, closed=1)
    assert [task[3:] for task in world.tasks()] == [
        (WITHOUT, "replaced"),
        (WITHOUT + 20 * DAY, "open"),
    ]
    assert facts_on_record(session, "transfer_lapse_closed")[0]["why"] == "other_day"
    far = in_us(replace(CLAUSES, expires_on=ENDS + 400 * DAY))
    world.say_instead(entry, far, on=WITHOUT - 98 * DAY)
    assert world.find(WITHOUT - 98 * DAY) == LapsesFound(closed=1)


def test_who_left_the_list_has_no_task_any_more(world):
    entry = world.add_entry("mirador", in_us(CLAUSES))
    world.find(WITHOUT)
    world.end_entry(entry, on=WITHOUT + 5 * DAY)
    assert world.find(WITHOUT + 4 * DAY) == NOTHING
    assert world.find(WITHOUT + 5 * DAY) == LapsesFound(closed=1)


def test_what_comes_back_as_it_was_is_the_same_task_opened_again(world):
    entry = world.add_entry("mirador", in_us(CLAUSES))
    world.find(WITHOUT)
    world.say_instead(entry, in_us(in_full("EU-US-DPF")), on=WITHOUT + DAY)
    world.find(WITHOUT + DAY)
    world.say_instead(entry, in_us(CLAUSES), on=WITHOUT + 2 * DAY)
    assert world.find(WITHOUT + 2 * DAY) == LapsesFound(opened=1, told=1)
    assert world.tasks() == [OPEN]
    assert world.told() == [(1, 0), (1, 0)]


def test_a_law_added_later_without_any_basis_is_found_and_keeps_the_day_it_was_found(world):
    """Under Swiss law clauses of the EU alone are nothing."""
    world.add_entry("mirador", in_us(replace(CLAUSES, expires_on=None)))
    on = date(2026, 5, 4)
    assert world.find(on) == NOTHING
    world.set_laws((EU, CH))
    assert world.find(on + DAY) == LapsesFound(opened=1, told=1)
    assert world.tasks() == [("US establishment", "CH_FADP", "", on + DAY, "open")]
    assert world.find(on + 50 * DAY) == NOTHING
    world.set_laws((EU,))
    assert world.find(on + 51 * DAY) == LapsesFound(closed=1)


def test_an_announced_change_counts_from_its_commencement(session, world, at):
    world.add_agreement()
    ends = replace(CLAUSES, expires_on=(at + timedelta(days=120)).date())
    change = world.add_change("phare", facts=in_us(ends, name="Phare"))
    release = world.draft([change])
    assert world.find(at.date()) == NOTHING
    world.approve(release)
    world.release(release)
    assert world.find(at.date()) == LapsesFound(opened=1, told=1)
    assert world.open_days() == [(at + timedelta(days=121)).date()]


def test_two_rows_of_one_entry_both_count(session, world):
    """One client keeps the old one: both are on the list, each with its own basis."""
    entry = world.add_entry("mirador", in_us(CLAUSES))
    other = replace(CLAUSES, expires_on=ENDS + 9 * DAY)
    world._say(entry, in_us(other), WITHOUT - 60 * DAY)
    assert world.find(WITHOUT - 50 * DAY) == LapsesFound(opened=2, told=2)
    assert world.open_days() == [WITHOUT, WITHOUT + 9 * DAY]


def test_the_evidence_says_what_ends_whom_it_concerns_and_by_which_data(session, world):
    for laws in ((), (EU,), (CH,), (EU, CH)):
        agreement = world.add_agreement(services=("mail", "monitoring"))
        world.set_agreement_laws(agreement, laws)
    world.add_agreement(services=("helpdesk",))
    world.add_agreement(services=("monitoring",), ended_on=WITHOUT - 200 * DAY)
    world.add_entry("mirador", in_us(CLAUSES, services=("monitoring", "mail")))
    world.find(WITHOUT - 30 * DAY)
    (opened,) = facts_on_record(session, "transfer_lapse_opened")
    (told,) = facts_on_record(session, "transfer_lapse_told")
    assert {name: opened[name] for name in ("place", "law", "instrument", "lapses_on")} == {
        "place": "US establishment",
        "law": "EU_GDPR",
        "instrument": "scc_eu_2021_m3",
        "lapses_on": WITHOUT.isoformat(),
    }
    assert opened["reference"].startswith("2026-")
    assert (told["days_ahead"], told["clients"]) == (30, 3)


def test_two_runners_at_once_find_it_once(session: Session, engine: Engine, world: LapseWorld):
    world.add_entry("mirador", in_us(CLAUSES))
    found: list[LapsesFound] = []
    failed: list[BaseException] = []
    instant = datetime.combine(WITHOUT, datetime.min.time(), PARIS)

    def run() -> None:
        try:
            with session_factory(engine)() as own:
                found.append(find_lapses(own, zone=PARIS, legal_email=LEGAL_EMAIL, at=instant))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(found, key=lambda x: x.opened) == [NOTHING, NOTHING, LapsesFound(1, 1, 0)]
    assert len(alarms(session)) == 1


def test_laws_are_told_apart(world):
    world.set_laws(tuple(ExportLaw))
    world.add_entry("mirador", in_us(CLAUSES, in_full("ch_scc", CH, expires_on=ENDS + DAY)))
    world.find(WITHOUT - DAY)
    assert [task[1:4] for task in world.tasks()] == [
        ("UK_GDPR", "", WITHOUT - DAY),
        ("EU_GDPR", "scc_eu_2021_m3", WITHOUT),
        ("CH_FADP", "ch_scc", WITHOUT + DAY),
    ]


def test_the_mail_says_what_ends_and_what_would_fit(session: Session, world: LapseWorld):
    world.add_agreement(services=("monitoring",))
    world.add_entry("mirador", in_us(CLAUSES))
    world.find(WITHOUT - 30 * DAY)
    instant = datetime.combine(WITHOUT - 30 * DAY, datetime.min.time(), PARIS)
    mail = one_text(session, instant + DAY, MessagePurpose.TRANSFER_ALARM)
    assert mail.subject == "Transfer basis ends: Mirador Logs Inc., none from 1 January 2027"
    said = " ".join(mail.text.split())
    for words in (
        "Place: United States, seat",
        "standard contractual clauses 2021/914, module 3",
        "from 1 January 2027, in 30 days",
        "Clients concerned: 1",
        "approved certification with binding commitments",
        "https://list.vendor.example/desk/lapses/1",
    ):
        assert words in said


def test_a_mail_about_what_was_mended_since_is_still_written(session: Session, world: LapseWorld):
    entry = world.add_entry("mirador", in_us(CLAUSES))
    world.find(WITHOUT)
    world.end_entry(entry, on=WITHOUT + DAY)
    world.find(WITHOUT + DAY)
    instant = datetime.combine(WITHOUT + DAY, datetime.min.time(), PARIS)
    mail = one_text(session, instant + DAY, MessagePurpose.TRANSFER_ALARM)
    assert mail.subject == "Transfer basis lapsed: Mirador Logs Inc., since 1 January 2027"
