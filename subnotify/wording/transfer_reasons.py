"""Why a transfer is lawful or not, by what, and what is still to be recorded, in words.

Conditions, scopes and traps are the reference data's own sentences.
"""

from datetime import date

from subnotify.rules.errors import N_
from subnotify.rules.transfer_verdicts import Assessment, Instrument, MissingFact
from subnotify.rules.transfer_words import ExportLaw, Fact, Reason
from subnotify.wording.language import Wording

LAWS = {
    ExportLaw.EU_GDPR: N_("EU GDPR"),
    ExportLaw.CH_FADP: N_("Swiss FADP"),
    ExportLaw.UK_GDPR: N_("UK GDPR"),
}

# Sentences; `%(instrument)s` is the phrase of instrument_words.
REASONS = {
    Reason.DOMESTIC: N_("The data stay in the country whose law applies to them."),
    Reason.EEA: N_("EU or EEA: no transfer to a third country."),
    Reason.EU_LAW_APPLIED: N_(
        "Until %(until)s EU law applied there as in a member state: no transfer to a third country."
    ),
    Reason.BRIDGE: N_(
        "Until %(until)s the Trade and Cooperation Agreement treated it as no third country."
    ),
    Reason.ADEQUATE: N_("The protection there is adequate: %(instrument)s."),
    Reason.ADEQUATE_IN_SCOPE: N_(
        "The protection is adequate, and that the recipient falls under it is recorded:"
        " %(instrument)s."
    ),
    Reason.ADEQUATE_LISTED: N_(
        "%(entity)s was on the list when it was checked on %(checked_on)s: %(instrument)s."
    ),
    Reason.SAFEGUARD: N_("All that it asks for is recorded: %(instrument)s."),
    Reason.SCOPE_UNCHECKED: N_(
        "The protection is adequate for some recipients only; nobody has recorded yet that this"
        " one is covered: %(instrument)s."
    ),
    Reason.LIST_ENTRY_INCOMPLETE: N_(
        "It covers only organisations on the list (%(list)s); the entry is not recorded in full:"
        " %(instrument)s."
    ),
    Reason.SAFEGUARD_INCOMPLETE: N_("It fits, but not all is recorded: %(instrument)s."),
    Reason.NO_BASIS: N_("No transfer basis is recorded, and nothing makes it lawful without one."),
    Reason.NOT_DOMESTIC: N_(
        "“No basis required” is recorded, but this is a third country under this law."
    ),
    Reason.NOT_YET: N_("It counts from %(first)s only: %(instrument)s."),
    Reason.ENDED: N_("It ended; its last day was %(last)s: %(instrument)s."),
    Reason.EXPIRED: N_("What is recorded was good until %(last)s only: %(instrument)s."),
    Reason.OTHER_PLACE: N_("It does not cover this place: %(instrument)s."),
    Reason.OTHER_LAW: N_(
        "What is recorded holds under another law (%(laws)s); each law needs its own basis."
    ),
    Reason.UNKNOWN_BASIS: N_("“%(basis)s” is no transfer basis."),
    Reason.NEVER_A_BASIS: N_("It is no basis for standing transfers: %(instrument)s."),
    Reason.WRONG_MODULE: N_(
        "Module %(module)s does not fit the roles of vendor and recipient; module %(fitting)s"
        " does: %(instrument)s."
    ),
    Reason.NOT_OWN_GROUP: N_(
        "It binds companies of the vendor's own group only, and this is none: %(instrument)s."
    ),
    Reason.SIGNED_TOO_EARLY: N_(
        "It could be signed from %(first)s on only; what was signed on %(signed_on)s is something"
        " else: %(instrument)s."
    ),
    Reason.SIGNED_TOO_LATE: N_(
        "It could not be signed any more from %(closed_from)s on, and was signed on"
        " %(signed_on)s: %(instrument)s."
    ),
    Reason.NOT_SIGNED_YET: N_("It will be signed on %(signed_on)s only: %(instrument)s."),
    Reason.ASSESSED_INSUFFICIENT: N_(
        "The transfer impact assessment of %(assessed_on)s found the protection insufficient:"
        " %(instrument)s."
    ),
    Reason.OTHER_LIST: N_(
        "The entry on the list is for %(seen)s, not for %(list)s: %(instrument)s."
    ),
    Reason.LIST_INACTIVE: N_("The entry on the list is not active: %(instrument)s."),
    Reason.DATA_NOT_COVERED: N_(
        "The entry on the list does not cover data of this kind: %(instrument)s."
    ),
}
_NOT_YET_BUT = N_(
    "It counts from %(first)s only: %(instrument)s. Of the days before, these data say nothing:"
    " %(before)s."
)
_ENDED_BY = N_("It ended; its last day was %(last)s (%(by)s): %(instrument)s.")
_WRONG_ROLES = {
    "processor": N_(
        "It does not fit a transfer from a processor to its subprocessor: %(instrument)s."
    ),
    "controller": N_(
        "It does not fit a transfer from a controller to a processor: %(instrument)s."
    ),
}

