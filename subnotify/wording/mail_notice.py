"""The notice: what one agreement is told of a release."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from subnotify.rules.letter_counts import LetterWay
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.vendor import VendorProfile
from subnotify.rules.windows import Window
from subnotify.rules.words import ContactKind
from subnotify.wording.change_facts import (
    ChangeFacts,
    FactRow,
    change_note,
    change_rows,
    change_title,
    is_covered,
)
from subnotify.wording.clauses import clause_sentence, quotation
from subnotify.wording.country_restrictions import restriction_sentences, told_silence
from subnotify.wording.deadlines import (
    answer_deadline_sentence,
    deadline_sentence,
    expected_deadline_sentences,
    expected_deadline_short,
    former_window_sentences,
)
from subnotify.wording.language import Wording
from subnotify.wording.mail_party import Party
from subnotify.wording.mails import MailMould, MailText, blank, render_mail
from subnotify.wording.objections import effect_sentences, form_sentences
from subnotify.wording.online_answers import link_sentence
from subnotify.wording.silence import is_request


@dataclass(frozen=True)
class CorrectedNotice:
    """The release that is corrected, and the day on which it was announced."""

    number: str
    on: date


@dataclass(frozen=True)
class NoticeFacts:
    """What notices to several contacts have in common.

    window: while it runs. example: the one that would run if the notice were served today.
    corrects: the release that the notice takes the place of.
    has_former_window: one ran before that the notice stopped being served. letter: how the notice
    travels on paper, None in a mail.
    contact_kind: notice or copy; contact_clause: where the agreement designates the contact.
    reason and paragraph: of the release, in the language of the notice. emergency: why notice
    is short, and what that means; empty in no emergency. withdrawn: changes of the release that
    were withdrawn before this mail was written; they are among `changes` only where something of
    them stands for the client nevertheless.
    """

    vendor: VendorProfile
    changes: tuple[ChangeFacts, ...]
    terms: NoticeTerms | None
    window: Window | None
    example: Window | None
    contact_kind: ContactKind
    contact_clause: str
    reason: str
    paragraph: str
    emergency: tuple[str, ...] = ()
    withdrawn: tuple[ChangeFacts, ...] = ()
    has_former_window: bool = False
    corrects: CorrectedNotice | None = None
    letter: LetterWay | None = None


@dataclass(frozen=True)
class ChangeView:
    """A change as a template shows it. changed: the facts that an amendment changes, before the
    other rows; note: what else is to be said of a change of this kind; restriction: that the
    agreement does not allow a country of it."""

    title: str
    changed: tuple[FactRow, ...]
    rows: tuple[FactRow, ...]
    is_covered: bool
    note: str
    restriction: tuple[str, ...]


def notice_mould(facts: NoticeFacts, w: Wording) -> MailMould:
    """The notice in this language, with blanks for what `fill_notice` puts in."""
    return MailMould(
        render_mail(
            "notice",
            w,
            vendor=facts.vendor,
            client_name=blank("client_name"),
            agreement_reference=blank("agreement_reference"),
            reference=blank("reference"),
            link=blank("link"),
            **notice_values(facts, w),
        )
    )


def notice_values(facts: NoticeFacts, w: Wording) -> dict[str, Any]:
    """What the notice says to each of its contacts, for the templates of mail and letter."""
    return {
        "services": w.listed(all_services(facts.changes)),
        "title": notice_title(len(facts.changes), w, is_request=_asks(facts)),
        "is_request": _asks(facts),
        "standing": standing_sentence(facts.contact_kind, facts.contact_clause, w),
        "changes": tuple(_view(change, facts.terms, w) for change in facts.changes),
        "corrects": correction_sentences(facts.corrects, w),
        "withdrawn": tuple(withdrawn_sentence(change, w) for change in facts.withdrawn),
        "reason": facts.reason,
        "paragraph": facts.paragraph,
        "emergency": facts.emergency,
        **_terms_values(facts, w),
    }


def fill_notice(mould: MailMould, party: Party, link: str) -> MailText:
    """The notice to one contact."""
    return mould.fill(**party.values, link=link)


def notice_title(changes: int, w: Wording, *, is_request: bool = False) -> str:
    """is_request: the agreement needs the client's authorisation for each change."""
    if is_request:
        return w.ngettext(
            "Request for authorisation of a change of subprocessor",
            "Request for authorisation of changes of subprocessors",
            changes,
        )
    return w.ngettext(
        "Notice of a change of subprocessor", "Notice of changes of subprocessors", changes
    )


