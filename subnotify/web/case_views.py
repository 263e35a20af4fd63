"""What the page of a case shows: its facts in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from subnotify.operations.close_without_objection import may_close_without_objection
from subnotify.operations.two_person_decisions import CLOSE_NO_OBJECTION, CORRECT_RECORD
from subnotify.rules.case_holds import CLEARABLE
from subnotify.rules.objections import is_valid_form, live_objections, timeliness_of
from subnotify.rules.settlements import may_settle_anew
from subnotify.rules.words import (
    CaseState,
    ChangeState,
    HoldReason,
    NoticeState,
    Outcome,
    ResponseKind,
    SettlementKind,
    Timeliness,
)
from subnotify.storage.case_file import CaseEvidence, CaseFile
from subnotify.storage.case_head import CaseHead
from subnotify.storage.tables import SettlementRow, TwoPersonDecisionRow
from subnotify.web.case_clocks import effect_sentence
from subnotify.wording.change_facts import ChangeFacts, change_title
from subnotify.wording.evidence import evidence_words
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.unserved import unserved_sentences

# Once they are on record and computable, the notice is served under them.
_NO_TERMS = frozenset({HoldReason.TERMS_UNKNOWN, HoldReason.TERMS_NOT_COMPUTABLE})


@dataclass(frozen=True)
class Possible:
    """Which steps legal can take now; the operations check again."""

    settle: bool
    has_objection: bool
    is_settled: bool
    undo_settlement: bool
    record_letter: bool
    extend: bool
    clear: Sequence[HoldReason]
    propose_no_objection: bool
    confirm_no_objection: TwoPersonDecisionRow | None
    propose_correction: bool
    confirm_correction: TwoPersonDecisionRow | None
    serve_anew: bool
    gate_out: bool


def possible_steps(file: CaseFile, *, at: datetime) -> Possible:
    """From the facts of a case."""
    head = file.head
    is_open = head.case.outcome is None
    present = head.facts.settlement
    settled, is_fresh = present is not None, present is not None and present.is_fresh(at)
    objected = bool(live_objections(head.facts))
    holds = [HoldReason(hold) for hold in head.case.holds]
    no_objection = is_open and may_close_without_objection(head.facts, at=at)
    return Possible(
        settle=is_open and (objected or not settled or may_settle_anew(head.facts, at=at)),
        has_objection=objected,
        is_settled=settled,
        undo_settlement=is_open and is_fresh,
        record_letter=True,
        extend=is_open and head.window is not None,
        clear=[hold for hold in holds if hold in CLEARABLE],
        propose_no_objection=no_objection,
        confirm_no_objection=open_proposal(file, CLOSE_NO_OBJECTION) if no_objection else None,
        propose_correction=not is_open,
        confirm_correction=None if is_open else open_proposal(file, CORRECT_RECORD),
        serve_anew=is_open
        and (
            head.notice.state == NoticeState.NOT_SERVED
            # It left, and nothing proves yet that it arrived (a silent relay).
            or (head.notice.state == NoticeState.SERVING and head.notice.dispatched_at is not None)
            or not _NO_TERMS.isdisjoint(holds)
        ),
        gate_out=is_open
        and head.case.gated_out_at is None
        # A country that is not allowed keeps the change away by itself.
        and not head.case.blocked_countries
        and head.change_state is not ChangeState.WITHDRAWN,
    )


def standing_settlement(file: CaseFile) -> SettlementRow | None:
    """The settlement that counts."""
    standing = [row for row in file.settlements if row.undone_at is None]
    return standing[-1] if standing else None


def open_proposal(file: CaseFile, kind: str) -> TwoPersonDecisionRow | None:
    """The last proposal that waits for a second person."""
    waiting = [row for row in file.decisions if row.kind == kind and row.confirmed_at is None]
    return waiting[-1] if waiting else None


def title_of(head: CaseHead, w: Wording) -> str:
    """ "OVHcloud will be added for Monitoring"."""
    change = ChangeFacts(
        kind=head.change_kind,
        facts=head.announced,
        services=tuple(service.name for service in head.services if service.is_concerned),
        commencement_on=head.change.commencement_on,
        replaced=head.replaced,
        laws=head.agreement.export_laws,
        before=head.before,
    )
    return change_title(change, w)


def why_open(file: CaseFile, w: Wording, *, at: datetime) -> tuple[str, ...]:
    """Why the case is not closed, where no hold says it."""
    head = file.head
    state = CaseState(head.case.state)
    zone = w.in_zone(head.zone) if head.zone else w
    if state is CaseState.WAITING:
        notice = head.notice
        failure = HoldReason(notice.failure_reason) if notice.failure_reason else None
        return (
            w.gettext("The notice is not served yet, so no window runs."),
            *unserved_sentences(NoticeState(notice.state), failure, head.facts.terms, w),
        )
    if state is CaseState.OBJECTED:
        return _why_objected(file, at, zone)
    window = head.window
    if state is not CaseState.OPEN or window is None:
        return ()
    if at < window.closes_at:
        first = w.gettext(
            "The client may still object: until %(end)s.", end=zone.until(window.closes_at)
        )
    else:
        first = w.gettext("The window is over; the grace time runs.")
    return (
        first,
        w.gettext(
            "Nothing is concluded from silence before %(instant)s.",
            instant=zone.date_time(window.silence_after_at),
        ),
    )


def _why_objected(file: CaseFile, at: datetime, w: Wording) -> tuple[str, ...]:
    settlement = standing_settlement(file)
    window = file.head.window
    if settlement is None or live_objections(file.head.facts):
        return (w.gettext("An objection waits for legal to settle it."),)
    undoable: tuple[str, ...] = ()
    if settlement.counts_at is not None and at < settlement.counts_at:
        undoable = (
            w.gettext(
                "The settlement can be undone until %(instant)s: the case does not close before.",
                instant=w.date_time(settlement.counts_at),
            ),
        )
    if settlement.kind == SettlementKind.TERMINATED:
        return (effect_sentence(file.head, settlement, w), *undoable)
    if window is None or at >= window.silence_after_at:
        return undoable
    return (
        w.gettext(
            "The objection is settled. The case closes after %(instant)s, because the client may"
            " still speak until its window ends.",
            instant=w.date_time(window.silence_after_at),
        ),
    )


def judged_timeliness(file: CaseFile) -> dict[int, Timeliness | None]:
    """How each objection stands to the window as it is now, by response id."""
    facts = file.head.facts
    return {
        number: timeliness_of(facts, response)
        if response.kind is ResponseKind.OBJECTION and response.is_effective
        else None
        for number, response in file.facts.items()
    }


def objections_in_wrong_form(file: CaseFile) -> frozenset[int]:
    """Ids of objections that the terms want in another form."""
    return frozenset(
        number
        for number, response in file.facts.items()
        if response.kind is ResponseKind.OBJECTION
        and not is_valid_form(file.head.facts.terms, response)
    )


@dataclass(frozen=True)
class EvidenceLine:
    """One fact: when, what, who, and what was said of it."""

    at: datetime
    text: str
    actor: str
    details: str
    digest: str


def evidence_lines(
    evidence: Sequence[CaseEvidence], names: Mapping[int, str], w: Wording
) -> list[EvidenceLine]:
    """names: operators by id."""
    return [
        EvidenceLine(
            one.row.at,
            evidence_words(one.row.type, w),
            actor_words(one.row.actor, names, w),
            _details(one, w),
            one.row.digest,
        )
        for one in evidence
    ]


def actor_words(actor: str, names: Mapping[int, str], w: Wording) -> str:
    """Who caused it: an operator by name, the client, or a job."""
    kind, _, rest = actor.partition(":")
    if kind == "operator" and rest.isdigit():
        return names.get(int(rest), actor)
    if kind == "client":
        return w.gettext("the client")
    if kind == "job":
        return w.gettext("by itself")
    return actor


def _details(one: CaseEvidence, w: Wording) -> str:
    content = one.content
    if content is None:
        return w.gettext("(erased)")
    parts = []
    if content.get("outcome"):
        parts.append(label(w, Outcome(content["outcome"])))
    elif one.row.type == "case_moved":
        parts.append(label(w, CaseState(content["state"])))
    parts += [label(w, HoldReason(hold)) for hold in content.get("holds", ())]
    parts += [str(content[key]) for key in ("reference", "note", "answer") if content.get(key)]
    return w.series(parts)
