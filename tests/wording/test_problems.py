"""What the rules refuse reaches the catalogue and is told in the reader's language."""

import ast
import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS

import subnotify
from subnotify.rules.errors import (
    MoveNotAllowed,
    Problem,
    ProblemsFound,
    RuleError,
    TermsNotComputable,
)
from subnotify.wording.extraction import PROBLEM_CALLS, extract_messages
from subnotify.wording.language import Wording, wording_for
from subnotify.wording.problems import error_text, problem_text

PACKAGE = Path(subnotify.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))


class Shouting(Wording):
    """A language in which every message is marked: what is not marked was not translated."""

    def gettext(self, message: str, **values: object) -> str:
        text = f"<{message}>"
        return text % values if values else text


def extracted(source: str) -> set[str]:
    found = extract_messages(io.BytesIO(source.encode()), DEFAULT_KEYWORDS, (), {})
    return {message for _, _, message, _ in found if isinstance(message, str)}


def shouting() -> Wording:
    plain = wording_for("en")
    return Shouting(plain.language, plain.zone)


def test_what_extraction_finds() -> None:
    source = """
class WindowShut(RuleError):
    message = "The window is shut."

class Long(RuleError):
    message = (
        "One part"
        " and another."
    )

def check():
    note = N_("Marked.")
    reader.problem(where, "Wrong.", "Mend it.", value=1)
    Problem("here", "Broken.", remedy="Repair it.")
    raise MoveNotAllowed(reason="It is too late.")
"""
    assert extracted(source) == {
        "The window is shut.",
        "One part and another.",
        "Marked.",
        "Wrong.",
        "Mend it.",
        "Broken.",
        "Repair it.",
        "It is too late.",
    }


@dataclass
class Call:
    path: str
    line: int
    argument: str


def is_passed_on(text: ast.expr) -> bool:
    """A function that takes the sentence from its caller, under the same name."""
    return getattr(text, "id", getattr(text, "attr", "")) in ("message", "remedy")


def computed_texts() -> list[Call]:
    """Sentences of refusals that are not written where they are said, nor marked there."""
    found = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in PROBLEM_CALLS and len(node.args) > 2:
                texts = node.args[1:3]
            elif name == "MoveNotAllowed":
                texts = [x.value for x in node.keywords if x.arg == "reason"]
            else:
                continue
            found += [
                Call(path.relative_to(PACKAGE).as_posix(), text.lineno, ast.unparse(text))
                for text in texts
                if not isinstance(text, ast.Constant) and not is_passed_on(text)
            ]
    return found


def test_sentences_said_elsewhere_are_marked() -> None:
    """Where a refusal takes its sentence from a variable, its file marks sentences with N_."""
    unmarked = [
        call
        for call in computed_texts()
        if "N_(" not in (PACKAGE / call.path).read_text(encoding="utf-8")
    ]
    assert unmarked == []


def test_every_error_has_its_message_in_the_catalogue() -> None:
    known: set[str] = set()
    for path in SOURCES:
        known |= extracted(path.read_text(encoding="utf-8"))
    classes, waiting = [], [RuleError]
    while waiting:
        one = waiting.pop()
        classes.append(one)
        waiting += one.__subclasses__()
    ours = [one for one in classes if one.__module__.startswith("subnotify.")]
    assert [one for one in ours if one.message not in known] == []


def test_a_problem_in_another_language() -> None:
    problem = Problem(
        "clients[0].email", "“%(value)s” is wrong.", "Write %(example)s.",
        (("value", "x"), ("example", "a@b.example")),
    )  # fmt: skip
    told = problem_text(problem, shouting())
    assert (told.where, told.message, told.remedy) == (
        "clients[0].email",
        "<“x” is wrong.>",
        "<Write a@b.example.>",
    )
    assert str(problem_text(problem, wording_for("en"))) == str(problem)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ProblemsFound(()), "<0 problems were found.>"),
        (
            MoveNotAllowed(reason="It is too late."),
            "<This step is not possible now: <It is too late.>>",
        ),
        (
            TermsNotComputable("unit"),
            "<Dates cannot be computed from these notice terms:"
            " <its counting rule does not count the unit of a period>.>",
        ),
    ],
)
def test_errors_in_another_language(error: RuleError, told: str) -> None:
    assert error_text(error, shouting()) == told


def test_a_text_with_a_percent_sign_and_no_values() -> None:
    class Full(RuleError):
        message = "100 %% of it."

    assert error_text(Full(), wording_for("en")) == "100 % of it."
