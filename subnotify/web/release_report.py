"""The report of a release: its totals for print, and each agreement and change as CSV."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from subnotify.operations.report_release import report_release, write_report_csv
from subnotify.rules.ladder import OF_ADDRESS
from subnotify.rules.words import CaseState, LetterState, Outcome, ReleaseState, Role
from subnotify.storage.database import db
from subnotify.storage.releases import get_release
from subnotify.web.access import needs_role, request_at
from subnotify.web.board_charts import WIDTH, delivery_chart
from subnotify.web.language import page_wording
from subnotify.web.release_path import path_views
from subnotify.web.spooled_files import attached_csv

release_report = Blueprint("release_report", __name__, url_prefix="/desk/releases")

# A case stands in one of these, or has an outcome.
_RUNNING = (CaseState.WAITING, CaseState.OPEN, CaseState.OBJECTED, CaseState.HOLD)


@release_report.route("/<int:release_id>/report")
@needs_role(*Role)
def show_report(release_id: int) -> str | Response:
    """What became of a release, as it is now; of a draft there is nothing to report."""
    release = get_release(db.session(), release_id)
    if release.state is not ReleaseState.RELEASED:
        return redirect(url_for("releases.show_release", release_id=release_id), code=303)
    report = report_release(db.session(), release_id, at=request_at())
    w = page_wording()
    delivery = report.delivery
    return render_template(
        "desk/releases/report.html",
        report=report,
        release=report.release,
        path=path_views(report.release),
        at=request_at(),
        running=_RUNNING,
        outcomes=tuple(Outcome),
        letter_states=[x for x in LetterState if report.letters.get(x)],
        out_of_reach=sum(report.notices.failures.get(x, 0) for x in OF_ADDRESS),
        chart=delivery_chart([delivery], w) if delivery else None,
        width=WIDTH,
    )


@release_report.route("/<int:release_id>/report.csv")
@needs_role(*Role)
def as_csv(release_id: int) -> Response:
    """A line for each change under each agreement."""
    release = get_release(db.session(), release_id)
    if release.state is not ReleaseState.RELEASED:
        return redirect(url_for("releases.show_release", release_id=release_id), code=303)
    at = request_at()
    return attached_csv(
        lambda out: write_report_csv(db.session(), release_id, out, at=at),
        name=f"release-{release.number}-{at:%Y-%m-%d}.csv",
    )
