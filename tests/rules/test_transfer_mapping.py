"""A basis named in short in an import file, as a recorded basis."""

import pytest

from subnotify.rules.transfer_mapping import BasisKind, ShortBasis, recorded_from_short
from subnotify.rules.words import VendorRole
from tests.rules.transfer_samples import EU, REFERENCE

ADEQUACY, SCC, OTHER = BasisKind.ADEQUACY, BasisKind.SCC, BasisKind.OTHER_SAFEGUARD


@pytest.mark.parametrize(
    ("basis", "country", "code"),
    [
        (ShortBasis(BasisKind.EEA), "FR", "none_required"),
        (ShortBasis(ADEQUACY, "2021/1772"), "GB", "EU-GB"),
        (ShortBasis(ADEQUACY, "(EU) 2021/1772"), "GB", "EU-GB"),
        (ShortBasis(ADEQUACY, "2000/518/EC"), "CH", "EU-CH"),
        (ShortBasis(ADEQUACY, "2000/518/CE"), "CH", "EU-CH"),
        (ShortBasis(ADEQUACY, "2023/1795"), "US", "EU-US-DPF"),
        (ShortBasis(ADEQUACY, "2016/1250"), "US", "EU-US-PRIVACY-SHIELD"),
        (ShortBasis(ADEQUACY, "2019/419"), "BR", "EU-JP"),
        (ShortBasis(ADEQUACY, "2030/1"), "IN", "2030/1"),
        (ShortBasis(SCC, "", "3"), "US", "scc_eu_2021_m3"),
        (ShortBasis(SCC, "signed 2024", "2"), "US", "scc_eu_2021_m2"),
        (ShortBasis(SCC, "Decision 2010/87/EU", "2"), "US", "scc_eu_2010_c2p"),
        (ShortBasis(SCC, "2021/915", "3"), "US", "scc_art28_2021_915"),
        (ShortBasis(OTHER, "Binding corporate rules of 2024"), "US", "bcr_p"),
        (ShortBasis(OTHER, "Privacy Shield"), "US", "EU-US-PRIVACY-SHIELD"),
        (ShortBasis(OTHER, "Art. 49(1)(b) GDPR"), "US", "art49"),
        (ShortBasis(OTHER, "ISO 27001 certificate"), "US", "security_certificate"),
        (ShortBasis(OTHER, "Europrivacy certification"), "US", "certification"),
        (ShortBasis(OTHER, "a letter"), "US", "a letter"),
    ],
)
def test_the_instrument_is_found(basis: ShortBasis, country: str, code: str):
    recorded = recorded_from_short(basis, REFERENCE, VendorRole.PROCESSOR, country)
    assert (recorded.law, recorded.code) == (EU, code)


def test_binding_rules_are_those_of_the_role():
    recorded = recorded_from_short(
        ShortBasis(OTHER, "BCR-C"), REFERENCE, VendorRole.CONTROLLER, "US"
    )
    assert recorded.code == "bcr_c"
