"""The list of any day since it was published, and what took effect when."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from subnotify.operations.commence_changes import commence_change
from subnotify.storage.tables import (
    ChangeRow,
    ListCorrectionRow,
    ListEntryRow,
    SubprocessorRow,
)
from tests.support.samples import COMPLETED_LIST, sample
from tests.support.statement import PARIS, publish_statement
from tests.support.web_client import SettableClock, WebClient, session_on
from tests.web.test_public import announce
from tests.web.test_public_lapses import LAST_DAY, SHIELDED

LATER = datetime(2026, 5, 4, 8, tzinfo=UTC)


@pytest.fixture
def changed(database_url: str, at: datetime, clock: SettableClock) -> str:
    """Published on 2 March; on 4 May IONOS was replaced; it is 11 May."""
    publish_statement(database_url, at, sample(COMPLETED_LIST))
    announce(database_url, at)
    with session_on(database_url) as session:
        change_id = session.scalars(select(ChangeRow.id)).one()
        given = {"by": "lea", "actor": "operator:1", "zone": PARIS, "at": LATER}
        commence_change(session, change_id, **given)
    clock.at = LATER + timedelta(days=7)
    return database_url


def test_the_history_tells_what_took_effect_the_latest_first(client: WebClient, changed: str):
    page = client.get("/history?lang=en").text
    assert "Alpine Backup AG replaced IONOS" in page
    assert "release 2026-001" in page
    assert "The list was published with 6 entries" in page
    assert page.index("4 May 2026") < page.index("2 March 2026")
    assert 'href="/?on=2026-05-04"' in page
    assert client.get("/history?lang=fr").status_code == 200


def test_a_correction_is_told_without_what_it_says(client: WebClient, changed: str, at: datetime):
    with session_on(changed) as session:
        entry = session.scalars(
            select(ListEntryRow).join(SubprocessorRow).where(SubprocessorRow.key == "sentry")
        ).one()
        for state, decided_at in (("confirmed", at + timedelta(days=1)), ("proposed", None)):
            session.add(
                ListCorrectionRow(
                    subprocessor_id=entry.subprocessor_id,
                    before_facts=entry.facts,
                    facts=entry.facts,
                    reason="They moved",
                    state=state,
                    proposed_at=at,
                    proposed_by="paul",
                    decided_at=decided_at,
                )
            )
        session.commit()
    page = client.get("/history?lang=en").text
    assert page.count("The record of Sentry was corrected") == 1
    assert "They moved" not in page


def test_the_list_of_a_day_is_what_was_in_force_then(client: WebClient, changed: str):
    before = client.get("/?lang=en&on=2026-05-03").text
    assert "This is the list as it was in force on 3 May 2026" in before
    assert "Sarreguemines" in before
    assert "Alpine Backup AG" not in before
    after = client.get("/?lang=en&on=2026-05-04").text
    assert "Sarreguemines" not in after
    assert "Alpine Backup AG" in after
    data = client.get("/subprocessors.json?on=2026-05-03").json
    assert data is not None
    assert (data["on"], data["announced"]) == ("2026-05-03", [])
    assert "ionos" in [entry["key"] for entry in data["entries"]]


def test_who_was_phased_out_later_was_not_then(client: WebClient, changed: str):
    with session_on(changed) as session:
        session.execute(
            update(ListEntryRow)
            .where(ListEntryRow.in_force_until_on == date(2026, 5, 4))
            .values(in_force_until_on=None, phased_out_from_on=date(2026, 5, 4))
        )
        session.commit()
    assert "phased out" not in client.get("/?lang=en&on=2026-05-03").text
    assert "phased out from 4 May 2026" in client.get("/?lang=en&on=2026-05-04").text


def test_a_basis_is_shown_as_it_stood_on_that_day(
    client: WebClient, database_url: str, clock: SettableClock
):
    publish_statement(database_url, LAST_DAY - timedelta(days=10), SHIELDED % b"[EU_GDPR]")
    clock.at = LAST_DAY + timedelta(days=30)
    assert "lapsed on 16 July 2020" in client.get("/?lang=en").text
    assert "lapsed" not in client.get("/?lang=en&on=2020-07-15").text
    assert "lapsed on 16 July 2020" in client.get("/?lang=en&on=2020-07-16").text


@pytest.mark.parametrize(
    "day", ["2026-03-01", "2026-05-12", "soon", "", "2026-02-30", "20260504T1"]
)
def test_there_is_no_list_of_other_days(client: WebClient, changed: str, day: str):
    for path in ("/", "/subprocessors.json"):
        assert client.get(f"{path}?on={day}").status_code == 404


def test_today_is_no_past_day(client: WebClient, changed: str):
    page = client.get("/?lang=en&on=2026-05-11").text
    assert "as it was in force" not in page


def test_before_the_first_publication_there_is_no_history(client: WebClient):
    assert client.get("/history").status_code == 404
