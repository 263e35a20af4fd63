"""Writes letters: what they say, their bytes, and the merged file of a batch for the printer."""

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from subnotify.delivery.letters import LetterText, SharedPart, set_letters
from subnotify.delivery.merged_pdfs import merge_pdfs
from subnotify.operations.build_mails import link_digest, mint_link_token
from subnotify.operations.legal_message_mails import legal_message_of
from subnotify.operations.mail_views import MailViews, Moulds
from subnotify.operations.notice_facts import notice_facts
from subnotify.operations.step_mails import StepViews, load_step_views
from subnotify.operations.told_letters import TOLD, told_of
from subnotify.operations.write_mails import NothingToSay, proposal_of
from subnotify.rules.errors import NotFound
from subnotify.rules.ladder import OF_THE_LADDER
from subnotify.rules.letter_counts import LetterWay
from subnotify.rules.words import (
    Channel,
    ContactKind,
    LetterProduct,
    LetterReason,
    MessagePurpose,
)
from subnotify.storage.legal_messages import load_legal_messages
from subnotify.storage.letter_texts import LetterToWrite, load_letters_to_write
from subnotify.storage.mail_facts import DesignationOfMail, NoticeOfMail, load_mail_facts
from subnotify.storage.recomputations import list_told
from subnotify.storage.registry import get_vendor
from subnotify.wording.language import Wording, wording_for
from subnotify.wording.letter_answers import answer_values
from subnotify.wording.letter_notice import notice_letter
from subnotify.wording.letter_parts import (
    addressee_lines,
    mention,
    place_and_date,
    reference_lines,
)
from subnotify.wording.letter_told import told_letter


@dataclass(frozen=True)
class LetterData:
    """A letter to be set. link_digest: of its personal link's token, None without a link.
    told_closes_at: the end of the window that it tells; None: it tells none."""

    message_id: int
    text: LetterText
    link_digest: str | None
    written_at: datetime
    told_closes_at: datetime | None = None


@dataclass(frozen=True)
class BuiltLetter:
    """A letter with its bytes. digest: their SHA-256. has_missing: a name or text has characters
    that the fonts do not have; the letter shows "\ufffd" for them, and is not to be printed."""

    message_id: int
    pdf: bytes
    pages: int
    digest: str
    link_digest: str | None
    data: LetterData
    has_missing: bool


def build_letters(
    session: Session,
    message_ids: Sequence[int],
    *,
    public_url: str,
    vendor_time_zone: str,
    at: datetime,
) -> list[BuiltLetter]:
    """The bytes of these letters, in their order; each call mints new personal links.

    Reads only. Raises NotFound for a message that is no letter, NothingToSay for one of a purpose
    that letters do not have, LetterNotSet for one that typst refuses (it names which).
    """
    return render_letters(
        load_letters(
            session,
            message_ids,
            public_url=public_url,
            vendor_time_zone=vendor_time_zone,
            at=at,
        )
    )


def merge_letters(letters: Sequence[BuiltLetter], *, title: str = "") -> bytes:
    """The letters as one PDF/A-2u for the printer: the very pages of each, in their order.

    title: of the file; without one the titles of the first and the last letter.
    """
    titles = [letters[0].data.text.title, letters[-1].data.text.title]
    named = title or " – ".join(dict.fromkeys(titles))
    return merge_pdfs([letter.pdf for letter in letters], title=named)


def load_letters(
    session: Session,
    message_ids: Sequence[int],
    *,
    public_url: str,
    vendor_time_zone: str,
    at: datetime,
) -> list[LetterData]:
    """What these letters say, in a constant number of queries. Raises NotFound, NothingToSay."""
    found = load_letters_to_write(session, message_ids)
    if set(message_ids) - set(found):
        raise NotFound
    letters = [found[message_id] for message_id in message_ids]
    notice_ids = {one.notice_id for one in letters if one.notice_id is not None}
    response_ids = {one.response_id for one in letters if one.response_id is not None}
    by_legal = {x for one in letters if (x := legal_message_of(one.logical_key)) is not None}
    views = MailViews(
        facts=load_mail_facts(session, notice_ids, response_ids),
        vendor=get_vendor(session).profile,
        undelivered={},
        vendor_time_zone=vendor_time_zone,
        moulds=Moulds(),
        at=at,
        longer=list_told(session, _proposals(letters)),
        legal_messages=load_legal_messages(session, by_legal),
    )
    writer = _Writer(views, load_step_views(session, letters), public_url)
    return [writer.write(letter) for letter in letters]


