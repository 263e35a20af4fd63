"""Why a case is on hold: for each reason what is the matter, since when, and where it ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from subnotify.rules.outages import LAST_HOURS, downtime
from subnotify.rules.words import CaseState, HoldReason, OutageCause
from subnotify.storage.case_file import CaseEvidence, CaseFile
from subnotify.storage.hold_facts import HoldFacts
from subnotify.web.hold_links import HoldLink, hold_links
from subnotify.web.incoming_views import as_plain
from subnotify.web.reading_views import reading_sentences
from subnotify.wording.holds import hold_text
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.replies import reply_words
from subnotify.wording.troubles import trouble_sentence


@dataclass(frozen=True)
class HoldView:
    """since_at: None where nothing on record says it. words: servers' own."""

    reason: HoldReason
    name: str
    explanation: str
    remedy: str
    since_at: datetime | None
    said: Sequence[str]
    words: Sequence[str]
    links: Sequence[HoldLink]


def hold_views(
    file: CaseFile, facts: HoldFacts, w: Wording, *, is_legal: bool, at: datetime
) -> list[HoldView]:
    """Of every hold of the case. is_legal: links to pages that only legal opens are offered."""
    since = held_since(file.evidence)
    explainer = _Explainer(file, facts, w, at)
    views = []
    for hold in file.head.case.holds:
        reason = HoldReason(hold)
        text = hold_text(reason, w)
        views.append(
            HoldView(
                reason=reason,
                name=text.name,
                explanation=text.explanation,
                remedy=explainer.remedy(reason) or text.remedy,
                since_at=explainer.since(reason) or since.get(reason),
                said=tuple(explainer.said(reason)),
                words=tuple(explainer.words(reason)),
                links=hold_links(reason, file, facts, w, is_legal=is_legal),
            )
        )
    return views


def held_since(evidence: Sequence[CaseEvidence]) -> dict[HoldReason, datetime]:
    """Since when each present hold has stood without a break, from the evidence of the case.

    That a case opened leaves no fact of its own: the same holds told twice in a row began anew.
    """
    since: dict[HoldReason, datetime] = {}
    before: list[str] | None = None
    for one in evidence:
        if one.row.type != "case_moved":
            continue
        content = one.content or {}
        holds = [x for x in content.get("holds", ()) if x in set(HoldReason)]
        began_anew = holds == before and content.get("state") == CaseState.HOLD.value
        since = {
            HoldReason(x): one.row.at if began_anew else since.get(HoldReason(x), one.row.at)
            for x in holds
        }
        before = holds
    return since


@dataclass(frozen=True)
class _Explainer:
    file: CaseFile
    facts: HoldFacts
    w: Wording
    at: datetime

    def since(self, reason: HoldReason) -> datetime | None:
        """Where the fact itself says it better than the case's move."""
        if reason is HoldReason.REPLY_WAITS and self.facts.waiting:
            return self.facts.waiting[0].received_at
        return None

    def remedy(self, reason: HoldReason) -> str:
        """Where the facts tell more exactly what ends it."""
        reading, w = self.facts.reading, self.w
        if reason is not HoldReason.REPLIES_NOT_READ or reading is None or not reading.places:
            return ""
        if reading.untied:
            return w.gettext(
                "File the mail of unknown clients, or tie it to its notice: then replies count as"
                " read further."
            )
        if any(place.failing_since_at for place in reading.places):
            return w.gettext(
                "Mend the reading of the mailbox; or read it yourself, then confirm “replies read"
                " up to”."
            )
        return w.gettext("It ends by itself once the machine has read the mailbox up to there.")

    def said(self, reason: HoldReason) -> Iterator[str]:
        match reason:
            case HoldReason.REPLY_WAITS:
                for mail in self.facts.waiting:
                    yield self.w.gettext(
                        "“%(subject)s” from %(sender)s, received on %(instant)s.",
                        subject=as_plain(mail.subject) or self.w.gettext("(no subject)"),
                        sender=as_plain(mail.from_name or mail.from_address),
                        instant=self.w.date_time(mail.received_at),
                    )
                yield from self._letters()
            case HoldReason.REPLIES_NOT_READ:
                yield from self._unread()
                yield from self._letters()
            case HoldReason.SERVICE_DOWN:
                yield from self._outages()
            case HoldReason.POST_NOT_OPENED:
                window = self.file.head.window
                if window is not None:
                    yield self.w.gettext(
                        "It must be opened up to %(instant)s.",
                        instant=self.w.date_time(window.silence_after_at),
                    )
                yield from self._letters()
            case _:
                return

    def _letters(self) -> Iterator[str]:
        w = self.w
        for letter in self.facts.letters:
            yield w.gettext(
                "Letter (%(kind)s) from %(sender)s, received on %(day)s.",
                kind=label(w, letter.kind),
                sender=letter.client or as_plain(letter.from_name) or w.gettext("somebody unknown"),
                day=w.date(letter.received_on, "weekday"),
            )

    def _unread(self) -> Iterator[str]:
        head, w = self.file.head, self.w
        if head.window is not None:
            until = (w.in_zone(head.zone) if head.zone else w).until(head.window.closes_at)
            yield w.gettext("Replies must be read up to the deadline, %(end)s.", end=until)
        known, reading = head.facts.replies_read_until, self.facts.reading
        if known is not None and (reading is None or known != reading.read_until_at):
            yield w.gettext("They count as read up to %(instant)s.", instant=w.date_time(known))
        if reading is not None:
            yield from reading_sentences(reading, w)

    def _outages(self) -> Iterator[str]:
        """Those that count, and how long they were together."""
        head, w, record = self.file.head, self.w, self.facts.service
        for outage in self.facts.outages:
            ended = w.date_time(outage.ended_at) if outage.ended_at else w.gettext("now")
            yield w.gettext(
                "From %(began)s to %(ended)s: %(cause)s. %(words)s",
                began=w.date_time(outage.began_at),
                ended=ended,
                cause=label(w, OutageCause(outage.cause)),
                words=as_plain(trouble_sentence(outage.words, w)),
            ).strip()
        if record is None or head.window is None:
            return
        window = head.window
        since = max(window.opens_at, window.closes_at - LAST_HOURS)
        down = downtime(record, since=since, until=window.closes_at, at=self.at)
        yield w.gettext(
            "Together %(down)s before the deadline; up to %(tolerated)s holds nothing.",
            down=_minutes(down, w),
            tolerated=_minutes(record.tolerated, w),
        )

    def words(self, reason: HoldReason) -> Iterator[str]:
        if reason in (HoldReason.NOT_SERVED, HoldReason.BOUNCED, HoldReason.LETTER_RETURNED):
            for message in self.facts.undelivered:
                yield as_plain(f"{message.to_address}: {reply_words(message.words, self.w)}")
            if not self.facts.undelivered and self.file.head.notice.failure:
                yield as_plain(reply_words(self.file.head.notice.failure, self.w))


def _minutes(span: timedelta, w: Wording) -> str:
    """ "3 hours 20 minutes"."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    parts = []
    if hours:
        parts.append(w.ngettext("%(n)s hour", "%(n)s hours", hours))
    if minutes or not hours:
        parts.append(w.ngettext("%(n)s minute", "%(n)s minutes", minutes))
    return " ".join(parts)
