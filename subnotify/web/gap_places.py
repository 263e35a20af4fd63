"""Where in the registry's forms a gap of an entry is filled in."""

import re
from dataclasses import dataclass

from flask import url_for

from subnotify.rules.errors import Problem
from subnotify.rules.publication_gaps import TransferProblem
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_verdicts import Instrument, MissingFact
from subnotify.rules.transfer_words import ExportLaw
from subnotify.web.registry_basis_forms import Asked, asked_of, missing_anchor

_FIRST_CONTROLS = {
    "activities": "activities_en",
    "data_categories": "data_categories_en",
    "data_subjects": "data_subjects_en",
    "services": "services-0",
    "locations": "locations-0-country",
}


@dataclass(frozen=True)
class GapPlace:
    """anchor: id of the control. location: number of the place in the entry, from 0, where it is
    on that place's own page; None: on the entry's form."""

    anchor: str
    location: int | None = None

    def address(self, subprocessor_id: int) -> str:
        if self.location is None:
            page = url_for("registry.edit_entry", subprocessor_id=subprocessor_id)
        else:
            page = url_for(
                "registry.edit_location",
                subprocessor_id=subprocessor_id,
                number=self.location + 1,
            )
        return f"{page}#{self.anchor}"


def gap_place(problem: Problem, path: str, reference: TransferReference | None = None) -> GapPlace:
    """path: the problem's, without the entry. reference: tells one condition from another."""
    found = re.match(r"locations\[(\d+)\]", path)
    if found is None:
        field = re.split(r"[.\[]", path)[0]
        return GapPlace(_FIRST_CONTROLS.get(field, field))
    if not isinstance(problem, TransferProblem):
        return GapPlace("bases", int(found[1]))
    instrument = problem.assessment.instrument if problem.assessment else None
    anchor = law_anchor(problem.law, instrument, problem.missing, reference)
    return GapPlace(anchor, int(found[1]))


def law_anchor(
    law: ExportLaw,
    instrument: Instrument | None,
    missing: MissingFact | None,
    reference: TransferReference | None,
) -> str:
    """The id of the control for a fact that is missing under a law; of the law's part where no
    basis is recorded yet."""
    if instrument is None or missing is None:
        return law.value
    asked = asked_of(reference, instrument.code) if reference else Asked(())
    return missing_anchor(law, instrument.code, missing, asked)
