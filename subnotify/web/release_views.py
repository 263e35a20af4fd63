"""What the release pages show: facts of changes, problems with links, agreements in words."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from subnotify.operations.plan_release import ReleasePlan
from subnotify.operations.preview_release import AgreementPreview, ReleasePreview, TermsPreview
from subnotify.rules.errors import N_, Problem
from subnotify.rules.planning import TermsPlan
from subnotify.rules.releases import ReleaseChange, Unservable
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import has_window, not_computable
from subnotify.rules.windows import Window, needs_commencement
from subnotify.rules.words import ContactKind
from subnotify.storage.change_names import name_registry
from subnotify.storage.concerned_lists import ConcernedAgreement
from subnotify.storage.registry import latest_entries
from subnotify.web.gap_places import gap_place
from subnotify.wording.change_facts import (
    ChangeFacts,
    FactRow,
    change_note,
    change_rows,
    change_title,
)
from subnotify.wording.fact_fields import place_label
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.not_computable import not_computable_reason
from subnotify.wording.notice_terms import terms_sentence
from subnotify.wording.planning import terms_sentences
from subnotify.wording.problems import problem_text
from subnotify.wording.window_steps import step_sentences

GROUPS_SHOWN = 20
_UNSERVABLE = {
    Unservable.NO_NOTICE_CONTACT: N_("The agreement names no notice contact."),
    Unservable.NO_EMAIL_ADDRESS: N_("No notice contact has an email address."),
    Unservable.CONTACT_WITHOUT_EMAIL: N_("A notice contact has no email address."),
    Unservable.NO_POSTAL_ADDRESS: N_("No notice contact has a postal address."),
    Unservable.CONTACT_WITHOUT_POSTAL_ADDRESS: N_("A notice contact has no postal address."),
    Unservable.NO_ADDRESS: N_("No notice contact has an email or postal address."),
    Unservable.CONTACT_WITHOUT_ADDRESS: N_(
        "A notice contact has neither an email nor a postal address."
    ),
    Unservable.TERMS_UNKNOWN: N_("The notice terms are unknown."),
    Unservable.TERMS_NOT_COMPUTABLE: N_("No deadline can be computed from the notice terms."),
}
_TEXT_FIELDS = {
    "commencement_on": N_("Day of commencement"),
    "changes": N_("Changes"),
    "reason": N_("Reason"),
    "reason.en": N_("Reason, in English"),
    "reason.fr": N_("Reason, in French"),
    "paragraph.en": N_("Further paragraph, in English"),
    "paragraph.fr": N_("Further paragraph, in French"),
    "emergency.en": N_("Why notice is short, in English"),
    "emergency.fr": N_("Why notice is short, in French"),
}
_ANCHORS = {
    "changes": "changes-0",
    "reason": "reason_en",
    "reason.en": "reason_en",
    "reason.fr": "reason_fr",
    "paragraph.en": "paragraph_en",
    "paragraph.fr": "paragraph_fr",
    "emergency.en": "emergency_en",
    "emergency.fr": "emergency_fr",
}


@dataclass(frozen=True)
class ProblemView:
    """A gap with the place where it is filled in."""

    text: str
    address: str


@dataclass(frozen=True)
class ChangeView:
    """changed: the facts that an amendment changes, before the other rows."""

    title: str
    note: str
    changed: tuple[FactRow, ...]
    rows: tuple[FactRow, ...]
    is_notified: bool
    has_invented_values: bool
    address: str


@dataclass(frozen=True)
class ExpectedWindow:
    """The end of a window if the notice is received now. grace_end: the end of the grace."""

    closes_at: datetime
    grace_end: datetime
    zone: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class TermsView:
    sentence: str
    agreements: int
    window: ExpectedWindow | None
    planned: tuple[str, ...]
    why_no_window: str


@dataclass(frozen=True)
class AgreementView:
    id: int
    client: str
    reference: str
    services: str
    terms: str
    contacts: tuple[str, ...]
    copies: tuple[str, ...]
    window: ExpectedWindow | None
    why_no_window: str
    problems: tuple[str, ...]


def change_views(session: Session, preview: ReleasePreview, w: Wording) -> list[ChangeView]:
    names = name_registry(session)
    in_force = {entry.key: entry.facts for entry in latest_entries(session).values()}
    views = []
    for change in preview.changes:
        told = ChangeFacts(
            kind=change.kind,
            facts=change.facts,
            services=tuple(names.get(key, key) for key in change.services),
            commencement_on=preview.release.texts.commencement_on,
            replaced=in_force.get(change.replaced_key or ""),
            before=change.before,
            names=names,
        )
        rows = change_rows(told, w)
        views.append(
            ChangeView(
                title=change_title(told, w),
                note=change_note(told, w, is_covered=True),
                changed=tuple(row for row in rows if row.is_changed),
                rows=tuple(row for row in rows if not row.is_changed),
                is_notified=change.is_notified,
                has_invented_values=bool(change.facts.demonstration_values),
                address=_entry_address(change),
            )
        )
    return views


def problem_views(preview: ReleasePreview, w: Wording) -> list[ProblemView]:
    """Each gap in words, with a link to the field that fills it."""
    return [problem_view(problem, preview, w) for problem in preview.problems]


def problem_view(problem: Problem, preview: ReleasePreview, w: Wording) -> ProblemView:
    """One gap in words, with a link to the field that fills it."""
    said = problem_text(problem, w)
    for change in preview.changes:
        start = f"changes.{change.key}."
        if problem.where.startswith(start):
            path = re.sub(r"^agreement$", "agreement_signed_on", problem.where.removeprefix(start))
            where = f"{change.facts.name}, {_label(path, change, w)}"
            text = w.named(where, f"{said.message} {said.remedy}")
            return ProblemView(text, _gap_address(change, problem, path))
    field = w.gettext(_TEXT_FIELDS[problem.where])
    address = url_for("releases.edit_page", release_id=preview.release.id)
    anchor = _ANCHORS.get(problem.where, problem.where)
    return ProblemView(w.named(field, f"{said.message} {said.remedy}"), f"{address}#{anchor}")


def _label(path: str, change: ReleaseChange, w: Wording) -> str:
    return (
        label(w, change.kind)
        if path in ("kind", "replaced")
        else place_label(path, change.facts, w)
    )


def _entry_address(change: ReleaseChange) -> str:
    """Where the facts of a change stand."""
    return url_for("registry.show_entry", subprocessor_id=change.subprocessor_id)


def _gap_address(change: ReleaseChange, problem: Problem, path: str) -> str:
    """Where what is missing is filled in."""
    return gap_place(problem, path).address(change.subprocessor_id)


def terms_views(preview: ReleasePreview, w: Wording) -> list[TermsView]:
    """The terms concerned, the most frequent first; at most `GROUPS_SHOWN`."""
    return [_terms_view(group, preview.plan, w) for group in preview.groups[:GROUPS_SHOWN]]


def _terms_view(group: TermsPreview, plan: ReleasePlan, w: Wording) -> TermsView:
    return TermsView(
        terms_sentence(group.terms, w),
        group.agreements,
        expected(group.window, w),
        terms_sentences(group.plan, plan.commencement_on, plan.on, w) if group.plan else (),
        _why_no_window(group.terms, group.plan, w),
    )


def _why_no_window(terms: NoticeTerms | None, plan: TermsPlan | None, w: Wording) -> str:
    """What stands in the place of a deadline where none can be told; "" where one can."""
    if terms is None or not_computable(terms) is not None:
        return w.gettext("not computable")
    if plan is not None and plan.course.too_late_since is not None:
        return w.gettext("notice comes too late")
    if not has_window(terms):
        return w.gettext("informed only")
    return w.gettext("depends on the day of commencement") if needs_commencement(terms) else ""


def expected(window: Window | None, w: Wording) -> ExpectedWindow | None:
    if window is None:
        return None
    return ExpectedWindow(
        window.closes_at, window.silence_after_at, window.time_zone, step_sentences(window, w)
    )


def agreement_views(lines: Iterable[AgreementPreview], w: Wording) -> list[AgreementView]:
    return [_agreement_view(line, w) for line in lines]


def _agreement_view(line: AgreementPreview, w: Wording) -> AgreementView:
    agreement = line.agreement
    return AgreementView(
        id=agreement.id,
        client=agreement.client_name,
        reference=agreement.reference,
        services=w.listed(agreement.services),
        terms=terms_sentence(line.terms, w),
        contacts=_contacts(agreement, ContactKind.NOTICE, w),
        copies=_contacts(agreement, ContactKind.COPY, w),
        window=expected(line.window, w),
        why_no_window=_why_no_window(line.terms, line.plan, w),
        problems=unservable_sentences(agreement, w),
    )


def unservable_sentences(agreement: ConcernedAgreement, w: Wording) -> tuple[str, ...]:
    """Why the agreement cannot be served or computed, each reason once."""
    sentences = []
    for problem in agreement.problems:
        reason = agreement.not_computable
        if problem is Unservable.TERMS_NOT_COMPUTABLE and reason:
            sentences.append(
                w.gettext(
                    "No deadline can be computed: %(reason)s.",
                    reason=not_computable_reason(reason, w),
                )
            )
        else:
            sentences.append(w.gettext(_UNSERVABLE[problem]))
    return tuple(sentences)


def _contacts(agreement: ConcernedAgreement, kind: ContactKind, w: Wording) -> tuple[str, ...]:
    return tuple(
        f"{x.name} <{x.email}>" if x.email else w.gettext("%(name)s (no email)", name=x.name)
        for x in agreement.contacts
        if x.kind is kind
    )


def counted(found: Mapping[str, int], order: Iterable[str]) -> list[tuple[str, int]]:
    """The counts by state in the given order, without the zeros."""
    return [(state, found[state]) for state in order if found.get(state)]
