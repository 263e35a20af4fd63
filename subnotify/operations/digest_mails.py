"""The summary for legal, from what is counted when it is written."""

from collections.abc import Iterator, Sequence
from datetime import date

from subnotify.rules.unproved import WhyUnproved
from subnotify.rules.words import Channel
from subnotify.storage.digest_counts import CaseToSee, DigestCounts
from subnotify.storage.outbox import OutgoingMessage
from subnotify.storage.standstills import Standstill
from subnotify.storage.unproved import UnprovedNotice
from subnotify.wording import mail_digest as words
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.mail_digest import DigestEntry, DigestPart
from subnotify.wording.mails import MailText
from subnotify.wording.troubles import unopened_sentence


def legal_digest_mail(
    message: OutgoingMessage, counts: DigestCounts | None, w: Wording, *, public_url: str
) -> MailText:
    """w: tells instants in the vendor's zone. The day is that of the key. Raises ValueError where
    nothing was counted."""
    if counts is None:
        raise ValueError(f"nothing was counted for {message.logical_key}")
    return words.digest_mail(
        list(_parts(counts, w, f"{public_url}/desk")),
        w,
        on=date.fromisoformat(message.logical_key.rpartition(":")[2]),
        ending=counts.ending,
        windows_ending=counts.windows_ending,
    )


_ENDING = "board?lane=due&state=hold&state=objected"


def _parts(counts: DigestCounts, w: Wording, desk: str) -> Iterator[DigestPart]:
    """The parts with anything in them."""
    yield from _standstill(counts.standstill, w, desk)
    if counts.ending:
        yield _cases(
            w.gettext("Deadlines in the next three days, of cases that wait for a person"),
            *(
                counts.ending,
                counts.first_ending,
                f"{desk}/board?lane=due&state=hold&state=objected",
                w,
                desk,
            ),
        )
    if counts.mails:
        yield DigestPart(
            words.counted(w.gettext("Mails that nobody has read"), counts.mails, w),
            [
                DigestEntry(
                    words.mail_words(x.from_address, x.client, x.subject, x.received_at, w),
                    f"{desk}/mail/{x.id}",
                )
                for x in counts.first_mails
            ],
            f"{desk}/mail",
            counts.mails - len(counts.first_mails),
        )
    if counts.letters:
        title = w.gettext("Letters from clients that nobody has filed")
        yield DigestPart(words.counted(title, counts.letters, w), (), f"{desk}/incoming-letters")
    if counts.unserved:
        yield DigestPart(
            words.counted(w.gettext("Notices that are not served"), counts.unserved, w),
            [
                DigestEntry(
                    words.unserved_words(x.client, x.reference, x.reason, w),
                    f"{desk}/cases/{x.case_id}",
                )
                for x in counts.first_unserved
            ],
            f"{desk}/board?lane=hold",
            counts.unserved - len(counts.first_unserved),
        )
    if counts.unreachable:
        yield DigestPart(
            words.counted(w.gettext("Agreements out of reach"), counts.unreachable, w),
            [
                DigestEntry(
                    words.unreachable_words(x.client, x.reference, x.lacking[0], w),
                    f"{desk}/agreements/{x.id}",
                )
                for x in counts.first_unreachable
            ],
            f"{desk}/unreachable",
            counts.unreachable - len(counts.first_unreachable),
        )
    yield from _of_letters(counts, w, desk)
    if counts.objections:
        yield _cases(
            w.gettext("Open objections"),
            *(counts.objections, counts.first_objections, f"{desk}/board?lane=objections", w, desk),
        )
    yield from _waiting(counts, w, desk)


