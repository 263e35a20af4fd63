"""The folder of the printer: whole batches, each once, whatever happens in between."""

import os
from pathlib import Path

import pytest

from subnotify.delivery import print_provider
from subnotify.delivery.print_provider import (
    BatchWithdrawn,
    FolderMissing,
    FolderNotWritable,
    FolderProvider,
    OtherContent,
)

KEY = "L-000042"
PDF, MANIFEST = b"%PDF-1.7 all letters", b"batch,position\r\nL-000042,1\r\n"


class Died(BaseException):
    """The process ends here."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "letters"
    made.mkdir()
    return made


def seen(folder: Path) -> dict[str, list[str]]:
    """What the printer sees: batches with their files."""
    return {
        batch.name: sorted(file.name for file in batch.iterdir())
        for batch in folder.iterdir()
        if not batch.name.startswith(".")
    }


def take(folder: Path) -> str:
    return FolderProvider(folder).take(KEY, PDF, MANIFEST)


def test_a_batch_appears_whole(folder: Path):
    assert take(folder) == str(folder / KEY)
    assert seen(folder) == {KEY: ["letters.pdf", "manifest.csv"]}
    assert (folder / KEY / "letters.pdf").read_bytes() == PDF
    assert (folder / KEY / "manifest.csv").read_bytes() == MANIFEST


def test_the_same_key_is_taken_once(folder: Path):
    take(folder)
    before = (folder / KEY).stat().st_mtime_ns
    assert take(folder) == str(folder / KEY)
    assert (folder / KEY).stat().st_mtime_ns == before


def test_what_the_printer_took_away_does_not_come_back(folder: Path, tmp_path: Path):
    take(folder)
    (folder / KEY).rename(tmp_path / "being printed")
    take(folder)
    assert seen(folder) == {}


def test_other_bytes_under_the_same_key_are_refused(folder: Path):
    take(folder)
    with pytest.raises(OtherContent):
        FolderProvider(folder).take(KEY, PDF + b" ", MANIFEST)
    with pytest.raises(OtherContent):
        FolderProvider(folder).take(KEY, PDF, MANIFEST + b" ")


def test_a_folder_restored_without_its_record(folder: Path):
    take(folder)
    for record in (folder / ".batches").iterdir():
        record.unlink()
    take(folder)
    (folder / KEY / "letters.pdf").write_bytes(b"somebody else's")
    for record in (folder / ".batches").iterdir():
        record.unlink()
    with pytest.raises(OtherContent):
        take(folder)


@pytest.mark.parametrize("step", range(1, 5))
def test_a_process_that_dies_leaves_no_half_batch(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: int
):
    """Each file, the record and the batch come by a rename: it dies before each of them."""
    real, steps = print_provider._rename, iter(range(1, 100))

    def rename(source: Path, target: Path) -> None:
        if next(steps) == step:
            raise Died
        real(source, target)

    monkeypatch.setattr(print_provider, "_rename", rename)
    with pytest.raises(Died):
        take(folder)
    assert seen(folder) == {}
    monkeypatch.undo()
    take(folder)
    assert seen(folder) == {KEY: ["letters.pdf", "manifest.csv"]}


def test_a_batch_is_called_back_until_it_was_taken_away(folder: Path, tmp_path: Path):
    take(folder)
    assert FolderProvider(folder).cancel(KEY)
    assert seen(folder) == {}
    assert FolderProvider(folder).cancel(KEY)
    with pytest.raises(BatchWithdrawn):
        take(folder)
    FolderProvider(folder).take("L-000043", PDF, MANIFEST)
    (folder / "L-000043").rename(tmp_path / "being printed")
    assert not FolderProvider(folder).cancel("L-000043")


def test_a_batch_that_never_came_is_called_back(folder: Path):
    assert FolderProvider(folder).cancel(KEY)
    with pytest.raises(BatchWithdrawn):
        take(folder)


def test_a_batch_that_is_half_taken_away_is_being_printed(folder: Path):
    take(folder)
    (folder / KEY / "letters.pdf").unlink()
    assert not FolderProvider(folder).cancel(KEY)


def test_whoever_dies_while_calling_back_does_so_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    take(folder)
    real = print_provider._write

    def write(path: Path, octets: bytes) -> None:
        raise Died

    monkeypatch.setattr(print_provider, "_write", write)
    with pytest.raises(Died):
        FolderProvider(folder).cancel(KEY)
    monkeypatch.setattr(print_provider, "_write", real)
    assert seen(folder) == {}
    assert FolderProvider(folder).cancel(KEY)
    assert [path.name for path in folder.iterdir()] == [".batches"]


def test_a_folder_that_is_not_there_is_never_made(tmp_path: Path):
    with pytest.raises(FolderMissing, match="Make or mount it"):
        take(tmp_path / "unmounted")
    with pytest.raises(FolderMissing):
        FolderProvider(tmp_path / "unmounted").cancel(KEY)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_in_the_systems_words(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(print_provider.os, "fsync", full)
    with pytest.raises(FolderNotWritable, match="No space left on device"):
        take(folder)
    monkeypatch.undo()
    assert seen(folder) == {}
    take(folder)
    assert seen(folder) == {KEY: ["letters.pdf", "manifest.csv"]}
