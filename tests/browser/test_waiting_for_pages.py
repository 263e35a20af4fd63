"""After a key or a click the next page may still be on its way: a test waits for what it shows."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]

# They answer at once, of the page as far as it has come; `expect(...)` of Playwright waits.
ANSWER_AT_ONCE = {"is_visible", "is_hidden", "is_enabled", "is_disabled", "input_value"}


def asked_at_once(source: str) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in ANSWER_AT_ONCE
    ]


def test_no_test_asks_the_browser_only_once() -> None:
    found = {
        path.relative_to(TESTS).as_posix(): lines
        for path in sorted(TESTS.rglob("*.py"))
        if (lines := asked_at_once(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_such_a_question_is_found() -> None:
    assert asked_at_once("page = 1\nassert page.get_by_text('x').is_visible()\n") == [2]
