"""Facts of an entry with everything they may say, drawn by hypothesis."""

from datetime import date

from hypothesis import strategies as st

from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.texts import LocalText, local_text
from subnotify.rules.transfer_records import (
    NONE_REQUIRED,
    ImpactAssessment,
    ListEntry,
    RecordedBasis,
)
from subnotify.rules.transfer_words import (
    CoveredData,
    ExportLaw,
    FrameworkList,
    ListStatus,
    TransferRisk,
)
from subnotify.rules.words import LocationKind, VendorRole
from tests.support.transfers import REFERENCE

CODES = (
    NONE_REQUIRED,
    *(finding.id for finding in REFERENCE.findings),
    *(safeguard.code for safeguard in REFERENCE.safeguards),
)
CONDITIONS = sorted(
    {condition.text for safeguard in REFERENCE.safeguards for condition in safeguard.conditions}
    | {check for finding in REFERENCE.findings for check in finding.checks}
)
SERVICES = ("mail", "chat", "web")
# Texts as a reader keeps them: stripped; what spreadsheets and formats trip over among them.
STRIPPED = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12
).map(str.strip)
AWKWARD = st.sampled_from(
    (
        *("=1+1", "+33 1", "-5", "@A1", "'=x", "''", 'a"b', "a;b,c", "a\r\nb", "a\nb", "a|b"),
        *("a\\", "\\|", "x=y", "0123", "000", "1e5", "123456789012345", "2026-03-31", "true"),
        *("null", "~", "no", "NO", "12", "1.5", "- a", "a: b", "#a", "{}", "[1]", "&a", "*a"),
        *("\x85a\x85b", "\u2028a", "\ufeffa", "\U0001f600", "é", "all the same"),
    )
).map(str.strip)
TEXT = STRIPPED | AWKWARD
NAME = TEXT.filter(bool)
DAY = st.none() | st.dates(date(1990, 1, 1), date(2060, 1, 1))
TEXTS: st.SearchStrategy[LocalText] = st.builds(local_text, TEXT) | st.builds(
    local_text, st.dictionaries(st.sampled_from(("en", "fr")), NAME)
)
URL = st.just("") | NAME.map(lambda text: f"https://{text}")


def list_entries() -> st.SearchStrategy[ListEntry]:
    return st.builds(
        ListEntry,
        entity=TEXT,
        lists=st.frozensets(st.sampled_from(FrameworkList)),
        status=st.sampled_from(ListStatus),
        covered_data=st.frozensets(st.sampled_from(CoveredData)),
        checked_on=DAY,
        next_certification_on=DAY,
    )


def recorded_bases() -> st.SearchStrategy[RecordedBasis]:
    return st.builds(
        RecordedBasis,
        law=st.sampled_from(ExportLaw),
        code=st.sampled_from(CODES),
        reference=TEXT,
        module=st.sampled_from(("", "1", "2", "3", "4")),
        signed_on=DAY,
        list_entry=st.none() | list_entries(),
        impact_assessment=st.none()
        | st.builds(
            ImpactAssessment,
            NAME,
            DAY.filter(lambda day: day is not None),
            st.sampled_from(TransferRisk),
        ),
        conditions=st.frozensets(st.sampled_from(CONDITIONS), max_size=3)
        | st.frozensets(NAME.filter(lambda text: text != "all"), max_size=2),
        evidence=st.dictionaries(NAME, TEXT, max_size=3).map(lambda x: tuple(x.items())),
        expires_on=DAY,
    )


def locations() -> st.SearchStrategy[Location]:
    return st.builds(
        Location,
        country=st.sampled_from(("FR", "US", "CH", "NO", "JP", "GI")),
        kind=st.sampled_from(LocationKind),
        bases=st.lists(recorded_bases(), max_size=3).map(tuple),
        organisation=st.just("") | NAME,
    ) | st.builds(
        Location, country=st.just(""), kind=st.sampled_from(LocationKind), organisation=NAME
    )


def facts() -> st.SearchStrategy[SubprocessorFacts]:
    """Facts as they may be stored: valid in each field, with any gaps."""
    return st.builds(
        SubprocessorFacts,
        name=NAME,
        **dict.fromkeys(("trading_name", "company_number", "parent", "address", "contact"), TEXT),
        **dict.fromkeys(("website", "list_url", "agreement_url"), URL),
        **dict.fromkeys(("activities", "data_categories", "data_subjects"), TEXTS),
        **dict.fromkeys(("special_categories", "hr_data", "affiliate"), st.booleans()),
        **dict.fromkeys(
            (
                *("agreement_signed_on", "agreement_planned_on", "agreement_from_on"),
                *("obligations_flowed_down_on", "guarantees_reviewed_on", "in_use_since_on"),
            ),
            DAY,
        ),
        agreement_until_on=st.none() | st.dates(date(2060, 1, 2), date(2070, 1, 1)),
        other_names=st.lists(NAME, max_size=3).map(tuple),
        services=st.lists(st.sampled_from(SERVICES), unique=True).map(tuple),
        demonstration_values=st.lists(st.sampled_from(("contact", "services"))).map(tuple),
        role=st.sampled_from(VendorRole),
        locations=st.lists(locations(), max_size=3, unique_by=lambda x: (x.place, x.kind)).map(
            tuple
        ),
    )
