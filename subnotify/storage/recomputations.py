"""Running windows that were computed with other data, and what recomputing them gave."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, insert, select, update
from sqlalchemy.orm import Session

from subnotify.rules.recomputations import ProposalState, Recomputed
from subnotify.rules.windows import Window, window_from_mapping, window_to_mapping
from subnotify.rules.words import CaseState, NoticeState
from subnotify.storage.tables import (
    CaseRow,
    NoticeRow,
    TermsVersionRow,
    WindowProposalRow,
)

_UNSETTLED = tuple(state.value for state in CaseState if state is not CaseState.CLOSED)


@dataclass(frozen=True)
class ProposedWindow:
    """One running window of a notice beside the one computed anew.

    case_ids: the cases it runs for. new: None where it cannot be computed any more; failure says
    why (a code).
    """

    case_ids: tuple[int, ...]
    kind: Recomputed
    old: Window
    new: Window | None
    failure: str = ""


@dataclass(frozen=True)
class NewProposal:
    """A recomputation to keep; windows: those that differ."""

    notice_id: int
    old_versions: str
    new_versions: str
    kind: Recomputed
    windows: tuple[ProposedWindow, ...] = ()


@dataclass(frozen=True)
class ToldDeadline:
    """A case that got a later deadline."""

    case_id: int
    before_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class ToldProposal:
    """The windows of a proposal, and the cases whose later deadline the client is told."""

    windows: tuple[ProposedWindow, ...]
    told: tuple[ToldDeadline, ...]


def running_window() -> ColumnElement[Any]:
    """The window of a case: its own, or its notice's."""
    return func.coalesce(CaseRow.window, NoticeRow.window)


def list_notices_to_recompute(
    session: Session, versions: str, *, after_id: int, limit: int
) -> Sequence[int]:
    """Served notices above `after_id` with a window that runs, was computed with other data than
    `versions`, and has not been recomputed with them; in the order of ids."""
    kept = exists().where(
        WindowProposalRow.notice_id == NoticeRow.id,
        WindowProposalRow.new_versions == versions,
        WindowProposalRow.state != ProposalState.OUTDATED.value,
    )
    return session.scalars(
        select(NoticeRow.id)
        .join(CaseRow, CaseRow.notice_id == NoticeRow.id)
        .where(
            NoticeRow.id > after_id,
            NoticeRow.state == NoticeState.SERVED.value,
            NoticeRow.served_at.is_not(None),
            CaseRow.state.in_(_UNSETTLED),
            CaseRow.closes_at.is_not(None),
            running_window()["versions"].as_string() != versions,
            ~kept,
        )
        .distinct()
        .order_by(NoticeRow.id)
        .limit(limit)
    ).all()


def list_running_windows(session: Session, notice_ids: Collection[int]) -> Sequence[Row[Any]]:
    """For each unsettled case of these notices: id, notice_id, change_id, window (its own or the
    notice's), served_at, and the terms with their digest."""
    return session.execute(
        select(
            CaseRow.id,
            CaseRow.notice_id,
            CaseRow.change_id,
            running_window().label("window"),
            NoticeRow.served_at,
            TermsVersionRow.terms,
            TermsVersionRow.digest,
        )
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(
            CaseRow.notice_id.in_(notice_ids),
            CaseRow.state.in_(_UNSETTLED),
            CaseRow.closes_at.is_not(None),
            NoticeRow.window.is_not(None),
        )
        .order_by(CaseRow.notice_id, CaseRow.id)
    ).all()


def append_proposals(
    session: Session, proposals: Sequence[NewProposal], *, at: datetime
) -> Mapping[int, int]:
    """Keep them; their ids by notice. One that was outdated is taken up again."""
    if not proposals:
        return {}
    stored = _stored_proposals(session, proposals)
    rows = [(stored.get(x.notice_id), _values(x, at)) for x in proposals]
    again = [{"id": number, **values} for number, values in rows if number is not None]
    new = [values for number, values in rows if number is None]
    if again:
        session.execute(update(WindowProposalRow), again)
    if new:
        session.execute(insert(WindowProposalRow), new)
    return _stored_proposals(session, proposals)


