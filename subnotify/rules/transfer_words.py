"""The closed sets of transfer bases (DESIGN section 8). Values are stored: never rename one."""

from enum import StrEnum


class ExportLaw(StrEnum):
    """The law of the client's data. A client may fall under several; each is assessed alone."""

    EU_GDPR = "EU_GDPR"
    CH_FADP = "CH_FADP"
    UK_GDPR = "UK_GDPR"


class Lawful(StrEnum):
    """if_recorded: lawful once the facts that are missing are recorded; not before."""

    YES = "yes"
    NO = "no"
    IF_RECORDED = "if_recorded"


class Rule(StrEnum):
    """The validation rules of the reference data that decide (V1 to V10)."""

    NO_BASIS = "V1"
    ROLES = "V2"
    LIST_ENTRY = "V3"
    ENDED = "V4"
    NEVER_A_BASIS = "V5"
    OWN_GROUP = "V6"
    ACCESS_COUNTS = "V7"
    ENDS = "V8"
    COUNTRY_ALONE = "V9"
    EACH_LAW = "V10"


class Reason(StrEnum):
    """Why a place is lawful, or is not. The words are in wording/transfer_reasons.py."""

    # lawful by the place
    DOMESTIC = "domestic"
    EEA = "eea"
    EU_LAW_APPLIED = "eu_law_applied"
    BRIDGE = "bridge"
    # lawful by a finding or a safeguard
    ADEQUATE = "adequate"
    ADEQUATE_IN_SCOPE = "adequate_in_scope"
    ADEQUATE_LISTED = "adequate_listed"
    SAFEGUARD = "safeguard"
    # lawful once recorded
    SCOPE_UNCHECKED = "scope_unchecked"
    LIST_ENTRY_INCOMPLETE = "list_entry_incomplete"
    SAFEGUARD_INCOMPLETE = "safeguard_incomplete"
    # not lawful
    NO_BASIS = "no_basis"
    NOT_DOMESTIC = "not_domestic"
    NOT_YET = "not_yet"
    ENDED = "ended"
    EXPIRED = "expired"
    OTHER_PLACE = "other_place"
    OTHER_LAW = "other_law"
    UNKNOWN_BASIS = "unknown_basis"
    NEVER_A_BASIS = "never_a_basis"
    WRONG_ROLES = "wrong_roles"
    WRONG_MODULE = "wrong_module"
    NOT_OWN_GROUP = "not_own_group"
    SIGNED_TOO_EARLY = "signed_too_early"
    SIGNED_TOO_LATE = "signed_too_late"
    NOT_SIGNED_YET = "not_signed_yet"
    ASSESSED_INSUFFICIENT = "assessed_insufficient"
    OTHER_LIST = "other_list"
    LIST_INACTIVE = "list_inactive"
    DATA_NOT_COVERED = "data_not_covered"


# No transfer to a third country; and one to where a finding says the protection is adequate.
AT_HOME = frozenset({Reason.DOMESTIC, Reason.EEA, Reason.EU_LAW_APPLIED, Reason.BRIDGE})
ADEQUATE = frozenset({Reason.ADEQUATE, Reason.ADEQUATE_IN_SCOPE, Reason.ADEQUATE_LISTED})


class Fact(StrEnum):
    """What is still to be recorded before a basis holds."""

    SIGNED_ON = "signed_on"
    REFERENCE = "reference"
    MODULE = "module"
    EXPIRES_ON = "expires_on"
    IMPACT_ASSESSMENT = "impact_assessment"
    EVIDENCE = "evidence"
    CONDITION = "condition"
    SCOPE = "scope"
    LIST_ENTRY = "list_entry"
    LIST_ENTITY = "list_entity"
    LIST_CHECKED_ON = "list_checked_on"
    LIST_COVERED_DATA = "list_covered_data"


class FrameworkList(StrEnum):
    """Of what kind an organisation's entry on the US Department of Commerce's list must be."""

    EU_US = "EU-U.S."
    SWISS_US = "Swiss-U.S."
    UK_EXTENSION = "UK Extension"


class ListStatus(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"


class CoveredData(StrEnum):
    """What a certification covers: human-resources data, other data."""

    HR = "hr"
    NON_HR = "non_hr"


class TransferRisk(StrEnum):
    """The result of a transfer impact assessment."""

    SUFFICIENT = "sufficient"
    SUFFICIENT_WITH_MEASURES = "sufficient_with_measures"
    INSUFFICIENT = "insufficient"


class ConditionKind(StrEnum):
    """By which recorded fact a safeguard's condition is met."""

    IMPACT_ASSESSMENT = "impact_assessment"
    OWN_GROUP = "own_group"
    MODULE = "module"
    # Met by choosing this safeguard, or by the product itself.
    MET = "met"
    # A person confirms it in its own words.
    CONFIRMED = "confirmed"
