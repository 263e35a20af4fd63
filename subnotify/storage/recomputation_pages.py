"""Legal's list of windows computed anew, page by page, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from subnotify.rules.recomputations import MAY_BE_APPLIED, ProposalState, Recomputed
from subnotify.rules.words import CaseState, HoldReason
from subnotify.storage.recomputations import ProposedWindow, proposed_windows
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ChangeRow,
    ClientRow,
    NoticeRow,
    WindowProposalRow,
)

PAGE_SIZE = 50


@dataclass(frozen=True)
class NoticeNamed:
    """A notice as a list names it. cases: (id, what the change announces)."""

    notice_id: int
    client: str
    agreement: str
    reference: str
    language: str
    cases: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class ListedProposal:
    id: int
    kind: Recomputed
    state: ProposalState
    old_versions: str
    new_versions: str
    windows: tuple[ProposedWindow, ...]
    notice: NoticeNamed


def count_proposals(session: Session) -> dict[Recomputed, int]:
    """Those that wait for a decision, by kind."""
    rows = session.execute(
        select(WindowProposalRow.kind, func.count(WindowProposalRow.id))
        .where(WindowProposalRow.state == ProposalState.PROPOSED.value)
        .group_by(WindowProposalRow.kind)
    )
    return {Recomputed(kind): count for kind, count in rows}


def list_proposals(
    session: Session, kind: Recomputed | None, *, offset: int, limit: int
) -> list[ListedProposal]:
    """Those that wait for a decision, more time for the client first."""
    order = case(
        {one.value: place for place, one in enumerate(Recomputed)}, value=WindowProposalRow.kind
    )
    query = (
        select(WindowProposalRow)
        .where(WindowProposalRow.state == ProposalState.PROPOSED.value)
        .order_by(order, WindowProposalRow.id)
        .offset(offset)
        .limit(limit)
    )
    if kind is not None:
        query = query.where(WindowProposalRow.kind == kind.value)
    return _listed(session, session.scalars(query).all())


def find_listed(session: Session, proposal_id: int) -> ListedProposal | None:
    """One proposal, whatever became of it."""
    row = session.get(WindowProposalRow, proposal_id)
    if row is None or row.state == ProposalState.SAME:
        return None
    return _listed(session, [row])[0]


def list_applicable(session: Session, *, up_to_id: int | None = None) -> list[int]:
    """Ids of all that may be applied, the oldest first."""
    query = (
        select(WindowProposalRow.id)
        .where(
            WindowProposalRow.state == ProposalState.PROPOSED.value,
            WindowProposalRow.kind.in_([kind.value for kind in MAY_BE_APPLIED]),
        )
        .order_by(WindowProposalRow.id)
    )
    if up_to_id is not None:
        query = query.where(WindowProposalRow.id <= up_to_id)
    return list(session.scalars(query))


def count_to_serve_anew(session: Session) -> int:
    """Notices that told no deadline, of terms that are computable by now."""
    return session.scalar(_to_serve_anew(select(func.count(NoticeRow.id)))) or 0


def list_to_serve_anew(session: Session, *, limit: int) -> list[NoticeNamed]:
    ids = session.scalars(
        _to_serve_anew(select(NoticeRow.id)).order_by(NoticeRow.id).limit(limit)
    ).all()
    named = name_notices(session, ids)
    return [named[notice_id] for notice_id in ids]


def _to_serve_anew(query: Select[Any]) -> Select[Any]:
    unsettled = (
        select(CaseRow.id)
        .where(CaseRow.notice_id == NoticeRow.id, CaseRow.state != CaseState.CLOSED.value)
        .exists()
    )
    return query.where(NoticeRow.failure_reason == HoldReason.NO_DEADLINE_TOLD.value, unsettled)


def name_notices(session: Session, notice_ids: Collection[int]) -> Mapping[int, NoticeNamed]:
    """These notices with their client, agreement and cases."""
    cases: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for case_id, notice_id, facts in session.execute(
        select(CaseRow.id, CaseRow.notice_id, ChangeRow.facts)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .where(CaseRow.notice_id.in_(notice_ids))
        .order_by(ChangeRow.position, CaseRow.id)
    ):
        cases[notice_id].append((case_id, str((facts or {}).get("name", ""))))
    rows = session.execute(
        select(
            NoticeRow.id,
            NoticeRow.reference,
            NoticeRow.language,
            AgreementRow.reference,
            ClientRow.name,
        )
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(NoticeRow.id.in_(notice_ids))
    )
    return {
        notice_id: NoticeNamed(
            notice_id, client, agreement, reference, language, tuple(cases[notice_id])
        )
        for notice_id, reference, language, agreement, client in rows
    }


def _listed(session: Session, rows: Sequence[WindowProposalRow]) -> list[ListedProposal]:
    named = name_notices(session, [row.notice_id for row in rows])
    return [
        ListedProposal(
            row.id,
            Recomputed(row.kind),
            ProposalState(row.state),
            row.old_versions,
            row.new_versions,
            proposed_windows(row),
            named[row.notice_id],
        )
        for row in rows
    ]
