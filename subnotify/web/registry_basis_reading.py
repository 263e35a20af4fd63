"""A recorded basis as the fields of its form, and back."""

import re
from typing import Any, cast

from flask_babel import gettext as _
from wtforms import Form

from subnotify.rules.errors import Problem
from subnotify.rules.reading import Reader
from subnotify.rules.transfer_records import RecordedBasis
from subnotify.rules.transfer_records_reading import basis_to_mapping, read_recorded_bases
from subnotify.rules.transfer_words import ExportLaw
from subnotify.web.forms_base import CheckboxesField
from subnotify.wording.language import Wording
from subnotify.wording.problems import problem_text

_ENTRY = ("entity", "status", "lists", "covered_data", "checked_on", "next_certification_on")
_ASSESSMENT = {"tia_reference": "reference", "tia_done_on": "done_on", "tia_result": "result"}
EVIDENCE = "evidence_"


def basis_data(basis: RecordedBasis) -> dict[str, Any]:
    """What the form of a basis shows of a stored one."""
    plain = basis_to_mapping(basis)
    days = ("signed_on", "expires_on")
    data: dict[str, Any] = {
        "chosen": True,
        **{name: plain.get(name, "") for name in ("reference", "module", "conditions")},
        **{name: getattr(basis, name) for name in days},
        **{f"{EVIDENCE}{name}": value for name, value in basis.evidence},
    }
    entry, found = basis.list_entry, basis.impact_assessment
    if entry is not None:
        data |= {name: getattr(entry, name) for name in _ENTRY}
        data |= {"status": entry.status.value}
        data |= {name: sorted(getattr(entry, name)) for name in ("lists", "covered_data")}
    if found is not None:
        data |= {field: getattr(found, name) for field, name in _ASSESSMENT.items()}
        data |= {"tia_result": found.result.value}
    return data


def read_basis(
    form: Form, law: ExportLaw, code: str, before: RecordedBasis | None, w: Wording
) -> RecordedBasis | None:
    """The basis as typed; None with the errors at their fields where something is wrong.

    before: what is stored of it; what the form does not show is taken from there.
    """
    plain = basis_to_mapping(before) if before else {"law": law.value, "code": code}
    _take(form, plain, before)
    if not _is_whole(form):
        return None
    reader = Reader()
    bases = read_recorded_bases([plain], "", reader, None)
    for problem in reader.problems:
        _show(form, problem, w)
    return bases[0] if bases and not reader.problems else None


def _take(form: Form, plain: dict[str, Any], before: RecordedBasis | None) -> None:
    for name in ("reference", "module", "signed_on", "expires_on"):
        if name in form:
            plain[name] = form[name].data
    if "conditions" in form:
        # Others than the form asks for stay as they were confirmed.
        offered = {choice.data for choice in cast(CheckboxesField, form["conditions"])}
        kept = before.conditions - offered if before else frozenset()
        plain["conditions"] = sorted(kept | set(form["conditions"].data or ()))
    # In the order in which it was stored, so that what did not change stays equal.
    evidence = dict(plain.get("evidence", {}))
    for field in form:
        if field.short_name.startswith(EVIDENCE):
            evidence[field.short_name.removeprefix(EVIDENCE)] = field.data
    plain["evidence"] = {name: text for name, text in evidence.items() if text}
    if "status" in form:
        entry = {name: form[name].data for name in _ENTRY if form[name].data}
        plain["list_entry"] = entry or None
    if "tia_result" in form:
        found = {name: form[field].data for field, name in _ASSESSMENT.items() if form[field].data}
        plain["impact_assessment"] = found or None


def _is_whole(form: Form) -> bool:
    """Half a list entry may say the contrary of the whole one; half an assessment is none."""
    asked = []
    if "status" in form and any(form[name].data for name in _ENTRY) and not form["status"].data:
        asked.append(("status", _("Say whether the entry on the list is active.")))
    if "tia_result" in form and any(form[name].data for name in _ASSESSMENT):
        for name, sentence in (
            ("tia_reference", _("Write the reference of the transfer impact assessment.")),
            ("tia_done_on", _("Write the day of the transfer impact assessment.")),
            ("tia_result", _("Choose what the transfer impact assessment found.")),
        ):
            if not form[name].data and not form[name].errors:
                asked.append((name, sentence))
    for name, sentence in asked:
        form[name].errors = [*form[name].errors, sentence]
    return not asked


def _show(form: Form, problem: Problem, w: Wording) -> None:
    said = problem_text(problem, w)
    path = re.sub(r"^\[0\]\.", "", problem.where)
    name = {
        **{f"impact_assessment.{inner}": field for field, inner in _ASSESSMENT.items()},
        **{f"list_entry.{inner}": inner for inner in _ENTRY},
    }.get(path, re.sub(r"^evidence\.", EVIDENCE, path))
    field = form[name] if name in form else form["chosen"]
    field.errors = [*field.errors, f"{said.message} {said.remedy}"]
