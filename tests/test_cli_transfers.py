"""`subnotify transfers assess`: one line for each place and law, and who a lost decision hits."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from subnotify.cli import main
from subnotify.resources import transfer_reference_file

SAMPLE = Path(__file__).parent.parent / "subnotify/demo/sample/completed-list.yaml"

FILE = """\
subprocessors:
- key: sentry
  name: Sentry
  locations:
  - {country: US, kind: establishment, basis: {kind: scc, module: "3"}}
  - {country: NO, kind: hosting, basis: {kind: eea}}
- key: listed
  role: controller
  locations:
  - country: US
    kind: establishment
    bases:
    - law: EU_GDPR
      code: EU-US-DPF
      list_entry:
        entity: Example, Inc.
        lists: [EU-U.S., UK Extension]
        covered_data: [hr, non_hr]
        checked_on: 2026-11-01
        next_certification_on: 2027-09-01
- key: clauses
  locations:
  - country: IN
    kind: support
    bases:
    - law: EU_GDPR
      code: scc_eu_2021_m3
      signed_on: 2026-02-01
      impact_assessment: {reference: TIA-7, done_on: 2026-01-15, result: sufficient}
      conditions: all
      evidence: {annex_version: "2", clause_9_option: "2"}
- key: epo
  locations:
  - {organisation: European Patent Organisation, kind: establishment}
- key: shield
  locations:
  - {country: US, kind: establishment, basis: {kind: adequacy, reference: 2016/1250}}
