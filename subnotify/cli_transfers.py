"""`subnotify transfers ...`: transfer bases in a file, assessed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import click

from subnotify.cli_yaml import end_with, print_json, read_yaml_file
from subnotify.operations.load_transfer_reference import load_transfer_reference
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.facts_assessment import assess_location
from subnotify.rules.reading import Reader
from subnotify.rules.transfer_files import TransferPlace, read_transfer_places
from subnotify.rules.transfer_reference import TransferReference, end_basis
from subnotify.rules.transfer_safeguards import fitting_safeguards
from subnotify.rules.transfer_verdicts import Assessment, is_worse, safeguard_instrument
from subnotify.rules.transfer_words import ExportLaw, Lawful
from subnotify.wording.language import Wording, wording_for
from subnotify.wording.transfer_reasons import (
    instrument_words,
    missing_words,
    reason_sentence,
    territory_words,
)

_WHAT_IF = re.compile(r"\s*(\S+)\s+ends\s+(\d{4}-\d\d-\d\d)\s*")


@dataclass(frozen=True)
class WhatIf:
    """A finding or safeguard, by its code, struck down on a day."""

    code: str
    on: date


def _read_day(ctx: click.Context, param: click.Parameter, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"“{value}” is not a day; write it like 2026-04-07.") from error


def _read_what_if(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> tuple[WhatIf, ...]:
    return tuple(_read_one_what_if(value) for value in values)


def _read_one_what_if(value: str) -> WhatIf:
    match = _WHAT_IF.fullmatch(value)
    try:
        if match is not None:
            return WhatIf(match[1], date.fromisoformat(match[2]))
    except ValueError:
        pass
    raise click.BadParameter(f"“{value}” is not read; write it like “EU-US-DPF ends 2027-01-01”.")


@click.group("transfers")
def transfers() -> None:
    """Transfer bases: of a file, of newer reference data, and what ends on the list."""


@transfers.command("assess")
@click.argument("file", type=click.File("rb"))
@click.option("--on", "on", metavar="DATE", required=True, callback=_read_day, help="The day.")
@click.option(
    "--law",
    "laws",
    multiple=True,
    type=click.Choice([law.value for law in ExportLaw]),
    help="An export law; may be given again. Without it: all three.",
)
@click.option(
    "--what-if",
    "what_ifs",
    metavar="TEXT",
    multiple=True,
    callback=_read_what_if,
    help="“EU-US-DPF ends 2027-01-01”: who would be hit from that day. May be given again.",
)
@click.option(
    "--reference",
    "reference_file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Reference data other than those of the package.",
)
def assess_file(
    file: BinaryIO,
    on: date,
    laws: tuple[str, ...],
    what_ifs: tuple[WhatIf, ...],
    reference_file: Path | None,
) -> None:
    """Assess every seat and location of the subprocessors in a YAML FILE on a day.

    Needs no settings and no database.

    One JSON object a line, place and law: entry, location, law, lawful (true, false or
    "if_recorded"), instrument, reason, rule, and what is missing. With --what-if each says, for
    the later of the two days, whether it is hit and which safeguards would fit. A file with
    problems gives no answers (exit code 2): they are said on standard error.
    """
    reference = _load(reference_file)
    changed = _changed(reference, what_ifs)
    content = read_yaml_file(file)
    reader = Reader()
    places = read_transfer_places(content.data, reader, reference)
    if reader.problems:
        end_with(file, reader.problems, content)
    later = max([on, *(what_if.on for what_if in what_ifs)])
    wording = wording_for("en")
    for place in places:
        for law in [law for law in ExportLaw if not laws or law.value in laws]:
            answer = dict(_answer(place, law, on, reference, wording))
            if what_ifs:
                answer["what_if"] = _compared(place, law, later, reference, changed, wording)
            print_json(answer | {"reference": reference.version})


def _load(path: Path | None) -> TransferReference:
    try:
        return load_transfer_reference(path)
    except ProblemsFound as error:
        for problem in error.problems:
            click.echo(f"{path}: {problem}", err=True)
        raise SystemExit(2) from error


def _changed(reference: TransferReference, what_ifs: tuple[WhatIf, ...]) -> TransferReference:
    for what_if in what_ifs:
        try:
            reference = end_basis(reference, what_if.code, what_if.on)
        except KeyError as error:
            known = ", ".join(
                [f.id for f in reference.findings] + [s.code for s in reference.safeguards]
            )
            raise click.BadParameter(
                f"“{what_if.code}” is not in the reference data; it has: {known}.",
                param_hint="--what-if",
            ) from error
    return reference


def _assessed(
    place: TransferPlace, law: ExportLaw, on: date, reference: TransferReference
) -> Assessment:
    return assess_location(reference, place.facts, place.location, law, on=on)


def _answer(
    place: TransferPlace, law: ExportLaw, on: date, reference: TransferReference, w: Wording
) -> Iterator[tuple[str, Any]]:
    assessment = _assessed(place, law, on, reference)
    yield from (
        ("entry", place.entry),
        ("location", place.location.organisation or place.location.country),
        ("kind", place.location.kind.value),
        ("role", place.facts.role.value),
        ("law", law.value),
        ("on", on.isoformat()),
    )
    yield from _verdict(assessment, w).items()
    yield from (
        ("lawful_until", _day(assessment.lawful_until)),
        ("lapsed_on", _day(assessment.lapsed_on)),
        ("eea_not_eu", assessment.is_eea_not_eu),
        ("territory", territory_words(assessment, w) or None),
    )


def _verdict(assessment: Assessment, w: Wording) -> dict[str, Any]:
    """true, false or "if_recorded", and why."""
    lawful = assessment.lawful
    return {
        "lawful": lawful.value if lawful is Lawful.IF_RECORDED else lawful is Lawful.YES,
        "instrument": instrument_words(assessment.instrument, w) or None,
        "instrument_code": assessment.instrument.code if assessment.instrument else None,
        "reason": reason_sentence(assessment, w),
        "rule": assessment.rule.value,
        "missing": [missing_words(missing, w) for missing in assessment.missing],
    }


def _compared(
    place: TransferPlace,
    law: ExportLaw,
    on: date,
    reference: TransferReference,
    changed: TransferReference,
    w: Wording,
) -> dict[str, Any]:
    without, with_it = (_assessed(place, law, on, which) for which in (reference, changed))
    is_hit = is_worse(with_it, without)
    fitting = fitting_safeguards(
        changed, law=law, role=place.facts.role, on=on, is_own_group=place.facts.affiliate
    )
    return {
        "on": on.isoformat(),
        "hit": is_hit,
        **_verdict(with_it, w),
        "replacements": [instrument_words(safeguard_instrument(x), w) for x in fitting]
        if is_hit
        else [],
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
