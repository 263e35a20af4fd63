"""Keep a file with a record, sealed at rest, and open it again.

`keep_document` has no transaction of its own: a file is kept together with what it belongs to.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.delivery.headers import UnsafeHeader, guard_file_name
from subnotify.delivery.sealing import SealBroken, SealedMail, SealKey, open_sealed, seal
from subnotify.rules.document_files import (
    LARGEST_OCTETS,
    DocumentKind,
    find_document_kind,
    safe_file_name,
)
from subnotify.rules.errors import NotFound, Problem, ProblemsFound, RuleError
from subnotify.storage.documents import (
    KeptDocument,
    append_document,
    find_document,
    get_ciphertext,
)

MEGABYTES = LARGEST_OCTETS // (1024 * 1024)


class DocumentNotReadable(RuleError):
    message = "This file cannot be opened: it was sealed with another key, or it was altered."


@dataclass(frozen=True)
class GivenFile:
    """A file as it was sent. name: as its sender calls it; nothing else is believed of it."""

    name: str
    octets: bytes = field(repr=False)


def keep_document(
    session: Session,
    given: GivenFile,
    *,
    fallback_name: str,
    seal_key: SealKey,
    by: str,
    at: datetime,
    where: str = "scan",
) -> KeptDocument:
    """Seal and store a file within the caller's transaction.

    fallback_name: without an ending, where the given name leaves nothing. Raises ProblemsFound at
    `where` for a file of another kind, one that is empty, and one that is too large.
    """
    kind = require_document(given, where=where)
    name = _guarded(safe_file_name(given.name, kind, fallback=fallback_name), fallback_name, kind)
    digest = hashlib.sha256(given.octets).hexdigest()
    sealed = seal(given.octets, seal_key, owner=document_owner(digest))
    document_id = append_document(
        session,
        digest=sealed.digest,
        ciphertext=sealed.ciphertext,
        media_type=kind.media_type,
        file_name=name,
        octets=len(given.octets),
        by=by,
        at=at,
    )
    return KeptDocument(
        document_id, name, kind.media_type, len(given.octets), sealed.digest, at, by
    )


def require_document(given: GivenFile, *, where: str = "scan") -> DocumentKind:
    """What kind of file it is, by its first bytes. Raises ProblemsFound at `where`."""
    kind = find_document_kind(given.octets)
    if not given.octets:
        problem = Problem(where, "This file is empty.", "Scan the letter again.")
    elif len(given.octets) > LARGEST_OCTETS:
        problem = Problem(
            where,
            "This file is larger than %(n)s MB.",
            "Scan with a lower resolution, or in black and white.",
            (("n", str(MEGABYTES)),),
        )
    elif kind is None:
        problem = Problem(
            where,
            "This is no PDF, JPEG, PNG or TIFF file, whatever it is called.",
            "Choose the file that the scanner wrote.",
        )
    else:
        return kind
    raise ProblemsFound((problem,))


def open_document(
    session: Session, document_id: int, *, keys: Sequence[SealKey]
) -> tuple[KeptDocument, bytes]:
    """A kept file with its bytes. keys: the present seal key and those it replaced.

    Raises NotFound, DocumentNotReadable.
    """
    found = find_document(session, document_id)
    if found is None:
        raise NotFound
    sealed = SealedMail(found.digest, get_ciphertext(session, document_id))
    try:
        return found, open_sealed(sealed, keys, owner=document_owner(found.digest))
    except SealBroken as error:
        raise DocumentNotReadable from error


def document_owner(digest: str) -> str:
    """To whom the sealed bytes of a document belong: it has no key of its own."""
    return f"document:{digest}"


def _guarded(name: str, fallback: str, kind: DocumentKind) -> str:
    try:
        return guard_file_name(name)
    except UnsafeHeader:
        return guard_file_name(f"{fallback}.{kind.value}")
