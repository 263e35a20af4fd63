"""What the vendor states of transfer mechanisms, read from the import file."""

from datetime import date
from typing import Any

from subnotify.rules.reading import Reader
from subnotify.rules.texts import local_text
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.vendor import VendorProfile, vendor_from_mapping, vendor_to_mapping
from subnotify.rules.vendor_mechanisms import (
    BOTH_ROLES,
    Mechanism,
    MechanismUse,
    read_mechanisms,
    with_modified_days,
)
from subnotify.rules.words import VendorRole
from tests.rules.transfer_samples import REFERENCE

SHIELD: dict[str, Any] = {
    "code": "EU-US-PRIVACY-SHIELD",
    "use": "self_certification",
    "comment": {"en": "Covers EEA data.", "fr": "Couvre les données de l’EEE."},
    "details_url": "https://vendor.example/shield",
    "document_url": "https://vendor.example/shield.pdf",
    "effective_on": "2016-09-30",
    "replaced_by": "scc_eu_2021_m3",
}


def read(*items: object) -> tuple[Mechanism, ...]:
    reader = Reader()
    found = read_mechanisms(list(items), "vendor.mechanisms", reader, REFERENCE)
    assert reader.problems == []
    return found


def problems(*items: object) -> dict[str, str]:
    reader = Reader()
    read_mechanisms(list(items), "m", reader, REFERENCE)
    return {problem.where: str(problem) for problem in reader.problems}


def test_a_mechanism_is_read_with_the_law_of_its_code_and_both_roles():
    (mechanism,) = read(SHIELD)
    assert mechanism == Mechanism(
        law=ExportLaw.EU_GDPR,
        use=MechanismUse.SELF_CERTIFICATION,
        code="EU-US-PRIVACY-SHIELD",
        roles=BOTH_ROLES,
        comment=local_text({"en": "Covers EEA data.", "fr": "Couvre les données de l’EEE."}),
        details_url="https://vendor.example/shield",
        document_url="https://vendor.example/shield.pdf",
        effective_on=date(2016, 9, 30),
        replaced_by="scc_eu_2021_m3",
    )


def test_what_the_reference_does_not_know_has_a_title_and_a_law():
    (mechanism,) = read(
        {"title": "Treaty", "law": "CH_FADP", "use": "clients", "roles": ["processor"]}
    )
    assert (mechanism.code, mechanism.title) == ("", local_text("Treaty"))
    assert (mechanism.law, mechanism.roles) == (ExportLaw.CH_FADP, (VendorRole.PROCESSOR,))


def test_each_thing_that_is_wrong_is_said():
    assert "is no code" in problems({**SHIELD, "code": "shield"})["m[0].code"]
    assert "is no code" in problems({**SHIELD, "replaced_by": "x"})["m[0].replaced_by"]
    assert "another law (EU_GDPR)" in problems({**SHIELD, "law": "CH_FADP"})["m[0].law"]
    assert "missing" in problems({"use": "clients", "law": "EU_GDPR"})["m[0].code"]
    assert "missing" in problems({"use": "clients", "title": "Treaty"})["m[0].law"]
    assert "known value" in problems({**SHIELD, "use": "own"})["m[0].use"]
    assert "known value" in problems({**SHIELD, "roles": ["owner"]})["m[0].roles[0]"]
    assert "web address" in problems({**SHIELD, "document_url": "shield.pdf"})["m[0].document_url"]
    assert "not known" in problems({**SHIELD, "since": "2016"})["m[0].since"]
    assert "twice" in problems(SHIELD, SHIELD)["m[1]"]
    assert "mapping" in problems("Privacy Shield")["m[0]"]


def test_a_profile_keeps_its_mechanisms_in_storage():
    titled = {"title": {"en": "Treaty"}, "law": "UK_GDPR", "use": "hr", "until_on": "2025-01-01"}
    profile = VendorProfile("Meridian", mechanisms=read(SHIELD, titled))
    assert vendor_from_mapping(vendor_to_mapping(profile)) == profile
    stored = vendor_to_mapping(profile)["mechanisms"]
    assert read(*stored) == profile.mechanisms
    assert "mechanisms" not in vendor_to_mapping(VendorProfile("Meridian"))


def test_a_mechanism_has_the_day_of_its_last_change():
    first, second = date(2026, 3, 2), date(2026, 5, 4)
    imported = with_modified_days(read(SHIELD), (), first)
    assert imported[0].modified_on == first
    assert with_modified_days(read(SHIELD), imported, second) == imported
    changed = with_modified_days(read({**SHIELD, "roles": ["controller"]}), imported, second)
    assert changed[0].modified_on == second
    told = read({**SHIELD, "modified_on": "2020-01-31"})
    assert with_modified_days(told, imported, second) == told
