"""The fields of one transfer basis: those that its instrument asks for, and no others."""

import re
from dataclasses import dataclass
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, RadioField, SelectField, StringField
from wtforms.validators import Optional

from subnotify.rules.transfer_records import RecordedBasis
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_safeguards import MODULE_FOR
from subnotify.rules.transfer_verdicts import MissingFact
from subnotify.rules.transfer_words import (
    ConditionKind,
    CoveredData,
    ExportLaw,
    Fact,
    FrameworkList,
    ListStatus,
    TransferRisk,
)
from subnotify.rules.words import VendorRole
from subnotify.web.country_choices import with_stored
from subnotify.web.forms_base import CheckboxesField, DayField, at_most, strip
from subnotify.web.registry_basis_reading import basis_data
from subnotify.wording.language import Wording
from subnotify.wording.transfer_reasons import EVIDENCE

_LISTED = ("entity", "status", "lists", "covered_data", "checked_on", "next_certification_on")
_ASSESSED = ("tia_reference", "tia_done_on", "tia_result")
# The client's say in further subprocessors (clause 9(a) of the EU clauses).
_CLAUSE_9 = "clause_9_option"
# The evidence that has a field of its own.
_OWN = {
    "signature_date": "signed_on",
    "commitments_signature_date": "signed_on",
    "tia_date": "tia_done_on",
    "expiry_date": "expires_on",
}
_OF_FACT = {
    Fact.SIGNED_ON: "signed_on",
    Fact.REFERENCE: "reference",
    Fact.MODULE: "module",
    Fact.EXPIRES_ON: "expires_on",
    Fact.IMPACT_ASSESSMENT: "tia_reference",
    Fact.CONDITION: "conditions",
    Fact.SCOPE: "conditions",
    Fact.LIST_ENTRY: "lists",
    Fact.LIST_ENTITY: "entity",
    Fact.LIST_CHECKED_ON: "checked_on",
    Fact.LIST_COVERED_DATA: "covered_data",
}


def _text(text: str, longest: int = 200) -> StringField:
    return StringField(text, filters=[strip], validators=[at_most(longest)])


def _day(text: str) -> DayField:
    return DayField(text, validators=[Optional()])


class BasisForm(Form):
    """Every field there is; what the instrument does not ask for is taken out."""

    chosen = BooleanField()
    entity = _text(_l("Legal entity on the list"))
    status = RadioField(_l("Status of its entry"), validate_choice=False)
    lists = CheckboxesField(_l("On which lists it is"))
    covered_data = CheckboxesField(_l("Data that the entry covers"))
    checked_on = _day(_l("Looked up on"))
    next_certification_on = _day(_l("Next certification due on"))
    signed_on = _day(_l("Signed on"))
    module = SelectField(_l("Module of the EU clauses"), validate_choice=False)
    tia_reference = _text(_l("Transfer impact assessment: reference"), 2000)
    tia_done_on = _day(_l("Transfer impact assessment: done on"))
    tia_result = RadioField(_l("Transfer impact assessment: result"), validate_choice=False)
    reference = _text(_l("Reference of the document"))
    expires_on = _day(_l("Its last day"))
    conditions = CheckboxesField(_l("Confirm what is met"))


@dataclass(frozen=True)
class Asked:
    """What one instrument asks for. fields: names of BasisForm, evidence by its own names."""

    fields: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


def asked_of(reference: TransferReference, code: str) -> Asked:
    """The fields of a finding or safeguard; none for a code that the reference does not know."""
    finding = reference.find_finding(code)
    if finding is not None:
        listed = _LISTED if finding.on_list is not None else ()
        checked = ("conditions", "reference", "expires_on") if finding.checks else ()
        return Asked((*listed, *checked), finding.checks)
    safeguard = reference.find_safeguard(code)
    if safeguard is None:
        return Asked(())
    evidence = tuple(name for name in safeguard.evidence if name not in _OWN)
    conditions = tuple(x.text for x in safeguard.conditions if x.kind is ConditionKind.CONFIRMED)
    return Asked(
        (
            *(("reference",) if safeguard.own_group_only else ("signed_on", "reference")),
            *(("module",) if safeguard.asks_module else ()),
            *(_ASSESSED if safeguard.asks_assessment else ()),
            *(f"evidence_{name}" for name in evidence),
            *(("conditions",) if conditions else ()),
            "expires_on",
        ),
        conditions,
        evidence,
    )


