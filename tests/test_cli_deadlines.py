"""`subnotify deadlines FILE`: answers for the worked cases, and every way a file can be wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from subnotify.cli import main

FILE = Path(__file__).parent / "data/deadline-cases.yaml"
CASES = yaml.safe_load(FILE.read_text(encoding="utf-8"))["cases"]

ONE = """\
cases:
- id: x1
  rule: contract-calendar
  trigger_instant: '2026-03-02T10:00:00+01:00'
  timezone: Europe/Paris
  period: 15
  unit: days
  holiday_calendar: none
"""


def run(*arguments: str, text: str | None = None) -> Result:
    # No setting at all: the command needs none, and no database.
    settings = {"SUBNOTIFY_DATABASE_URL": "", "SUBNOTIFY_SECRET_KEY": ""}
    return CliRunner().invoke(main, ["deadlines", *arguments], input=text, env=settings)


def answers(done: Result) -> list[dict[str, Any]]:
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def worked() -> dict[str, dict[str, Any]]:
    return {answer["id"]: answer for answer in answers(run(str(FILE)))}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_worked_case(case: dict[str, Any], worked: dict[str, dict[str, Any]]):
    answer = worked[case["id"]]
    assert answer["nominal_last_day"] == case["nominal_last_day"]
    assert answer["last_day"] == case["expected_last_day"]
    assert answer["deadline_utc"] == case["expected_deadline_utc"]
    assert answer["deemed_receipt"] == case.get("deemed_receipt")
    assert answer["contested"] == case["contested"]


def test_every_case_has_its_line_in_order(worked: dict[str, dict[str, Any]]):
    assert list(worked) == [case["id"] for case in CASES]


def test_a_contested_date_shows_every_reading_the_named_rules_first(
    worked: dict[str, dict[str, Any]],
):
    for answer in worked.values():
        own, *others = answer["readings"]
        assert (own["last_day"], own["deadline_utc"]) == (
            answer["last_day"],
            answer["deadline_utc"],
        )
        assert bool(others) == answer["contested"]
    assert [x["last_day"] for x in worked["A04"]["readings"]] == ["2026-02-28", "2026-03-02"]


def test_the_explanation_and_the_versions_are_there(worked: dict[str, dict[str, Any]]):
    for answer in worked.values():
        assert answer["explanation"].endswith(".")
        assert "holidays " in answer["versions"] and "tzdata " in answer["versions"]


def test_standard_input_and_a_bare_list_are_read():
    (from_input,) = answers(run("-", text=ONE))
    assert (from_input["last_day"], from_input["deadline_utc"]) == (
        "2026-03-17",
        "2026-03-17T23:00:00Z",
    )
    (bare,) = answers(run("-", text=ONE.removeprefix("cases:\n")))
    assert bare == from_input


def test_json_and_unquoted_values_are_read():
    case = yaml.safe_load(ONE)["cases"][0]
    (of_json,) = answers(run("-", text=json.dumps({"cases": [case]})))
    (unquoted,) = answers(run("-", text=ONE.replace("'", "")))
    assert of_json == unquoted


def test_a_country_code_that_yaml_reads_as_no_is_norway():
    done = run("-", text=ONE.replace("holiday_calendar: none", "holiday_calendar: NO"))
    assert answers(done)[0]["last_day"] == "2026-03-17"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("rule: contract-calendar", "rule: by-feel"), "“by-feel” is not a known value. Use one"),
        (("rule: contract-calendar", "rule: [a]"), "is not a known value. Use one"),
        (("timezone: Europe/Paris", "timezone: Paris"), "“Paris” is not a time zone. Write"),
        (("holiday_calendar: none", "holiday_calendar: XX"), "no holiday calendar “XX”. Write"),
        (("unit: days", "unit: moons"), "“moons” is not a known value. Use one of: hours"),
        (("period: 15", "period: soon"), "“soon” is not a whole number"),
        (("period: 15", "period: 4000"), "“4000” is not a whole number"),
        (("T10:00:00+01:00", "T10:00:00"), "is not an instant. Write it in quotes"),
        (("rule: contract-calendar", "rule: contract-bd-count"), "does not count days"),
        (("2026-03-02T", "9999-12-30T"), "lies outside the years 1 to 9999"),
        (("  unit: days", "  unit: days\n  extra_days: 3"), "Add them to the period instead."),
        (("unit: days", "unit: days\n  deemed: {kind: first_presentation}"), "postal service"),
        (("- id: x1\n  rule", "- rule"), "cases[1].id: This is missing. Fill it in."),
    ],
)
def test_a_bad_case_is_said_with_its_remedy_and_gives_no_answer(
    changed: tuple[str, str], said: str
):
    text = ONE + ONE.replace(*changed).replace("x1", "x2").removeprefix("cases:\n")
    done = run("-", text=text)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert "line " in done.stderr and "cases[1]" in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cases: [", "not valid YAML"),
        ("a: 1", "The file has no cases. Write them under `cases:`."),
        ("cases: 3", "This must be a list."),
        ("cases:\n- 4", "This must be a mapping of fields."),
        ("", "The file has no cases."),
        ("cases:", "The file has no cases."),
        (ONE + ONE, "“cases” is there twice"),
        ("\xff\xfe".encode("latin-1"), "not UTF-8"),
    ],
)
def test_a_bad_file_is_said(text: str, said: str):
    done = run("-", text=text)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_every_problem_is_said_at_once_and_named_by_line():
    text = ONE.replace("days", "moons").replace("Europe/Paris", "Paris")
    done = run("-", text=text)
    assert "line 5, cases[0] (x1).timezone: “Paris” is not a time zone." in done.stderr
    assert "line 7, cases[0] (x1).unit: " in done.stderr


def test_a_file_that_is_missing_is_said():
    done = run("no-such-file.yaml")
    assert done.exit_code == 2
    assert "No such file" in done.stderr
