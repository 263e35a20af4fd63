"""`subnotify deadlines FILE`: the end of time limits, by stated rules."""

from typing import Any, BinaryIO

import click

from subnotify.cli_yaml import end_with, in_utc, is_calendar, print_json, read_yaml_file
from subnotify.holiday_calendars import VERSIONS, get_calendar
from subnotify.rules.deadline_files import (
    DeadlineAnswer,
    DeadlineCase,
    answer_case,
    read_deadline_cases,
)
from subnotify.rules.errors import Problem, TermsNotComputable
from subnotify.rules.reading import Reader
from subnotify.rules.time_limits import zone_of
from subnotify.wording.language import wording_for
from subnotify.wording.window_steps import limit_sentences


@click.command("deadlines")
@click.argument("file", type=click.File("rb"))
def deadlines(file: BinaryIO) -> None:
    """Compute the end of the time limits that a YAML FILE asks for.

    One JSON object a line, in the order of the file. Needs no settings and no database; `-` is
    standard input. A file with problems gives no answers: they are said on standard error.
    """
    content = read_yaml_file(file)
    reader = Reader()
    cases = read_deadline_cases(content.data, reader, is_calendar)
    if reader.problems:
        end_with(file, reader.problems, content)
    answers = []
    for number, case in enumerate(cases):
        answer = _answer(case, f"cases[{number}] ({case.id})")
        if isinstance(answer, Problem):
            reader.problems.append(answer)
        else:
            answers.append(answer)
    if reader.problems:
        end_with(file, reader.problems, content)
    for answer in answers:
        print_json(_to_mapping(answer))


def _answer(case: DeadlineCase, where: str) -> DeadlineAnswer | Problem:
    try:
        return answer_case(case, get_calendar(case.counting.holiday_calendar))
    except TermsNotComputable:
        return Problem(
            f"{where}.deemed",
            "Only the postal service knows when a letter is first presented.",
            "Write the day of presentation as the trigger, and leave `deemed` out.",
        )
    except (OverflowError, ValueError):
        return Problem(
            f"{where}.period",
            "The limit lies outside the years 1 to 9999.",
            "Correct the trigger or the period.",
        )


def _to_mapping(answer: DeadlineAnswer) -> dict[str, Any]:
    limit = answer.limit
    zone_name = answer.case.counting.time_zone
    zone = zone_of(zone_name)
    received_at = answer.deemed_receipt_at
    rule = answer.case.counting.rule.value
    sentences = limit_sentences(answer.steps, zone_name, rule, wording_for("en", zone_name))
    return {
        "id": answer.case.id,
        "nominal_last_day": limit.nominal_last_day.isoformat(),
        "last_day": limit.last_day.isoformat(),
        "deadline_utc": in_utc(limit.ends_at),
        "deemed_receipt": received_at.astimezone(zone).isoformat() if received_at else None,
        "contested": limit.is_contested,
        "readings": [
            {
                "name": reading.name,
                "last_day": reading.last_day.isoformat(),
                "deadline_utc": in_utc(reading.ends_at),
            }
            for reading in limit.readings
        ],
        "explanation": " ".join(sentences),
        "versions": VERSIONS,
    }
