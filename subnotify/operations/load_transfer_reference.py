"""Loads the reference data of transfer bases: those of the package, or a newer file's."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from subnotify.operations.registry_yaml import locate, read_yaml
from subnotify.resources import transfer_reference_file
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.reading import Reader
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_reference_reading import read_reference


def load_transfer_reference(path: Path | None = None) -> TransferReference:
    """The reference of a file; None: of the package's own.

    Raises ProblemsFound where the file is not valid, each problem with its line, and OSError
    where it cannot be read. Its version names the day of the data and the sha256 of the bytes.
    """
    return _packaged() if path is None else _load(path)


@lru_cache(maxsize=1)
def _packaged() -> TransferReference:
    return _load(transfer_reference_file())


def _load(path: Path) -> TransferReference:
    content = path.read_bytes()
    file = read_yaml(content)
    reader = Reader()
    reference = read_reference(file.data, reader, sha256(content).hexdigest())
    if reference is None:
        raise ProblemsFound(tuple(locate(problem, file) for problem in reader.problems))
    return reference
