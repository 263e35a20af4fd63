"""What a receipt shows of a response, and the letter that some objections need."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from subnotify.evidence.digest import canonical_json
from subnotify.rules.case_facts import NO_ANSWER
from subnotify.rules.responses import receipt_content
from subnotify.rules.vendor import VendorProfile
from subnotify.rules.windows import is_from_receipt
from subnotify.storage.responses import StoredResponse
from subnotify.web.notice.facts import change_facts, response_facts, service_names
from subnotify.web.notice.opening import OpenedNotice
from subnotify.wording.change_facts import FactRow, change_title
from subnotify.wording.language import Wording
from subnotify.wording.letter_answers import recipient_lines
from subnotify.wording.letters import Letter, LetterFacts, objection_letter
from subnotify.wording.mail_receipt import RecordedResponse, received_words, response_rows
from subnotify.wording.responses import letter_deadline_sentence, response_sentences


@dataclass(frozen=True)
class ReceiptPart:
    """One response on a receipt. letter: "not yet valid ...", empty where none is needed.

    received: when, as far as it is known. canonical: the exact text whose SHA-256 is the digest.
    """

    response: StoredResponse
    received: str
    rows: tuple[FactRow, ...]
    sentences: tuple[str, ...]
    letter: str
    canonical: str


def receipt_part(opened: OpenedNotice, response: StoredResponse, w: Wording) -> ReceiptPart:
    facts = response_facts(opened, response)
    letter = letter_deadline_sentence(facts, w)
    recorded = RecordedResponse(
        facts=facts,
        reference=response.reference,
        digest=response.digest,
        channel=response.channel,
        received_at=response.received_at,
        dispatched_on=response.dispatched_on,
        letter_reference=response.letter_reference,
        by_name=response.by_name,
        by_role=response.by_role,
        text=response.text,
        change_titles=_titles(opened, [response], w),
        service_names=service_names(opened, response) if response.services else (),
        conditions=response.conditions,
        named=[x for x in (response.named_name, response.named_address) if x],
    )
    return ReceiptPart(
        response=response,
        received=received_words(recorded, w),
        rows=response_rows(recorded, w),
        sentences=tuple(x for x in response_sentences(facts, w) if x != letter),
        letter=letter,
        canonical=canonical_json(receipt_content(response.receipt)).decode(),
    )


def needs_letter(opened: OpenedNotice, response: StoredResponse, w: Wording) -> bool:
    return bool(letter_deadline_sentence(response_facts(opened, response), w))


def letter_of(
    opened: OpenedNotice, given: Sequence[StoredResponse], vendor: VendorProfile, w: Wording
) -> Letter:
    """One letter for the objections of one form."""
    first = given[0]
    terms = opened.terms
    facts = opened.facts[first.case_id] if first.case_id is not None else None
    window = facts.window if facts else None
    names = dict.fromkeys(name for x in given for name in service_names(opened, x))
    return objection_letter(
        LetterFacts(
            client_name=opened.shown.client_name,
            sender_name=first.by_name,
            sender_role=first.by_role,
            recipient_lines=recipient_lines(terms, vendor, opened.shown.client_country),
            agreement_reference=opened.shown.agreement_reference,
            notice_reference=opened.shown.brief.reference,
            response_reference=w.listed([x.reference for x in given]),
            change_sentence=w.listed(_titles(opened, given, w)),
            services=list(names),
            terms=terms,
            notice_received_on=_received_on(opened),
            last_day=window.last_day if window else None,
            written_on=w.local(opened.at).date(),
        ),
        w,
    )


def _received_on(opened: OpenedNotice) -> date | None:
    """The day of receipt, where that is what the window runs from; that it was sent, presented or
    published is no word for the client to put its name to."""
    windows = [facts.window for facts in opened.facts.values() if facts.window is not None]
    received = [window.steps[0].day for window in windows if is_from_receipt(window)]
    return min(received, default=None)


def _titles(opened: OpenedNotice, given: Sequence[StoredResponse], w: Wording) -> tuple[str, ...]:
    """The changes that responses speak of; all, where one speaks of the whole notice."""
    cases = {x.case_id for x in given}
    speaks_of_cases = None not in cases and all(x.kind not in NO_ANSWER for x in given)
    return tuple(
        change_title(change_facts(x), w)
        for x in opened.changes
        if not speaks_of_cases or x.case_id in cases
    )