FACTS = {
    Fact.SIGNED_ON: N_("the day it was signed"),
    Fact.REFERENCE: N_("the reference of the approval"),
    Fact.MODULE: N_("the module of the clauses it stands on; module %(detail)s fits"),
    Fact.EXPIRES_ON: N_("its last day"),
    Fact.IMPACT_ASSESSMENT: N_("the transfer impact assessment: reference, day and result"),
    Fact.CONDITION: N_("that this condition is met: %(detail)s"),
    Fact.SCOPE: N_("that the recipient is covered: %(detail)s"),
    Fact.LIST_ENTRY: N_("the recipient's entry on the list for %(detail)s"),
    Fact.LIST_ENTITY: N_("which legal entity is on the list"),
    Fact.LIST_CHECKED_ON: N_(
        "the day on which somebody looked at the entry, not after the day assessed"
    ),
    Fact.LIST_COVERED_DATA: N_("which data the entry covers"),
}
EVIDENCE = {
    "annex_version": N_("the version of the annexes"),
    "clause_9_option": N_("the option of clause 9"),
    "lead_authority": N_("the lead authority"),
    "approval_date": N_("the day of the approval"),
    "edpb_opinion_number": N_("the number of the EDPB's opinion"),
    "entity_list_version": N_("the version of the list of bound entities"),
    "certificate_number": N_("the number of the certificate"),
    "certification_body": N_("the certification body"),
    "scope": N_("what the certificate covers"),
}

# By code; what a newer reference adds is told by the reference's own name.
SAFEGUARDS = {
    "scc_eu_2021_m1": N_("standard contractual clauses 2021/914, module 1"),
    "scc_eu_2021_m2": N_("standard contractual clauses 2021/914, module 2"),
    "scc_eu_2021_m3": N_("standard contractual clauses 2021/914, module 3"),
    "scc_eu_2021_m4": N_("standard contractual clauses 2021/914, module 4"),
    "scc_eu_2010_c2p": N_("the former standard contractual clauses 2010/87/EU"),
    "scc_eu_2001_2004_c2c": N_("the former standard contractual clauses 2001/497/EC, 2004/915/EC"),
    "scc_art28_2021_915": N_("clauses 2021/915 between controller and processor"),
    "scc_sa_adopted": N_("clauses adopted by a supervisory authority"),
    "bcr_p": N_("binding corporate rules for processors"),
    "bcr_c": N_("binding corporate rules for controllers"),
    "code_of_conduct": N_("approved code of conduct with binding commitments"),
    "certification": N_("approved certification with binding commitments"),
    "adhoc_clauses": N_("own contractual clauses with an authority's authorisation"),
    "public_body_instrument": N_("arrangement between public authorities"),
    "art49": N_("derogations for specific situations"),
    "art48": N_("order of a foreign court or authority"),
    "uk_idta": N_("UK International Data Transfer Agreement"),
    "uk_addendum": N_("UK Addendum to the EU standard contractual clauses"),
    "uk_old_scc": N_("former EU standard contractual clauses under the UK's transitional rules"),
    "uk_bcr_p": N_("UK binding corporate rules for processors"),
    "ch_scc": N_("EU standard contractual clauses 2021/914 with the Swiss changes"),
    "ch_old_scc": N_("former EU standard contractual clauses recognised in Switzerland"),
    "ch_contract_clauses": N_("own contractual clauses notified to the FDPIC"),
    "ch_bcr": N_("binding corporate rules approved by the FDPIC or an adequate State's authority"),
    "ch_code_or_certification": N_("code of conduct or certification under Swiss law"),
    "ch_art17": N_("Swiss exceptions for specific situations"),
}
# Findings whose country does not name them.
FINDINGS = {
    "EU-US-DPF": N_("EU-U.S. Data Privacy Framework"),
    "EU-US-PRIVACY-SHIELD": N_("EU-U.S. Privacy Shield"),
    "EU-US-SAFE-HARBOR": N_("Safe Harbor"),
    "EU-EPO": N_("European Patent Organisation"),
    "CH-EEA": N_("EEA states on the Swiss list"),
    "CH-US-DPF": N_("Swiss-U.S. Data Privacy Framework"),
    "CH-US-PRIVACY-SHIELD": N_("Swiss-U.S. Privacy Shield"),
    "UK-EEA": N_("EEA states on the UK list"),
    "UK-EU-BODIES": N_("institutions and bodies of the EU and the EEA"),
    "UK-US-DPF": N_("UK Extension to the EU-U.S. Data Privacy Framework"),
}


