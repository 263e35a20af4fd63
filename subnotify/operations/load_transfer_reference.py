"""The reference data of transfer bases: the package's, or newer ones that somebody loaded."""

from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.registry_yaml import locate, read_yaml
from subnotify.operations.transaction import transaction
from subnotify.resources import transfer_reference_file
from subnotify.rules.errors import Problem, ProblemsFound
from subnotify.rules.reading import Reader
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_reference_reading import read_reference
from subnotify.storage.registry import VENDOR_ID
from subnotify.storage.registry_list import lock_vendor
from subnotify.storage.transfer_references import (
    append_reference,
    find_latest_reference,
    get_reference_content,
)


def load_transfer_reference(path: Path | None = None) -> TransferReference:
    """The reference of a file; None: of the package's own.

    Raises ProblemsFound where the file is not valid, each problem with its line, and OSError
    where it cannot be read. Its version names the day of the data and the sha256 of the bytes.
    """
    return _packaged() if path is None else parse_reference(path.read_bytes())


def reference_in_use(session: Session) -> TransferReference:
    """The data that assessments rest on now: those with the latest facts, stored or packaged."""
    stored = find_latest_reference(session)
    packaged = _packaged()
    if stored is None or stored.as_of < packaged.as_of or stored.digest == packaged.digest:
        return packaged
    known = _parsed.get(stored.digest)
    if known is None:
        known = _parsed[stored.digest] = parse_reference(
            get_reference_content(session, stored.digest)
        )
    return known


def reference_digest_in_use(session: Session) -> str:
    """The sha256 of the file of `reference_in_use`, without reading it."""
    stored = find_latest_reference(session)
    packaged = _packaged()
    return packaged.digest if stored is None or stored.as_of < packaged.as_of else stored.digest


def store_reference(
    session: Session, content: bytes, *, by: str, at: datetime, actor: str = "operator"
) -> TransferReference:
    """Keep newer reference data; assessments rest on them from now on.

    Loading what is in use already does nothing. Raises ProblemsFound where the file is not valid,
    or its facts are older than those in use; NotFound before the first import.
    """
    with transaction(session):
        lock_vendor(session)
        present = reference_in_use(session)
        reference = parse_reference(content)
        if reference.digest == present.digest:
            return present
        if reference.as_of < present.as_of:
            raise ProblemsFound((_older(reference, present),))
        append_reference(
            session, as_of=reference.as_of, digest=reference.digest, content=content, by=by, at=at
        )
        append_evidence(
            session,
            "transfer_reference_loaded",
            actor=actor,
            object_type="vendor",
            object_id=VENDOR_ID,
            content={"version": reference.version, "before": present.version, "by": by},
            at=at,
        )
    return reference


def _older(reference: TransferReference, present: TransferReference) -> Problem:
    return Problem(
        "meta.as_of",
        "These data are of %(as_of)s, older than those in use (%(present)s).",
        "Load newer data.",
        (("as_of", reference.as_of.isoformat()), ("present", present.as_of.isoformat())),
    )


# By digest; a process sees a handful of versions in its life.
_parsed: dict[str, TransferReference] = {}


@lru_cache(maxsize=1)
def _packaged() -> TransferReference:
    return parse_reference(transfer_reference_file().read_bytes())


def parse_reference(content: bytes) -> TransferReference:
    """The reference of a file's bytes. Raises ProblemsFound, each problem with its line."""
    file = read_yaml(content)
    reader = Reader()
    reference = read_reference(file.data, reader, sha256(content).hexdigest())
    if reference is None:
        raise ProblemsFound(tuple(locate(problem, file) for problem in reader.problems))
    return reference
