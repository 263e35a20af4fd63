"""The client's other agreements, whose notices of the same release are answered alike."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_answers import append_answer
from subnotify.rules.case_facts import CaseFacts
from subnotify.rules.errors import Problem, ProblemsFound
from subnotify.rules.responses import (
    ANSWERED_ALIKE,
    Answer,
    TooManyResponses,
    can_answer_alike,
    possible_answers,
)
from subnotify.rules.words import ResponseKind
from subnotify.storage.agreement_names import agreement_of_notices
from subnotify.storage.cases import load_case_facts
from subnotify.storage.notice_briefs import NoticeBrief, get_notice_brief
from subnotify.storage.notice_links import NoticeLink, list_links_alike


@dataclass(frozen=True)
class AlikeNotice:
    """A notice of the same release under another agreement of the same client.

    cases: by change, those that take the answer. closes_at: the first deadline among them, None
    while none runs. zone: the agreement's.
    """

    link: NoticeLink
    brief: NoticeBrief
    agreement: str
    cases: Mapping[int, int] = field(default_factory=dict)
    closes_at: datetime | None = None

    @property
    def zone(self) -> str:
        return self.brief.terms.counting.time_zone if self.brief.terms else "UTC"


@dataclass(frozen=True)
class AppendedAlike:
    """Response ids of those recorded now, and the agreements whose notice took no more today."""

    new: tuple[int, ...] = ()
    left_out: tuple[str, ...] = ()


def list_alike(
    session: Session, link: NoticeLink, kind: ResponseKind, *, at: datetime
) -> tuple[AlikeNotice, ...]:
    """What may be answered alike by the holder of this link, in the order of the agreements.

    Only notices that this contact, or its mailbox, got itself.
    """
    return tuple(
        one
        for one in _list_answerable(session, link, kind, at=at)
        if can_answer_alike(one.brief.terms, kind)
    )


def list_apart(
    session: Session, link: NoticeLink, kind: ResponseKind, *, at: datetime
) -> tuple[AlikeNotice, ...]:
    """What takes this answer too, but only in its own notice: as `list_alike`, the others."""
    return tuple(
        one
        for one in _list_answerable(session, link, kind, at=at)
        if not can_answer_alike(one.brief.terms, kind)
    )


def _list_answerable(
    session: Session, link: NoticeLink, kind: ResponseKind, *, at: datetime
) -> tuple[AlikeNotice, ...]:
    if kind not in ANSWERED_ALIKE:
        return ()
    here = set(get_notice_brief(session, link.notice_id).change_ids.values())
    links = list_links_alike(session, link)
    names = agreement_of_notices(session, [other.notice_id for other in links])
    found = []
    for other in links:
        brief = get_notice_brief(session, other.notice_id)
        facts = load_case_facts(session, brief.case_ids, at=at)
        cases = {
            change_id: case_id
            for case_id, change_id in brief.change_ids.items()
            if change_id in here and kind in possible_answers(facts[case_id], other.contact_kind)
        }
        if cases:
            ends = _deadlines(facts, cases.values())
            found.append(
                AlikeNotice(other, brief, names[other.notice_id], cases, min(ends, default=None))
            )
    return tuple(sorted(found, key=lambda one: (one.agreement, one.link.notice_id)))


def _deadlines(facts: Mapping[int, CaseFacts], cases: Collection[int]) -> Sequence[datetime]:
    windows = [facts[case_id].window for case_id in cases]
    return [window.closes_at for window in windows if window is not None]


def append_alike(
    session: Session,
    link: NoticeLink,
    brief: NoticeBrief,
    answer: Answer,
    notice_ids: Collection[int],
    *,
    leading_id: int,
    form_key: str,
    at: datetime,
) -> AppendedAlike:
    """The same answer under other agreements, each for the changes chosen on this page. Within
    the caller's transaction, which holds all these notices.

    A notice that got too many answers today is left out: the others are recorded. Raises
    ProblemsFound where a notice is not offered by `list_alike` (any more), and as `append_answer`.
    """
    if not notice_ids:
        return AppendedAlike()
    offered = {one.link.notice_id: one for one in list_alike(session, link, answer.kind, at=at)}
    changes = [brief.change_ids[case_id] for case_id in answer.case_ids]
    recorded: list[int] = []
    left_out: list[str] = []
    for notice_id in sorted(set(notice_ids)):
        one = offered.get(notice_id)
        cases = tuple(one.cases[x] for x in changes if x in one.cases) if one else ()
        if one is None or not cases:
            raise ProblemsFound((_NOT_ALIKE,))
        alike = replace(answer, case_ids=cases, services=())
        try:
            appended = append_answer(
                session, one.link, one.brief, alike, form_key=form_key, follows=leading_id, at=at
            )
        except TooManyResponses:
            left_out.append(one.agreement)
        else:
            recorded += appended.new
    return AppendedAlike(tuple(recorded), tuple(left_out))


_NOT_ALIKE = Problem(
    "elsewhere",
    "One of the other agreements does not take this answer to the changes you chose.",
    "Choose only agreements that the changes concern, or answer each in its own notice.",
)
