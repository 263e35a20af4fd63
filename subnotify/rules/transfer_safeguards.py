"""Whether a recorded safeguard holds on a day, and which safeguards could replace a lost basis."""

from datetime import date, timedelta

from subnotify.rules.transfer_findings import earliest
from subnotify.rules.transfer_records import RecordedBasis
from subnotify.rules.transfer_reference import Safeguard, TransferReference
from subnotify.rules.transfer_verdicts import (
    Assessment,
    Instrument,
    MissingFact,
    lawful,
    lawful_if,
    safeguard_instrument,
    unlawful,
)
from subnotify.rules.transfer_words import (
    ConditionKind,
    ExportLaw,
    Fact,
    Reason,
    Rule,
    TransferRisk,
)
from subnotify.rules.words import VendorRole

_DAY = timedelta(days=1)
# Processor to processor, and controller to processor (Decision (EU) 2021/914).
MODULE_FOR = {VendorRole.PROCESSOR: "3", VendorRole.CONTROLLER: "2"}
# The evidence that has a field of its own.
_OWN_FIELDS = frozenset({"signature_date", "commitments_signature_date", "tia_date", "expiry_date"})


def fitting_safeguards(
    reference: TransferReference,
    *,
    law: ExportLaw,
    role: VendorRole,
    on: date,
    is_own_group: bool,
) -> tuple[Safeguard, ...]:
    """What could be signed on a day to replace a basis that is lost, in the reference's order.

    Only what is there to be had: an instrument with a first day in the reference, or the rules of
    the vendor's own group. Clauses, codes and schemes that an authority would first have to
    approve for this one case may be recorded, but are not offered.
    """
    return tuple(
        safeguard
        for safeguard in reference.safeguards
        if safeguard.law is law
        and safeguard.fits(role)
        and safeguard.interval.holds_on(on)
        and not _is_closed(safeguard, on)
        and (is_own_group if safeguard.own_group_only else safeguard.interval.first is not None)
    )


def assess_safeguard(
    safeguard: Safeguard,
    recorded: RecordedBasis,
    role: VendorRole,
    on: date,
    is_own_group: bool,
) -> Assessment:
    """One recorded safeguard. What can never hold is said before what only lacks a fact."""
    it = safeguard_instrument(safeguard)
    refusal = (
        _refused_by_time(safeguard, on, it)
        or _refused_by_form(safeguard, recorded, role, is_own_group, it)
        or _refused_by_record(safeguard, recorded, on, it)
    )
    if refusal is not None:
        return refusal
    missing = _missing_facts(safeguard, recorded, role, on)
    rule = Rule.OWN_GROUP if safeguard.own_group_only else Rule.ROLES
    if missing:
        return lawful_if(Reason.SAFEGUARD_INCOMPLETE, rule, it, missing)
    until = earliest([safeguard.interval.last, recorded.expires_on])
    return lawful(Reason.SAFEGUARD, rule, it, until)


def _refused_by_time(safeguard: Safeguard, on: date, it: Instrument) -> Assessment | None:
    if safeguard.interval.is_before(on):
        return unlawful(Reason.NOT_YET, Rule.NO_BASIS, it, first=safeguard.interval.first)
    last = safeguard.interval.last
    if last is not None and on > last:
        return unlawful(Reason.ENDED, Rule.ENDED, it, last + _DAY, last=last, by="")
    return None


def _refused_by_form(
    safeguard: Safeguard,
    recorded: RecordedBasis,
    role: VendorRole,
    is_own_group: bool,
    it: Instrument,
) -> Assessment | None:
    if safeguard.never:
        return unlawful(Reason.NEVER_A_BASIS, Rule.NEVER_A_BASIS, it)
    if not safeguard.fits(role):
        return unlawful(Reason.WRONG_ROLES, Rule.ROLES, it, role=role.value)
    if safeguard.own_group_only and not is_own_group:
        return unlawful(Reason.NOT_OWN_GROUP, Rule.OWN_GROUP, it)
    module = MODULE_FOR[role]
    if safeguard.asks_module and recorded.module not in ("", module):
        return unlawful(Reason.WRONG_MODULE, Rule.ROLES, it, module=recorded.module, fitting=module)
    return None


def _refused_by_record(
    safeguard: Safeguard, recorded: RecordedBasis, on: date, it: Instrument
) -> Assessment | None:
    signed_on = recorded.signed_on
    first, closed_from = safeguard.signable_from, safeguard.no_new_contract_from
    if signed_on is not None and first is not None and signed_on < first:
        return unlawful(
            Reason.SIGNED_TOO_EARLY, Rule.NO_BASIS, it, signed_on=signed_on, first=first
        )
    if signed_on is not None and closed_from is not None and signed_on >= closed_from:
        return unlawful(
            Reason.SIGNED_TOO_LATE, Rule.ENDED, it, signed_on=signed_on, closed_from=closed_from
        )
    if signed_on is not None and signed_on > on:
        return unlawful(Reason.NOT_SIGNED_YET, Rule.NO_BASIS, it, signed_on=signed_on)
    last = recorded.expires_on
    if last is not None and on > last:
        return unlawful(Reason.EXPIRED, Rule.ENDS, it, last + _DAY, last=last)
    found = recorded.impact_assessment
    if found is not None and found.done_on <= on and found.result is TransferRisk.INSUFFICIENT:
        return unlawful(Reason.ASSESSED_INSUFFICIENT, Rule.NO_BASIS, it, assessed_on=found.done_on)
    return None


def _missing_facts(
    safeguard: Safeguard, recorded: RecordedBasis, role: VendorRole, on: date
) -> list[MissingFact]:
    found = recorded.impact_assessment
    is_assessed = found is not None and found.done_on <= on and bool(found.reference)
    given = {name for name, value in recorded.evidence if value}
    # Approved rules are known by their reference; everything else binds by a signature.
    identity = (
        (Fact.REFERENCE, bool(recorded.reference))
        if safeguard.own_group_only
        else (Fact.SIGNED_ON, recorded.signed_on is not None)
    )
    asked = [
        (*identity, True),
        (Fact.MODULE, bool(recorded.module), safeguard.asks_module),
        (Fact.IMPACT_ASSESSMENT, is_assessed, safeguard.asks_assessment),
        (Fact.EXPIRES_ON, recorded.expires_on is not None, "expiry_date" in safeguard.evidence),
    ]
    return [
        *(
            MissingFact(fact, MODULE_FOR[role] if fact is Fact.MODULE else "")
            for fact, is_there, is_asked in asked
            if is_asked and not is_there
        ),
        *(
            MissingFact(Fact.EVIDENCE, name)
            for name in safeguard.evidence
            if name not in _OWN_FIELDS and name not in given
        ),
        *(
            MissingFact(Fact.CONDITION, condition.text)
            for condition in safeguard.conditions
            if condition.kind is ConditionKind.CONFIRMED
            and condition.text not in recorded.conditions
        ),
    ]


def _is_closed(safeguard: Safeguard, on: date) -> bool:
    closed_from = safeguard.no_new_contract_from
    return closed_from is not None and on >= closed_from