def _stored_proposals(session: Session, proposals: Sequence[NewProposal]) -> Mapping[int, int]:
    (versions,) = {x.new_versions for x in proposals}
    found = session.execute(
        select(WindowProposalRow.notice_id, WindowProposalRow.id).where(
            WindowProposalRow.notice_id.in_([x.notice_id for x in proposals]),
            WindowProposalRow.new_versions == versions,
        )
    )
    return {row.notice_id: row.id for row in found}


def _values(proposal: NewProposal, at: datetime) -> dict[str, Any]:
    same = proposal.kind is Recomputed.SAME
    return {
        "notice_id": proposal.notice_id,
        "old_versions": proposal.old_versions,
        "new_versions": proposal.new_versions,
        "kind": proposal.kind.value,
        "state": (ProposalState.SAME if same else ProposalState.PROPOSED).value,
        "windows": [proposed_to_mapping(x) for x in proposal.windows],
        "made_at": at,
        "told": [],
    }


def outdate_proposals(session: Session, *, versions: str) -> int:
    """Nobody need decide any more what other data said, nor about notices without a running
    window: the number of proposals that ended so. `versions`: of the data in use now."""
    runs = exists().where(
        CaseRow.notice_id == WindowProposalRow.notice_id,
        CaseRow.state.in_(_UNSETTLED),
        CaseRow.closes_at.is_not(None),
        NoticeRow.id == WindowProposalRow.notice_id,
        NoticeRow.state == NoticeState.SERVED.value,
    )
    ended = session.scalars(
        update(WindowProposalRow)
        .where(
            WindowProposalRow.state == ProposalState.PROPOSED.value,
            (WindowProposalRow.new_versions != versions) | ~runs,
        )
        .values(state=ProposalState.OUTDATED.value)
        .returning(WindowProposalRow.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(ended)


def lock_proposals(session: Session, proposal_ids: Collection[int]) -> list[WindowProposalRow]:
    """These proposals as they are now, for a decision, in the order of ids."""
    return list(
        session.scalars(
            select(WindowProposalRow)
            .where(WindowProposalRow.id.in_(proposal_ids))
            .order_by(WindowProposalRow.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    )


def notices_of_proposals(session: Session, proposal_ids: Collection[int]) -> list[int]:
    """Ids of the notices they are about."""
    return list(
        session.scalars(
            select(WindowProposalRow.notice_id)
            .where(WindowProposalRow.id.in_(proposal_ids))
            .order_by(WindowProposalRow.notice_id)
        )
    )


def find_proposal(session: Session, proposal_id: int) -> WindowProposalRow | None:
    """One that a person may see: of those that changed nothing only the fact is kept."""
    row = session.get(WindowProposalRow, proposal_id)
    return None if row is None or row.state == ProposalState.SAME else row


def list_told(session: Session, proposal_ids: Collection[int]) -> dict[int, ToldProposal]:
    """Applied proposals by id, as the mails tell of them."""
    if not proposal_ids:
        return {}
    rows = session.scalars(select(WindowProposalRow).where(WindowProposalRow.id.in_(proposal_ids)))
    return {
        row.id: ToldProposal(
            proposed_windows(row),
            tuple(
                ToldDeadline(case_id, datetime.fromisoformat(before), datetime.fromisoformat(after))
                for case_id, before, after in row.told
            ),
        )
        for row in rows
    }


def told_to_list(told: Iterable[ToldDeadline]) -> list[list[Any]]:
    return [[x.case_id, x.before_at.isoformat(), x.closes_at.isoformat()] for x in told]


def proposed_to_mapping(proposed: ProposedWindow) -> dict[str, Any]:
    return {
        "case_ids": list(proposed.case_ids),
        "kind": proposed.kind.value,
        "old": window_to_mapping(proposed.old),
        "new": window_to_mapping(proposed.new) if proposed.new else None,
        "failure": proposed.failure,
    }


def proposed_windows(row: WindowProposalRow) -> tuple[ProposedWindow, ...]:
    return tuple(_proposed_from_mapping(data) for data in row.windows)


def _proposed_from_mapping(data: Mapping[str, Any]) -> ProposedWindow:
    return ProposedWindow(
        case_ids=tuple(data["case_ids"]),
        kind=Recomputed(data["kind"]),
        old=window_from_mapping(data["old"]),
        new=window_from_mapping(data["new"]) if data["new"] else None,
        failure=data["failure"],
    )
