"""`subnotify terms ...`: notice terms of a file, checked, and the dates that follow from them."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import click

from subnotify.cli_terms_dates import dates
from subnotify.cli_yaml import end_with, is_calendar, line_of, print_json, read_yaml_file
from subnotify.operations.registry_yaml import PlainFile
from subnotify.rules.contradictions import contradictions
from subnotify.rules.errors import Problem
from subnotify.rules.reading import Reader
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_files import AgreementTerms, read_agreements_terms
from subnotify.wording.language import Wording, wording_for
from subnotify.wording.not_computable import not_computable_reason, not_computable_remedy
from subnotify.wording.problems import problem_text

INVALID = "invalid"


@click.group("terms")
def terms() -> None:
    """Notice terms in a file. Needs no settings and no database."""


terms.add_command(dates)


@terms.command("check")
@click.argument("file", type=click.File("rb"))
def check(file: BinaryIO) -> None:
    """Check the notice terms of the agreements in a YAML FILE, and print what is found.

    One JSON object a line: agreement, path, line, kind, reason, remedy. kind is invalid (the
    import would refuse it), missing (the agreement has no terms), contradictory, or
    not_computable (its cases wait for a person). Exit code 1 if something is invalid, 2 if the
    file cannot be read; what is only missing, contradictory or not computable is 0.
    """
    content = read_yaml_file(file)
    reader = Reader()
    agreements = read_agreements_terms(content.data, reader, is_calendar)
    if reader.problems:
        end_with(file, reader.problems, content)
    wording = wording_for("en")
    found = [
        finding for agreement in agreements for finding in _findings(agreement, content, wording)
    ]
    for finding in found:
        print_json(finding)
    if any(finding["kind"] == INVALID for finding in found):
        raise SystemExit(1)


def _findings(
    agreement: AgreementTerms, content: PlainFile, w: Wording
) -> Iterator[dict[str, Any]]:
    where = f"{agreement.where}.terms"
    for problem in agreement.problems:
        yield _finding(agreement, problem, INVALID, content, w)
    if agreement.problems:
        return
    if agreement.terms is None:
        problem = Problem(
            where,
            "The agreement has no notice terms.",
            "Write them as the agreement says them, or start from a preset.",
        )
        yield _finding(agreement, problem, "missing", content, w)
        return
    for problem in contradictions(agreement.terms):
        placed = Problem(
            f"{where}.{problem.where}", problem.message, problem.remedy, problem.params
        )
        yield _finding(agreement, placed, "contradictory", content, w)
    code = not_computable(agreement.terms)
    if code is not None:
        yield {
            "agreement": agreement.key,
            "path": where,
            "line": line_of(where, content),
            "kind": "not_computable",
            "code": code,
            "reason": not_computable_reason(code, w),
            "remedy": not_computable_remedy(code, w),
        }


def _finding(
    agreement: AgreementTerms, problem: Problem, kind: str, content: PlainFile, w: Wording
) -> dict[str, Any]:
    text = problem_text(problem, w)
    return {
        "agreement": agreement.key,
        "path": text.where,
        "line": line_of(text.where, content),
        "kind": kind,
        "reason": text.message,
        "remedy": text.remedy,
    }
