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
from subnotify.wording.letter_parts import address_lines
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


def answer_pages(facts: NoticeFacts, w: Wording) -> list[dict[str, Any]]:
    """At most one; none where no change of the notice can be objected to.

    Each has its kind (slip or letter), blocks, and announced: the sentence of the notice that
    speaks of it. A letter has the lines of its address.
    """
    covered = tuple(change for change in facts.changes if is_covered(change, facts.terms))
    if not covered:
        return []
    if objection_is_termination(facts.terms) or needs_registered_post(facts.terms):
        return [_letter_page(facts, covered, w)]
    return [_slip_page(facts, covered, w)]


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


def recipient_lines(terms: NoticeTerms | None, vendor: VendorProfile) -> list[str]:
    """Where an objection on paper goes: the address that the terms name, else the vendor's."""
    if terms is not None and terms.objection_address:
        lines = address_lines(terms.objection_address)
        if not any(vendor.name.casefold() in line.casefold() for line in lines):
            lines.insert(0, vendor.name)
    else:
        lines = [vendor.name, *address_lines(vendor.address)]
    return [*lines[:-1], lines[-1].upper()] if len(lines) > 1 else lines


def _slip_page(facts: NoticeFacts, covered: tuple[ChangeFacts, ...], w: Wording) -> dict[str, Any]:
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
            blocks.postal(recipient_lines(terms, facts.vendor)),
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
        w.gettext("Role"),
        w.gettext("Place and date"),
        w.gettext("Signature"),
    ]


def _letter_page(
    facts: NoticeFacts, covered: tuple[ChangeFacts, ...], w: Wording
) -> dict[str, Any]:
    services = all_services(covered)
    choice = _choice(facts.terms, services, w)
    named = () if choice else services
    letter = objection_letter(_letter_facts(facts, covered, named, w), w)
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
    facts: NoticeFacts, covered: Sequence[ChangeFacts], services: Sequence[str], w: Wording
) -> LetterFacts:
    """The parties and the signature stay open: they differ, or are written by hand."""
    window = facts.window
    return LetterFacts(
        client_name="",
        sender_name="",
        sender_role="",
        recipient_lines=recipient_lines(facts.terms, facts.vendor),
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
        *blocks.texts((opening, act)),
        *choice,
        *blocks.texts(others),
        blocks.fields([w.gettext("Name"), w.gettext("Role"), w.gettext("Signature")]),
    ]
