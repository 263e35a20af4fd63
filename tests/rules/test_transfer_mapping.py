"""The basis of today's import form, as a recorded basis."""

import pytest

from subnotify.rules.transfer_mapping import recorded_from_basis
from subnotify.rules.transfers import TransferBasis
from subnotify.rules.words import BasisKind, VendorRole
from tests.rules.transfer_samples import EU, REFERENCE

ADEQUACY, SCC, OTHER = BasisKind.ADEQUACY, BasisKind.SCC, BasisKind.OTHER_SAFEGUARD


@pytest.mark.parametrize(
    ("basis", "country", "code"),
    [
        (TransferBasis(BasisKind.EEA), "FR", "none_required"),
        (TransferBasis(ADEQUACY, "2021/1772"), "GB", "EU-GB"),
        (TransferBasis(ADEQUACY, "(EU) 2021/1772"), "GB", "EU-GB"),
        (TransferBasis(ADEQUACY, "2000/518/EC"), "CH", "EU-CH"),
        (TransferBasis(ADEQUACY, "2000/518/CE"), "CH", "EU-CH"),
        (TransferBasis(ADEQUACY, "2023/1795"), "US", "EU-US-DPF"),
        (TransferBasis(ADEQUACY, "2016/1250"), "US", "EU-US-PRIVACY-SHIELD"),
        (TransferBasis(ADEQUACY, "2019/419"), "BR", "EU-JP"),
        (TransferBasis(ADEQUACY, "2030/1"), "IN", "2030/1"),
        (TransferBasis(SCC, "", "3"), "US", "scc_eu_2021_m3"),
        (TransferBasis(SCC, "signed 2024", "2"), "US", "scc_eu_2021_m2"),
        (TransferBasis(SCC, "Decision 2010/87/EU", "2"), "US", "scc_eu_2010_c2p"),
        (TransferBasis(SCC, "2021/915", "3"), "US", "scc_art28_2021_915"),
        (TransferBasis(OTHER, "Binding corporate rules of 2024"), "US", "bcr_p"),
        (TransferBasis(OTHER, "Privacy Shield"), "US", "EU-US-PRIVACY-SHIELD"),
        (TransferBasis(OTHER, "Art. 49(1)(b) GDPR"), "US", "art49"),
        (TransferBasis(OTHER, "ISO 27001 certificate"), "US", "security_certificate"),
        (TransferBasis(OTHER, "Europrivacy certification"), "US", "certification"),
        (TransferBasis(OTHER, "a letter"), "US", "a letter"),
    ],
)
def test_the_instrument_is_found(basis: TransferBasis, country: str, code: str):
    recorded = recorded_from_basis(basis, REFERENCE, VendorRole.PROCESSOR, country)
    assert (recorded.law, recorded.code) == (EU, code)


def test_binding_rules_are_those_of_the_role():
    recorded = recorded_from_basis(
        TransferBasis(OTHER, "BCR-C"), REFERENCE, VendorRole.CONTROLLER, "US"
    )
    assert recorded.code == "bcr_c"
