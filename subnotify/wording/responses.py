"""What a client's response was taken as: for the receipt, its page and the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subnotify.rules.objection_clocks import ObjectionClocks
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import IfUnresolved, ObjectionEffect, ObjectionForm, TimelyWhen
from subnotify.rules.words import ResponseKind, ResponseState, Timeliness
from subnotify.wording.language import Wording
from subnotify.wording.objection_timeline import client_clock_sentences
from subnotify.wording.objections import effect_sentences
from subnotify.wording.silence import is_request


@dataclass(frozen=True)
class ResponseFacts:
    """What the sentences about a response depend on.

    has_valid_form: rules.cases.is_valid_form. closes_at: the deadline, None without a window.
    zone: the agreement's. services: names of the services affected. clocks: what the objection
    started, None where nothing runs (any more).
    """

    kind: ResponseKind
    state: ResponseState
    has_valid_form: bool
    terms: NoticeTerms | None
    zone: str
    timeliness: Timeliness | None = None
    closes_at: datetime | None = None
    services: Sequence[str] = ()
    clocks: ObjectionClocks | None = None


def response_sentences(facts: ResponseFacts, w: Wording) -> tuple[str, ...]:
    """What we took the response as, and what follows; the first sentence is the main one."""
    if facts.state is ResponseState.AWAITING_CODE:
        return (
            w.gettext("Your answer does not count yet: it takes effect with the code we mailed."),
            w.gettext("The code is valid for 60 minutes. Without it nothing changes for you."),
        )
    match facts.kind:
        case ResponseKind.ACKNOWLEDGEMENT:
            return (
                w.gettext("You have acknowledged receipt of the notice."),
                w.gettext("This is neither consent nor objection: you can still answer."),
            )
        case ResponseKind.QUESTION:
            return (w.gettext("You have asked a question. We will answer it."),)
        case ResponseKind.MORE_TIME:
            return (
                w.gettext("You have asked for more time. We will answer you."),
                w.gettext("Until we do, the deadline stays as it is."),
            )
        case ResponseKind.NO_OBJECTION:
            if is_request(facts.terms):
                return (w.gettext("You have authorised the change."),)
            return (
                w.gettext("You have told us that you do not object."),
                w.gettext("Until the deadline you can still object: an objection goes first."),
            )
        case ResponseKind.WAIVER:
            return (
                w.gettext("You have accepted the change and given up the rest of the period."),
                w.gettext("An objection after this is kept, but no longer changes that."),
            )
        case ResponseKind.WRONG_PERSON:
            return (
                w.gettext("You have told us that you are not the right person."),
                w.gettext(
                    "A person reads it. The notice, its deadline and the contacts on file stay as"
                    " they are."
                ),
            )
        case ResponseKind.OBJECTION:
            return _of_objection(facts, w)
        case ResponseKind.WITHDRAWAL:
            return (w.gettext("You have withdrawn your objection. A person confirms it to you."),)


def letter_deadline_sentence(facts: ResponseFacts, w: Wording) -> str:
    """ "Not yet valid: registered letter by Wednesday 1 April 2026."; "" where none is needed.

    The day is the last one of what decides under the terms: of posting or of arrival.
    """
    terms = facts.terms
    if facts.kind is not ResponseKind.OBJECTION or facts.has_valid_form:
        return ""
    if terms is None or terms.objection_form is not ObjectionForm.REGISTERED_POST:
        return ""
    if facts.closes_at is None:
        return w.gettext(
            "Not yet valid: send the registered letter before the objection period ends."
        )
    day = w.in_zone(facts.zone).last_day_words(facts.closes_at, "weekday")
    match terms.objection_timely_when:
        case TimelyWhen.DISPATCHED:
            return w.gettext("Not yet valid: send the registered letter by %(day)s.", day=day)
        case TimelyWhen.RECEIVED:
            return w.gettext(
                "Not yet valid: the registered letter must reach us by %(day)s. Post it early"
                " enough.",
                day=day,
            )
        case TimelyWhen.UNSPECIFIED:
            return w.gettext(
                "Not yet valid: send the registered letter by %(day)s, so early that it arrives by"
                " then, too.",
                day=day,
            )


def timeliness_sentence(timeliness: Timeliness, w: Wording) -> str:
    """How an objection stands to the window, as the client and legal read it."""
    match timeliness:
        case Timeliness.IN_TIME:
            return w.gettext("The objection came in time.")
        case Timeliness.LATE:
            return w.gettext(
                "The objection came after the deadline. It is kept, and a person will look at it."
            )
        case Timeliness.DISPUTED:
            return w.gettext(
                "Whether the objection came in time depends on which date counts: a person decides."
            )
        case Timeliness.NO_WINDOW:
            return w.gettext("The objection came before any deadline ran: it counts.")
        case Timeliness.WAIVED:
            return w.gettext(
                "The rest of the objection period had been given up before: the objection is kept"
                " and shown, but it does not count."
            )


def _of_objection(facts: ResponseFacts, w: Wording) -> tuple[str, ...]:
    sentences = [w.gettext("We have recorded your objection.")]
    late = facts.timeliness in (Timeliness.LATE, Timeliness.WAIVED)
    # Where the form is missing, the dates of the valid objection are still to come.
    if facts.timeliness is not None and (late or facts.has_valid_form):
        sentences.append(timeliness_sentence(facts.timeliness, w))
    if facts.timeliness is Timeliness.WAIVED:
        # Another form would change nothing either.
        sentences += [
            w.gettext("The change stays accepted for you. A person reads what you wrote."),
            w.gettext(
                "If nobody of yours meant to give the period up, say so behind the link in the mail"
                " with the receipt of that answer: a person then looks at the case again."
            ),
        ]
    elif not facts.has_valid_form:
        sentences += _of_wrong_form(facts, w)
    elif not late:
        sentences += _of_effect(facts, w)
    return tuple(sentences)


def _of_wrong_form(facts: ResponseFacts, w: Wording) -> list[str]:
    letter = letter_deadline_sentence(facts, w)
    if letter:
        return [
            letter,
            w.gettext("The letter is ready to print and sign behind your personal link."),
            w.gettext("Until a person has decided, nothing is concluded from silence."),
        ]
    if facts.terms is not None and facts.terms.objection_form is ObjectionForm.EMAIL:
        return [
            _by_mail(facts, w),
            w.gettext("Until then, nothing is concluded from silence."),
        ]
    return [
        w.gettext("Your agreement asks for another form: a person will contact you about it."),
        w.gettext("Until then, nothing is concluded from silence."),
    ]


def _by_mail(facts: ResponseFacts, w: Wording) -> str:
    if facts.closes_at is None:
        return w.gettext("Not yet valid: your agreement asks for an email. Answer our mail, too.")
    return w.gettext(
        "Not yet valid: your agreement asks for an email. Answer our mail, too, by %(day)s.",
        day=w.in_zone(facts.zone).last_day_words(facts.closes_at, "weekday"),
    )


def _of_effect(facts: ResponseFacts, w: Wording) -> list[str]:
    if facts.terms is None or _is_unspecified(facts.terms):
        return [
            w.gettext("Your agreement does not say what an objection leads to."),
            w.gettext("We will contact you to settle it."),
            w.gettext("Until it is settled, the change is not made for you."),
        ]
    if facts.terms.effect_of_objection is ObjectionEffect.TERMINATION:
        return list(effect_sentences(facts.terms, facts.services, w))
    dated: tuple[str, ...] = ()
    if facts.clocks is not None:
        dated = client_clock_sentences(facts.clocks, facts.terms, w.in_zone(facts.zone))
    return [
        w.gettext("We will tell you how it is met."),
        w.gettext("Until it is settled, the change is not made for you."),
        *dated,
    ]


def _is_unspecified(terms: NoticeTerms) -> bool:
    """The agreement says neither what an objection leads to nor what follows it."""
    return (
        terms.effect_of_objection is ObjectionEffect.UNSPECIFIED
        and terms.if_unresolved is IfUnresolved.UNSPECIFIED
        and terms.accommodation_period is None
    )
