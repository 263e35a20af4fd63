"""Vendors under two export laws, or the Swiss one alone: what each law asks for, and when.

Other cells: the chart by role (web/test_public_chart), Switzerland only unless the contract allows
more (test_allowed_countries), the amendment after a lapse (test_find_lapses), pages
(web/test_seed_rows).
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.record_data_return import choose_data_return
from subnotify.rules.objection_steps import UNDO_LASTS
from subnotify.rules.terms_words import DataAtEnd, TakesEffect
from subnotify.rules.transfer_words import Reason
from subnotify.storage.data_returns import list_owed_data
from tests.operations.desk import LEGAL
from tests.operations.seed_lists import (
    MODULE_3,
    alone,
    bring_all,
    completed,
    entry_of,
    gaps,
    publish,
    seat,
)
from tests.operations.test_terminations import announce, terminate
from tests.support.imports import PARIS
from tests.support.statement import STATEMENT

DAY = timedelta(days=1)

# A vendor of row 3 on the days of the Privacy Shield: what each law's entry on its list is called.
SHIELDS = {
    "EU_GDPR": ("EU-US-PRIVACY-SHIELD", "EU-U.S."),
    "CH_FADP": ("CH-US-PRIVACY-SHIELD", "Swiss-U.S."),
}


def shielded(laws: Iterable[str], recorded: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """One US company. recorded: (law, code, list) of each certification."""
    data = alone(completed(*laws), "sentry")
    entry = entry_of(data, "sentry")
    entry["in_use_since_on"] = "2019-01-01"
    entry["agreement"] = {"signed_on": "2019-01-01"}
    bases = [
        {
            "law": law,
            "code": code,
            "conditions": "all",
            "list_entry": {
                "entity": "Functional Software, Inc.",
                "lists": [name],
                "covered_data": ["non_hr"],
                "checked_on": "2020-07-01",
            },
        }
        for law, code, name in recorded
    ]
    entry["locations"] = [seat("US", *bases)]
    return data


EU_SHIELD, SWISS_SHIELD = ((law, *SHIELDS[law]) for law in ("EU_GDPR", "CH_FADP"))


@pytest.mark.parametrize(
    ("recorded", "reason"),
    [
        ([EU_SHIELD], Reason.OTHER_LAW),
        # The European one written down for Switzerland, and the Swiss one without its entry.
        ([EU_SHIELD, ("CH_FADP", EU_SHIELD[1], "EU-U.S.")], Reason.OTHER_LAW),
        ([EU_SHIELD, ("CH_FADP", SWISS_SHIELD[1], "EU-U.S.")], Reason.OTHER_LIST),
    ],
)
def test_row_3_the_swiss_shield_is_never_inferred_from_the_european_one(
    session: Session, recorded: list[tuple[str, str, str]], reason: Reason
):
    on = datetime(2020, 7, 6, 8, tzinfo=UTC)
    bring_all(session, shielded(SHIELDS, recorded), on)
    assert gaps(session, on) == {("sentry.locations[0]", "CH_FADP", reason)}
    bring_all(session, shielded(SHIELDS, [EU_SHIELD, SWISS_SHIELD]), on)
    publish(session, on)


@pytest.mark.parametrize(
    ("day", "without"),
    [
        (date(2020, 7, 15), set()),
        (date(2020, 7, 16), {"EU_GDPR"}),
        (date(2020, 9, 7), {"EU_GDPR"}),
        (date(2020, 9, 8), {"EU_GDPR", "CH_FADP"}),
    ],
)
def test_row_3_each_shield_can_be_published_to_its_own_last_day(
    session: Session, day: date, without: set[str]
):
    at = datetime(day.year, day.month, day.day, 9, tzinfo=PARIS)
    bring_all(session, shielded(SHIELDS, [EU_SHIELD, SWISS_SHIELD]), at)
    if without:
        assert gaps(session, at) == {("sentry.locations[0]", law, Reason.ENDED) for law in without}
    else:
        publish(session, at)


def _drop_swiss(entry: dict[str, Any]) -> None:
    for location in entry["locations"]:
        kept = [x for x in location.get("bases", ()) if x["law"] != "CH_FADP"]
        location["bases"] = kept


def _drop_european(entry: dict[str, Any]) -> None:
    for location in entry["locations"]:
        location["bases"] = [x for x in location.get("bases", ()) if x["law"] == "CH_FADP"]


@pytest.mark.parametrize(
    ("key", "drop", "law", "reason"),
    [
        # Japan is adequate for the EU, and nothing for Switzerland.
        ("kita", _drop_swiss, "CH_FADP", Reason.OTHER_LAW),
        ("acme", _drop_swiss, "CH_FADP", Reason.OTHER_LAW),
        ("acme", _drop_european, "EU_GDPR", Reason.OTHER_LAW),
    ],
)
def test_row_3_the_eea_and_switzerland_are_exporters_of_their_own(
    session: Session,
    at: datetime,
    key: str,
    drop: Callable[[dict[str, Any]], None],
    law: str,
    reason: Reason,
):
    data = yaml.safe_load(STATEMENT)
    drop(entry_of(data, key))
    bring_all(session, data, at)
    assert gaps(session, at) == {(f"{key}.locations[0]", law, reason)}


SWISS_CLAUSES = {**MODULE_3, "law": "CH_FADP", "code": "ch_scc", "module": "3", "evidence": {}}


@pytest.mark.parametrize(
    ("locations", "role", "refused"),
    [
        ([seat("CH"), seat("CH", kind="hosting")], "processor", set()),
        ([seat("DE"), seat("MC", kind="hosting"), seat("GI", kind="support")], "processor", set()),
        ([seat("JP")], "processor", {Reason.NO_BASIS}),
        ([seat("BR")], "processor", {Reason.NO_BASIS}),
        ([seat("US", MODULE_3)], "processor", {Reason.OTHER_LAW}),
        ([seat("US", SWISS_CLAUSES)], "processor", set()),
        ([seat("US", {**SWISS_CLAUSES, "module": "2"})], "processor", {Reason.WRONG_MODULE}),
        ([seat("US", {**SWISS_CLAUSES, "module": "2"})], "controller", set()),
        ([seat("US", {"law": "CH_FADP", "code": "ch_art17"})], "processor", {Reason.NEVER_A_BASIS}),
    ],
)
def test_row_4_a_vendor_under_the_swiss_act_alone(
    session: Session,
    at: datetime,
    locations: list[dict[str, Any]],
    role: str,
    refused: set[Reason],
):
    data = alone(completed("CH_FADP"), "ovhcloud")
    data["vendor"]["country"] = "CH"
    entry_of(data, "ovhcloud").update(role=role, locations=locations)
    bring_all(session, data, at)
    if refused:
        found = gaps(session, at)
        assert found == {("ovhcloud.locations[0]", "CH_FADP", reason) for reason in refused}
    else:
        publish(session, at)


@pytest.mark.parametrize("choice", [DataAtEnd.RETURN, DataAtEnd.DESTROY])
def test_row_4_content_is_returned_or_destroyed_within_90_days(
    session: Session, at: datetime, choice: DataAtEnd
):
    announced = announce(
        session,
        at,
        takes_effect=TakesEffect.IMMEDIATELY,
        data=DataAtEnd.CLIENT_CHOOSES,
        data_days=90,
    )
    ended_at = at + 5 * DAY
    terminate(session, announced, ended_at)
    # What was settled counts once it cannot be undone any more.
    close_windows(session, at=ended_at + UNDO_LASTS)
    (owed,) = list_owed_data(session)
    session.rollback()
    assert (owed.due_on, owed.waits_for_choice) == ((ended_at + 90 * DAY).date(), True)
    choose_data_return(
        session, announced.case_ids[0], choice, note="by letter", at=ended_at + DAY, **LEGAL
    )
    (owed,) = list_owed_data(session)
    session.rollback()
    assert (owed.due_on, owed.waits_for_choice) == ((ended_at + 90 * DAY).date(), False)
