"""The morning's summary for legal: what waits for a person, in parts, the most urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from subnotify.rules.reachability import Lacking
from subnotify.rules.unproved import WhyUnproved
from subnotify.rules.words import (
    Channel,
    HoldReason,
    LetterEventKind,
    MessagePurpose,
    PauseCause,
)
from subnotify.wording.deadlines import deadline_words
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.mails import MailText, render_mail, subject_line
from subnotify.wording.replies import reply_words
from subnotify.wording.troubles import trouble_words
from subnotify.wording.unproved import missing_sentence
from subnotify.wording.unreachable import lack_sentence

LONGEST_QUOTATION = 100


@dataclass(frozen=True)
class DigestEntry:
    """One line, with the page it is about ("": none)."""

    text: str
    link: str = ""


@dataclass(frozen=True)
class DigestPart:
    """Things of one kind. more: how many are not among the entries; link: where all are."""

    title: str
    entries: Sequence[DigestEntry]
    link: str = ""
    more: int = 0


def digest_mail(
    parts: Sequence[DigestPart], w: Wording, *, on: date, ending: int, windows_ending: int
) -> MailText:
    """The mail. ending: deadlines soon of what waits for a person; windows_ending: windows that
    end soon and ask for nothing."""
    title = w.gettext("What waits for you, %(day)s", day=w.date(on, "weekday"))
    remarks = []
    if windows_ending:
        remarks.append(
            w.ngettext(
                "%(n)s further window ends in the next three days; nothing needs to be done"
                " about it.",
                "%(n)s further windows end in the next three days; nothing needs to be done"
                " about them.",
                windows_ending,
            )
        )
    return render_mail(
        "legal_digest",
        w,
        subject=f"{title}{w.gettext(':')} {soon_words(ending, w)}" if ending else title,
        title=title,
        parts=parts,
        remarks=remarks,
    )


def soon_words(ending: int, w: Wording) -> str:
    return w.ngettext(
        "%(n)s deadline in the next three days", "%(n)s deadlines in the next three days", ending
    )


def counted(title: str, number: int, w: Wording) -> str:
    """ "Open objections: 12"."""
    return w.gettext("%(title)s: %(number)s", title=title, number=w.number(number))


def quoted_line(text: str) -> str:
    """What somebody else wrote, as it may stand in a line of ours."""
    plain = subject_line(" ".join(text.split()))
    if len(plain) <= LONGEST_QUOTATION:
        return plain
    return f"{plain[: LONGEST_QUOTATION - 1].rstrip()}…"


def case_words(
    client: str, name: str, due_at: datetime | None, zone: str | None, w: Wording
) -> str:
    """ "Acme SARL, OVHcloud: until Tuesday 17 March 2026, 24:00 (Europe/Paris)"."""
    if due_at is None:
        return w.gettext("%(client)s, %(name)s", client=client, name=name)
    until = deadline_words(due_at, zone or w.zone_name(), w)
    return w.gettext("%(client)s, %(name)s: %(until)s", client=client, name=name, until=until)


def mail_words(sender: str, client: str, subject: str, received_at: datetime, w: Wording) -> str:
    """Who wrote, when, and the subject as it came."""
    return w.gettext(
        "%(when)s, from %(sender)s (%(client)s): “%(subject)s”",
        when=w.date_time(received_at, "short"),
        sender=quoted_line(sender) or w.gettext("unknown sender"),
        client=client or w.gettext("client unknown"),
        subject=quoted_line(subject) or w.gettext("(no subject)"),
    )


def unserved_words(client: str, reference: str, reason: HoldReason, w: Wording) -> str:
    return w.gettext(
        "%(client)s, notice %(reference)s: %(reason)s",
        client=client,
        reference=reference,
        reason=label(w, reason),
    )


def unreachable_words(client: str, reference: str, lacking: Lacking, w: Wording) -> str:
    return w.gettext(
        "%(client)s, agreement %(reference)s: %(why)s",
        client=client,
        reference=reference,
        why=quoted_line(lack_sentence(lacking, w)),
    )


def unproved_words(
    client: str, reference: str, missing: tuple[WhyUnproved, Channel, str] | None, w: Wording
) -> str:
    """missing: what, of a message by which channel, to which contact; None: not on record."""
    why = missing_sentence(*missing, w) if missing else w.gettext("not on record why")
    return w.gettext(
        "%(client)s, notice %(reference)s: %(reason)s",
        client=client,
        reference=reference,
        reason=quoted_line(why),
    )


def contradiction_words(client: str, reference: str, kind: LetterEventKind, w: Wording) -> str:
    return w.gettext(
        "%(client)s, notice %(reference)s: “%(event)s” contradicts what is recorded",
        client=client,
        reference=reference,
        event=label(w, kind),
    )


def correction_words(
    client: str, reference: str, kind: LetterEventKind, by: str, w: Wording
) -> str:
    return w.gettext(
        "%(client)s, notice %(reference)s: “%(event)s”, proposed by %(name)s",
        client=client,
        reference=reference,
        event=label(w, kind),
        name=quoted_line(by),
    )


def parked_words(purpose: MessagePurpose, address: str, reason: str, w: Wording) -> str:
    return w.gettext(
        "%(purpose)s to %(address)s: %(reason)s",
        purpose=label(w, purpose),
        address=address or w.gettext("nobody"),
        reason=quoted_line(reply_words(reason, w) or w.gettext("no reason on record")),
    )


def lost_words(client: str, purpose: MessagePurpose, address: str, said: str, w: Wording) -> str:
    """said: by the server that refused or returned it, or by us where we gave it up."""
    return w.gettext(
        "%(client)s, %(purpose)s to %(address)s: “%(words)s”",
        client=client,
        purpose=label(w, purpose),
        address=address or w.gettext("nobody"),
        words=quoted_line(reply_words(said, w)),
    )


def pause_words(at: datetime, cause: PauseCause, by: str, w: Wording) -> str:
    since = w.date_time(at, "short")
    if cause is PauseCause.CREDENTIALS:
        return w.gettext(
            "No mail has been sent since %(since)s: the mail host refuses our sign-in.", since=since
        )
    return w.gettext(
        "No mail has been sent since %(since)s: %(name)s paused it.", since=since, name=by
    )


def refusal_words(at: datetime, reply: str, w: Wording) -> str:
    """reply: the host's own words."""
    return w.gettext(
        "The mail host has refused mails since %(since)s because of us, their sender: %(words)s",
        since=w.date_time(at, "short"),
        words=quoted_line(reply),
    )


