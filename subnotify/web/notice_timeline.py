"""What happened to a notice, in the order in which it happened."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import url_for

from subnotify.rules.words import (
    AttemptResult,
    DeliveryEventKind,
    EventSource,
    MessageState,
    NoticeState,
    ProofKind,
)
from subnotify.storage.incoming_pages import ListedMail
from subnotify.storage.notice_history import NoticeFact, NoticeHistory, NoticeMessage
from subnotify.storage.responses import StoredResponse
from subnotify.storage.tables import AttemptRow, DeliveryEventRow, ReceiptProofRow
from subnotify.web.letter_timeline import letter_entries
from subnotify.web.paper_timeline import paper_entries, told_by_letters
from subnotify.web.timeline_words import (
    TimelineEntry,
    addressee,
    answered_by,
    attempt_words,
    day_alone,
    mail_address,
    purpose_words,
    text_of,
)
from subnotify.wording.evidence import evidence_words
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.proofs import proof_sentence
from subnotify.wording.replies import reply_words
from subnotify.wording.sending_history import attempt_sentence, event_sentence


def timeline(found: NoticeHistory, w: Wording, *, is_legal: bool = False) -> list[TimelineEntry]:
    """Oldest first; what is of one instant in the order of cause and effect."""
    letters = letter_entries(found, w, is_legal=is_legal)
    paper = paper_entries(found, w, is_legal=is_legal)
    rest = _Timeline(found, w, told_proofs=told_by_letters(found)).entries()
    return sorted([*letters, *paper, *rest], key=lambda entry: entry.at)


@dataclass
class _Timeline:
    found: NoticeHistory
    w: Wording
    told_proofs: set[int] = field(default_factory=set)
    last_attempts: dict[int, int] = field(default_factory=dict)

    def entries(self) -> Iterator[TimelineEntry]:
        by_id = {one.row.id: one for one in self.found.messages}
        tried = {attempt.message_id for attempt in self.found.attempts}
        for message in self.found.messages:
            if message.row.id not in tried and message.row.id not in self.found.paper:
                yield self._untried(message)
        self.last_attempts = {x.message_id: x.id for x in self.found.attempts}
        for attempt in self.found.attempts:
            yield self._attempt(attempt, by_id[attempt.message_id])
        for mail in self.found.mails:
            yield self._mail(mail)
        for event in self.found.events:
            yield self._event(event, by_id[event.message_id])
        for proof in self.found.proofs:
            if proof.id not in self.told_proofs:
                yield self._proof(proof, by_id.get(proof.message_id))
        yield from self._bounces()
        for response in self.found.responses:
            yield self._response(response)
        yield from self._of_notice()

    def _untried(self, message: NoticeMessage) -> TimelineEntry:
        """Without an attempt of ours on record: it waits, or was given by another way."""
        row, w = message.row, self.w
        purpose = purpose_words(row.purpose, w)
        if row.handed_over_at is None:
            title = w.gettext("%(purpose)s queued", purpose=purpose)
            # Why it is not sent any more is a fact of its own. Why it waits may be our own words.
            is_told = row.state == MessageState.CANCELLED
            words = "" if is_told else reply_words(row.last_reply or "", w)
            return TimelineEntry(row.queued_at, title, addressee(message), words=words)
        return TimelineEntry(
            at=row.handed_over_at,
            title=purpose,
            about=addressee(message),
            tag=label(w, MessageState.HANDED_OVER),
            tone="ok",
            said=tuple(self._proofs_of(row.id, (row.handed_over_at, row.handed_over_at))),
            words=row.last_reply or "",
            source=row.host or "",
        )

    def _attempt(self, attempt: AttemptRow, message: NoticeMessage) -> TimelineEntry:
        w = self.w
        result = AttemptResult(attempt.result) if attempt.result else None
        cancelled = message.row.state == MessageState.CANCELLED
        is_last = self.last_attempts[attempt.message_id] == attempt.id
        is_repeated = not (cancelled and is_last)
        said = w.gettext("Under way.")
        if result:
            said = attempt_sentence(result, w, is_repeated=is_repeated)
        proofs = self._proofs_of(message.row.id, (attempt.started_at, attempt.finished_at))
        return TimelineEntry(
            at=attempt.started_at,
            title=w.gettext(
                "%(purpose)s: attempt %(number)s",
                purpose=purpose_words(message.row.purpose, w),
                number=w.number(attempt.number),
            ),
            about=addressee(message),
            tag=label(w, result) if result else "",
            tone=_tone(result),
            said=tuple(x for x in (said, *proofs) if x),
            words=attempt_words(attempt, w),
            source=answered_by(attempt, w),
        )

    def _proofs_of(self, message_id: int, span: tuple[datetime, datetime | None]) -> list[str]:
        """Proofs that follow from this very attempt or report; told once."""
        begun_at, ended_at = span
        found = []
        for proof in self.found.proofs:
            within = begun_at <= proof.at <= (ended_at or begun_at)
            if proof.message_id == message_id and within and proof.id not in self.told_proofs:
                self.told_proofs.add(proof.id)
                found.append(proof_sentence(ProofKind(proof.kind), self.w))
        return found

    def _event(self, event: DeliveryEventRow, message: NoticeMessage) -> TimelineEntry:
        w, kind = self.w, DeliveryEventKind(event.kind)
        self._proofs_of(message.row.id, (event.at, event.at))  # the sentence below tells it
        is_proof = kind is DeliveryEventKind.DELIVERED and any(
            proof.message_id == message.row.id and proof.kind == ProofKind.RECIPIENT_SERVER
            for proof in self.found.proofs
        )
        told = w.gettext(
            "%(source)s, recorded on %(instant)s",
            source=label(w, EventSource(event.source)),
            instant=w.date_time(event.recorded_at, "short"),
        )
        return TimelineEntry(
            at=event.at,
            title=w.gettext(
                "%(purpose)s: report of delivery", purpose=purpose_words(message.row.purpose, w)
            ),
            about=addressee(message),
            tag=label(w, kind),
            tone=_tone(kind),
            said=(event_sentence(kind, w, is_proof=is_proof),),
            words=" ".join(x for x in (event.status, event.words) if x),
            source=" · ".join(x for x in (event.host, told) if x),
            address=mail_address(event.incoming_mail_id),
        )

    def _proof(self, proof: ReceiptProofRow, message: NoticeMessage | None) -> TimelineEntry:
        return TimelineEntry(
            at=proof.at,
            title=self.w.gettext("Proof"),
            about=addressee(message) if message else "",
            tag=label(self.w, ProofKind(proof.kind)),
            tone="" if proof.kind == ProofKind.DISPATCH else "ok",
            said=(proof_sentence(ProofKind(proof.kind), self.w),),
        )

    def _bounces(self) -> Iterator[TimelineEntry]:
        """Those that a person recorded; a reported one stands as its report."""
        reported = {
            event.message_id
            for event in self.found.events
            if event.kind == DeliveryEventKind.FAILED
        }
        for message in self.found.messages:
            row, w = message.row, self.w
            if row.bounced_at is not None and row.id not in reported:
                yield TimelineEntry(
                    at=row.bounced_at,
                    title=w.gettext("%(purpose)s came back", purpose=purpose_words(row.purpose, w)),
                    about=addressee(message),
                    tag=label(w, DeliveryEventKind.FAILED),
                    tone="stop",
                    said=(event_sentence(DeliveryEventKind.FAILED, w, is_proof=False),),
                    words=row.bounce_note or "",
                    source=w.gettext("recorded by a person"),
                )

    def _mail(self, mail: ListedMail) -> TimelineEntry:
        w = self.w
        return TimelineEntry(
            at=mail.received_at,
            title=w.gettext("Mail came in: “%(subject)s”", subject=mail.subject),
            about=mail.from_name or mail.from_address,
            tag=label(w, mail.filed_as) if mail.filed_as else w.gettext("waits for a person"),
            tone="" if mail.filed_as else "warn",
            said=()
            if mail.filed_as
            else (w.gettext("Silence of this client waits until a person has filed it."),),
            address=mail_address(mail.id),
        )

    def _response(self, response: StoredResponse) -> TimelineEntry:
        w = self.w
        case_id = response.case_id or (self.found.cases[0].id if self.found.cases else None)
        anchor = f"response-{response.id}"
        return TimelineEntry(
            at=response.received_at,
            day_on=day_alone(response.channel, response.received_at, w),
            title=w.gettext("The client answered: %(kind)s", kind=label(w, response.kind)),
            about=response.by_name,
            tag=label(w, response.channel),
            tone="plum" if response.kind.value == "objection" else "info",
            source=response.reference,
            address=url_for("cases.show_case", case_id=case_id, _anchor=anchor) if case_id else "",
        )

    def _of_notice(self) -> Iterator[TimelineEntry]:
        notice, w = self.found.notice, self.w
        for fact in self.found.cancelled:
            yield self._cancelled(fact)
        for fact in self.found.facts:
            yield self._fact(fact)
        told = any(fact.row.type == "notice_served" for fact in self.found.facts)
        if notice.served_at is not None and not told:
            proof = ProofKind(notice.served_proof) if notice.served_proof else None
            yield TimelineEntry(
                at=notice.served_at,
                title=evidence_words("notice_served", w),
                tag=label(w, NoticeState.SERVED),
                tone="ok",
                said=(proof_sentence(proof, w),) if proof else (),
            )

    def _fact(self, fact: NoticeFact) -> TimelineEntry:
        w, content = self.w, fact.content or {}
        served = fact.row.type == "notice_served"
        failed = fact.row.type == "notice_not_served"
        proof = content.get("proof")
        return TimelineEntry(
            at=fact.row.at,
            title=evidence_words(fact.row.type, w),
            tag=label(w, NoticeState.SERVED)
            if served
            else label(w, NoticeState.NOT_SERVED)
            if failed
            else "",
            tone="ok" if served else "stop" if failed else "",
            said=(proof_sentence(ProofKind(proof), w),) if served and proof else (),
            words=self._words(content),
            actor=fact.row.actor,
            evidence=fact.row.id,
        )

    def _words(self, content: Mapping[str, Any]) -> str:
        """A reason that stands with a mail that is not sent any more is told there."""
        told = {text_of(fact.content or {}, "reason") for fact in self.found.cancelled}
        if text_of(content, "failure_text") in told - {""}:
            return ""
        return reply_words(text_of(content, "failure_text"), self.w) or text_of(content, "reason")

    def _cancelled(self, fact: NoticeFact) -> TimelineEntry:
        w = self.w
        message = next(x for x in self.found.messages if x.row.id == fact.row.object_id)
        reason = reply_words(text_of(fact.content or {}, "reason"), w)
        return TimelineEntry(
            at=fact.row.at,
            title=w.gettext(
                "%(purpose)s not sent any more", purpose=purpose_words(message.row.purpose, w)
            ),
            about=addressee(message),
            tag=label(w, MessageState.CANCELLED),
            said=(reason,) if reason else (),
            actor=fact.row.actor,
            evidence=fact.row.id,
        )


def _tone(value: StrEnum | None) -> str:
    if isinstance(value, AttemptResult):
        return {
            AttemptResult.HANDED_OVER: "ok",
            AttemptResult.DEFERRED: "warn",
            AttemptResult.UNKNOWN: "warn",
        }.get(value, "stop")
    if isinstance(value, DeliveryEventKind):
        return {
            DeliveryEventKind.DELIVERED: "ok",
            DeliveryEventKind.FAILED: "stop",
        }.get(value, "warn")
    return ""
