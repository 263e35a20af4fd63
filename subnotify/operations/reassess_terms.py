"""Judge terms anew after the program learnt to compute more: what is kept beside them is a copy.

The terms themselves are never touched. Notices that hung because no date could be computed are
judged again: one whose mail said so is not served by it (a window that nobody told of would run
in silence), legal serves it anew with a full window.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.terms_versions import terms_digest
from subnotify.operations.transaction import transaction
from subnotify.rules.channels import notice_channels
from subnotify.rules.contradictions import contradictions
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.storage.terms_reassessments import (
    Assessment,
    append_reassessments,
    list_assessments,
    list_unserved_notices,
    list_unsettled_cases,
    load_terms_mappings,
    rewrite_assessment,
)

ACTOR = "job:reassess_terms"
CHUNK = 500


@dataclass
class ReassessmentReport:
    """Versions whose copies were rewritten, by what they became: "computable", or the code that
    says why not; others counts those that only contradict themselves (or no more), go by other
    channels, or are keyed otherwise. to_serve_anew: notices of which legal must take care."""

    became: Counter[str] = field(default_factory=Counter)
    others: int = 0
    to_serve_anew: int = 0


def reassess_terms(
    session: Session,
    *,
    actor: str = ACTOR,
    at: datetime,
    stop: Callable[[], bool] = lambda: False,
) -> ReassessmentReport:
    """Bring what is kept beside terms up to what the rules say now; what was done.

    Equal terms are judged once. Each chunk is a transaction of its own with one evidence row; a
    stopped run is continued by the next one, and where nothing is stale nothing is written.
    """
    report = ReassessmentReport()
    stale = _stale(session)
    session.rollback()
    for before, after in stale:
        while not stop():
            with transaction(session):
                if not _rewrite(session, before, after, report, actor, at):
                    break
    return report


def _stale(session: Session) -> list[tuple[Assessment, Assessment]]:
    """What is kept and what the rules say, where the two differ."""
    kept = list(list_assessments(session).items())
    found = []
    for start in range(0, len(kept), CHUNK):
        part = kept[start : start + CHUNK]
        mappings = load_terms_mappings(session, [number for _, number in part])
        for before, number in part:
            terms = terms_from_mapping(mappings[number])
            after = Assessment(
                terms_digest(terms),
                not_computable(terms),
                bool(contradictions(terms)),
                str(notice_channels(terms)),
            )
            if after != before:
                found.append((before, after))
    return found


def _rewrite(
    session: Session,
    before: Assessment,
    after: Assessment,
    report: ReassessmentReport,
    actor: str,
    at: datetime,
) -> int:
    """One chunk of versions; how many there were."""
    ids = rewrite_assessment(session, before, after, limit=CHUNK)
    if not ids:
        return 0
    if before.not_computable == after.not_computable:
        report.others += len(ids)
    else:
        report.became[after.not_computable or "computable"] += len(ids)
        append_reassessments(session, ids, before.not_computable, after.not_computable, at)
        report.to_serve_anew += _judge_notices(session, ids, actor, at)
    if (before.not_computable, before.is_contradictory) != (
        after.not_computable,
        after.is_contradictory,
    ):
        _append_evidence(session, ids, before, after, actor, at)
    return len(ids)


def _judge_notices(session: Session, terms_ids: Sequence[int], actor: str, at: datetime) -> int:
    """Judge the notices that hang on these terms; how many must be served anew."""
    notices = list_unserved_notices(session, terms_ids)
    failed = serve_notices(session, notices, actor=actor, at=at)
    apply_standings(session, list_unsettled_cases(session, notices), actor=actor, at=at)
    return len(failed)


def _append_evidence(
    session: Session,
    ids: Sequence[int],
    before: Assessment,
    after: Assessment,
    actor: str,
    at: datetime,
) -> None:
    append_evidence(
        session,
        "terms_reassessed",
        actor=actor,
        object_type="terms_version",
        object_id=ids[0],
        content={
            "versions": list(ids),
            "not_computable": {"before": before.not_computable, "after": after.not_computable},
            "is_contradictory": {
                "before": before.is_contradictory,
                "after": after.is_contradictory,
            },
        },
        at=at,
    )
