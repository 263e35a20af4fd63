"""The path of a release on the desk: its step bar, its facts and its recipients."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext, pgettext
from werkzeug.wrappers import Response

from subnotify.operations.find_release_path import find_release_path
from subnotify.operations.preview_release import ReleasePreview, WayPreview, preview_release
from subnotify.rules.channels import NoticeChannels
from subnotify.rules.errors import N_
from subnotify.rules.release_hours import PlannedHour
from subnotify.rules.release_path import PathStep, StepLine, StepState
from subnotify.rules.words import ReleaseState, Role
from subnotify.storage.database import db
from subnotify.storage.releases import Release, get_release
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.language import page_wording
from subnotify.web.plan_views import held_back_view
from subnotify.web.release_pages import page_argument, settings
from subnotify.web.release_views import (
    GROUPS_SHOWN,
    ProblemView,
    agreement_views,
    change_views,
    problem_view,
    terms_views,
    unservable_sentences,
)
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.mail_release_alarm import refusal_sentence

release_path = Blueprint("release_path", __name__, url_prefix="/desk/releases")

UNSERVABLE_SHOWN = 200
_SAID = {
    StepState.DONE: N_("done"),
    StepState.DUE: N_("next"),
    StepState.LATER: N_("later"),
}
_PAGES = {
    PathStep.DRAFT: "releases.edit_page",
    PathStep.FACTS: "release_path.show_facts",
    PathStep.RECIPIENTS: "release_path.show_recipients",
    PathStep.CHECK: "releases.show_release",
    PathStep.APPROVAL: "release_steps.approve_page",
    PathStep.RELEASE: "release_steps.release_page",
}
_PAGES_OF_RELEASED = {
    PathStep.RELEASE: "releases.show_release",
    PathStep.PROGRESS: "release_sending.show_sending",
    PathStep.REPORT: "release_report.show_report",
}
_OPENED_BY = {
    PathStep.DRAFT: Role.PUBLISHER,
    PathStep.APPROVAL: Role.LEGAL,
    PathStep.RELEASE: Role.PUBLISHER,
}


@dataclass(frozen=True)
class StepView:
    """One step of the bar; address: "" where this person cannot open it now."""

    step: str
    state: str
    name: str
    said: str
    address: str


@dataclass(frozen=True)
class FactsView:
    title: str
    address: str
    gaps: tuple[ProblemView, ...]


@dataclass(frozen=True)
class WayView:
    channels: str
    language: str
    agreements: int
    hindered: int


@dataclass(frozen=True)
class HourView:
    """The planned hour; refusal: why it was not released then, "" while it waits."""

    at: datetime
    by: str
    planned_at: datetime
    refused_at: datetime | None
    refusal: str


def hour_view(hour: PlannedHour | None, w: Wording) -> HourView | None:
    if hour is None:
        return None
    why = refusal_sentence(*hour.refusal, w) if hour.refusal else ""
    return HourView(hour.at, hour.by, hour.planned_at, hour.refused_at, why)


def path_views(release: Release) -> list[StepView]:
    """The step bar of a release, for the person who is signed in."""
    lines = find_release_path(db.session(), release.id, zone=settings().zone, at=request_at())
    return [
        StepView(
            line.step.value,
            line.state.value,
            _name(line.step),
            _said(line, release),
            _place(line, release),
        )
        for line in lines
    ]


def _name(step: PathStep) -> str:
    """In French the names of some steps are no other word's."""
    names = {
        PathStep.DRAFT: _("Draft"),
        PathStep.FACTS: pgettext("step", "Facts"),
        PathStep.RECIPIENTS: _("Recipients"),
        PathStep.CHECK: _("Check your answers"),
        PathStep.APPROVAL: _("Approval"),
        PathStep.RELEASE: pgettext("step", "Release"),
        PathStep.PROGRESS: _("Progress"),
        PathStep.REPORT: _("Report"),
    }
    return str(names[step])