def _of_letters(counts: DigestCounts, w: Wording, desk: str) -> Iterator[DigestPart]:
    """What nobody reports and nothing proves, and what one person says is recorded wrongly."""
    if counts.unproved:
        yield DigestPart(
            words.counted(w.gettext("Notices without proof"), counts.unproved, w),
            [
                DigestEntry(
                    words.unproved_words(x.client, x.reference, _first_missing(x), w),
                    f"{desk}/notices/{x.id}",
                )
                for x in counts.first_unproved
            ],
            f"{desk}/unproved",
            counts.unproved - len(counts.first_unproved),
        )
    if counts.corrections:
        title = w.gettext("Letters whose proof is in doubt")
        yield DigestPart(
            words.counted(title, counts.corrections, w),
            [
                DigestEntry(
                    words.contradiction_words(x.client, x.reference, x.kind, w)
                    if x.is_contradiction
                    else words.correction_words(x.client, x.reference, x.kind, x.proposed_by, w),
                    f"{desk}/letters/{x.message_id}",
                )
                for x in counts.first_corrections
            ],
            f"{desk}/unproved/corrections",
            counts.corrections - len(counts.first_corrections),
        )


def _first_missing(notice: UnprovedNotice) -> tuple[WhyUnproved, Channel, str] | None:
    first = next(iter(notice.missing), None)
    return (first.what.why, first.what.channel, first.contact) if first else None


def _waiting(counts: DigestCounts, w: Wording, desk: str) -> Iterator[DigestPart]:
    if counts.holds:
        yield DigestPart(
            w.gettext("Cases on hold, by reason"),
            [
                DigestEntry(words.counted(label(w, reason), number, w))
                for reason, number in counts.holds.items()
            ],
            f"{desk}/board?lane=hold",
        )
    if counts.replies.cases or counts.post.cases:
        yield DigestPart(
            w.gettext("Readings to be confirmed"),
            [
                DigestEntry(words.reading_words(x.cases, x.latest_at, w, is_post=is_post))
                for x, is_post in ((counts.replies, False), (counts.post, True))
                if x.cases
            ],
            f"{desk}/confirmations",
        )
    if counts.parked:
        yield DigestPart(
            words.counted(w.gettext("Mails of ours that were set aside"), counts.parked, w),
            [
                DigestEntry(words.parked_words(x.purpose, x.to_address, x.reason, w))
                for x in counts.first_parked
            ],
            f"{desk}/sending",
            counts.parked - len(counts.first_parked),
        )
    if counts.lost:
        title = w.gettext("Other mails to notice contacts that did not arrive, in seven days")
        yield DigestPart(
            words.counted(title, counts.lost, w),
            [
                DigestEntry(
                    words.lost_words(x.client, x.purpose, x.to_address, x.words, w),
                    f"{desk}/notices/{x.notice_id}",
                )
                for x in counts.first_lost
            ],
            more=counts.lost - len(counts.first_lost),
        )
    if counts.lapses.count and counts.lapses.first_on is not None:
        title = w.gettext("Transfer bases that end or have ended")
        yield DigestPart(
            words.counted(title, counts.lapses.count, w),
            [DigestEntry(words.lapses_words(counts.lapses.first_on, w))],
            f"{desk}/lapses",
        )


def standstill_sentences(found: Standstill, w: Wording) -> list[str]:
    """What stands still until a person acts, the gravest first."""
    said = []
    if found.pause is not None:
        said.append(words.pause_words(found.pause.at, found.pause.cause, found.pause.by, w))
    if found.refusal is not None:
        said.append(words.refusal_words(found.refusal.at, found.refusal.reply, w))
    if found.unopened:
        said.append(unopened_sentence(found.unopened, w))
    said += [words.failing_words(x.place, x.since_at, x.words, w) for x in found.failing]
    if found.is_frozen:
        said.append(words.frozen_words(w))
    return [*said, *(words.downtime_words(x.began_at, x.ended_at, w) for x in found.downtimes)]


def _standstill(found: Standstill, w: Wording, desk: str) -> Iterator[DigestPart]:
    entries = [DigestEntry(text) for text in standstill_sentences(found, w)]
    if entries:
        yield DigestPart(w.gettext("What stands still"), entries, f"{desk}/sending")


def _cases(
    title: str, number: int, cases: Sequence[CaseToSee], link: str, w: Wording, desk: str
) -> DigestPart:
    return DigestPart(
        words.counted(title, number, w),
        [
            DigestEntry(
                words.case_words(x.client, x.name, x.due_at, x.zone, w), f"{desk}/cases/{x.id}"
            )
            for x in cases
        ],
        link,
        number - len(cases),
    )
