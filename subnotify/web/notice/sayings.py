"""What has been answered so far, as the page of a notice and its timeline tell it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext

from subnotify.rules.objection_steps import open_proposal
from subnotify.rules.objections import live_objections
from subnotify.rules.responses import needs_code
from subnotify.rules.words import (
    ContactKind,
    ProofKind,
    ResponseChannel,
    ResponseKind,
    SettlementKind,
    StepKind,
    Timeliness,
)
from subnotify.storage.notice_reading import ChangeShown, Delivered
from subnotify.storage.responses import StoredResponse
from subnotify.web.notice.facts import last_service_day, response_facts
from subnotify.web.notice.opening import OpenedNotice
from subnotify.wording.country_restrictions import restriction_sentences
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.responses import (
    letter_deadline_sentence,
    response_sentences,
    timeliness_sentence,
)


@dataclass(frozen=True)
class Said:
    """A line about an answer, with where to read more. tone: of the banner (info, warning)."""

    text: str
    address: str = ""
    link: str = ""
    tone: str = "info"


@dataclass(frozen=True)
class Event:
    """An entry of the timeline. day_on: said instead, where no time is known (of a letter)."""

    at: datetime
    text: str
    address: str = ""
    day_on: date | None = None


def said_of(opened: OpenedNotice, change: ChangeShown, w: Wording) -> tuple[Said, ...]:
    """What stands on record for one change and matters for what its reader does next."""
    return tuple(_said(opened, change, w))


def _said(opened: OpenedNotice, change: ChangeShown, w: Wording) -> Iterator[Said]:
    facts = opened.facts[change.case_id]
    if facts.outcome is None:
        restriction = restriction_sentences(opened.terms, change.blocked, w)
        if restriction:
            yield Said(" ".join(restriction), tone="warning")
    live = {objection.number for objection in live_objections(facts)}
    waiting = {
        x.contact_id: x.id for x in opened.responses_to(change.case_id) if not x.is_effective
    }
    for response in opened.responses_to(change.case_id):
        if response.id in live:
            yield _of_objection(opened, response, w)
        elif not response.is_effective:
            # Of several from one contact the last: its code is the one in the mailbox.
            if facts.outcome is None and waiting[response.contact_id] == response.id:
                yield _of_waiting(opened, response)
        elif response.timeliness is Timeliness.WAIVED:
            yield _of_objection(opened, response, w)
        elif response.kind is ResponseKind.WAIVER and not live and facts.outcome is None:
            yield Said(
                gettext(
                    "On %(day)s you accepted the change and gave up the rest of the period.",
                    day=_day(response.received_at, w),
                ),
                *_receipt_link(opened, response),
            )
        elif response.kind is ResponseKind.NO_OBJECTION and not live and facts.outcome is None:
            yield Said(
                gettext(
                    "On %(day)s you told us that you do not object. Until the deadline you can"
                    " still object: an objection goes first.",
                    day=_day(response.received_at, w),
                ),
                *_receipt_link(opened, response),
            )
        if (
            response.kind is ResponseKind.WITHDRAWAL
            and response.is_effective
            and not response.read_at
        ):
            yield Said(
                gettext("You have withdrawn your objection. A person confirms it to you."),
                *_receipt_link(opened, response),
            )
    proposal = open_proposal(facts, opened.steps.get(change.case_id, ()), at=opened.at)
    if proposal is not None:
        yield Said(
            gettext("We propose a way to meet your objection."),
            url_for("notice.proposal_page", token=opened.token, step_id=proposal.id),
            gettext("Read the proposal and answer it"),
            "warning",
        )
    if facts.settlement is not None and facts.outcome is None:
        yield Said(_of_settlement(opened, change, facts.settlement.kind, w))


def _of_objection(opened: OpenedNotice, response: StoredResponse, w: Wording) -> Said:
    facts = response_facts(opened, response)
    sentences = [
        gettext("On %(day)s your objection was recorded.", day=_day(response.received_at, w))
    ]
    letter = letter_deadline_sentence(facts, w)
    if facts.timeliness in (Timeliness.LATE, Timeliness.DISPUTED, Timeliness.WAIVED):
        sentences.append(timeliness_sentence(facts.timeliness, w))
    if letter:
        sentences.append(letter)
    if response.disowned_at is not None:
        sentences.append(
            gettext("A contact has told us that it was not them: a person looks at it.")
        )
    is_doubtful = bool(letter) or len(sentences) > 1
    return Said(
        " ".join(sentences),
        *_receipt_link(opened, response),
        "warning" if is_doubtful else "info",
    )


def after_objecting(opened: OpenedNotice, w: Wording) -> tuple[str, ...]:
    """What follows from the last objection, where every open change has one that stands."""
    given: list[StoredResponse] = []
    for change in opened.changes:
        facts = opened.facts[change.case_id]
        if facts.outcome is not None:
            continue
        live = {objection.number for objection in live_objections(facts)}
        if not live:
            return ()
        given += [x for x in opened.responses_to(change.case_id) if x.id in live]
    return response_sentences(response_facts(opened, given[-1]), w)[1:] if given else ()


def _of_waiting(opened: OpenedNotice, response: StoredResponse) -> Said:
    if response.contact_id != opened.link.contact_id:
        return Said(gettext("An answer of another contact waits for its code: it does not count."))
    text, link = (
        gettext("Your answer does not count yet: it waits for the code that we mailed."),
        gettext("Enter the code"),
    )
    leading_id = response.leading_id
    if leading_id is not None and leading_id not in {x.id for x in opened.responses}:
        # One code for all notices that the form answered: it opens where the form was.
        text, link = (
            gettext(
                "Your answer does not count yet: it waits for the code that we mailed. Enter that"
                " code in the notice in which you answered."
            ),
            gettext("Have a code mailed for this notice"),
        )
    address = url_for("notice.code_page", token=opened.token, reference=response.reference)
    return Said(text, address, link, "warning")


def _of_settlement(
    opened: OpenedNotice, change: ChangeShown, kind: SettlementKind, w: Wording
) -> str:
    match kind:
        case SettlementKind.ACCOMMODATED:
            return str(gettext("Your objection is met: the subprocessor will not be used for you."))
        case SettlementKind.TERMINATED:
            return _of_termination(opened, change, w)
        case SettlementKind.WITHDRAWN:
            return str(gettext("The withdrawal of your objection is confirmed."))
        case SettlementKind.INEFFECTIVE:
            return str(gettext("A person has found that your objection has no effect."))


def _of_termination(opened: OpenedNotice, change: ChangeShown, w: Wording) -> str:
    confirmed = gettext("Your termination is confirmed.")
    last_day = last_service_day(opened, change.case_id)
    services = opened.shown.settlements[change.case_id].services
    if last_day is None or not services:
        return str(confirmed)
    ending = gettext(
        "Last day of %(services)s: %(day)s.",
        services=w.listed(services),
        day=w.date(last_day, "weekday"),
    )
    return f"{confirmed} {ending}"


def list_events(opened: OpenedNotice, w: Wording) -> list[Event]:
    """Everything on record about this notice that its client may know, in order."""
    shown = opened.shown
    events = [
        Event(
            shown.released_at,
            gettext("Release %(number)s was announced.", number=shown.release_number),
        ),
        *(_of_delivery(delivered) for delivered in _strongest(shown.delivered)),
        *(event for response in opened.responses for event in _of_response(opened, response, w)),
        *_of_steps(opened),
        *_of_settlements(opened, w),
        *_of_outcomes(opened, w),
    ]
    return sorted(events, key=lambda event: event.at)


def _of_steps(opened: OpenedNotice) -> Iterator[Event]:
    """What we wrote about an objection once its mail left, and how the client answered."""
    texts = {
        StepKind.PROPOSED: gettext("We proposed a way to meet your objection."),
        StepKind.ACCEPTED: gettext("You accepted our proposal."),
        StepKind.REFUSED: gettext("You refused our proposal."),
    }
    for steps in opened.steps.values():
        for step in steps:
            if step.stands(opened.at) and step.counts_at is not None:
                address = (
                    url_for("notice.proposal_page", token=opened.token, step_id=step.id)
                    if step.kind is StepKind.PROPOSED
                    else ""
                )
                text = texts.get(step.kind) or gettext(
                    "We wrote to you about your objection: %(words)s", words=step.text
                )
                yield Event(step.counts_at, text, address)


def _strongest(delivered: tuple[Delivered, ...]) -> Iterator[Delivered]:
    """That a mail was sent says nothing more where its receipt is proven at the same instant."""
    received = {(x.email, x.at) for x in delivered if x.kind is not ProofKind.DISPATCH}
    for proof in delivered:
        if proof.kind is not ProofKind.DISPATCH or (proof.email, proof.at) not in received:
            yield proof


def _of_delivery(delivered: Delivered) -> Event:
    address = gettext(
        "%(name)s (%(address)s)", name=delivered.contact_name, address=mask_address(delivered.email)
    )
    said = {"address": address, "host": delivered.host}
    match delivered.kind:
        case ProofKind.RECIPIENT_SERVER if delivered.host:
            text = gettext(
                "The mail to %(address)s was accepted by your mail server %(host)s.", **said
            )
        case ProofKind.RECIPIENT_SERVER:
            text = gettext("The mail to %(address)s was accepted by your mail server.", **said)
        case ProofKind.DISPATCH:
            text = gettext("The mail to %(address)s was handed over to our mail relay.", **said)
        case ProofKind.ACKNOWLEDGEMENT:
            text = gettext("What was sent to %(address)s was answered: receipt is proven.", **said)
        case ProofKind.REGISTERED_DELIVERY:
            text = gettext("Registered post was delivered.")
        case ProofKind.DEEMED:
            text = gettext("Deemed received under the agreement.")
    if delivered.contact_kind is ContactKind.COPY:
        text += " " + gettext("(copy)")
    return Event(delivered.at, text)


def _of_response(opened: OpenedNotice, response: StoredResponse, w: Wording) -> Iterator[Event]:
    what = label(w, response.kind)
    about = ""
    if response.position is not None and len(opened.changes) > 1:
        about = gettext("change %(number)s", number=response.position)
    said = {"what": what, "name": response.by_name, "reference": response.reference}
    text = gettext("%(what)s by %(name)s, %(reference)s", **said)
    if about:
        text = f"{text} ({about})"
    yield Event(
        response.received_at,
        text[:1].upper() + text[1:] + ".",
        _receipt(opened, response),
        day_on=None if response.channel is ResponseChannel.LINK else _local_day(response, w),
    )
    if response.confirmed_at is not None and needs_code(response.kind):
        yield Event(
            response.confirmed_at,
            gettext("The code for %(reference)s was entered: it counts.", **said),
        )
    if response.answer and response.read_at is not None:
        yield Event(
            response.read_at,
            gettext("Our answer to %(reference)s: %(answer)s", answer=response.answer, **said),
        )
    if response.disowned_at is not None:
        yield Event(
            response.disowned_at,
            gettext("A contact told us about %(reference)s: this was not me.", **said),
        )


def _of_settlements(opened: OpenedNotice, w: Wording) -> Iterator[Event]:
    for change in opened.changes:
        settlement = opened.shown.settlements.get(change.case_id)
        if settlement is not None:
            said = {"name": change.facts.name, "decision": label(w, settlement.kind)}
            text = gettext("%(name)s: the objection was settled, %(decision)s.", **said)
            yield Event(settlement.decided_at, text)


def _of_outcomes(opened: OpenedNotice, w: Wording) -> Iterator[Event]:
    titles = {x.case_id: x.facts.name for x in opened.changes}
    for recorded in opened.shown.outcomes:
        name = titles[recorded.case_id]
        if recorded.outcome is None:
            text = gettext("%(name)s: the outcome was taken back, a person looks at it.", name=name)
        else:
            text = gettext(
                "%(name)s: closed, %(outcome)s.", name=name, outcome=label(w, recorded.outcome)
            )
        yield Event(recorded.at, text)


def mask_address(address: str) -> str:
    """ "c•••@client.example": enough for whoever knows it, nothing for others."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}" if local else "•••"


def _local_day(response: StoredResponse, w: Wording) -> date:
    return w.local(response.received_at).date()


def _day(instant: datetime, w: Wording) -> str:
    return w.date(w.local(instant).date())


def _receipt(opened: OpenedNotice, response: StoredResponse) -> str:
    return url_for("notice.receipt_page", token=opened.token, reference=response.reference)


def _receipt_link(opened: OpenedNotice, response: StoredResponse) -> tuple[str, str]:
    return _receipt(opened, response), gettext(
        "Receipt %(reference)s", reference=response.reference
    )