def standing_sentence(kind: ContactKind, clause: str, w: Wording) -> str:
    """Why this contact gets the notice."""
    if kind is ContactKind.COPY:
        return w.gettext(
            "You get this copy for information: the objection period depends on the notice to the"
            " contacts that the agreement designates."
        )
    if clause:
        return w.gettext(
            "You get this notice as a contact that the agreement designates for it (%(clause)s).",
            clause=clause,
        )
    return w.gettext("You get this notice as a contact that the agreement designates for it.")


def correction_sentences(corrected: CorrectedNotice | None, w: Wording) -> tuple[str, ...]:
    """That the notice takes the place of an earlier one, and what that means."""
    if corrected is None:
        return ()
    return (
        w.gettext(
            "This notice corrects release %(number)s of %(day)s and takes its place: only what"
            " stands here holds.",
            number=corrected.number,
            day=w.date(corrected.on),
        ),
        w.gettext(
            "A new full period runs from this notice. What you answered to the former one does not"
            " count for it; a termination that you have declared stands."
        ),
    )


def withdrawn_sentence(change: ChangeFacts, w: Wording) -> str:
    """A release's own words may speak of it, and the notice's page shows it."""
    return w.gettext(
        "Of the same release, and withdrawn since: %(change)s. It does not take place.",
        change=change_title(change, w),
    )


def all_services(changes: tuple[ChangeFacts, ...]) -> list[str]:
    """The services that any of the changes concerns, each once, in their order."""
    return list(dict.fromkeys(name for change in changes for name in change.services))


def _asks(facts: NoticeFacts) -> bool:
    """The notice asks for the client's authorisation of a change that the terms cover."""
    covered = any(is_covered(change, facts.terms) for change in facts.changes)
    return covered and is_request(facts.terms)


def _terms_values(facts: NoticeFacts, w: Wording) -> dict[str, object]:
    """What depends on the terms. Where no change is covered no period runs at all."""
    terms = facts.terms
    if not any(is_covered(change, terms) for change in facts.changes):
        informed = w.gettext(
            "Your agreement gives no right to object to this kind of change: you are informed of"
            " it."
        )
        nothing: tuple[str, ...] = ()
        return {
            "deadline": (informed,),
            "deadline_short": w.gettext("for information"),
            "silence": nothing,
            "objection": nothing,
            "link_sentence": link_sentence(terms, w, can_object=False),
            "clause": clause_sentence(terms, w),
            "quotation": quotation(terms),
        }
    services = all_services(facts.changes)
    address = _postal_address(facts.vendor)
    return {
        "deadline": deadline_sentences(facts, w),
        "deadline_short": _deadline_short(facts, w),
        "silence": told_silence(
            terms, [x.blocked for x in facts.changes if is_covered(x, terms)], w
        ),
        "objection": (
            *form_sentences(terms, w, address=address),
            *effect_sentences(terms, services, w),
        ),
        "link_sentence": link_sentence(terms, w, can_object=True),
        "clause": clause_sentence(terms, w),
        "quotation": quotation(terms),
    }


def deadline_sentences(facts: NoticeFacts, w: Wording) -> tuple[str, ...]:
    """Until when a change that the terms cover can be objected to, or how that is computed."""
    if facts.window is not None:
        window = facts.window
        if is_request(facts.terms):
            return (answer_deadline_sentence(window.closes_at, window.time_zone, w),)
        return (deadline_sentence(window.closes_at, window.time_zone, w),)
    # How a copy counts is no matter: it never does.
    letter = facts.letter if facts.contact_kind is ContactKind.NOTICE else None
    example = facts.example if facts.letter is None else None
    expected = expected_deadline_sentences(facts.terms, example, w, letter=letter)
    if facts.has_former_window:
        return (*expected, *former_window_sentences(facts.terms, w))
    return expected


def _deadline_short(facts: NoticeFacts, w: Wording) -> str:
    if facts.window is not None:
        told = w.in_zone(facts.window.time_zone)
        if is_request(facts.terms):
            return w.gettext(
                "answer needed until %(day)s", day=told.last_day_words(facts.window.closes_at)
            )
        return w.gettext(
            "objection possible until %(day)s",
            day=told.last_day_words(facts.window.closes_at),
        )
    expected = expected_deadline_short(facts.terms, w)
    return w.gettext("objection possible %(within)s", within=expected) if expected else ""


def _postal_address(vendor: VendorProfile) -> str:
    return f"{vendor.name}\n{vendor.address}" if vendor.address else ""


def _view(change: ChangeFacts, terms: NoticeTerms | None, w: Wording) -> ChangeView:
    rows, covered = change_rows(change, w), is_covered(change, terms)
    return ChangeView(
        title=change_title(change, w),
        changed=tuple(row for row in rows if row.is_changed),
        rows=tuple(row for row in rows if not row.is_changed),
        is_covered=covered,
        note=change_note(change, w, is_covered=covered),
        restriction=restriction_sentences(terms, change.blocked, w),
    )
