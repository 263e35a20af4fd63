"""Any place, law, role, day and record of a transfer."""

from datetime import date

from hypothesis import strategies as st

from subnotify.rules.countries import COUNTRIES
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
from subnotify.rules.words import VendorRole
from tests.rules.transfer_samples import EVIDENCE, REFERENCE, in_full

days = st.dates(date(1999, 6, 1), date(2035, 12, 31))
laws = st.sampled_from(ExportLaw)
roles = st.sampled_from(VendorRole)
codes = st.sampled_from(
    [
        *(finding.id for finding in REFERENCE.findings),
        *(safeguard.code for safeguard in REFERENCE.safeguards),
        *(NONE_REQUIRED, "ISO 27001"),
    ]
)
places = st.one_of(
    st.sampled_from(["US", "GB", "CH", "CA", "JP", "IN", "PR", "GI", "DE", "European Commission"]),
    st.sampled_from(sorted(COUNTRIES)),
)
conditions = st.sampled_from(
    [
        *(check for finding in REFERENCE.findings for check in finding.checks),
        *(one.text for safeguard in REFERENCE.safeguards for one in safeguard.conditions),
    ]
)
maybe_days = st.none() | days
entries = st.builds(
    ListEntry,
    entity=st.sampled_from(["", "Example, Inc."]),
    lists=st.frozensets(st.sampled_from(FrameworkList)),
    status=st.sampled_from(ListStatus),
    covered_data=st.frozensets(st.sampled_from(CoveredData)),
    checked_on=maybe_days,
    next_certification_on=maybe_days,
)
partial = st.builds(
    RecordedBasis,
    law=laws,
    code=codes,
    reference=st.sampled_from(["", "A-1"]),
    module=st.sampled_from(["", "2", "3"]),
    signed_on=maybe_days,
    list_entry=st.none() | entries,
    impact_assessment=st.none()
    | st.builds(ImpactAssessment, st.just("TIA-1"), days, st.sampled_from(TransferRisk)),
    conditions=st.frozensets(conditions, max_size=3),
    evidence=st.sampled_from([(), tuple((name, "1") for name in EVIDENCE)]),
    expires_on=maybe_days,
)
complete = st.builds(in_full, codes, laws, roles)
bases = st.one_of(partial, complete)
