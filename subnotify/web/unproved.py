"""Notices that nothing proves: legal's list, with what is missing and what to do."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from subnotify.rules.channels import POSTAL_CHANNELS
from subnotify.rules.unproved import WhyUnproved
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.open_corrections import OpenCorrection, list_open_corrections
from subnotify.storage.unproved import (
    WAITS_FOR,
    Missing,
    UnprovedNotice,
    count_unproved,
    list_unproved_notices,
)
from subnotify.web.access import needs_role, request_at
from subnotify.web.kept_counts import forget_after_posts, keep_count, kept_count
from subnotify.web.language import page_wording
from subnotify.web.registry_steps import is_legal
from subnotify.wording.language import Wording
from subnotify.wording.unproved import missing_sentence, remedy_of_missing

unproved = Blueprint("unproved", __name__, url_prefix="/desk/unproved")

PAGE_SIZE = 50
MOST_CORRECTIONS = 200
_NAME = "unproved"

forget_after_posts(unproved, _NAME)


@dataclass(frozen=True)
class Link:
    text: str
    address: str


@dataclass(frozen=True)
class UnprovedView:
    """why: what is the matter with the remedy, a pair for each mail or letter. steps: for legal."""

    client: Link
    agreement: Link
    notice: Link
    why: list[tuple[str, str]]
    since_at: datetime
    zone: str
    steps: list[Link]


@unproved.route("")
@needs_role(Role.LEGAL, Role.PUBLISHER)
def show_unproved() -> str:
    """The oldest first."""
    session, w, at = db.session(), page_wording(), request_at()
    total = keep_count(_NAME, count_unproved(session, at=at))
    pages = max(1, ceil(total / PAGE_SIZE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    found = list_unproved_notices(session, at=at, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    return render_template(
        "desk/unproved/list.html",
        views=[_view(one, w) for one in found],
        days=WAITS_FOR.days,
        page=page,
        pages=pages,
        earlier=url_for(".show_unproved", page=page - 1) if page > 1 else None,
        later=url_for(".show_unproved", page=page + 1) if page < pages else None,
    )


@unproved.route("/corrections")
@needs_role(Role.LEGAL)
def show_corrections() -> str:
    """What contradicts the record of letters, and corrections that wait for a second person."""
    found = list_open_corrections(db.session(), limit=MOST_CORRECTIONS)
    return render_template(
        "desk/unproved/corrections.html", corrections=[(one, _of_letter(one)) for one in found]
    )


def count_kept() -> int:
    """How many are on the list, at most a minute old."""
    return kept_count(_NAME, lambda: count_unproved(db.session(), at=request_at()))


def _of_letter(one: OpenCorrection) -> str:
    anchor = "contested" if one.is_contradiction else "corrections"
    return url_for("letter_files.show_letter", letter_id=one.message_id, _anchor=anchor)


def _view(one: UnprovedNotice, w: Wording) -> UnprovedView:
    return UnprovedView(
        client=Link(one.client, url_for("clients.show_client", client_id=one.client_id)),
        agreement=Link(
            one.agreement, url_for("agreements.show_agreement", agreement_id=one.agreement_id)
        ),
        notice=Link(one.reference, url_for("notice_history.show_notice", notice_id=one.id)),
        why=[
            (
                missing_sentence(x.what.why, x.what.channel, x.contact, w),
                remedy_of_missing(x.what.why, w),
            )
            for x in one.missing
        ],
        since_at=one.since_at,
        zone=one.zone,
        steps=_steps(one) if is_legal() else [],
    )


def _steps(one: UnprovedNotice) -> list[Link]:
    """Where it is mended: the letter, the contact, the terms, or the notice served anew."""
    steps = [link for missing in one.missing if (link := _step(one, missing)) is not None]
    anew = {WhyUnproved.NOTHING_CAME, WhyUnproved.NO_PROOF_POSSIBLE, WhyUnproved.ONLY_ACKNOWLEDGED}
    if any(missing.what.why in anew for missing in one.missing):
        address = url_for("case_actions.serve_anew_page", case_id=one.case_id)
        steps.append(Link(_("Serve %(reference)s anew", reference=one.reference), address))
    return list(dict.fromkeys(steps))


def _step(one: UnprovedNotice, missing: Missing) -> Link | None:
    what = missing.what
    if what.why is WhyUnproved.NO_POSTAL_ADDRESS and what.contact_id is not None:
        address = url_for(
            "clients.edit_contact", client_id=one.client_id, contact_id=what.contact_id
        )
        return Link(_("Correct %(name)s", name=missing.contact), address)
    if what.channel in POSTAL_CHANNELS and missing.letter_id is not None:
        address = url_for("letter_files.show_letter", letter_id=missing.letter_id)
        return Link(_("Letter to %(name)s", name=missing.contact), address)
    return None
