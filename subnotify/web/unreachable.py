"""Agreements that no address can serve: legal's list, cleared by mending what is wrong."""

from dataclasses import dataclass
from datetime import date, datetime
from math import ceil

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from subnotify.config import Settings
from subnotify.rules.reachability import Lack, Lacking
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.unreachable import (
    UnreachableAgreement,
    WaitingNotice,
    count_unreachable,
    list_unreachable,
)
from subnotify.web.access import needs_role, request_at
from subnotify.web.kept_counts import forget_after_posts, keep_count, kept_count
from subnotify.web.language import page_wording
from subnotify.web.registry_steps import is_legal
from subnotify.wording.language import Wording
from subnotify.wording.unreachable import lack_sentence, remedy_sentence

unreachable = Blueprint("unreachable", __name__, url_prefix="/desk/unreachable")

PAGE_SIZE = 50
_NAME = "unreachable"

forget_after_posts(unreachable, _NAME)


@dataclass(frozen=True)
class Link:
    text: str
    address: str


@dataclass(frozen=True)
class NoticeView:
    """closes_at: the deadline of a window that ran before it failed."""

    reference: str
    address: str
    closes_at: datetime | None
    zone: str | None
    commencement: str


@dataclass(frozen=True)
class UnreachableView:
    """why: what is the matter with the remedy, a pair for each contact. steps: for legal."""

    client: Link
    agreement: Link
    why: list[tuple[str, str]]
    since_at: datetime | None
    notices: list[NoticeView]
    steps: list[Link]


@unreachable.route("")
@needs_role(Role.LEGAL, Role.PUBLISHER)
def show_unreachable() -> str:
    """Those with a notice that waits first."""
    w = page_wording()
    found = list_unreachable(db.session(), on=_today(), at=request_at())
    keep_count(_NAME, len(found))
    pages = max(1, ceil(len(found) / PAGE_SIZE))
    asked = request.args.get("page", 1, type=int)
    page = min(max(1, asked), pages)
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return render_template(
        "desk/unreachable/list.html",
        views=[_view(one, w) for one in shown],
        total=len(found),
        page=page,
        pages=pages,
        earlier=url_for(".show_unreachable", page=page - 1) if page > 1 else None,
        later=url_for(".show_unreachable", page=page + 1) if page < pages else None,
    )


def count_for_navigation(session: Session) -> int:
    """Counted at most once a minute by each process, and after whatever was entered here: every
    page of the desk asks, and every agreement is looked at."""
    return kept_count(_NAME, lambda: count_unreachable(session, on=_today(), at=request_at()))


def _today() -> date:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return request_at().astimezone(settings.zone).date()


def _view(one: UnreachableAgreement, w: Wording) -> UnreachableView:
    return UnreachableView(
        client=Link(one.client, url_for("clients.show_client", client_id=one.client_id)),
        agreement=Link(
            one.reference,
            url_for("agreements.show_agreement", agreement_id=one.id, _anchor="contacts"),
        ),
        why=[(lack_sentence(x, w), remedy_sentence(x, w)) for x in one.lacking],
        since_at=one.since_at,
        notices=[_notice(x, one.zone, w) for x in one.notices],
        steps=_steps(one) if is_legal() else [],
    )


def _notice(notice: WaitingNotice, zone: str | None, w: Wording) -> NoticeView:
    day = notice.commencement_on
    return NoticeView(
        notice.reference,
        url_for("notice_history.show_notice", notice_id=notice.id),
        notice.closes_at,
        zone,
        w.date(day) if day is not None else "",
    )


def _steps(one: UnreachableAgreement) -> list[Link]:
    """Where it is mended: the contact, another contact, and the notices that wait."""
    steps = [link for lacking in one.lacking for link in _of_contact(one, lacking)]
    if one.lacking[0].lack is not Lack.SERVE_ANEW:
        address = url_for("agreement_steps.new_naming", agreement_id=one.id)
        steps.append(Link(_("Name another contact"), address))
    else:
        steps += [
            Link(
                _("Serve %(reference)s anew", reference=notice.reference),
                url_for("case_actions.serve_anew_page", case_id=notice.case_id),
            )
            for notice in one.notices
        ]
    return steps


def _of_contact(one: UnreachableAgreement, lacking: Lacking) -> list[Link]:
    if lacking.contact is None:
        return []
    address = url_for(
        "clients.edit_contact", client_id=one.client_id, contact_id=lacking.contact.id
    )
    said = (
        _("Correct %(name)s and serve anew", name=lacking.contact.name)
        if one.notices
        else _("Correct %(name)s", name=lacking.contact.name)
    )
    return [Link(said, address)]
