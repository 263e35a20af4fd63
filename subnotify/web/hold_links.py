"""Where each hold of a case ends: links to the pages of what it is about."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from subnotify.rules.case_facts import WAITS_TO_BE_READ
from subnotify.rules.words import HoldReason, ResponseKind, Timeliness
from subnotify.storage.case_file import CaseFile
from subnotify.storage.hold_facts import HoldFacts
from subnotify.web.incoming_views import as_plain
from subnotify.wording.labels import label
from subnotify.wording.language import Wording


@dataclass(frozen=True)
class HoldLink:
    """Where it ends, or what it is about. is_step: the page where it ends."""

    text: str
    address: str
    is_step: bool = False


def hold_links(
    reason: HoldReason, file: CaseFile, facts: HoldFacts, w: Wording, *, is_legal: bool
) -> tuple[HoldLink, ...]:
    """Those of one hold. is_legal: pages that only legal opens are offered."""
    make = _LINKS.get(reason)
    return tuple(make(_Links(file, facts, w, is_legal))) if make is not None else ()


@dataclass(frozen=True)
class _Links:
    file: CaseFile
    facts: HoldFacts
    w: Wording
    is_legal: bool

    def mails(self) -> Iterator[HoldLink]:
        """The mails that wait: read by everybody, filed by legal."""
        text = (
            self.w.gettext("Read and file “%(subject)s”")
            if self.is_legal
            else self.w.gettext("Read “%(subject)s”")
        )
        for mail in self.facts.waiting:
            subject = as_plain(mail.subject) or self.w.gettext("(no subject)")
            address = url_for("incoming.show_mail", mail_id=mail.id)
            yield HoldLink(text % {"subject": subject}, address, self.is_legal)
        yield from self.letters()

    def letters(self) -> Iterator[HoldLink]:
        """The letters that wait: legal's alone."""
        for letter in self.facts.letters if self.is_legal else ():
            yield HoldLink(
                self.w.gettext("Letter: %(kind)s", kind=label(self.w, letter.kind)),
                url_for("incoming_letters.show_letter", letter_id=letter.id),
                True,
            )

    def confirmations(self) -> Iterator[HoldLink]:
        if not self.is_legal:
            return
        untied = self.facts.reading.untied if self.facts.reading else ()
        if untied:
            text = self.w.gettext("Mail of unknown clients that waits")
            yield HoldLink(text, url_for("incoming.show_mails"), True)
        yield from self.letters()
        text = self.w.gettext("Confirm what you have read")
        yield HoldLink(text, url_for("confirmations.show_confirmations"), True)

    def service_down(self) -> Iterator[HoldLink]:
        yield from self.step("case_actions.extend_page", self.w.gettext("Extend the window"))
        yield from self.clear(HoldReason.SERVICE_DOWN)

    def clear(self, reason: HoldReason) -> Iterator[HoldLink]:
        text = self.w.gettext("Clear the hold with a reason")
        yield from self.step("case_actions.clear_page", text, reason=reason.value)

    def unserved(self) -> Iterator[HoldLink]:
        text = self.w.gettext("Every attempt and report of this notice")
        notice_id = self.file.head.notice.id
        yield HoldLink(text, url_for("notice_history.show_notice", notice_id=notice_id))
        yield from self.agreement(self.w.gettext("Contacts of the agreement"))
        yield from self.corrections()
        yield from self.step(
            "case_actions.serve_anew_page", self.w.gettext("Serve the notice anew")
        )

    def corrections(self) -> Iterator[HoldLink]:
        """The contacts that a message did not reach: with the address what waits is served anew."""
        failed = {one.contact_id: one.to_address for one in self.facts.undelivered}
        for contact_id, address in failed.items():
            if self.is_legal and contact_id and address:
                text = self.w.gettext("Correct %(address)s and serve anew", address=address)
                client_id = self.file.head.agreement.client_id
                page = url_for("clients.edit_contact", client_id=client_id, contact_id=contact_id)
                yield HoldLink(text, page, True)

    def agreement(self, text: str = "") -> Iterator[HoldLink]:
        agreement_id = self.file.head.agreement.id
        yield HoldLink(
            text or self.w.gettext("Contacts of the agreement"),
            url_for("agreements.show_agreement", agreement_id=agreement_id),
            True,
        )

    def terms(self) -> Iterator[HoldLink]:
        agreement_id = self.file.head.agreement.id
        yield HoldLink(
            self.w.gettext("Notice terms of the agreement"),
            url_for("terms.show_versions", agreement_id=agreement_id),
            True,
        )

    def country(self) -> Iterator[HoldLink]:
        if self.is_legal:
            yield HoldLink(
                self.w.gettext("Record a country exception"),
                url_for(
                    "country_exceptions.new_exception",
                    agreement_id=self.file.head.agreement.id,
                    case=self.file.head.case.id,
                ),
                True,
            )

    def responses(self, kinds: Sequence[ResponseKind] = ()) -> Iterator[HoldLink]:
        """The responses on this page that it is about: all, or the unread ones of these kinds."""
        for response in self.file.responses:
            if not kinds or (response.kind in kinds and response.read_at is None):
                name = label(self.w, response.kind)
                text = f"{name[:1].upper()}{name[1:]} {response.reference}"
                yield HoldLink(text, f"#response-{response.id}")

    def unread(self) -> Iterator[HoldLink]:
        yield from self.responses(tuple(WAITS_TO_BE_READ))

    def objections(self) -> Iterator[HoldLink]:
        for response in self.file.responses:
            if response.kind is ResponseKind.OBJECTION:
                yield HoldLink(
                    self.w.gettext("Objection %(reference)s", reference=response.reference),
                    f"#response-{response.id}",
                )
        yield from self.step("case_actions.settle_page", self.w.gettext("Settle the objection"))

    def timeliness(self) -> Iterator[HoldLink]:
        for response in self.file.responses:
            late = response.timeliness in (Timeliness.DISPUTED, Timeliness.LATE)
            if response.kind is ResponseKind.OBJECTION and late and not response.timeliness_decided:
                yield from self.step(
                    "response_actions.timeliness_page",
                    self.w.gettext(
                        "Decide whether %(reference)s counts", reference=response.reference
                    ),
                    response_id=response.id,
                )
        yield from self.step("case_actions.settle_page", self.w.gettext("Settle the objection"))

    def disowned(self) -> Iterator[HoldLink]:
        yield from (
            HoldLink(x.reference, f"#response-{x.id}")
            for x in self.file.responses
            if x.disowned_at is not None
        )
        yield from self.clear(HoldReason.RESPONSE_DISOWNED)

    def corrected(self) -> Iterator[HoldLink]:
        if self.file.head.notice.failure_reason == HoldReason.RECORD_CORRECTED:
            yield from self.unserved()
        yield from self.clear(HoldReason.RECORD_CORRECTED)

    def contested(self) -> Iterator[HoldLink]:
        """The letters whose proof is in doubt: legal corrects what is recorded of them."""
        for letter_id in self.facts.contested:
            page = url_for("letter_files.show_letter", letter_id=letter_id, _anchor="events")
            yield HoldLink(self.w.gettext("What became of the letter"), page, self.is_legal)

    def step(self, endpoint: str, text: str, **values: Any) -> Iterator[HoldLink]:
        if self.is_legal:
            case_id = self.file.head.case.id
            yield HoldLink(text, url_for(endpoint, case_id=case_id, **values), True)


