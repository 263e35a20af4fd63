"""Mails to legal: somebody objects, or a notice does not arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subnotify.rules.words import HoldReason, ResponseKind
from subnotify.wording.change_facts import FactRow
from subnotify.wording.deadlines import deadline_words
from subnotify.wording.holds import hold_text
from subnotify.wording.language import Wording
from subnotify.wording.lines import one_line
from subnotify.wording.mail_party import Party
from subnotify.wording.mail_receipt import RecordedResponse, response_rows
from subnotify.wording.mails import MailText, render_mail
from subnotify.wording.replies import reply_words
from subnotify.wording.responses import letter_deadline_sentence, timeliness_sentence


@dataclass(frozen=True)
class Failure:
    """A message of a notice that did not arrive, with the words of the server. letter_to: the name
    on a letter that was not sent; "" of a mail."""

    to_address: str
    words: str
    letter_to: str = ""


def objection_alarm_mail(
    response: RecordedResponse,
    party: Party,
    names: Sequence[str],
    links: Sequence[str],
    w: Wording,
    *,
    disowned: bool,
    in_use: Sequence[str] = (),
) -> MailText:
    """An objection, or a response disowned. names: of the subprocessors; links: to the cases;
    in_use: those whose change has commenced."""
    facts = response.facts
    rows = (
        FactRow(w.gettext("Agreement"), (party.values["agreement_reference"],)),
        FactRow(w.gettext("Notice"), (party.notice_reference,)),
        *response_rows(response, w),
        *_deadline(facts.closes_at, facts.zone, w),
    )
    sentences = []
    if in_use and not disowned:
        sentences.append(
            w.gettext(
                "The change has commenced for %(names)s: make sure that the use for this client"
                " stops now.",
                names=w.listed(in_use),
            )
        )
    if facts.timeliness is not None and facts.has_valid_form:
        sentences.append(timeliness_sentence(facts.timeliness, w))
    letter = letter_deadline_sentence(facts, w)
    if letter:
        sentences.append(w.gettext("The client was told: %(sentence)s", sentence=letter))
    return render_mail(
        "objection_alarm",
        w,
        **party.values,
        disowned=disowned,
        disowned_effect=_disowned_effect(facts.kind, w),
        names=w.listed(names),
        rows=rows,
        answer_text=response.text,
        sentences=sentences,
        links=links,
    )


def delivery_alarm_mail(
    party: Party,
    reason: HoldReason,
    failure: str,
    failures: Sequence[Failure],
    links: Sequence[str],
    w: Wording,
    *,
    letters_to: Sequence[str] = (),
) -> MailText:
    """A notice that is not served: why, in the servers' words, and what to do. letters_to: names
    of the contacts to whom a registered letter takes over."""
    hold = hold_text(reason, w)
    refused = (
        FactRow(
            _to_whom(one, w),
            (reply_words(one.words, w) or w.gettext("no words of the server on record"),),
        )
        for one in failures
    )
    rows = [
        FactRow(w.gettext("Agreement"), (party.values["agreement_reference"],)),
        FactRow(w.gettext("Notice"), (party.notice_reference,)),
        *refused,
    ]
    if failure and not failures:
        rows.append(FactRow(w.gettext("Reason"), (reply_words(failure, w),)))
    return render_mail(
        "delivery_alarm",
        w,
        **party.values,
        explanation=hold.explanation,
        remedy=_letter_remedy(letters_to, w) or hold.remedy,
        rows=rows,
        links=links,
    )


def _to_whom(failure: Failure, w: Wording) -> str:
    if not failure.letter_to:
        return failure.to_address
    return w.gettext("Letter to %(name)s", name=one_line(failure.letter_to))


def _letter_remedy(names: Sequence[str], w: Wording) -> str:
    if not names:
        return ""
    return w.gettext(
        "A registered letter to %(names)s takes over: it waits for printing, on the page of"
        " letters, and the window runs from its receipt. If the client gives you a better address,"
        " correct it on the page of the contact: the notice then goes there anew, with a full"
        " window.",
        names=w.listed([one_line(name) for name in names]),
    )


def _disowned_effect(kind: ResponseKind, w: Wording) -> str:
    """An objection stands until somebody has looked; what gives up protection does not."""
    if kind is ResponseKind.OBJECTION:
        return w.gettext("The objection counts until a person has looked into it.")
    return w.gettext("Until a person has looked into it, nothing is concluded from it.")


def _deadline(closes_at: datetime | None, zone: str, w: Wording) -> tuple[FactRow, ...]:
    if closes_at is None:
        return ()
    return (FactRow(w.gettext("Deadline"), (deadline_words(closes_at, zone, w),)),)
