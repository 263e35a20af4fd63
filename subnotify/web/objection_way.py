"""The way of an objection on the page of its case: each step with its day, and what is next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _

from subnotify.rules.case_facts import ResponseFact
from subnotify.rules.objection_steps import (
    ObjectionStep,
    answer_to,
    open_proposal,
    possible_steps_of_legal,
)
from subnotify.rules.objections import live_objections
from subnotify.rules.words import ResponseKind, SettlementKind, StepKind, WayState
from subnotify.storage.case_head import CaseHead
from subnotify.storage.tables import DataReturnRow, SettlementRow
from subnotify.web.language import page_wording
from subnotify.web.objection_judged import came_online, is_admissible, judged_name, judged_sentences
from subnotify.wording.labels import label
from subnotify.wording.language import Wording


@dataclass(frozen=True)
class WayLink:
    text: str
    address: str


@dataclass(frozen=True)
class WayStep:
    """at, on: when. quoted: somebody's words."""

    name: str
    state: WayState
    at: datetime | None = None
    on: date | None = None
    said: Sequence[str] = ()
    quoted: str = ""
    links: Sequence[WayLink] = ()


@dataclass(frozen=True)
class Way:
    """What the steps of one objection rest on."""

    head: CaseHead
    steps: Sequence[ObjectionStep]
    settlement: SettlementRow | None
    owed: DataReturnRow | None
    at: datetime

    @property
    def objections(self) -> list[ResponseFact]:
        return [
            x
            for x in self.head.facts.responses
            if x.kind is ResponseKind.OBJECTION and x.is_effective
        ]

    def address(self, endpoint: str, step_id: int | None = None) -> str:
        return url_for(endpoint, case_id=self.head.case.id, step_id=step_id)


def way_steps(way: Way) -> list[WayStep]:
    """From the receipt to the last duty; nothing where nobody objected."""
    if not way.objections:
        return []
    w = page_wording()
    last = way.objections[-1]
    day = page_wording(way.head.zone).local(last.received_at).date()
    return [
        WayStep(
            _("Received"),
            WayState.DONE,
            at=last.received_at if came_online(last) else None,
            on=None if came_online(last) else day,
            said=[
                _("A receipt was queued at once: by mail, and by post where the agreement has it.")
            ],
        ),
        _judged(way),
        *_written(way, w),
        *_settled(way, w),
        *_data(way, w),
    ]


def _judged(way: Way) -> WayStep:
    """Admissible, disputed, late or in another form than agreed: with the reason."""
    facts, last = way.head.facts, way.objections[-1]
    said = judged_sentences(facts, last, page_wording(way.head.zone))
    is_open = facts.outcome is None and bool(live_objections(facts))
    waits = is_open and not is_admissible(facts, last)
    links = [WayLink(_("See what the client said"), "#responses")] if waits else []
    state = WayState.NEXT if waits else WayState.DONE
    return WayStep(judged_name(facts, last), state, said=said, links=links)


def _written(way: Way, w: Wording) -> Iterator[WayStep]:
    """What legal wrote and the client answered, and what can be written now."""
    for step in way.steps:
        if step.undone_at is not None or step.counts_at is None:
            continue
        yield _of_step(way, step, w)
    links = []
    possible = possible_steps_of_legal(way.head.facts, way.steps, at=way.at)
    if StepKind.ACKNOWLEDGED in possible:
        links.append(
            WayLink(
                _("Acknowledge the objection"), way.address("objection_actions.acknowledge_page")
            )
        )
    if StepKind.PROPOSED in possible:
        links.append(
            WayLink(
                _("Propose how to meet the objection"),
                way.address("objection_actions.propose_page"),
            )
        )
    if links:
        yield WayStep(_("Your step"), WayState.NEXT, links=links)