def _proposals(letters: Sequence[LetterToWrite]) -> set[int]:
    """The recomputations that these letters tell of."""
    return {
        proposal_of(one.logical_key)
        for one in letters
        if one.purpose is MessagePurpose.WINDOW_LONGER and one.case_id is None
    }


def render_letters(letters: Sequence[LetterData]) -> list[BuiltLetter]:
    """The bytes of these letters: the same letters are the same bytes. Raises LetterNotSet."""
    built = []
    # All letters of one call were written at one instant, which each file names.
    at = letters[0].written_at if letters else None
    pressed = set_letters([one.text for one in letters], at=at) if at else ()
    for letter, made in zip(letters, pressed, strict=True):
        digest = hashlib.sha256(made.pdf).hexdigest()
        built.append(
            BuiltLetter(
                letter.message_id,
                made.pdf,
                made.pages,
                digest,
                letter.link_digest,
                letter,
                made.has_missing,
            )
        )
    return built


@dataclass
class _Writer:
    """Writes the letters of one call; what several have in common is written once."""

    views: MailViews
    about: StepViews
    public_url: str
    _shared: dict[Hashable, SharedPart] = field(default_factory=dict)

    def write(self, letter: LetterToWrite) -> LetterData:
        notice = self.views.facts.notices.get(letter.notice_id or 0)
        is_notice = letter.purpose is MessagePurpose.NOTICE
        if notice is None or not (is_notice or letter.purpose in TOLD):
            raise NothingToSay(f"{letter.logical_key} is about no notice")
        w = self.views.wording(notice, letter.language)
        token = mint_link_token()
        shared = (self._notice if is_notice else self._told)(letter, notice, w)
        window = self.views.window(notice) if is_notice else None
        return LetterData(
            message_id=letter.message_id,
            text=LetterText(
                shared=shared,
                address=self._address(letter, notice),
                own=self._own(letter, notice, f"{self.public_url}/n/{token}", w),
                title=f"{notice.reference} · {shared.data['title']}",
            ),
            link_digest=link_digest(token),
            written_at=self.views.at,
            told_closes_at=window.closes_at if window else None,
        )

    def _notice(self, letter: LetterToWrite, notice: NoticeOfMail, w: Wording) -> SharedPart:
        designation = self.views.facts.designations.get(
            (notice.agreement_id, letter.contact_id or 0), DesignationOfMail(ContactKind.NOTICE, "")
        )
        if letter.reason is LetterReason.COPY:
            # A designated contact has its copy beside the notice that serves.
            designation = replace(designation, kind=ContactKind.COPY)
        way = LetterWay(
            Channel.POST if letter.product is LetterProduct.PLAIN else Channel.REGISTERED_POST,
            is_fallback=letter.reason in OF_THE_LADDER,
        )
        # Once the window runs something has proved the receipt that was missing.
        reason = letter.reason if letter.reason in OF_THE_LADDER else None
        if reason is LetterReason.NO_PROOF and self.views.runs(notice):
            reason = None
        key = (
            *("notice", w.language, designation.kind, designation.clause, reason, way),
            letter.client_country,
            self.views.notice_key(notice),
        )
        if key not in self._shared:
            facts = notice_facts(notice, designation, self.views, w, letter=way)
            self._shared[key] = SharedPart(
                notice_letter(facts, w, reason=reason, client_country=letter.client_country)
            )
        return self._shared[key]

    def _told(self, letter: LetterToWrite, notice: NoticeOfMail, w: Wording) -> SharedPart:
        told = told_of(letter, notice, self.views, self.about, w)
        key = ("told", w.language, told)
        if key not in self._shared:
            self._shared[key] = SharedPart(told_letter(told, self.views.vendor, w))
        return self._shared[key]

    def _address(self, letter: LetterToWrite, notice: NoticeOfMail) -> tuple[str, ...]:
        return addressee_lines(
            letter.address_lines,
            notice.client_name,
            letter.client_country,
            self.views.vendor.country,
        )

    def _own(
        self, letter: LetterToWrite, notice: NoticeOfMail, link: str, w: Wording
    ) -> Mapping[str, Any]:
        party, vendor = self.views.party(notice), self.views.vendor
        day = wording_for(letter.language, self.views.vendor_time_zone).local(self.views.at).date()
        return {
            "mention": mention(letter.product, w),
            "place-and-date": place_and_date(vendor, day, w),
            "references": reference_lines(party, w),
            "link": link,
            "foot": f"{vendor.name} · {notice.reference}",
            **answer_values(party, self._address(letter, notice), w),
        }
