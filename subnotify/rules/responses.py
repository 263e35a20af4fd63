"""What a client may answer, what an answer must hold, and what its receipt covers.

An objection counts from its first POST; what gives up protection counts after a code mailed to
the contact (DESIGN section 10). Whether an answer comes in time and what it does to a case is
said in `windows` and `cases`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from subnotify.rules.case_facts import CaseFacts, ResponseFact, SettlementFact
from subnotify.rules.errors import Problem, RuleError
from subnotify.rules.objections import (
    is_valid_form,
    live_objections,
    standing_waivers,
    standing_yes,
)
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable, opens_window
from subnotify.rules.terms_words import (
    Authorisation,
    ObjectionEffect,
    ObjectionGrounds,
    TerminationScope,
)
from subnotify.rules.text_lengths import length_problems
from subnotify.rules.words import (
    ContactKind,
    Outcome,
    ResponseChannel,
    ResponseKind,
    SettlementKind,
)

# What one step can say under several agreements of a client.
ANSWERED_ALIKE = frozenset({ResponseKind.OBJECTION, ResponseKind.NO_OBJECTION, ResponseKind.WAIVER})
NEEDS_CODE = frozenset({ResponseKind.NO_OBJECTION, ResponseKind.WITHDRAWAL, ResponseKind.WAIVER})
# Answers to single changes; the others speak of the whole notice.
ABOUT_CASES = frozenset(
    {
        ResponseKind.OBJECTION,
        ResponseKind.NO_OBJECTION,
        ResponseKind.WITHDRAWAL,
        ResponseKind.WAIVER,
    }
)
_TEXT_IS_THE_ANSWER = frozenset({ResponseKind.QUESTION, ResponseKind.MORE_TIME})
# The client got what an objection can get, or nothing is left to object to.
_NOTHING_TO_OBJECT_TO = frozenset(
    {
        Outcome.ACCOMMODATED,
        Outcome.NOT_AUTHORISED,
        Outcome.TERMINATED,
        Outcome.AGREEMENT_ENDED,
        Outcome.CHANGE_WITHDRAWN,
        Outcome.INFORMED,
    }
)

# Only kind and channel matter to the form.
_ONLINE_OBJECTION = ResponseFact(
    number=0,
    kind=ResponseKind.OBJECTION,
    received_at=datetime.min.replace(tzinfo=UTC),
    channel=ResponseChannel.LINK,
)

CODE_LASTS = timedelta(minutes=60)
CODE_TRIES = 5
CODES_PER_DAY = 6
# No 0, O, 1, I, L: a code is read from one screen and typed on another.
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8

# A person answers a notice a few times; this only keeps a machine from filling the record.
RESPONSES_PER_DAY = 50

LONGEST_NAME = 200
LONGEST_ADDRESS = 320
LONGEST_TEXT = 5000


class TooManyResponses(RuleError):
    message = (
        "This notice got more than %(most)s answers within a day. Nothing further is recorded"
        " online today: write to the contact named below, which counts as well."
    )


class CodeWrong(RuleError):
    message = "This is not the code of the last mail. Check it and try again (%(left)s tries left)."


class CodeExpired(RuleError):
    message = "This code is no longer valid. Have a new one sent."


class TooManyCodes(RuleError):
    message = "No further code can be sent today. Try again tomorrow, or write to us."


@dataclass(frozen=True)
class Answer:
    """What was entered. case_ids: the changes it speaks of; empty means the whole notice.

    services: keys of the services that the objection is about, where the terms ask for them.
    conditions: under which there would be no objection. named_name, named_address: whom to ask
    instead of who answers.
    """

    kind: ResponseKind
    by_name: str
    by_role: str = ""
    text: str = ""
    case_ids: tuple[int, ...] = ()
    services: tuple[str, ...] = ()
    conditions: str = ""
    named_name: str = ""
    named_address: str = ""


def needs_code(kind: ResponseKind) -> bool:
    """Whether this answer gives up protection."""
    return kind in NEEDS_CODE


def objection_terminates(terms: NoticeTerms | None) -> bool:
    return terms is not None and terms.effect_of_objection is ObjectionEffect.TERMINATION


def asks_for_services(terms: NoticeTerms | None) -> bool:
    """The terms let the client terminate single services: which ones is part of the answer."""
    return (
        terms is not None
        and objection_terminates(terms)
        and terms.termination.scope is TerminationScope.SERVICE
    )


def asks_for_grounds(terms: NoticeTerms | None) -> bool:
    return terms is not None and terms.objection_grounds is not ObjectionGrounds.NONE


def online_objection_is_valid(terms: NoticeTerms | None) -> bool:
    """Whether an objection through the notice link has the form that the terms require."""
    return is_valid_form(terms, _ONLINE_OBJECTION)


def possible_answers(
    facts: CaseFacts, contact_kind: ContactKind = ContactKind.NOTICE
) -> frozenset[ResponseKind]:
    """What a contact of the client may still say about a case; an objection longest of all.

    A copy contact may object and ask, but gives nothing up: the agreement names others for that.

    A closed case takes no further answer but an objection: it is recorded, late or not, and a
    person decides what it changes (DESIGN section 3 item 2).
    """
    if facts.outcome is not None:
        lost = facts.outcome.outcome in _NOTHING_TO_OBJECT_TO
        return frozenset() if lost else frozenset({ResponseKind.OBJECTION})
    if facts.change_withdrawn or facts.agreement_ended:
        return frozenset()
    possible = _still_possible(facts)
    return possible - NEEDS_CODE if contact_kind is ContactKind.COPY else possible


def _still_possible(facts: CaseFacts) -> frozenset[ResponseKind]:
    possible = {
        ResponseKind.QUESTION,
        ResponseKind.MORE_TIME,
        ResponseKind.ACKNOWLEDGEMENT,
        ResponseKind.WRONG_PERSON,
    }
    if facts.terms is not None and not opens_window(facts.terms, facts.kind):
        return frozenset(possible)  # the terms give no right to object to such a change
    possible.add(ResponseKind.OBJECTION)
    terminated = facts.settlement is not None and facts.settlement.kind is SettlementKind.TERMINATED
    if live_objections(facts):
        if not terminated:
            possible.add(ResponseKind.WITHDRAWAL)
    elif facts.settlement is None:
        if not has_accepted(facts):
            possible.add(ResponseKind.NO_OBJECTION)
        if _can_waive(facts):
            possible.add(ResponseKind.WAIVER)
    elif _still_needs_a_yes(facts, facts.settlement):
        possible.add(ResponseKind.NO_OBJECTION)
    return frozenset(possible)


def _still_needs_a_yes(facts: CaseFacts, settlement: SettlementFact) -> bool:
    """Nothing of the objection is left, and under these terms silence is no consent."""
    gone = settlement.kind in (SettlementKind.INEFFECTIVE, SettlementKind.WITHDRAWN)
    needed = facts.terms is not None and facts.terms.needs_a_yes
    return gone and needed and not standing_yes(facts)


def _can_waive(facts: CaseFacts) -> bool:
    """There is a window to give up the rest of. Under specific authorisation a yes ends it."""
    terms = facts.terms
    if terms is None or facts.window is None or standing_waivers(facts):
        return False
    return terms.authorisation is not Authorisation.SPECIFIC and not_computable(terms) is None


def can_answer_alike(terms: NoticeTerms | None, kind: ResponseKind) -> bool:
    """Whether an answer given under another agreement may be given under these terms with it.

    An objection that terminates has consequences of its own: it is read and given in its own
    notice.
    """
    if kind is ResponseKind.OBJECTION:
        return not objection_terminates(terms)
    return kind in ANSWERED_ALIKE


def services_meant(answer: Answer, concerned: Collection[str]) -> tuple[str, ...]:
    """Of the services an answer names, those that one of its changes concerns."""
    return tuple(sorted(set(answer.services) & set(concerned)))


def answer_problems(
    answer: Answer, terms: NoticeTerms | None, *, services: Mapping[int, Collection[str]]
) -> tuple[Problem, ...]:
    """What is missing in an answer, each at its field; empty when it is complete.

    services: by case, keys of the services that the change concerns under this agreement.
    """
    return tuple(_problems(answer, terms, services))


def _problems(
    answer: Answer, terms: NoticeTerms | None, services: Mapping[int, Collection[str]]
) -> Iterable[Problem]:
    if answer.kind in ABOUT_CASES and not answer.case_ids:
        yield Problem("cases", "You chose no change.", "Choose at least one.")
    if answer.kind is ResponseKind.OBJECTION:
        yield from _service_problems(answer, terms, services)
        if asks_for_grounds(terms) and not answer.text:
            yield Problem("text", "The contract asks for grounds.", "Write why the client objects.")
    if answer.kind is ResponseKind.WRONG_PERSON and not (answer.named_name or answer.named_address):
        yield Problem(
            "named_name",
            "You name nobody yet.",
            "Enter the name or the email address of the right person.",
        )
    if answer.kind in _TEXT_IS_THE_ANSWER and not answer.text:
        yield Problem("text", "There is no text yet.", "Write what you want to know or ask for.")
    if not answer.by_name:
        yield Problem("by_name", "Your name is missing.", "Enter your first and last name.")
    if answer.kind in ABOUT_CASES and not answer.by_role:
        yield Problem(
            "by_role",
            "Your role is missing.",
            "Enter what you are for the client, for example data protection officer.",
        )
    yield from length_problems(
        ("by_name", answer.by_name, LONGEST_NAME),
        ("by_role", answer.by_role, LONGEST_NAME),
        ("text", answer.text, LONGEST_TEXT),
        ("conditions", answer.conditions, LONGEST_TEXT),
        ("named_name", answer.named_name, LONGEST_NAME),
        ("named_address", answer.named_address, LONGEST_ADDRESS),
    )


def _service_problems(
    answer: Answer, terms: NoticeTerms | None, services: Mapping[int, Collection[str]]
) -> Iterable[Problem]:
    concerned = {key for case_id in answer.case_ids for key in services.get(case_id, ())}
    if not set(answer.services) <= concerned:
        yield Problem(
            "services",
            "One of these services is not concerned by the changes you chose.",
            "Choose only services that a chosen change concerns.",
        )
    elif asks_for_services(terms) and not all(
        services_meant(answer, services.get(case_id, ())) for case_id in answer.case_ids
    ):
        yield Problem(
            "services",
            "For a change that you chose, no service is chosen.",
            "Choose for each change at least one service that it concerns.",
        )


@dataclass(frozen=True)
class Receipt:
    """What a receipt states of a response; its digest covers exactly this."""

    reference: str
    notice_reference: str
    change_position: int | None
    kind: ResponseKind
    channel: ResponseChannel
    received_at: datetime
    by_name: str
    by_role: str
    text: str
    services: tuple[str, ...]
    conditions: str = ""
    named_name: str = ""
    named_address: str = ""


def receipt_content(receipt: Receipt) -> dict[str, Any]:
    """The content whose canonical form is digested: what was said, by whom, when, about what.

    What only some answers hold is left out where it is empty, so that no earlier digest changes.
    """
    rare = {
        "conditions": receipt.conditions,
        "named_name": receipt.named_name,
        "named_address": receipt.named_address,
    }
    return {
        "reference": receipt.reference,
        "notice": receipt.notice_reference,
        "change": receipt.change_position,
        "kind": receipt.kind.value,
        "channel": receipt.channel.value,
        "received_at": receipt.received_at,
        "name": receipt.by_name,
        "role": receipt.by_role,
        "text": receipt.text,
        "services": sorted(receipt.services),
        **{name: said for name, said in rare.items() if said},
    }


def has_accepted(facts: CaseFacts) -> bool:
    """A "no objection" or a waiver counts, and nobody of the client disowned it."""
    return any(
        response.kind in (ResponseKind.NO_OBJECTION, ResponseKind.WAIVER)
        and response.is_effective
        and not response.is_disowned
        for response in facts.responses
    )
