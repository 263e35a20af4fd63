"""What a notice states of a subprocessor, row by row."""

from dataclasses import replace
from datetime import date

from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import ChangeKind
from subnotify.wording.change_facts import ChangeFacts, change_rows, change_title, is_covered
from subnotify.wording.language import wording_for
from tests.support.announced_facts import COMMENCEMENT, IONOS, OVH, REGISTERED, SENTRY

W = wording_for("en", "Europe/Paris")
REPLACEMENT = ChangeFacts(ChangeKind.REPLACEMENT, OVH, ("Monitoring",), COMMENCEMENT, IONOS)


def rows(change: ChangeFacts, language: str = "en") -> dict[str, tuple[str, ...]]:
    told = change_rows(change, wording_for(language, "Europe/Paris"))
    return {row.name: row.lines for row in told}


def test_replacement() -> None:
    told = rows(REPLACEMENT)
    assert list(told) == [
        "Subprocessor",
        "Address",
        "Contact",
        "Activities",
        "Services",
        "Personal data",
        "Seat",
        "Places of processing",
        "Subprocessing agreement",
        "In place of",
        "Takes effect",
    ]
    assert told["Subprocessing agreement"] == (
        "signed on 16 February 2026",
        "runs from 1 June 2026",
    )
    assert told["In place of"] == ("IONOS", "7 place de la Gare, 57200 Sarreguemines, France")
    assert change_title(REPLACEMENT, W) == "OVHcloud will replace IONOS for Monitoring"


def test_texts_are_in_the_language_of_the_notice() -> None:
    told = rows(REPLACEMENT, "fr")
    assert ("Hébergement de bases de données",) in told.values()


def test_what_is_not_recorded_has_no_row() -> None:
    bare = ChangeFacts(ChangeKind.ADDITION, SubprocessorFacts(name="X"), (), None)
    assert rows(bare) == {"Subprocessor": ("X",)}


def test_a_planned_agreement_is_told_until_it_is_signed() -> None:
    planned = replace(OVH, agreement_planned_on=date(2026, 5, 2))
    assert "to be signed" not in " ".join(
        rows(replace(REPLACEMENT, facts=planned))["Subprocessing agreement"]
    )
    unsigned = replace(planned, agreement_signed_on=None)
    assert rows(replace(REPLACEMENT, facts=unsigned))["Subprocessing agreement"][0] == (
        "to be signed on 2 May 2026"
    )


def test_other_names_and_group() -> None:
    facts = replace(SENTRY, affiliate=True)
    assert rows(ChangeFacts(ChangeKind.ADDITION, facts, (), None))["Subprocessor"] == (
        "Sentry",
        "also known as Functional Software, Inc.",
        "a company of our group",
    )


def test_an_address_of_several_lines_is_told_on_one() -> None:
    facts = replace(OVH, address="2 rue Kellermann,\n 59053 Roubaix\n\nFrance")
    assert rows(replace(REPLACEMENT, facts=facts))["Address"] == (
        "2 rue Kellermann, 59053 Roubaix, France",
    )


def test_terms_decide_what_they_cover() -> None:
    assert is_covered(REPLACEMENT, REGISTERED)
    assert is_covered(REPLACEMENT, None)
    assert not is_covered(replace(REPLACEMENT, kind=ChangeKind.AMENDMENT), REGISTERED)


def test_invented_values_say_so() -> None:
    facts = replace(OVH, demonstration_values=("contact", "agreement"))
    told = rows(replace(REPLACEMENT, facts=facts))
    assert [name for name, lines in told.items() if lines[-1].endswith(" *")] == [
        "Contact",
        "Subprocessing agreement",
    ]
    assert list(told.items())[-1] == ("*", ("invented for the demonstration",))
    assert "*" not in rows(REPLACEMENT)
