"""Render everything that a draft release would send, and send none of it. Reads only."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.delivery.headers import Mailbox, UnsafeHeader
from subnotify.delivery.mime import MailSkeleton, mint_message_id
from subnotify.operations.list_unprintable import Unprintable, list_unprintable
from subnotify.operations.notice_drafts import NoticeDraft, NoticeDrafts
from subnotify.rules.releases import release_problems
from subnotify.rules.words import ContactKind
from subnotify.storage.concerned_lists import ConcernedAgreement, list_unservable
from subnotify.storage.expected_letters import ExpectedLetters, count_letters, list_addressees
from subnotify.storage.expected_mails import ExpectedMail, list_expected_mails
from subnotify.wording.mail_notice import fill_notice, notice_mould
from subnotify.wording.mail_party import Party
from subnotify.wording.mails import MailMould

CHUNK = 500
PROBLEMS_KEPT = 200
# Agreements that are told the same share a mould; more moulds than this are made anew.
MOULDS_KEPT = 512
# As long as a real one, and nobody's.
_NO_LINK = "0" * 43


@dataclass(frozen=True)
class MailNotWritten:
    """A mail that would be set aside. said: what stands in its way, in English."""

    mail: ExpectedMail
    said: str


@dataclass
class DryRun:
    """What a release now would send.

    gaps: how many facts are missing before it may be released. agreements: for which something
    was rendered. mails: by language. letters: counted, and their texts and addresses checked for
    characters that the letters' fonts lack (`unprintable`). not_written: at most 200 of
    `not_written_count`. unservable: agreements that cannot be served or computed.
    was_cut: further agreements were left out, because `at_most` was reached.
    """

    number: str
    gaps: int
    mails: Counter[str] = field(default_factory=Counter)
    agreements: int = 0
    largest_octets: int = 0
    not_written: list[MailNotWritten] = field(default_factory=list)
    not_written_count: int = 0
    unservable: tuple[ConcernedAgreement, ...] = ()
    letters: ExpectedLetters = field(default_factory=ExpectedLetters)
    unprintable: Unprintable = field(default_factory=Unprintable)
    was_cut: bool = False

    @property
    def mail_count(self) -> int:
        return self.mails.total()

    @property
    def has_problems(self) -> bool:
        """Something keeps it from being released, or would be set aside."""
        unprintable = self.unprintable.texts or self.unprintable.letters
        return bool(self.gaps or self.not_written_count or self.unservable or unprintable)


def dry_run_release(
    session: Session,
    release_id: int,
    *,
    public_url: str,
    sender: Mailbox,
    zone: ZoneInfo,
    at: datetime,
    at_most: int | None = None,
    tell: Callable[[DryRun], None] = lambda _run: None,
) -> DryRun:
    """Write each mail of the draft as bytes, as the release would, and forget it.

    Memory does not grow with the agreements. at_most: after so many agreements the rest is left
    out, and said so; None: all. tell: told how far it is, after each few hundred agreements.
    zone: the vendor's. Raises NotFound.
    """
    drafts = NoticeDrafts(session, release_id, zone=zone, at=at)
    draft = drafts.draft
    run = DryRun(drafts.number, len(release_problems(draft.changes, draft.texts, on=draft.on)))
    writer = _Writer(drafts, sender, public_url.rstrip("/"), at)
    after = 0
    while True:
        left = CHUNK if at_most is None else min(CHUNK, at_most - run.agreements)
        mails, last = list_expected_mails(
            session, draft.notified_ids, draft.on, after=after, limit=max(1, left)
        )
        if last is None:
            break
        if left <= 0:
            run.was_cut = True
            break
        after = last
        told = drafts.load({mail.agreement_id: mail.terms_id for mail in mails})
        run.agreements += len(told)
        for mail in mails:
            writer.write(mail, told[mail.agreement_id], run)
        tell(run)
    run.unservable = list_unservable(session, draft.notified_ids, draft.on)
    run.letters = count_letters(session, draft.notified_ids, draft.on)
    if run.letters.total:
        addressees = list_addressees(session, draft.notified_ids, draft.on)
        run.unprintable = list_unprintable(draft.content, addressees)
    return run


class _Writer:
    """Writes mails with one skeleton for each language and one mould for all who are told alike."""

    def __init__(
        self, drafts: NoticeDrafts, sender: Mailbox, public_url: str, at: datetime
    ) -> None:
        self._drafts, self._sender, self._at = drafts, sender, at
        self._link = f"{public_url}/n/{_NO_LINK}"
        self._skeletons: dict[str, MailSkeleton] = {}
        self._moulds: dict[tuple[object, ...], MailMould] = {}

    def write(self, mail: ExpectedMail, told: NoticeDraft, run: DryRun) -> None:
        try:
            octets = len(self._bytes(mail, told))
        except Exception as error:
            # Whatever it is would set this mail aside, and no other.
            run.not_written_count += 1
            if len(run.not_written) < PROBLEMS_KEPT:
                said = f"{type(error).__name__}: {error}"[:300]
                run.not_written.append(MailNotWritten(mail, said))
            return
        run.mails[told.language] += 1
        run.largest_octets = max(run.largest_octets, octets)

    def _bytes(self, mail: ExpectedMail, told: NoticeDraft) -> bytes:
        reference = f"{self._drafts.number}-{mail.agreement_id:05d}"
        party = Party(mail.client_name, mail.agreement_reference, reference)
        text = fill_notice(self._mould(told, mail.kind, mail.clause), party, self._link)
        return self._skeleton(told.language).fill(
            to=_addressee(mail),
            subject=text.subject,
            message_id=mint_message_id(self._sender.domain),
            date=self._at,
            text=text.text,
            html=text.html,
        )

    def _mould(self, told: NoticeDraft, kind: ContactKind, clause: str) -> MailMould:
        key = (told.key, kind, clause)
        if key not in self._moulds:
            if len(self._moulds) >= MOULDS_KEPT:
                self._moulds.clear()
            self._moulds[key] = notice_mould(*self._drafts.notice_facts(told, kind, clause))
        return self._moulds[key]

    def _skeleton(self, language: str) -> MailSkeleton:
        if language not in self._skeletons:
            self._skeletons[language] = MailSkeleton(sender=self._sender, language=language)
        return self._skeletons[language]


def _addressee(mail: ExpectedMail) -> Mailbox:
    """As the outbox does it: a name that may not stand in a header is left out."""
    try:
        return Mailbox(mail.address, mail.contact_name)
    except UnsafeHeader:
        return Mailbox(mail.address)