def law_words(law: ExportLaw, w: Wording) -> str:
    return w.gettext(LAWS[law])


def instrument_words(instrument: Instrument | None, w: Wording) -> str:
    """Its name and number: "adequacy decision 2019/419 (Japan)"; "" where nothing is needed."""
    if instrument is None:
        return ""
    if not instrument.is_finding:
        known = SAFEGUARDS.get(instrument.code)
        name = w.gettext(known) if known else instrument.name
        return _with_number(name, instrument.number, w)
    if instrument.code in FINDINGS:
        return _with_number(w.gettext(FINDINGS[instrument.code]), instrument.number, w)
    name = w.listed([w.country(code) for code in instrument.countries]) or instrument.name
    if not instrument.code.startswith("EU-"):
        return _with_number(name, instrument.number, w)
    return w.gettext(
        "adequacy decision %(number)s (%(place)s)", number=instrument.number, place=name
    )


def reason_sentence(assessment: Assessment, w: Wording) -> str:
    """Why the transfer is lawful, or is not, as one sentence."""
    params = dict(assessment.params)
    text = REASONS.get(assessment.reason, "")
    if assessment.reason is Reason.WRONG_ROLES:
        text = _WRONG_ROLES[params["role"]]
    elif assessment.reason is Reason.ENDED and params.get("by"):
        text = _ENDED_BY
    elif assessment.reason is Reason.NOT_YET and params.get("before"):
        text = _NOT_YET_BUT
    filled: dict[str, object] = {name: _told(name, value, w) for name, value in params.items()}
    if assessment.lawful_until is not None:
        filled["until"] = w.date(assessment.lawful_until)
    return w.gettext(text, **filled, instrument=instrument_words(assessment.instrument, w))


def missing_words(missing: MissingFact, w: Wording) -> str:
    """What is to be recorded, as a phrase without a full stop."""
    if missing.fact is Fact.EVIDENCE:
        known = EVIDENCE.get(missing.detail)
        return w.gettext(known) if known else missing.detail.replace("_", " ")
    # The sentences of the packaged reference are in the catalogue: see transfer_texts.
    detail = w.gettext(missing.detail) if missing.detail else ""
    if missing.fact in (Fact.CONDITION, Fact.SCOPE):
        # Some of its sentences end with a full stop; a list's name (EU-U.S.) keeps its own.
        detail = detail.removesuffix(".")
    return w.gettext(FACTS[missing.fact], detail=detail)


def territory_words(assessment: Assessment, w: Wording) -> str:
    """What is easily taken wrongly of the place; "" where nothing is."""
    return w.gettext(assessment.trap) if assessment.trap else ""


def _with_number(name: str, number: str, w: Wording) -> str:
    # Those of the packaged reference that are words are in the catalogue: see transfer_texts.
    return f"{name} ({w.gettext(number)})" if number else name


_DAYS = ("first", "last", "signed_on", "closed_from", "assessed_on", "checked_on")


def _told(name: str, value: str, w: Wording) -> str:
    if name in _DAYS:
        return w.date(date.fromisoformat(value))
    if name == "before":
        return w.gettext(value)
    if name == "laws":
        return w.listed([law_words(ExportLaw(law), w) for law in value.split(", ")])
    return value
