"""`subnotify terms check FILE`: what is wrong with terms, where, and how to mend it."""

from pathlib import Path

import pytest

from tests.support.terms_commands import FACTS, ONE, dates, objects, run


def test_an_agreement_without_terms_has_no_dates_and_is_missing():
    text = "agreements:\n- key: a1\n"
    assert dates(text) == {"agreement": "a1", "missing": "The agreement has no notice terms."}
    (found,) = objects(run("check", "-", text=text))
    assert (found["kind"], found["path"], found["line"]) == ("missing", "agreements[0].terms", 2)


def test_valid_terms_print_nothing():
    assert objects(run("check", "-", text=ONE)) == []


def test_a_contradiction_is_printed_and_does_not_fail():
    text = ONE + "    silence_irrevocable: true\n"
    (found,) = objects(run("check", "-", text=text))
    assert found == {
        "agreement": "a1",
        "path": "agreements[0].terms.silence_irrevocable",
        "line": 7,
        "kind": "contradictory",
        "reason": "Acceptance by silence is irrevocable, but silence does not accept.",
        "remedy": "Use effect_of_silence: deemed_accepted, or remove silence_irrevocable.",
    }


def test_plain_post_that_nothing_can_prove_is_printed_and_does_not_fail():
    by_post = "    channels: [post]\n    proof_of_receipt: [registered_delivery]\n"
    text = ONE.replace("runs_from: dispatch", "runs_from: receipt") + by_post
    (found,) = objects(run("check", "-", text=text))
    assert (found["kind"], found["path"]) == (
        "contradictory",
        "agreements[0].terms.proof_of_receipt",
    )
    assert "it can give none of the proofs" in found["reason"] and found["remedy"]


def test_what_cannot_be_computed_is_printed_and_does_not_fail():
    (found,) = objects(run("check", "-", text=ONE.replace("runs_from: dispatch", "")))
    assert (found["kind"], found["code"]) == ("not_computable", "proof_of_receipt")
    assert found["reason"] and found["remedy"]


@pytest.mark.parametrize(
    ("changed", "path", "said"),
    [
        (("rule: contract-calendar", "rule: x"), ".counting.rule", "“x” is not a known value."),
        (("Europe/Paris", "Paris"), ".counting.time_zone", "“Paris” is not a time zone."),
        (
            ("Europe/Paris}", "Europe/Paris, holiday_calendar: XX}"),
            ".counting.holiday_calendar",
            "There is no holiday calendar “XX”.",
        ),
        (("runs_from: dispatch", "from: x"), ".from", "The field “from” is not known."),
        (("number: 15", "number: -15"), ".objection_period.number", "“-15” is not a whole number"),
    ],
)
def test_invalid_terms_are_printed_and_fail(changed: tuple[str, str], path: str, said: str):
    text = ONE.replace(*changed)
    (found,) = objects(run("check", "-", text=text), exit_code=1)
    assert (found["agreement"], found["kind"]) == ("a1", "invalid")
    assert found["path"] == f"agreements[0].terms{path}"
    assert said in found["reason"] and found["remedy"] and found["line"] > 1
    done = run("dates", "-", *FACTS, text=text)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_missing_key_is_said_once():
    text = "agreements:\n" + 2 * ONE.removeprefix("agreements:\n").replace("key: a1\n ", "")
    found = objects(run("check", "-", text=text), exit_code=1)
    assert [entry["path"] for entry in found] == ["agreements[0].key", "agreements[1].key"]


def test_a_key_is_there_once():
    text = ONE + ONE.removeprefix("agreements:\n")
    (found,) = objects(run("check", "-", text=text), exit_code=1)
    assert found["path"] == "agreements[1].key"


@pytest.mark.parametrize("command", [("check",), ("dates", *FACTS)])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("agreements: [", "not valid YAML"),
        ("clients: []", "The file has no agreements."),
        ("", "The file has no agreements."),
        ("agreements: 3", "This must be a list."),
    ],
)
def test_a_file_that_cannot_be_read_is_said(command: tuple[str, ...], text: str, said: str):
    name, *facts = command
    done = run(name, "-", *facts, text=text)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_whole_import_file_is_read():
    sample = Path(__file__).parent.parent / "subnotify/demo/sample/example.yaml"
    assert objects(run("check", str(sample))) == []
    assert objects(run("dates", str(sample), *FACTS))[0]["agreement"]
