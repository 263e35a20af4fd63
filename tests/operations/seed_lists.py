"""Lists of real vendors as plain data to be changed, and why their publication is refused."""

from datetime import datetime
from typing import Any

import pytest
import yaml
from sqlalchemy.orm import Session

from subnotify.operations.publish_list import publish_list
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.publication_gaps import TransferProblem
from subnotify.rules.transfer_words import Reason
from subnotify.storage.registry import get_vendor
from tests.support.imports import PARIS, bring
from tests.support.samples import COMPLETED_LIST, sample


def completed(*laws: str) -> dict[str, Any]:
    """The completed list, under these export laws."""
    data: dict[str, Any] = yaml.safe_load(sample(COMPLETED_LIST))
    data["vendor"]["laws"] = list(laws)
    return data


def entry_of(data: dict[str, Any], key: str) -> dict[str, Any]:
    return next(entry for entry in data["subprocessors"] if entry["key"] == key)


def alone(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The same file with these entries only."""
    return {**data, "subprocessors": [entry_of(data, key) for key in keys]}


def bring_all(session: Session, data: dict[str, Any], at: datetime) -> None:
    bring(session, yaml.safe_dump(data, allow_unicode=True), at)


def publish(session: Session, at: datetime) -> None:
    publish_list(session, by="paul", at=at, zone=PARIS)


Gap = tuple[str, str, Reason]


def gaps(session: Session, at: datetime) -> set[Gap]:
    """Where, under which law and why publication is refused; nothing but transfers is missing."""
    with pytest.raises(ProblemsFound) as refusal:
        publish(session, at)
    found = set()
    for problem in refusal.value.problems:
        assert isinstance(problem, TransferProblem), problem
        assert problem.assessment is not None
        found.add((problem.where, problem.law.value, problem.assessment.reason))
    assert get_vendor(session).first_published_at is None
    session.rollback()
    return found


# Clauses with all that they ask for.
MODULE_3 = {
    "law": "EU_GDPR",
    "code": "scc_eu_2021_m3",
    "signed_on": "2024-05-02",
    "impact_assessment": {"reference": "TIA-1", "done_on": "2024-05-02", "result": "sufficient"},
    "conditions": "all",
    "evidence": {"annex_version": "1", "clause_9_option": "2"},
}


def seat(country: str, *bases: dict[str, Any], kind: str = "establishment") -> dict[str, Any]:
    return {"country": country, "kind": kind, "bases": list(bases)}
