"""The page with everything that happened in a case, in order: by mail and post, by the client, by
legal and by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, url_for

from subnotify.rules.words import (
    CaseState,
    HoldReason,
    Measure,
    Outcome,
    Role,
    SettlementKind,
    StepKind,
)
from subnotify.storage.case_file import (
    CaseEvidence,
    CaseFile,
    list_change_facts,
    load_case_file,
)
from subnotify.storage.database import db
from subnotify.storage.notice_history import NoticeHistory, load_notice_history
from subnotify.storage.operators import list_operators
from subnotify.storage.responses import StoredResponse
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.case_views import actor_words, title_of
from subnotify.web.formatting import tone
from subnotify.web.incoming_views import as_plain
from subnotify.web.language import page_wording
from subnotify.web.notice_timeline import timeline
from subnotify.web.timeline_words import TimelineEntry, day_alone, text_of
from subnotify.wording.evidence import evidence_words
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.window_steps import step_sentences

case_timeline = Blueprint("case_timeline", __name__)

# The fact that a response is on record; it stands with what the client said.
_RECORDED = frozenset({"response_recorded", "letter_recorded"})


@case_timeline.route("/desk/cases/<int:case_id>/timeline")
@needs_role(*Role)
def show_timeline(case_id: int) -> str:
    session, w = db.session(), page_wording()
    file = load_case_file(session, case_id, at=request_at())
    found = _of_case(load_notice_history(session, file.head.notice.id), case_id)
    facts = list_change_facts(session, file.head.change.id)
    is_legal = Role.LEGAL in current_operator().roles
    entries = [
        *timeline(found, w, is_legal=is_legal),
        *_CaseTimeline(file, [*file.evidence, *facts], w).entries(),
    ]
    names = {operator.id: operator.name for operator in list_operators(session)}
    return render_template(
        "desk/cases/timeline.html",
        head=file.head,
        title=title_of(file.head, w),
        state=CaseState(file.head.case.state),
        outcome=Outcome(file.head.case.outcome) if file.head.case.outcome else None,
        entries=[
            replace(entry, actor=actor_words(entry.actor, names, w) if entry.actor else "")
            for entry in sorted(entries, key=lambda entry: entry.at)
        ],
        plain=as_plain,
        zone=w.zone_name(),
    )


def _of_case(found: NoticeHistory, case_id: int) -> NoticeHistory:
    """Without what is about another case of the notice, and without the responses: they are told
    here with what is on record of them."""
    messages = [x for x in found.messages if x.row.case_id in (None, case_id)]
    kept = {x.row.id for x in messages}
    return replace(
        found,
        messages=messages,
        attempts=[x for x in found.attempts if x.message_id in kept],
        events=[x for x in found.events if x.message_id in kept],
        proofs=[x for x in found.proofs if x.message_id is None or x.message_id in kept],
        cancelled=[x for x in found.cancelled if x.row.object_id in kept],
        responses=(),
    )


@dataclass
class _CaseTimeline:
    file: CaseFile
    facts: list[CaseEvidence]
    w: Wording

    def entries(self) -> Iterator[TimelineEntry]:
        yield from self._window()
        recorded = {
            fact.row.object_id: fact for fact in reversed(self.facts) if fact.row.type in _RECORDED
        }
        for response in self.file.responses:
            yield self._response(response, recorded.get(response.id))
        for fact in self.facts:
            # The notice's own stand in its line of time.
            if fact.row.object_type != "notice" and fact.row.type not in _RECORDED:
                yield self._fact(fact)

    def _window(self) -> Iterator[TimelineEntry]:
        head, w = self.file.head, self.w
        if head.notice.served_at is not None and head.window is not None:
            yield TimelineEntry(
                at=head.notice.served_at,
                title=w.gettext("The window was computed"),
                said=tuple(step_sentences(head.window, w)),
            )

    def _response(self, response: StoredResponse, fact: CaseEvidence | None) -> TimelineEntry:
        w = self.w
        anchor = f"response-{response.id}"
        return TimelineEntry(
            at=response.received_at,
            day_on=day_alone(response.channel, response.received_at, w),
            title=w.gettext("The client answered: %(kind)s", kind=label(w, response.kind)),
            about=response.by_name,
            tag=label(w, response.channel),
            tone="plum" if response.kind.value == "objection" else "info",
            words=response.text,
            source=response.reference,
            address=url_for("cases.show_case", case_id=self.file.head.case.id, _anchor=anchor),
            actor=fact.row.actor if fact else "",
            evidence=fact.row.id if fact else None,
        )

    def _fact(self, fact: CaseEvidence) -> TimelineEntry:
        w, content = self.w, fact.content
        if content is None:
            erased = (w.gettext("(erased)"),)
            return replace(self._bare(fact), said=erased)
        tag, colour = self._tag(fact.row.type, content)
        said = [label(w, HoldReason(hold)) for hold in content.get("holds") or ()]
        closes_at = text_of(content, "closes_at")
        if closes_at:
            zone = w.in_zone(self.file.head.zone) if self.file.head.zone else w
            end = zone.until(datetime.fromisoformat(closes_at))
            said.append(w.gettext("Until %(end)s.", end=end))
        written = [text_of(content, key) for key in ("text", "note", "answer", "owner")]
        return replace(
            self._bare(fact),
            tag=tag,
            tone=colour,
            said=tuple(said),
            words="\n".join(x for x in (*written, self._outcome_note(fact)) if x),
        )

    def _bare(self, fact: CaseEvidence) -> TimelineEntry:
        return TimelineEntry(
            at=fact.row.at,
            title=evidence_words(fact.row.type, self.w),
            actor=fact.row.actor,
            evidence=fact.row.id,
        )

    def _tag(self, type: str, content: Mapping[str, Any]) -> tuple[str, str]:
        w = self.w
        match type:
            case "case_moved":
                moved = content.get("outcome")
                to = Outcome(moved) if moved else CaseState(content["state"])
                return label(w, to), tone(to)
            case "objection_settled":
                return label(w, SettlementKind(content["kind"])), "plum"
            case "objection_step_taken":
                kind = content.get("measure")
                step = Measure(kind) if kind else StepKind(content["kind"])
                return label(w, step), "plum"
            case _:
                return "", ""

    def _outcome_note(self, fact: CaseEvidence) -> str:
        ended = [x.note for x in self.file.outcomes if x.at == fact.row.at and x.note]
        return "\n".join(ended) if fact.row.type == "case_moved" else ""