def _of_step(way: Way, step: ObjectionStep, w: Wording) -> WayStep:
    said, links, state = [], [], WayState.DONE
    if step.measure is not None:
        said.append(f"{label(w, step.measure).capitalize()}.")
    if step.waits(way.at):
        state = WayState.WAITS
        said.append(
            _("The mail leaves at %(instant)s.", instant=w.date_time(step.counts_at or way.at))
        )
        links.append(
            WayLink(_("Undo"), way.address("objection_actions.undo_page", step_id=step.id))
        )
    elif step.kind is StepKind.PROPOSED and answer_to(way.steps, step, at=way.at) is None:
        proposal = open_proposal(way.head.facts, way.steps, at=way.at)
        if proposal is not None and proposal.id == step.id:
            state = WayState.WAITS
            said.append(_("The client has not answered."))
            links.append(
                WayLink(
                    _("Record the client's answer"),
                    way.address("objection_actions.record_answer_page", step_id=step.id),
                )
            )
        else:
            said.append(_("It was never answered, and holds no longer."))
    said.append(
        _("%(channel)s, %(name)s", channel=label(w, step.channel).capitalize(), name=step.taken_by)
        if step.channel is not None
        else step.taken_by
    )
    at = step.taken_at if step.channel is None else step.counts_at
    return WayStep(
        label(w, step.kind).capitalize(), state, at=at, said=said, quoted=step.text, links=links
    )


def _settled(way: Way, w: Wording) -> Iterator[WayStep]:
    settlement, facts = way.settlement, way.head.facts
    if settlement is None or live_objections(facts):
        if facts.outcome is None:
            yield WayStep(
                _("Settlement"),
                WayState.NEXT,
                said=[_("Accommodated, withdrawn, ineffective or terminated.")],
                links=[WayLink(_("Settle the objection"), way.address("case_actions.settle_page"))],
            )
        return
    kind = label(w, SettlementKind(settlement.kind))
    if settlement.counts_at is not None and way.at < settlement.counts_at:
        yield _undoable(way, settlement.decided_by, kind, settlement.counts_at, w)
        return
    yield WayStep(
        _("Settled: %(kind)s", kind=kind),
        WayState.DONE,
        at=settlement.decided_at,
        said=[settlement.decided_by],
    )
    if facts.outcome is not None:
        yield WayStep(
            _("Outcome: %(outcome)s", outcome=label(w, facts.outcome.outcome)),
            WayState.DONE,
            at=facts.outcome.at,
            said=[_("The closing message was queued with it.")],
        )
    else:
        yield WayStep(_("Outcome"), WayState.WAITS, said=[_("The case closes by itself.")])


def _undoable(way: Way, by: str, kind: str, until: datetime, w: Wording) -> WayStep:
    """Settled a moment ago: nothing comes of it yet."""
    said = _(
        "Until %(instant)s no outcome comes of it and the client does not see it.",
        instant=w.date_time(until),
    )
    address = way.address("case_actions.undo_settlement_page")
    return WayStep(
        _("Settled: %(kind)s", kind=kind),
        WayState.WAITS,
        at=way.settlement.decided_at if way.settlement else None,
        said=[said, by],
        links=[WayLink(_("Undo"), address)],
    )


def _data(way: Way, w: Wording) -> Iterator[WayStep]:
    owed = way.owed
    if owed is None:
        return
    if owed.done_at is not None:
        yield WayStep(
            _("Data returned or destroyed"), WayState.DONE, on=owed.done_on, quoted=owed.done_note
        )
        return
    due = (
        _("It is due by %(day)s.", day=w.date(owed.due_on, "weekday"))
        if owed.due_on
        else _("The agreement sets no day for it.")
    )
    reminded = _("Legal is reminded by mail 14 days ahead and on the day.") if owed.due_on else ""
    yield WayStep(
        _("Data to return or destroy"),
        WayState.NEXT,
        said=[due, reminded],
        links=[
            WayLink(_("Record that it is done"), way.address("data_actions.done_page")),
        ],
    )
