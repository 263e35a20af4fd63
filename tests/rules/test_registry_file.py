"""Reading the import file from plain data: all of it, or every problem at once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.errors import ProblemsFound
from subnotify.rules.registry_entries import AgreementService, Designation, KnownKeys, RegistryFile
from subnotify.rules.registry_file import SECTIONS, read_registry
from subnotify.rules.words import ContactKind
from tests.support.transfers import REFERENCE


def read(data: object, known: KnownKeys | None = None) -> RegistryFile:
    return read_registry(data, known or KnownKeys(), lambda name: name in ("none", "FR"), REFERENCE)


def problems(data: object, known: KnownKeys | None = None) -> dict[str, str]:
    with pytest.raises(ProblemsFound) as refusal:
        read(data, known)
    return {problem.where: str(problem) for problem in refusal.value.problems}


CLIENT = {"key": "c", "name": "C", "country": "FR", "contacts": [{"key": "dpo", "name": "D"}]}


def agreement(**fields: Any) -> dict[str, Any]:
    return {"key": "a", "client": "c", "reference": "R1", "language": "fr", **fields}


def test_an_agreement_names_services_and_contacts_shortly_or_in_full():
    file = read(
        {
            "services": [{"key": "s", "name": "S"}, {"key": "t", "name": "T"}],
            "clients": [{**CLIENT, "contacts": [{"key": k, "name": k} for k in ("dpo", "it")]}],
            "agreements": [
                agreement(
                    services=["s", {"service": "t", "from_on": "2026-01-01"}],
                    notice_contacts=[{"contact": "dpo", "clause": "Art. 3"}],
                    copy_contacts=["it"],
                )
            ],
        }
    )
    (read_agreement,) = file.agreements
    assert read_agreement.services[0] == AgreementService("s")
    assert str(read_agreement.services[1].from_on) == "2026-01-01"
    assert read_agreement.contacts == (
        Designation("dpo", ContactKind.NOTICE, clause="Art. 3"),
        Designation("it", ContactKind.COPY),
    )
    assert read_agreement.terms is None


def test_what_is_stored_may_be_referred_to():
    known = KnownKeys(services=frozenset({"s"}), contacts_by_client={"c": frozenset({"dpo"})})
    file = read({"agreements": [agreement(services=["s"], notice_contacts=["dpo"])]}, known)
    assert file.agreements[0].client == "c"


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"services": ["x"]}, "agreements[0].services[0]"),
        ({"notice_contacts": ["x"]}, "agreements[0].notice_contacts[0].contact"),
        (
            {"notice_contacts": ["dpo"], "copy_contacts": ["x"]},
            "agreements[0].copy_contacts[0].contact",
        ),
        ({"client": "x"}, "agreements[0].client"),
        (
            {"notice_contacts": ["dpo"], "copy_contacts": ["dpo"]},
            "agreements[0].copy_contacts[0].contact",
        ),
        (
            {"services": [{"service": "s", "from_on": "2026-02-01", "until_on": "2026-01-01"}]},
            "agreements[0].services[0].until_on",
        ),
        ({"signed_on": "31.12.2025"}, "agreements[0].signed_on"),
        ({"language": "de"}, "agreements[0].language"),
        ({"notice": "x"}, "agreements[0].notice"),
        ({"terms": {"preset": "nope"}}, "agreements[0].terms.preset"),
        (
            {"terms": {"preset": "fr-15-days", "counting": {"holiday_calendar": "FR-99"}}},
            "agreements[0].terms.counting.holiday_calendar",
        ),
    ],
)
def test_a_problem_is_at_its_field(fields: dict[str, Any], where: str):
    data = {
        "services": [{"key": "s", "name": "S"}],
        "clients": [CLIENT],
        "agreements": [agreement(**fields)],
    }
    assert list(problems(data)) == [where]


def test_a_client_is_known_by_its_own_contacts_only():
    other = {**CLIENT, "key": "d", "contacts": [{"key": "boss", "name": "B"}]}
    found = problems(
        {"clients": [CLIENT, other], "agreements": [agreement(notice_contacts=["boss"])]}
    )
    assert "use one of: dpo" in found["agreements[0].notice_contacts[0].contact"]


def test_a_subprocessor_does_not_replace_itself():
    found = problems({"subprocessors": [{"key": "a", "name": "A", "replaces": "a"}]})
    assert list(found) == ["subprocessors[0].replaces"]


@pytest.mark.parametrize("data", [None, [], "text", {}, {"services": []}, {"vendors": {}}])
def test_a_file_without_entries_is_refused(data: object):
    assert problems(data)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("key", "name", "contacts", "services", "terms", "locations", "preset"),
                    *("client", "notice_contacts", "contact", "country", "agreement", "counting"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(SECTIONS), VALUES))
def test_whatever_the_data_the_answer_is_a_file_or_problems(data: dict[str, Any]):
    try:
        read(data)
    except ProblemsFound as refusal:
        assert refusal.problems
        assert all(str(problem) for problem in refusal.problems)