_LINKS: Mapping[HoldReason, Callable[[_Links], Iterator[HoldLink]]] = {
    HoldReason.NOT_SERVED: _Links.unserved,
    HoldReason.BOUNCED: _Links.unserved,
    HoldReason.LETTER_RETURNED: _Links.unserved,
    HoldReason.NO_NOTICE_CONTACT: _Links.agreement,
    HoldReason.TERMS_UNKNOWN: _Links.terms,
    HoldReason.TERMS_NOT_COMPUTABLE: _Links.terms,
    HoldReason.COUNTRY_NOT_ALLOWED: _Links.country,
    HoldReason.REPLIES_NOT_READ: _Links.confirmations,
    HoldReason.POST_NOT_OPENED: _Links.confirmations,
    HoldReason.REPLY_WAITS: _Links.mails,
    HoldReason.SERVICE_DOWN: _Links.service_down,
    HoldReason.WAITS_FOR_PERSON: _Links.unread,
    HoldReason.SILENCE_BROKEN: _Links.responses,
    HoldReason.OBJECTION_FORM: _Links.objections,
    HoldReason.OBJECTION_DISPUTED: _Links.timeliness,
    HoldReason.OBJECTION_LATE: _Links.timeliness,
    HoldReason.OBJECTION_AFTER_CLOSING: _Links.objections,
    HoldReason.RESPONSE_DISOWNED: _Links.disowned,
    HoldReason.PROOF_CONTESTED: _Links.contested,
    HoldReason.RECORD_CORRECTED: _Links.corrected,
}