def _said(line: StepLine, release: Release) -> str:
    if _tells_so_far(line, release):
        return str(_("so far"))
    if line.state is StepState.INCOMPLETE:
        return str(ngettext("%(num)s is missing", "%(num)s are missing", line.missing))
    return str(_(_SAID[line.state]))


def _place(line: StepLine, release: Release) -> str:
    """Only pages that show something now: the others would lead back."""
    is_released = release.state is ReleaseState.RELEASED
    pages = _PAGES_OF_RELEASED if is_released else _PAGES
    endpoint = pages.get(line.step, "")
    is_later = line.state is StepState.LATER and not _tells_so_far(line, release)
    if endpoint not in current_app.view_functions or is_later:
        return ""
    needed = None if is_released else _OPENED_BY.get(line.step)
    if needed is not None and needed not in current_operator().roles:
        return ""
    if line.step is PathStep.APPROVAL and release.state is not ReleaseState.DRAFT:
        return ""
    return url_for(endpoint, release_id=release.id)


def _tells_so_far(line: StepLine, release: Release) -> bool:
    """The report can be read from the release on, though more is to come."""
    is_released = release.state is ReleaseState.RELEASED
    return is_released and line.step is PathStep.REPORT and line.state is not StepState.DONE


@release_path.route("/<int:release_id>/facts")
@needs_role(*Role)
def show_facts(release_id: int) -> str | Response:
    """Which facts each change still needs, with where to write them."""
    release = get_release(db.session(), release_id)
    if not _is_draft(release):
        return _to_release(release_id)
    w = page_wording()
    preview = _preview(release_id)
    shown = []
    for change, view in zip(preview.changes, change_views(db.session(), preview, w), strict=True):
        own = [x for x in preview.problems if x.where.startswith(f"changes.{change.key}.")]
        gaps = tuple(problem_view(problem, preview, w) for problem in own)
        shown.append(FactsView(view.title, view.address, gaps))
    return render_template(
        "desk/releases/facts.html",
        release=release,
        path=path_views(release),
        changes=shown,
        may_edit=Role.PUBLISHER in current_operator().roles,
    )


@release_path.route("/<int:release_id>/recipients")
@needs_role(*Role)
def show_recipients(release_id: int) -> str | Response:
    """Which agreements get a notice, under which terms and by which channel, and who cannot."""
    release = get_release(db.session(), release_id)
    if not _is_draft(release):
        return _to_release(release_id)
    w = page_wording()
    preview = _preview(release_id)
    return render_template(
        "desk/releases/recipients.html",
        release=release,
        path=path_views(release),
        preview=preview,
        ways=[_way(x, w) for x in preview.ways],
        terms=terms_views(preview, w),
        further_terms=max(0, len(preview.groups) - GROUPS_SHOWN),
        agreements=agreement_views(preview.page, w),
        unservable=[
            (agreement, unservable_sentences(agreement, w))
            for agreement in preview.unservable[:UNSERVABLE_SHOWN]
        ],
        late=[held_back_view(x, w) for x in preview.late[:UNSERVABLE_SHOWN]],
    )


def _preview(release_id: int) -> ReleasePreview:
    return preview_release(
        db.session(),
        release_id,
        zone=settings().zone,
        at=request_at(),
        page=page_argument("page"),
        excluded_page=page_argument("excluded"),
    )


def _way(way: WayPreview, w: Wording) -> WayView:
    language = w.gettext("French") if way.language == "fr" else w.gettext("English")
    return WayView(channel_words(way.channels, w), language, way.agreements, way.hindered)


def channel_words(channels: NoticeChannels, w: Wording) -> str:
    """ "email", "email or post", "email and registered post"."""
    names = [label(w, channel) for channel in sorted(channels.by)]
    if channels.every or len(names) == 1:
        return w.listed(names)
    return w.gettext(" or ").join(names)


def _is_draft(release: Release) -> bool:
    return release.state in (ReleaseState.DRAFT, ReleaseState.APPROVED)


def _to_release(release_id: int) -> Response:
    return redirect(url_for("releases.show_release", release_id=release_id), code=303)