def failing_words(place: str, since_at: datetime, words: str, w: Wording) -> str:
    return w.gettext(
        "Incoming mail (%(place)s) could not be read since %(since)s: %(words)s",
        place=place,
        since=w.date_time(since_at, "short"),
        words=quoted_line(trouble_words(words, w)),
    )


def downtime_words(began_at: datetime, ended_at: datetime | None, w: Wording) -> str:
    began = w.date_time(began_at, "short")
    if ended_at is None:
        return w.gettext(
            "Clients have not been able to reach our pages since %(began)s.", began=began
        )
    return w.gettext(
        "Clients could not reach our pages from %(began)s to %(ended)s.",
        began=began,
        ended=w.date_time(ended_at, "short"),
    )


def frozen_words(w: Wording) -> str:
    return w.gettext(
        "The clock is in doubt: no window closes until a person has said that it is right."
    )


def lapses_words(first_on: date, w: Wording) -> str:
    return w.gettext("The first day without a basis: %(day)s", day=w.date(first_on))


def reading_words(cases: int, latest_at: datetime | None, w: Wording, *, is_post: bool) -> str:
    """Cases that wait until a person confirms to have read; latest_at: then none waits more."""
    until = w.until(latest_at) if latest_at is not None else "–"
    if is_post:
        return w.ngettext(
            "%(n)s case waits for “registered post opened”, the last one up to %(until)s",
            "%(n)s cases wait for “registered post opened”, the last one up to %(until)s",
            cases,
            until=until,
        )
    return w.ngettext(
        "%(n)s case waits for “replies read”, the last one up to %(until)s",
        "%(n)s cases wait for “replies read”, the last one up to %(until)s",
        cases,
        until=until,
    )
