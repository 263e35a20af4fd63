"""Scans kept with a case: sealed, told by their first bytes, never changed."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from subnotify.operations.attach_paper import GivenPaper, attach_paper
from subnotify.operations.keep_document import GivenFile, open_document
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.rules.words import PaperKind
from subnotify.storage.case_papers import list_papers
from subnotify.storage.documents import get_ciphertext
from tests.operations.desk import LEGAL, evidence_types
from tests.support.incoming import KEY
from tests.support.scenario import Scenario

PDF = b"%PDF-1.7\nsettled"


def attach(
    session: Session,
    case_id: int,
    at: datetime,
    octets: bytes = PDF,
    kind: PaperKind = PaperKind.SETTLEMENT,
) -> int:
    paper = GivenPaper(kind, GivenFile("../accord.exe", octets), "signed by both")
    return attach_paper(session, case_id, paper, seal_key=KEY, at=at, **LEGAL)


def test_a_scan_is_sealed_named_anew_and_kept_once(session: Session, at: datetime) -> None:
    case_id = Scenario(session, at=at).announce().case_ids[0]
    first = attach(session, case_id, at)
    assert attach(session, case_id, at) == first
    assert attach(session, case_id, at, kind=PaperKind.LETTER) != first
    paper, other = list_papers(session, case_id)
    assert (paper.kind, paper.file_name, paper.note) == (
        *(PaperKind.SETTLEMENT, "accord.pdf", "signed by both"),
    )
    assert other.digest == paper.digest
    assert PDF not in get_ciphertext(session, paper.document_id)
    assert open_document(session, paper.document_id, keys=(KEY,))[1] == PDF
    assert evidence_types(session).count("paper_attached") == 2


@pytest.mark.parametrize("octets", [b"", b"<html>", b"MZ\x90", b"%PDF-" + b"x" * 10 * 1024 * 1024])
def test_what_is_no_scan_or_too_large_is_refused(
    session: Session, at: datetime, octets: bytes
) -> None:
    case_id = Scenario(session, at=at).announce().case_ids[0]
    with pytest.raises(ProblemsFound):
        attach(session, case_id, at, octets)
    with pytest.raises(NotFound):
        attach(session, 99, at)
    assert list_papers(session, case_id) == []
