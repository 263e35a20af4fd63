"""The form of one location: for each export law, what can be recorded of the transfer there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from wtforms import Field, HiddenField

from subnotify.operations.assess_entries import EntryAssessor
from subnotify.operations.record_bases import location_digest
from subnotify.rules.facts_assessment import assess_location
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_choices import list_choices
from subnotify.rules.transfer_records import NONE_REQUIRED, RecordedBasis
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_verdicts import Assessment
from subnotify.rules.transfer_words import ExportLaw, Lawful
from subnotify.web.forms_base import PageForm
from subnotify.web.registry_basis_forms import (
    Asked,
    BasisForm,
    asked_of,
    basis_form,
    basis_prefix,
)
from subnotify.web.registry_basis_reading import read_basis
from subnotify.wording.language import Wording


class PlaceForm(PageForm):
    """seen: a digest of the location that the page showed."""

    seen = HiddenField()


@dataclass
class Option:
    """One basis that may be recorded, or is. alone: what the stored one is worth by itself."""

    law: ExportLaw
    code: str
    asked: Asked
    form: BasisForm
    stored: RecordedBasis | None
    alone: Assessment | None

    @property
    def is_chosen(self) -> bool:
        return bool(self.form.chosen.data)

    @property
    def fields(self) -> list[Field]:
        """In the order in which they are asked."""
        return [self.form[name] for name in self.asked.fields]


@dataclass
class LawPart:
    """What one law says of the place, and what can be recorded under it."""

    law: ExportLaw
    assessment: Assessment
    options: list[Option]

    @property
    def needs_nothing(self) -> bool:
        """Lawful by the place itself: what is recorded besides is of no consequence now."""
        return self.assessment.lawful is Lawful.YES and not any(
            x.stored and x.code == _code(self.assessment) for x in self.options
        )

    @property
    def holds_something(self) -> bool:
        return any(x.is_chosen and x.code != NONE_REQUIRED for x in self.options)


@dataclass
class BasesForm:
    """The whole form. Iterating gives the fields shown, as the list of errors reads them."""

    page: PlaceForm
    parts: list[LawPart]
    before: Location
    elsewhere: tuple[RecordedBasis, ...] = field(default=())

    @property
    def form_errors(self) -> Sequence[str]:
        return tuple(self.page.form_errors)

    def __iter__(self) -> Iterator[Field]:
        for option in self._options():
            if option.is_chosen:
                yield option.form.chosen
                yield from option.fields

    def _options(self) -> Iterator[Option]:
        for part in self.parts:
            yield from part.options

    def validate(self) -> bool:
        """Whether everything that counts is readable: what is not chosen may be anything."""
        chosen = [x for x in self._options() if x.is_chosen]
        return all([self.page.validate(), *(x.form.validate() for x in chosen)])

    def read(self, w: Wording) -> tuple[RecordedBasis, ...] | None:
        """The bases as typed, in the order in which they were stored, then the new ones; None
        with the errors at their fields when something is wrong."""
        read = {
            id(x): read_basis(x.form, x.law, x.code, x.stored, w)
            for x in self._options()
            if x.is_chosen
        }
        if None in read.values():
            return None
        kept: list[RecordedBasis | None] = []
        stored = {id(x.stored): x for x in self._options() if x.stored is not None}
        for basis in self.before.bases:
            option = stored.get(id(basis))
            kept.append(basis if option is None else read.get(id(option)))
        kept += [read.get(id(x)) for x in self._options() if x.stored is None]
        return tuple(basis for basis in kept if basis is not None)


def open_bases_form(
    assessor: EntryAssessor,
    facts: SubprocessorFacts,
    location: Location,
    *,
    on: date,
    formdata: Any,
    w: Wording,
) -> BasesForm:
    """The form of a location of the facts. formdata: what was sent, None when nothing was."""
    parts = [
        _part(assessor.reference, facts, location, law, on, formdata, w) for law in assessor.laws
    ]
    return BasesForm(
        page=PlaceForm(data={"seen": location_digest(location)}),
        parts=parts,
        before=location,
        elsewhere=tuple(x for x in location.bases if x.law not in assessor.laws),
    )


def _part(
    reference: TransferReference,
    facts: SubprocessorFacts,
    location: Location,
    law: ExportLaw,
    on: date,
    formdata: Any,
    w: Wording,
) -> LawPart:
    stored = [x for x in location.bases if x.law is law]
    offered = [x for x in _offered(reference, facts, location, law, on) if x not in _codes(stored)]
    rows: list[tuple[str, RecordedBasis | None]] = [(x, None) for x in offered]
    rows += [(x.code, x) for x in stored]
    order = {code: n for n, code in enumerate(_offered(reference, facts, location, law, on))}
    # What is recorded keeps its place among what is offered; what no longer fits comes last.
    rows.sort(key=lambda row: order.get(row[0], len(order)))
    options = []
    for place, (code, basis) in enumerate(rows):
        asked = asked_of(reference, code)
        number = 1 + sum(1 for other, _basis in rows[:place] if other == code)
        form = basis_form(asked, basis_prefix(law, code, number), basis, formdata, facts.role, w)
        alone = _alone(reference, facts, location, basis, law, on) if basis else None
        options.append(Option(law, code, asked, form, basis, alone))
    assessment = assess_location(reference, facts, location, law, on=on)
    if formdata is None:
        _open_what_counts_once_confirmed(options, assessment)
    return LawPart(law, assessment, options)


def _open_what_counts_once_confirmed(options: list[Option], assessment: Assessment) -> None:
    """A decision that covers the place, once somebody confirms its condition, is ticked already:
    else nobody would see what is asked."""
    for option in options:
        is_it = option.stored is None and option.code == _code(assessment)
        if is_it and assessment.lawful is Lawful.IF_RECORDED:
            option.form.chosen.data = True


def _codes(bases: Sequence[RecordedBasis]) -> set[str]:
    return {basis.code for basis in bases}


def _offered(
    reference: TransferReference,
    facts: SubprocessorFacts,
    location: Location,
    law: ExportLaw,
    on: date,
) -> list[str]:
    """Codes, best first. What holds without being recorded is not offered."""
    choices = list_choices(
        reference,
        place=location.place,
        law=law,
        role=facts.role,
        on=on,
        is_own_group=facts.affiliate,
    )
    return [
        x.code
        for x in choices
        if (finding := reference.find_finding(x.code)) is None
        or finding.checks
        or finding.on_list is not None
        or finding.must_be_claimed
    ]


def _alone(
    reference: TransferReference,
    facts: SubprocessorFacts,
    location: Location,
    basis: RecordedBasis,
    law: ExportLaw,
    on: date,
) -> Assessment | None:
    """What one recorded basis is worth; None where the place is lawful by something else."""
    only = Location(location.country, location.kind, (basis,), location.organisation)
    found = assess_location(reference, facts, only, law, on=on)
    return found if _code(found) in (basis.code, "") and found.lawful is not Lawful.YES else None


def _code(assessment: Assessment) -> str:
    return assessment.instrument.code if assessment.instrument is not None else ""
