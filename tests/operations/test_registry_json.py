"""JSON of an import file: data, lines, and what is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.operations.registry_json import read_json
from subnotify.operations.registry_yaml import DEEPEST, LARGEST_BYTES, locate, read_yaml
from subnotify.rules.errors import Problem, ProblemsFound

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
PLAIN = st.recursive(
    TEXT | st.booleans() | st.none() | st.integers(-999_999_999, 999_999_999),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


def refused(source: bytes) -> list[str]:
    with pytest.raises(ProblemsFound) as refusal:
        read_json(source)
    return [str(problem) for problem in refusal.value.problems]


@given(data=PLAIN, indent=st.sampled_from([None, 2]), is_ascii=st.booleans())
def test_any_data_is_read_as_it_was_written(data: Any, indent: int | None, is_ascii: bool):
    source = json.dumps(data, indent=indent, ensure_ascii=is_ascii).encode()
    assert read_json(source).data == data


def test_each_part_has_its_line():
    file = read_json(b'{\n "services": [\n  {"key": "a",\n   "name": 1}\n ]}')
    assert file.data == {"services": [{"key": "a", "name": 1}]}
    assert file.lines == {
        "services": 2,
        "services[0]": 3,
        "services[0].key": 3,
        "services[0].name": 4,
    }
    problem = locate(Problem("services[0].name", "No.", "Mend."), file)
    assert problem.where == "line 4, services[0] “a”, name"


def test_numbers_are_text_unless_whole_and_short():
    assert read_json(b"[1, -2, 1.50, 1e3, 12345678901, -0]").data == [
        *(1, -2, "1.50", "1e3", "12345678901", "-0")
    ]
    assert read_yaml(b"[1, -2, 1.50, 1e3, 12345678901, -0]").data == [
        *(1, -2, "1.50", "1e3", "12345678901", "-0")
    ]


def test_a_mark_at_the_beginning_is_left_out():
    assert read_json(b"\xef\xbb\xbf{}").data == {}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"", "line 1: This is not valid JSON: Expecting value, column 1."),
        (b'{\n"a": 1,\n}', "line 3: This is not valid JSON"),
        (b"{'a': 1}", "line 1: This is not valid JSON"),
        (b"[NaN]", "file: This is not valid JSON: NaN."),
        (b'{"a": 1,\n "a": 2}', "line 2: The field “a” is there twice."),
        (b'{"a": {"b": 1, "b": 2}}', "line 1: The field “b” is there twice."),
        (b'["x",\n"\\u0000"]', "line 2: This text holds a character that is none."),
        (b'["\\ud800"]', "line 1: This text holds a character that is none."),
        (b"\xff", "file: The file is not UTF-8 text."),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "line 1: The file is nested too deeply."),
        (b"[" * 100_000 + b"]" * 100_000, "file: The file is nested too deeply."),
        (b" " * (LARGEST_BYTES + 1), "file: The file is larger than 20 MiB."),
    ],
    ids=lambda x: x[:20] if isinstance(x, bytes) else "",
)
def test_what_is_refused(source: bytes, said: str):
    assert refused(source)[0].startswith(said)


@given(st.binary(max_size=40))
def test_whatever_the_bytes_the_answer_is_data_or_problems(source: bytes):
    try:
        read_json(source)
    except ProblemsFound as refusal:
        assert refusal.problems
