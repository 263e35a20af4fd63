"""The page of one location: what makes the transfers to it lawful, under each export law."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from subnotify.operations.assess_entries import EntryAssessor
from subnotify.operations.record_bases import (
    RecordedMeanwhile,
    location_digest,
    record_bases,
)
from subnotify.rules.errors import NotFound
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.language import page_wording
from subnotify.web.registry_location_forms import BasesForm, open_bases_form
from subnotify.web.registry_location_views import location_name, part_views, trap_of
from subnotify.web.registry_pages import first_unlawful, registry, row_of, say_saved, today

__all__ = ["registry"]


@registry.route("/<int:subprocessor_id>/locations/<int:number>", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER)
def edit_location(subprocessor_id: int, number: int) -> ResponseReturnValue:
    """What can be recorded for a place, counted from 1, and what is."""
    row = row_of(subprocessor_id)
    facts = row.draft or row.facts
    if not 1 <= number <= len(facts.locations):
        raise NotFound
    assessor = EntryAssessor(db.session())
    w = page_wording()
    form = open_bases_form(
        assessor,
        assessor.assess(facts, on=today()),
        facts.locations[number - 1],
        on=today(),
        formdata=request.form if request.method == "POST" else None,
        w=w,
    )
    if request.method == "POST" and form.validate():
        bases = form.read(w)
        if bases is not None:
            try:
                record_bases(
                    db.session(),
                    subprocessor_id,
                    number - 1,
                    bases,
                    seen=form.page.seen.data or "",
                    by=current_operator().name,
                    at=request_at(),
                )
            except RecordedMeanwhile as refusal:
                form.page.refuse(refusal)
                form.page.seen.data = _digest_now(subprocessor_id, number)
            else:
                return _go_on(subprocessor_id, number)
    return _location_page(form, subprocessor_id, number, assessor)


@registry.route("/<int:subprocessor_id>/locations/<int:number>/copy", methods=["POST"])
@needs_role(Role.PUBLISHER)
def copy_bases(subprocessor_id: int, number: int) -> Response:
    """Record the same bases as for another location of the same place."""
    row = row_of(subprocessor_id)
    places = (row.draft or row.facts).locations
    other = request.form.get("from", 0, type=int)
    if not (1 <= number <= len(places) and 1 <= other <= len(places)):
        raise NotFound
    here, there = places[number - 1], places[other - 1]
    if here.place != there.place:
        raise NotFound
    record_bases(
        db.session(),
        subprocessor_id,
        number - 1,
        there.bases,
        seen=location_digest(here),
        by=current_operator().name,
        at=request_at(),
    )
    return _go_on(subprocessor_id, number)


def _go_on(subprocessor_id: int, number: int) -> Response:
    """Stay while facts of this place are missing; then the next place that lacks some, or the
    entry."""
    row = row_of(subprocessor_id)
    facts = row.draft or row.facts
    assessed = EntryAssessor(db.session()).assess(facts, on=today())
    following = first_unlawful(assessed, after=number)
    say_saved(assessed, following)
    if following is None:
        return redirect(url_for(".show_entry", subprocessor_id=subprocessor_id), code=303)
    address = url_for(".edit_location", subprocessor_id=subprocessor_id, number=following)
    return redirect(address, code=303)


def _digest_now(subprocessor_id: int, number: int) -> str:
    row = row_of(subprocessor_id)
    places = (row.draft or row.facts).locations
    return location_digest(places[number - 1]) if number <= len(places) else ""


def _location_page(
    form: BasesForm, subprocessor_id: int, number: int, assessor: EntryAssessor
) -> str:
    w = page_wording()
    row = row_of(subprocessor_id)
    facts = assessor.assess(row.draft or row.facts, on=today())
    place = facts.locations[number - 1]
    return render_template(
        "desk/registry/location.html",
        row=row,
        name=facts.name,
        form=form,
        number=number,
        heading=location_name(facts, number - 1, w),
        place=place,
        trap=trap_of(place, w),
        parts=part_views(form, facts, number - 1, assessor.reference, w, on=today()),
        same=_same_places(facts, number),
        is_sent=request.method == "POST",
    )


def _same_places(facts: SubprocessorFacts, number: int) -> list[tuple[int, str]]:
    here = facts.locations[number - 1]
    found: dict[tuple[object, ...], tuple[int, str]] = {}
    for n, other in enumerate(facts.locations, start=1):
        if n != number and other.place == here.place and other.bases not in ((), here.bases):
            found.setdefault(other.bases, (n, location_name(facts, n - 1, page_wording())))
    return list(found.values())
