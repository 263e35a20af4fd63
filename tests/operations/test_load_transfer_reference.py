"""The reference data of the package, and of a newer file in their place."""

from hashlib import sha256
from pathlib import Path

import pytest

from subnotify.operations.load_transfer_reference import load_transfer_reference
from subnotify.resources import transfer_reference_file
from subnotify.rules.errors import ProblemsFound


def test_the_packages_own_are_read_once():
    assert load_transfer_reference() is load_transfer_reference()


def test_a_newer_file_replaces_them_and_is_told_by_its_version(tmp_path: Path):
    text = transfer_reference_file().read_text(encoding="utf-8")
    newer = text.replace("as_of: '2026-11-21'", "as_of: '2027-02-01'")
    path = tmp_path / "transfers.yaml"
    path.write_text(newer, encoding="utf-8")
    digest = sha256(newer.encode()).hexdigest()
    assert load_transfer_reference(path).version == f"2027-02-01 sha256:{digest}"


def test_a_bad_file_is_refused_with_lines(tmp_path: Path):
    path = tmp_path / "transfers.yaml"
    path.write_text("meta:\n  as_of: never\neea: {}\n", encoding="utf-8")
    with pytest.raises(ProblemsFound) as refused:
        load_transfer_reference(path)
    assert "line 2, meta.as_of: “never” is not a day." in str(refused.value)


def test_a_file_that_is_missing_is_no_problem_of_its_content(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        load_transfer_reference(tmp_path / "none.yaml")
