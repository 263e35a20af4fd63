"""The chart of mechanisms by role, on the statement of a vendor like that of seeds row 3."""

from dataclasses import replace
from datetime import date

from subnotify.rules.facts_assessment import assess_facts
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.texts import local_text
from subnotify.rules.transfer_charts import (
    ChartedEntry,
    ChartRow,
    transfer_chart,
    use_of,
)
from subnotify.rules.transfer_records import Place, RecordedBasis
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.vendor_mechanisms import Mechanism, MechanismUse
from subnotify.rules.words import LocationKind, VendorRole
from tests.rules.transfer_samples import CH, CONTROLLER, EU, PROCESSOR, REFERENCE, in_full

BEFORE, AFTER, TODAY = date(2020, 7, 15), date(2020, 7, 17), date(2026, 3, 2)
SHIELD = Mechanism(
    EU,
    MechanismUse.SELF_CERTIFICATION,
    "EU-US-PRIVACY-SHIELD",
    comment=local_text("Covers personal data from the EEA."),
    effective_on=date(2016, 9, 30),
    replaced_by="scc_eu_2021_m3",
)
WITH_CLIENTS = Mechanism(EU, MechanismUse.CLIENTS, "scc_eu_2021_m2", roles=(PROCESSOR,))


def entry(
    key: str,
    country: str,
    *bases: RecordedBasis,
    role: VendorRole = PROCESSOR,
    on: date = TODAY,
    laws: tuple[ExportLaw, ...] = (EU,),
    affiliate: bool = False,
    hr_data: bool = False,
) -> ChartedEntry:
    facts = SubprocessorFacts(
        name=key.title(),
        role=role,
        affiliate=affiliate,
        hr_data=hr_data,
        locations=(
            Location(country, LocationKind.ESTABLISHMENT, bases),
            Location(country, LocationKind.HOSTING, bases),
        ),
    )
    return ChartedEntry(key, assess_facts(REFERENCE, facts, laws, on=on))


def chart(
    *entries: ChartedEntry, stated: tuple[Mechanism, ...] = (), on: date = TODAY
) -> tuple[ChartRow, ...]:
    return transfer_chart(REFERENCE, entries, stated, on=on)


def named(row: ChartRow, role: VendorRole) -> list[str]:
    return [entry.key for entry in row.cells[role].entries]


def test_each_mechanism_has_a_row_and_each_role_a_cell():
    module_3, module_2 = in_full("scc_eu_2021_m3"), in_full("scc_eu_2021_m2", role=CONTROLLER)
    rows = chart(
        entry("acme", "US", module_3),
        entry("crm", "US", module_2, role=CONTROLLER),
        entry("zug", "CH"),
        entry("mailer", "CH", role=CONTROLLER),
        entry("paris", "FR"),
    )
    assert [(x.use, x.instrument.code) for x in rows if x.instrument] == [
        (MechanismUse.SUBPROCESSORS, "EU-CH"),
        (MechanismUse.SUBPROCESSORS, "scc_eu_2021_m2"),
        (MechanismUse.SUBPROCESSORS, "scc_eu_2021_m3"),
    ]
    adequacy, second, third = rows
    assert (named(adequacy, PROCESSOR), named(adequacy, CONTROLLER)) == (["zug"], ["mailer"])
    assert (named(second, PROCESSOR), named(second, CONTROLLER)) == ([], ["crm"])
    assert not second.cells[PROCESSOR].applies
    assert third.cells[PROCESSOR].entries[0].places == (Place("US"),)


def test_the_own_group_and_data_of_employees_stand_apart():
    module_3, hr = in_full("scc_eu_2021_m3"), in_full("scc_eu_2021_m2", role=CONTROLLER)
    rows = chart(
        entry("acme", "US", module_3),
        entry("meridian-us", "US", module_3, affiliate=True),
        entry("payroll-us", "US", hr, role=CONTROLLER, affiliate=True, hr_data=True),
    )
    assert [(x.use, named(x, PROCESSOR), named(x, CONTROLLER)) for x in rows] == [
        (MechanismUse.SUBPROCESSORS, ["acme"], []),
        (MechanismUse.INTERCOMPANY, ["meridian-us"], []),
        (MechanismUse.HR, [], ["payroll-us"]),
    ]