def basis_prefix(law: ExportLaw, code: str, number: int = 1) -> str:
    """What the ids of a basis's fields begin with; number: of several with the same code."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", f"{law.value}-{code}")
    return f"{plain}-" if number == 1 else f"{plain}-{number}-"


def missing_anchor(law: ExportLaw, code: str, missing: MissingFact, asked: Asked) -> str:
    """The id of the control where a missing fact of a basis is filled in."""
    start = basis_prefix(law, code)
    if missing.fact is Fact.EVIDENCE:
        return f"{start}evidence_{missing.detail}"
    name = _OF_FACT[missing.fact]
    if name == "conditions":
        texts = asked.conditions
        return f"{start}conditions-{texts.index(missing.detail) if missing.detail in texts else 0}"
    return f"{start}{name}-0" if name in ("lists", "covered_data") else f"{start}{name}"


def basis_form(
    asked: Asked,
    prefix: str,
    stored: RecordedBasis | None,
    formdata: Any,
    role: VendorRole,
    w: Wording,
) -> BasisForm:
    """The form of one basis: what was sent (formdata None: nothing), else what is stored."""
    own = {f"evidence_{name}": _evidence_field(name, w) for name in asked.evidence}
    form: BasisForm = type("OneBasisForm", (BasisForm,), own)(
        formdata, prefix=prefix, data=basis_data(stored) if stored else {}
    )
    for name in list(form._fields):
        if name != "chosen" and name not in asked.fields:
            del form[name]
    _offer(form, asked, role)
    return form


def _evidence_field(name: str, w: Wording) -> StringField | SelectField:
    words = w.gettext(EVIDENCE[name]) if name in EVIDENCE else name.replace("_", " ")
    if name == _CLAUSE_9:
        return SelectField(_sentence(words), validate_choice=False)
    return _text(_sentence(words), 2000)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _offer(form: BasisForm, asked: Asked, role: VendorRole) -> None:
    choices: dict[str, list[tuple[str, str]]] = {
        "status": [
            (ListStatus.ACTIVE.value, _("Active")),
            (ListStatus.INACTIVE.value, _("Inactive, lapsed or withdrawn")),
        ],
        "lists": [(x.value, x.value) for x in FrameworkList],
        "covered_data": [
            (CoveredData.NON_HR.value, _("Data other than of employees (non-HR)")),
            (CoveredData.HR.value, _("Data of employees (HR)")),
        ],
        "tia_result": [
            (TransferRisk.SUFFICIENT.value, _("The protection is sufficient")),
            (TransferRisk.SUFFICIENT_WITH_MEASURES.value, _("Sufficient with further measures")),
            (TransferRisk.INSUFFICIENT.value, _("Insufficient")),
        ],
        "module": with_stored([("", ""), *_modules(role)], _typed(form, "module")),
        "conditions": [(text, _sentence(_(text))) for text in asked.conditions],
        f"evidence_{_CLAUSE_9}": with_stored(
            [
                ("", ""),
                ("1", _("Option 1: specific prior authorisation")),
                ("2", _("Option 2: general written authorisation")),
            ],
            _typed(form, f"evidence_{_CLAUSE_9}"),
        ),
    }
    for name, offered in choices.items():
        if name in form:
            cast(SelectField, form[name]).choices = offered


def _typed(form: BasisForm, name: str) -> str:
    return form[name].data or "" if name in form else ""


def _modules(role: VendorRole) -> list[tuple[str, str]]:
    """The module that fits stands first."""
    words = {
        "1": _("Module 1: controller to controller"),
        "2": _("Module 2: controller to processor"),
        "3": _("Module 3: processor to processor"),
        "4": _("Module 4: processor to controller"),
    }
    fitting = MODULE_FOR[role]
    return [(number, words[number]) for number in sorted(words, key=lambda x: x != fitting)]
