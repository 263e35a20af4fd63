"""The page of a letter that the client sends back: a slip, or the letter that objects."""

from collections.abc import Sequence
from typing import Any

from subnotify.rules.responses import asks_for_grounds, asks_for_services
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import ObjectionGrounds, TerminationScope
from subnotify.rules.vendor import VendorProfile
from subnotify.wording import letter_blocks as blocks
from subnotify.wording.change_facts import ChangeFacts, change_title, is_covered
from subnotify.wording.language import Wording
from subnotify.wording.letter_blocks import Block
from subnotify.wording.letter_parts import address_lines, addressee_lines
from subnotify.wording.letters import Letter, LetterFacts, objection_letter
from subnotify.wording.mail_notice import NoticeFacts, all_services, deadline_sentences
from subnotify.wording.mail_party import Party
from subnotify.wording.objections import (
    form_sentences,
    needs_registered_post,
    objection_is_termination,
)
from subnotify.wording.silence import is_request

# Names of what differs from letter to letter, in the order of `answer_values`.
SLIP, SENDER, REFERENCES = "slip", "sender-lines", "letter-references"


def slip_reference(notice_reference: str) -> str:
    """By which the answer page of a notice is found again when it comes back."""
    return f"S-{notice_reference}"


def answer_pages(
    facts: NoticeFacts, w: Wording, *, client_country: str = ""
) -> list[dict[str, Any]]:
    """At most one page; none where no change of the notice can be objected to.

    client_country: from where it comes back; "" where that is the vendor's. A page has its kind
    (slip or letter), blocks, and announced: the sentence of the notice that speaks of it. A letter
    has the lines of its address.
    """
    covered = tuple(change for change in facts.changes if is_covered(change, facts.terms))
    if not covered:
        return []
    recipient = recipient_lines(facts.terms, facts.vendor, client_country)
    if objection_is_termination(facts.terms) or needs_registered_post(facts.terms):
        return [_letter_page(facts, covered, recipient, w)]
    return [_slip_page(facts, covered, recipient, w)]


def answer_values(party: Party, address: Sequence[str], w: Wording) -> dict[str, list[str]]:
    """What the answer page says of this client alone. address: of the contact written to."""
    values = party.values
    slip = slip_reference(party.notice_reference)
    return {
        SLIP: [
            w.gettext("Slip: %(reference)s", reference=slip),
            w.gettext("Client: %(client)s", client=values["client_name"]),
            w.gettext("Agreement: %(reference)s", reference=values["agreement_reference"]),
        ],
        SENDER: list(address),
        REFERENCES: [
            w.gettext("Agreement: %(reference)s", reference=values["agreement_reference"]),
            w.gettext("Your notice: %(reference)s", reference=values["reference"]),
            w.gettext("Our letter: %(reference)s", reference=slip),
        ],
    }


def recipient_lines(
    terms: NoticeTerms | None, vendor: VendorProfile, client_country: str = ""
) -> tuple[str, ...]:
    """Where an objection on paper goes: the address that the terms name, else the vendor's; with
    its country where it comes from another one."""
    named = terms.objection_address if terms is not None else ""
    lines = address_lines(named or vendor.address)
    if not lines:
        return (vendor.name,)
    return addressee_lines(lines, vendor.name, vendor.country, client_country or vendor.country)


def _slip_page(
    facts: NoticeFacts, covered: tuple[ChangeFacts, ...], recipient: Sequence[str], w: Wording
) -> dict[str, Any]:
    terms, services = facts.terms, all_services(covered)
    request = is_request(terms)
    title = w.gettext("Answer slip: refusal") if request else w.gettext("Objection slip")
    only_if = (
        w.gettext("Send this page back only if you refuse the authorisation.")
        if request
        else w.gettext("Send this page back only if you object.")
    )
    return {
        "kind": "slip",
        "announced": w.gettext(
            "The last page of this letter is a slip that you can fill in, sign and send back."
        ),
        "blocks": [
            blocks.title(title),
            blocks.own(SLIP),
            blocks.text(only_if),
            blocks.strong(deadline_sentences(facts, w)[0]),
            *blocks.texts(form_sentences(terms, w)),
            blocks.text(w.gettext("Send it to:")),
            blocks.postal(recipient),
            blocks.boxes(_refusals(covered, request, w)),
            *_services(services, w),
            *_grounds(terms, w),
            blocks.fields(_signed_by(w)),
        ],
    }


