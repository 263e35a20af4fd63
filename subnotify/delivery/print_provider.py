"""Who prints and posts batches of letters: what a provider offers, and a folder that is one.

A provider is asked again after every doubt (a process that died, an answer that was lost), always
with the same bytes under the same key: it takes the batch of one key once.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from subnotify.rules.errors import RuleError

PDF_NAME = "letters.pdf"
MANIFEST_NAME = "manifest.csv"
# What was given out and what was called back: a small file for each batch, beside the batches. It
# tells a batch that somebody took away to print from one that never came.
_RECORD = ".batches"


class ProviderRefused(RuleError):
    """The provider did not do it; the job asks again, and legal reads why."""

    message = "The printer did not take the batch."


class FolderMissing(ProviderRefused):
    message = (
        "The folder for letters %(folder)s is not there. Make or mount it; the batches wait"
        " meanwhile."
    )


class FolderNotWritable(ProviderRefused):
    """said: the system's words, in its language."""

    message = (
        "The folder for letters %(folder)s cannot be written to (%(said)s). Mend it; the batches"
        " wait meanwhile."
    )


class OtherContent(ProviderRefused):
    message = (
        "The folder for letters holds a batch %(batch)s of other content. Find out whose it is"
        " before anything is printed."
    )


class BatchWithdrawn(ProviderRefused):
    message = "The batch %(batch)s was called back, and is not taken again."


class PrintProvider(Protocol):
    """Takes batches for printing and posting."""

    def take(self, batch_key: str, pdf: bytes, manifest: bytes) -> str:
        """Take a batch, once however often this is asked; where it is kept, in its own words.

        Raises ProviderRefused: also for other bytes under a key that it has, and for a batch that
        was called back.
        """

    def cancel(self, batch_key: str) -> bool:
        """Call a batch back, also one that never came; False: too late, it is being printed.

        Raises ProviderRefused.
        """


def provider_for(folder: Path | None) -> "PrintProvider | None":
    """The provider of the settings; None: batches are downloaded on the desk."""
    return FolderProvider(folder) if folder is not None else None


class FolderProvider:
    """Puts each batch into a folder of its own, from which the printer takes it away.

    `<folder>/L-000042/letters.pdf` and `manifest.csv` appear together and whole, or not at all.
    Several processes may do so at once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, batch_key: str, pdf: bytes, manifest: bytes) -> str:
        with self._alone():
            self._take(batch_key, {PDF_NAME: pdf, MANIFEST_NAME: manifest})
        return str(self._folder / batch_key)

    def cancel(self, batch_key: str) -> bool:
        with self._alone():
            return self._cancel(batch_key)

    def _take(self, key: str, files: dict[str, bytes]) -> None:
        batch, staged = self._folder / key, self._staged(key)
        if self._record(key, "withdrawn").exists():
            raise BatchWithdrawn(batch=key)
        taken = self._record(key, "taken")
        if taken.exists():
            if taken.read_text() != _digest(files):
                raise OtherContent(batch=key)
            if staged.exists() and not batch.exists():
                # The process died just before.
                _rename(staged, batch)
            return
        if batch.exists():
            # As after a restored backup: its record is lost, or it is somebody else's.
            if any(not _holds(batch / name, octets) for name, octets in files.items()):
                raise OtherContent(batch=key)
            _write(taken, _digest(files).encode())
            return
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir()
        for name, octets in files.items():
            _write(staged / name, octets)
        # Recorded first: what is seen in the folder may be gone to the printer the next instant.
        _write(taken, _digest(files).encode())
        _rename(staged, batch)

    def _cancel(self, key: str) -> bool:
        batch, staged = self._folder / key, self._staged(key)
        withdrawn = self._record(key, "withdrawn")
        if withdrawn.exists():
            return True
        away = self._folder / f".{key}.withdrawn"
        if batch.exists():
            if not all((batch / name).exists() for name in (PDF_NAME, MANIFEST_NAME)):
                return False
            _rename(batch, away)
        elif self._record(key, "taken").exists() and not staged.exists() and not away.exists():
            return False
        _write(withdrawn, b"")
        shutil.rmtree(staged, ignore_errors=True)
        shutil.rmtree(away, ignore_errors=True)
        return True

    def _staged(self, key: str) -> Path:
        return self._folder / f".{key}.partial"

    def _record(self, key: str, what: str) -> Path:
        return self._folder / _RECORD / f"{key}.{what}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time, also of several processes. Raises what says how to mend the folder."""
        if not self._folder.is_dir():
            # Never made here: an absent mount would be filled behind its back.
            raise FolderMissing(folder=str(self._folder))
        try:
            record = self._folder / _RECORD
            record.mkdir(exist_ok=True)
            with (record / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            said = error.strerror or str(error)
            raise FolderNotWritable(folder=str(self._folder), said=said) from error


def _digest(files: dict[str, bytes]) -> str:
    return " ".join(hashlib.sha256(octets).hexdigest() for octets in files.values())


def _holds(path: Path, octets: bytes) -> bool:
    return path.is_file() and path.read_bytes() == octets


def _write(path: Path, octets: bytes) -> None:
    """The whole file, on the disk, or none of it under this name."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    _rename(partial, path)


def _rename(source: Path, target: Path) -> None:
    source.rename(target)
    for folder in {source.parent, target.parent}:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