"""


def run(*arguments: str, text: str | None = None) -> Result:
    # No setting at all: the command needs none, and no database.
    settings = {"SUBNOTIFY_DATABASE_URL": "", "SUBNOTIFY_SECRET_KEY": ""}
    return CliRunner().invoke(main, ["transfers", "assess", *arguments], input=text, env=settings)


def answers(done: Result) -> list[dict[str, Any]]:
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def by_entry(done: Result) -> dict[tuple[str, str], dict[str, Any]]:
    return {(answer["entry"], answer["location"]): answer for answer in answers(done)}


def test_each_place_is_told_with_reason_rule_and_what_is_missing():
    found = by_entry(run("-", "--on", "2026-11-21", "--law", "EU_GDPR", text=FILE))
    told = {entry: (one["lawful"], one["rule"]) for (entry, _), one in found.items()}
    assert told == {
        "sentry": (True, "V1"),
        "listed": (True, "V3"),
        "clauses": (True, "V2"),
        "epo": (True, "V9"),
        "shield": (False, "V4"),
    }
    seat = found["sentry", "US"]
    assert (seat["lawful"], seat["kind"], seat["law"]) == (
        "if_recorded",
        "establishment",
        "EU_GDPR",
    )
    assert seat["instrument_code"] == "scc_eu_2021_m3"
    assert "the day it was signed" in seat["missing"]
    assert found["sentry", "NO"]["eea_not_eu"] is True
    assert found["listed", "US"]["lawful_until"] == "2027-09-01"
    assert found["shield", "US"]["lapsed_on"] == "2020-07-16"
    assert "Schrems II" in found["shield", "US"]["reason"]
    assert found["epo", "European Patent Organisation"]["instrument"].endswith("(2025/1382)")


def test_without_a_law_each_law_has_its_line():
    found = answers(run("-", "--on", "2026-11-21", text=FILE))
    assert [one["law"] for one in found[:3]] == ["EU_GDPR", "CH_FADP", "UK_GDPR"]
    assert len(found) == 6 * 3
    two = answers(run("-", "--on", "2026-11-21", "--law", "UK_GDPR", "--law", "EU_GDPR", text=FILE))
    assert {one["law"] for one in two} == {"EU_GDPR", "UK_GDPR"}


@pytest.mark.parametrize(
    ("day", "lawful"), [("2020-07-15", "if_recorded"), ("2020-07-16", False), ("2020-07-17", False)]
)
def test_privacy_shield_before_and_after(day: str, lawful: object):
    found = by_entry(run("-", "--on", day, "--law", "EU_GDPR", text=FILE))
    assert found["shield", "US"]["lawful"] == lawful


def test_what_if_shows_who_would_be_hit_and_what_would_fit():
    done = run(
        *("-", "--on", "2026-11-21", "--law", "EU_GDPR"),
        *("--what-if", "EU-US-DPF ends 2027-01-01"),
        text=FILE,
    )
    found = by_entry(done)
    assert [entry for entry, one in found.items() if one["what_if"]["hit"]] == [("listed", "US")]
    hit = found["listed", "US"]
    assert hit["lawful"] is True
    assert (hit["what_if"]["on"], hit["what_if"]["lawful"]) == ("2027-01-01", False)
    assert hit["what_if"]["replacements"][0].startswith("standard contractual clauses 2021/914")
    assert found["clauses", "IN"]["what_if"]["replacements"] == []


def test_the_samples_of_the_demonstration_are_read():
    found = answers(run(str(SAMPLE), "--on", "2026-11-21", "--law", "EU_GDPR"))
    assert {one["lawful"] for one in found} == {True}
    assert all(
        one["lawful"] for one in answers(run(str(SAMPLE), "--on", "2026-11-21", "--law", "CH_FADP"))
    )
    british = answers(run(str(SAMPLE), "--on", "2026-11-21", "--law", "UK_GDPR"))
    assert {one["lawful"] for one in british if one["location"] == "US"} == {False}
    assert {one["entry"] for one in found} >= {"pipedrive", "sentry"}


def test_another_reference_is_read_and_named(tmp_path: Path):
    text = transfer_reference_file().read_text(encoding="utf-8")
    path = tmp_path / "newer.yaml"
    path.write_text(text.replace("2026-11-21", "2027-02-01"), encoding="utf-8")
    (first, *_) = answers(run("-", "--on", "2026-11-21", "--reference", str(path), text=FILE))
    assert first["reference"].startswith("2027-02-01 sha256:")
    path.write_text("meta: {}\n", encoding="utf-8")
    done = run("-", "--on", "2026-11-21", "--reference", str(path), text=FILE)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "eea.eu_members: This is missing." in done.stderr


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("country: NO", "country: XX"), "line 6, subprocessors[0].locations[1].country: “XX”"),
        (("kind: hosting", "kind: attic"), "locations[1].kind: “attic” is not a known value."),
        (("key: sentry\n", "other: x\n"), "subprocessors[0].key: This is missing."),
        (("code: EU-US-DPF", "code: EU-US"), "“EU-US” is no transfer basis that the reference"),
        (("law: EU_GDPR", "law: GDPR"), "bases[0].law: “GDPR” is not a known value."),
        (("EU-U.S., UK", "EU, UK"), "list_entry.lists[0]: “EU” is not a known value."),
        (("2026-11-01", "soon"), "list_entry.checked_on: “soon” is not a day."),
        (("done_on: 2026-01-15", 'done_on: ""'), "impact_assessment.done_on: This is missing."),
        (("result: sufficient", "result: fine"), "impact_assessment.result: “fine” is not"),
        (("conditions: all", "conditions: some"), "bases[0].conditions: This must be a list."),
        (("role: controller", "role: boss"), "subprocessors[1].role: “boss” is not a known value."),
        (("{organisation: European Patent Organisation, ", "{"), "country: This is missing."),
        (("kind: hosting, basis", "sort: hosting, basis"), "The field “sort” is not known."),
    ],
)
def test_a_bad_file_is_said_by_line_and_gives_no_answer(changed: tuple[str, str], said: str):
    text = FILE.replace(*changed)
    assert text != FILE
    done = run("-", "--on", "2026-11-21", text=text)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--on", "tomorrow"), "“tomorrow” is not a day"),
        ((), "Missing option '--on'"),
        (("--on", "2026-11-21", "--law", "US"), "'US' is not one of"),
        (("--on", "2026-11-21", "--what-if", "DPF falls"), "write it like"),
        (("--on", "2026-11-21", "--what-if", "EU-US-DPF ends 2027-13-01"), "write it like"),
        (("--on", "2026-11-21", "--what-if", "EU-XX ends 2027-01-01"), "is not in the reference"),
    ],
)
def test_a_bad_option_is_said(arguments: tuple[str, ...], said: str):
    done = run("-", *arguments, text=FILE)
    assert done.exit_code == 2
    assert said in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("clients: []", "The file has no subprocessors."),
        ("subprocessors: 4", "This must be a list."),
        ("subprocessors: [4]", "This must be a mapping of fields."),
        ("subprocessors:\n- key: x", "locations: This is missing. Add its seat"),
    ],
)
def test_a_file_without_places_is_said(text: str, said: str):
    done = run("-", "--on", "2026-11-21", text=text)
    assert done.exit_code == 2
    assert said in done.stderr


def test_the_json_form_gives_the_same_answers(tmp_path: Path):
    path = tmp_path / "list.json"
    path.write_text(json.dumps(yaml.load(FILE, Loader=yaml.BaseLoader)))
    as_json = run(str(path), "--on", "2026-11-21")
    assert answers(as_json) == answers(run("-", "--on", "2026-11-21", text=FILE))
    path.write_text('{"subprocessors": [\n {"key": "a",}]}')
    refused = run(str(path), "--on", "2026-11-21")
    assert refused.exit_code == 2 and "line 2: This is not valid JSON" in refused.output


def test_other_sections_and_fields_are_left_to_the_import():
    text = FILE.replace("  name: Sentry\n", "  name: Sentry\n  internal_notes: x\n  colour: red\n")
    text += "clients: [{key: c}]\nagreements: later\n"
    same = run("-", "--on", "2026-11-21", text=text)
    assert answers(same) == answers(run("-", "--on", "2026-11-21", text=FILE))


def test_data_of_employees_need_a_certification_that_covers_them():
    text = FILE.replace("covered_data: [hr, non_hr]", "covered_data: [non_hr]")
    listed = ("listed", "US")
    assert (
        by_entry(run("-", "--on", "2026-11-21", "--law", "EU_GDPR", text=text))[listed]["lawful"]
        is True
    )
    text = text.replace("  role: controller\n", "  role: controller\n  hr_data: true\n", 1)
    answer = by_entry(run("-", "--on", "2026-11-21", "--law", "EU_GDPR", text=text))[listed]
    assert answer["lawful"] is False and answer["rule"] == "V3"


def test_an_organisation_stands_for_its_place():
    answer = by_entry(run("-", "--on", "2026-11-21", "--law", "EU_GDPR", text=FILE))[
        ("epo", "European Patent Organisation")
    ]
    assert (answer["location"], answer["kind"]) == ("European Patent Organisation", "establishment")
    assert answer["lawful"] is True
