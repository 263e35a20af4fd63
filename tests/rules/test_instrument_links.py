"""Addresses of decisions follow from their numbers, and what has none gets none."""

import pytest

from subnotify.rules.instrument_links import official_address
from subnotify.rules.transfer_verdicts import (
    Instrument,
    finding_instrument,
    safeguard_instrument,
)
from tests.rules.transfer_samples import EU, REFERENCE

EUR_LEX = "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:"


def address(code: str, language: str = "en") -> str:
    finding, safeguard = REFERENCE.find_finding(code), REFERENCE.find_safeguard(code)
    assert finding or safeguard, code
    it = finding_instrument(finding) if finding else safeguard_instrument(safeguard)  # type: ignore[arg-type]
    return official_address(it, language)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("EU-CH", f"{EUR_LEX}32000D0518"),
        ("EU-CA", f"{EUR_LEX}32002D0002"),
        ("EU-NZ", f"{EUR_LEX}32013D0065"),
        ("EU-UY", f"{EUR_LEX}32012D0484"),
        ("EU-GB", f"{EUR_LEX}32021D1772"),
        ("EU-EPO", f"{EUR_LEX}32025D1382"),
        ("EU-US-PRIVACY-SHIELD", f"{EUR_LEX}32016D1250"),
        ("scc_eu_2021_m3", f"{EUR_LEX}32021D0914"),
        ("scc_eu_2010_c2p", f"{EUR_LEX}32010D0087"),
        ("ch_scc", f"{EUR_LEX}32021D0914"),
        ("CH-EEA", "https://www.fedlex.admin.ch/eli/cc/2022/568/en"),
        ("CH-US-PRIVACY-SHIELD", ""),
        ("UK-KR", "https://www.legislation.gov.uk/uksi/2022/1213"),
        ("UK-US-DPF", "https://www.legislation.gov.uk/uksi/2023/1028"),
        ("UK-NZ", "https://www.legislation.gov.uk/ukpga/2018/12/schedule/21/paragraph/5"),
        ("bcr_p", ""),
        ("uk_idta", ""),
    ],
)
def test_an_address_follows_from_the_number(code: str, expected: str):
    assert address(code) == expected


def test_texts_are_linked_in_the_readers_language_where_there_are_several():
    assert "/FR/TXT/" in address("EU-JP", "fr")
    assert address("CH-NZ", "fr").endswith("/fr")
    assert address("UK-KR", "fr") == address("UK-KR", "en")


def test_every_decision_of_the_commission_has_an_address():
    lacking = [
        finding.id
        for finding in REFERENCE.findings
        if finding.law is EU and not official_address(finding_instrument(finding), "en")
    ]
    assert lacking == []


@pytest.mark.parametrize("number", ["", "soon", "2021/17725", "21/1772", "C(2026) 373"])
def test_nothing_is_derived_from_what_is_no_number(number: str):
    assert official_address(Instrument("EU-XX", "X", number, is_finding=True), "en") == ""


def test_no_instrument_has_no_address():
    assert official_address(None, "en") == ""