def _refusals(changes: Sequence[ChangeFacts], request: bool, w: Wording) -> list[str]:
    said = [change_title(change, w) for change in changes]
    if request:
        return [w.gettext("We do not authorise this change: %(change)s.", change=x) for x in said]
    return [w.gettext("We object to this change: %(change)s.", change=x) for x in said]


def _services(services: Sequence[str], w: Wording) -> list[Block]:
    if len(services) < 2:
        return []
    asked = w.gettext("For which services? If you tick none, for all of them:")
    return [blocks.text(asked), blocks.boxes(services)]


def _grounds(terms: NoticeTerms | None, w: Wording) -> list[Block]:
    if terms is None or not asks_for_grounds(terms):
        return []
    asked = blocks.text(w.gettext("Your grounds:"))
    if terms.objection_grounds is ObjectionGrounds.CLOSED_LIST and terms.closed_grounds:
        return [asked, blocks.boxes(terms.closed_grounds), blocks.room(2)]
    return [asked, blocks.room(4)]


def _signed_by(w: Wording) -> list[str]:
    return [
        w.gettext("Name"),
        w.gettext("Position held"),
        w.gettext("Place and date"),
        w.gettext("Signature"),
    ]


def _letter_page(
    facts: NoticeFacts, covered: tuple[ChangeFacts, ...], recipient: Sequence[str], w: Wording
) -> dict[str, Any]:
    services = all_services(covered)
    choice = _choice(facts.terms, services, w)
    named = () if choice else services
    letter = objection_letter(_letter_facts(facts, covered, named, recipient, w), w)
    terminates = objection_is_termination(facts.terms)
    return {
        "kind": "letter",
        "announced": w.gettext(
            "The last page of this letter is that termination, ready to sign: send it only if you"
            " want it."
        )
        if terminates
        else w.gettext(
            "The last page of this letter is that objection, ready to sign: send it only if you"
            " object."
        ),
        "address": list(letter.recipient_lines),
        "blocks": _letter_blocks(letter, facts, choice, w),
    }


def _choice(terms: NoticeTerms | None, services: Sequence[str], w: Wording) -> list[Block]:
    """What the client ticks where the terms leave it to the client how much ends."""
    if not objection_is_termination(terms) or terms is None:
        return []
    if terms.termination.scope is TerminationScope.SERVICE_OR_AGREEMENT:
        asked = w.gettext("What do you terminate? If you tick nothing, the services concerned:")
        return [blocks.text(asked), blocks.boxes([*services, w.gettext("our whole agreement")])]
    return _services(services, w) if asks_for_services(terms) else []


def _letter_facts(
    facts: NoticeFacts,
    covered: Sequence[ChangeFacts],
    services: Sequence[str],
    recipient: Sequence[str],
    w: Wording,
) -> LetterFacts:
    """The parties and the signature stay open: they differ, or are written by hand."""
    window = facts.window
    return LetterFacts(
        client_name="",
        sender_name="",
        sender_role="",
        recipient_lines=recipient,
        agreement_reference="",
        notice_reference="",
        response_reference="",
        change_sentence=w.series([change_title(change, w) for change in covered]),
        services=services,
        terms=facts.terms,
        notice_received_on=None,
        last_day=window.last_day if window else None,
        written_on=None,
    )


def _letter_blocks(
    letter: Letter, facts: NoticeFacts, choice: Sequence[Block], w: Wording
) -> list[Block]:
    opening, act, *others = letter.paragraphs
    delivery = [blocks.text(letter.delivery)] if needs_registered_post(facts.terms) else []
    return [
        *delivery,
        blocks.text(letter.place_and_date),
        blocks.own(REFERENCES),
        blocks.strong(letter.subject),
        blocks.text(letter.salutation),
        blocks.text(opening),
        blocks.fields(_days(facts, w)),
        blocks.text(act),
        *choice,
        *blocks.texts(others),
        blocks.fields([w.gettext("Name"), w.gettext("Position held"), w.gettext("Signature")]),
    ]


def _days(facts: NoticeFacts, w: Wording) -> list[str]:
    """What nobody knows yet when the notice is printed, and a court asks for: written by hand."""
    received = w.gettext("Day on which we received your notice")
    if facts.window is not None:
        return [received]
    return [received, w.gettext("Last day of the objection period")]
