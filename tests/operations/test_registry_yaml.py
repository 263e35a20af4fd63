"""The YAML of an import file: safe, plain, and with lines."""

import pytest

from subnotify.operations.registry_yaml import DEEPEST, LARGEST_BYTES, locate, read_yaml
from subnotify.rules.errors import Problem, ProblemsFound


def refusal(source: str | bytes) -> str:
    data = source.encode() if isinstance(source, str) else source
    with pytest.raises(ProblemsFound) as refused:
        read_yaml(data)
    return str(refused.value)


def test_only_numbers_truth_and_nothing_are_not_text():
    source = (
        b"a: NO\nb: 0612345678\nc: 2026-03-31\nd: 12\ne: true\nf:\ng: +33\nh: 1.5\ni: '7'\nj: yes"
    )
    assert read_yaml(source).data == {
        "a": "NO",
        "b": "0612345678",
        "c": "2026-03-31",
        "d": 12,
        "e": True,
        "f": None,
        "g": "+33",
        "h": "1.5",
        "i": "7",
        "j": "yes",
    }


def test_lines_are_known_for_every_part():
    file = read_yaml("é: 1\nlist:\n  - a: x\n    b:\n      - y\n".encode())
    assert file.lines["list[0].b[0]"] == 5
    assert file.lines["é"] == 1


def test_a_byte_order_mark_is_no_part_of_the_file():
    assert read_yaml(b"\xef\xbb\xbfa: 1").data == {"a": 1}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("a: *x\nb: &x 1", "line 1: “*x” refers to another place of the file."),
        ("a: &x [1, *x]", "line 1: “*x” refers to another place of the file."),
        ("a: &x b\n*x : 1", "line 2: “*x” refers to another place of the file."),
        ("a: 1\nb: 2\na: 3", "line 3: The field “a” is there twice."),
        ("a: !!python/object/apply:os.system [ls]", "is a tag"),
        ("a: !thing 1", "line 1: “!thing” is a tag."),
        ("a: 1\n--- \nb: 2", "line 2: The file holds more than one document."),
        ("a:\n  - b\n c: d", "line 3: This is not valid YAML"),
        ("? [a]\n: b", "a key must be a text"),
        ("[" * 100_000, "nested too deeply"),
        ("a: " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "nested too deeply"),
        (b"\xff\xfe", "not UTF-8"),
        ("a: \x07", "not valid YAML"),
        ('a: "b\\0c"', "line 1: This text holds a character that is none."),
        (b"#" * (LARGEST_BYTES + 1), "larger than 20 MiB"),
    ],
)
def test_what_is_refused(source: str | bytes, said: str):
    assert said in refusal(source)


def test_an_alias_stands_for_what_was_written_out():
    """As programs write a mapping that occurs twice."""
    file = read_yaml(
        b"a: {deemed: &id001 {kind: post_bd, days: 2}}\nb: {deemed: *id001}\nc: &n 1\nd: *n"
    )
    assert file.data == {
        "a": {"deemed": {"kind": "post_bd", "days": 2}},
        "b": {"deemed": {"kind": "post_bd", "days": 2}},
        "c": 1,
        "d": 1,
    }


def test_many_aliases_of_something_large_are_refused():
    large = "big: &x [" + ", ".join("1" for _ in range(1000)) + "]\n"
    assert "refers to another place" in refusal(large + "all: [" + ", ".join(["*x"] * 300) + "]")


def test_an_alias_bomb_costs_nothing():
    levels = [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 30)]
    assert "refers to another place" in refusal("l0: &l0 x\n" + "\n".join(levels))


def test_a_problem_gets_its_line_and_its_entrys_key():
    file = read_yaml(b"clients:\n  - name: A\n  - key: b\n    name: B\n    contacts:\n      - {}\n")
    said = {
        path: locate(Problem(path, "", ""), file).where
        for path in (
            "clients[1].contacts[0].email",
            "clients[1].country",
            "clients[0].key",
            "clients[1]",
            "vendor.name",
            "file",
        )
    }
    assert said == {
        "clients[1].contacts[0].email": "line 6, clients[1] “b”, contacts[0].email",
        "clients[1].country": "line 3, clients[1] “b”, country",
        "clients[0].key": "line 2, clients[0] “A”, key",
        "clients[1]": "line 3, clients[1] “b”",
        "vendor.name": "vendor.name",
        "file": "file",
    }
