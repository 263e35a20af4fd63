"""How a case ended, told to the client and on the desk."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from subnotify.rules.responses import objection_terminates
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.words import ChangeKind, Outcome
from subnotify.wording.clauses import with_clause
from subnotify.wording.language import Wording
from subnotify.wording.silence import is_request
from subnotify.wording.terminations import after_termination_sentences


@dataclass(frozen=True)
class OutcomeFacts:
    """What an outcome's sentences name.

    unresolved_until: when an objection that stayed unresolved counted as acceptance (aware).
    name: the subprocessor; kind: of the change. commencement_on: when it takes effect.
    corrected_by: number of the release whose notice takes the place of one that was withdrawn.
    ended_services and last_service_on: of a termination; the last day with these services.
    """

    outcome: Outcome
    name: str
    terms: NoticeTerms | None = None
    commencement_on: date | None = None
    ended_services: tuple[str, ...] = ()
    last_service_on: date | None = None
    unresolved_until: datetime | None = None
    kind: ChangeKind = ChangeKind.ADDITION
    corrected_by: str = ""


# The change does not reach this client, whatever becomes of it for others.
NOT_REACHED = frozenset(
    {
        Outcome.ACCOMMODATED,
        Outcome.NOT_AUTHORISED,
        Outcome.TERMINATED,
        Outcome.AGREEMENT_ENDED,
        Outcome.CHANGE_WITHDRAWN,
    }
)
# No clause of the agreement brought these about.
_BY_NO_CLAUSE = frozenset({Outcome.CHANGE_WITHDRAWN, Outcome.AGREEMENT_ENDED})


def outcome_sentences(facts: OutcomeFacts, w: Wording) -> tuple[str, ...]:
    """The outcome with the clause it rests on, then what follows from it for the client."""
    said = _outcome(facts, w)
    by_clause = facts.outcome is not Outcome.TERMINATED or objection_terminates(facts.terms)
    if by_clause and facts.outcome not in _BY_NO_CLAUSE:
        said = with_clause(said, facts.terms, w)
    return (said, *_consequences(facts, w))


def _outcome(facts: OutcomeFacts, w: Wording) -> str:
    match facts.outcome:
        case Outcome.ACCEPTED if is_request(facts.terms):
            return w.gettext("You have authorised the change.")
        case Outcome.ACCEPTED:
            return w.gettext("You have told us that you do not object.")
        case Outcome.ACCEPTED_BY_SILENCE:
            if facts.terms is not None and facts.terms.silence_irrevocable:
                return w.gettext(
                    "The objection period has ended without an objection: your agreement deems that"
                    " you have irrevocably accepted the change."
                )
            return w.gettext(
                "The objection period has ended without an objection: your agreement deems that"
                " you have accepted the change."
            )
        case Outcome.NO_OBJECTION:
            return w.gettext(
                "The objection period has ended without an objection: the general authorisation of"
                " your agreement applies to the change."
            )
        case Outcome.NOT_AUTHORISED:
            return w.gettext("You have not authorised the change.")
        case Outcome.OBJECTION_WITHDRAWN:
            return w.gettext("You have withdrawn your objection.")
        case Outcome.OBJECTION_INEFFECTIVE:
            return w.gettext(
                "Your objection did not meet what your agreement asks for, so it has no effect."
            )
        case _:
            return _other_outcome(facts, w)


def _other_outcome(facts: OutcomeFacts, w: Wording) -> str:
    match facts.outcome:
        case Outcome.TERMINATION_NOT_EXERCISED:
            return w.gettext(
                "You could terminate because of this change and did not do so within the period."
            )
        case Outcome.ACCEPTED_UNRESOLVED if facts.unresolved_until is not None:
            return w.gettext(
                "Your objection was neither resolved nor followed by a termination until %(until)s,"
                " the time your agreement gives: it deems the change accepted.",
                until=w.until(facts.unresolved_until),
            )
        case Outcome.ACCEPTED_UNRESOLVED:
            return w.gettext(
                "Your objection was not resolved within the time your agreement gives: it deems the"
                " change accepted."
            )
        case Outcome.ACCOMMODATED:
            return w.gettext("Your objection is met.")
        case Outcome.TERMINATED:
            return w.gettext("Your termination is in effect.")
        case Outcome.INFORMED:
            return w.gettext(
                "Your agreement gives no right to object to this kind of change: you were informed."
            )
        case Outcome.AGREEMENT_ENDED:
            return w.gettext("Your agreement has ended.")
        case _ if facts.corrected_by:
            return w.gettext(
                "Release %(number)s corrects this notice and takes its place, with a new notice and"
                " a full period of its own.",
                number=facts.corrected_by,
            )
        case _:
            return w.gettext("The change was withdrawn: it does not take place.")


def _consequences(facts: OutcomeFacts, w: Wording) -> tuple[str, ...]:
    match facts.outcome:
        case Outcome.ACCOMMODATED | Outcome.NOT_AUTHORISED:
            return (_not_made(facts, w),)
        case Outcome.TERMINATED:
            return _of_termination(facts, w)
        case Outcome.AGREEMENT_ENDED | Outcome.CHANGE_WITHDRAWN:
            return ()
        case _:
            if facts.commencement_on is None:
                return ()
            day = w.date(facts.commencement_on, "weekday")
            return (w.gettext("The change takes effect on %(day)s at the earliest.", day=day),)


def _of_termination(facts: OutcomeFacts, w: Wording) -> tuple[str, ...]:
    sentences = []
    if facts.ended_services and facts.last_service_on is not None:
        sentences.append(
            w.gettext(
                "Last day of %(services)s: %(day)s.",
                services=w.listed(facts.ended_services),
                day=w.date(facts.last_service_on, "weekday"),
            )
        )
    if facts.terms is not None:
        last = facts.last_service_on
        ended_on = last + timedelta(days=1) if last is not None else None
        sentences += after_termination_sentences(facts.terms, ended_on, w)
    sentences.append(_not_made(facts, w))
    return tuple(sentences)


def _not_made(facts: OutcomeFacts, w: Wording) -> str:
    """The change does not reach this client."""
    match facts.kind:
        case ChangeKind.AMENDMENT:
            return w.gettext("What %(name)s does for you stays as it was.", name=facts.name)
        case ChangeKind.REMOVAL:
            return w.gettext("%(name)s is not removed for you.", name=facts.name)
        case _:
            return w.gettext("%(name)s is not used for you.", name=facts.name)