def test_an_own_certification_is_shown_and_the_swiss_one_is_never_inferred_from_it():
    (row,) = chart(stated=(SHIELD,), on=BEFORE)
    assert (row.law, row.use) == (EU, MechanismUse.SELF_CERTIFICATION)
    assert row.cells[PROCESSOR].applies
    assert row.cells[CONTROLLER].applies
    assert row.lapsed_on is None
    both = (EU, CH)
    shielded = entry("acme", "US", in_full("EU-US-PRIVACY-SHIELD"), on=BEFORE, laws=both)
    assert {x.law for x in chart(shielded, stated=(SHIELD,), on=BEFORE)} == {EU}


def test_a_mechanism_that_was_struck_down_is_lapsed_since_that_day():
    (row,) = chart(stated=(SHIELD,), on=AFTER)
    assert row.lapsed_on == date(2020, 7, 16)
    # Module 3 exists from 2021-06-27: it replaces nothing before.
    assert row.replaced_by is None
    (row,) = chart(stated=(SHIELD,), on=TODAY)
    assert row.replaced_by is not None
    assert row.replaced_by.code == "scc_eu_2021_m3"


def test_entries_that_rest_on_a_lapsed_mechanism_stay_in_the_chart():
    shield = in_full("EU-US-PRIVACY-SHIELD")
    (row,) = chart(entry("acme", "US", shield, on=AFTER), on=AFTER)
    assert row.lapsed_on == date(2020, 7, 16)
    assert named(row, PROCESSOR) == ["acme"]
    assert row.cells[PROCESSOR].entries[0].lapsed_on == date(2020, 7, 16)


def test_a_basis_that_ran_out_for_one_entry_lapses_for_it_alone():
    framework = in_full("EU-US-DPF")
    over = replace(framework, expires_on=date(2026, 2, 28))
    (row,) = chart(entry("acme", "US", framework), entry("beta", "US", over))
    assert row.lapsed_on is None
    assert [(x.key, x.lapsed_on) for x in row.cells[PROCESSOR].entries] == [
        ("acme", None),
        ("beta", date(2026, 3, 1)),
    ]


def test_what_the_vendor_says_of_a_mechanism_joins_the_entries_that_rest_on_it():
    said = Mechanism(
        EU,
        MechanismUse.INTERCOMPANY,
        "scc_eu_2021_m3",
        roles=(PROCESSOR,),
        details_url="https://vendor.example/group",
    )
    group = entry("meridian-us", "US", in_full("scc_eu_2021_m3"), affiliate=True)
    (row,) = chart(group, stated=(said,))
    assert row.stated == said
    assert named(row, PROCESSOR) == ["meridian-us"]
    assert not row.cells[CONTROLLER].applies


def test_clauses_with_clients_and_titles_of_ones_own_need_no_entry():
    treaty = Mechanism(CH, MechanismUse.CLIENTS, title=local_text("Treaty"))
    first, second = chart(stated=(treaty, WITH_CLIENTS))
    assert first.instrument is not None
    assert (first.law, first.instrument.code) == (EU, "scc_eu_2021_m2")
    assert (first.cells[PROCESSOR].applies, first.cells[CONTROLLER].applies) == (True, False)
    assert (second.law, second.instrument, second.stated) == (CH, None, treaty)


def test_what_the_vendor_gave_up_is_lapsed_and_comes_last():
    given_up = replace(WITH_CLIENTS, use=MechanismUse.SUBPROCESSORS, until_on=date(2026, 3, 1))
    first, second = chart(stated=(given_up, WITH_CLIENTS))
    assert (first.use, first.lapsed_on) == (MechanismUse.CLIENTS, None)
    assert (second.use, second.lapsed_on) == (MechanismUse.SUBPROCESSORS, date(2026, 3, 2))


def test_no_transfer_or_no_basis_is_no_mechanism():
    assert chart(entry("paris", "FR"), entry("acme", "US")) == ()
    unfit = in_full("scc_eu_2021_m2")
    assert chart(entry("acme", "US", unfit)) == ()


def test_an_entry_with_two_rows_is_named_in_both():
    module_3 = entry("acme", "US", in_full("scc_eu_2021_m3"))
    old = replace(module_3, row="acme-2")
    (row,) = chart(module_3, old)
    assert [x.row for x in row.cells[PROCESSOR].entries] == ["acme", "acme-2"]


def test_use_follows_from_the_facts():
    facts = SubprocessorFacts("Acme")
    assert use_of(facts) is MechanismUse.SUBPROCESSORS
    assert use_of(replace(facts, affiliate=True)) is MechanismUse.INTERCOMPANY
    assert use_of(replace(facts, hr_data=True)) is MechanismUse.HR
