"""The plan of a release in sentences: until when to send, from when to commence, who waits."""

from collections.abc import Iterator
from datetime import date

from subnotify.rules.planning import HeldBackBy, TermsPlan
from subnotify.rules.release_plans import PlanSummary
from subnotify.wording.language import Wording


def plan_sentences(
    summary: PlanSummary, commencement_on: date | None, on: date, w: Wording
) -> tuple[str, ...]:
    """What the plan says of all agreements. on: the day on which everything would be sent."""
    if summary.earliest_on is None:
        return ()
    return tuple(_sentences(summary, commencement_on, on, w))


def _sentences(
    summary: PlanSummary, commencement_on: date | None, on: date, w: Wording
) -> Iterator[str]:
    earliest = summary.earliest_on or on
    yield w.gettext(
        "If every notice is sent and received on %(on)s, commencement is lawful for everybody from"
        " %(day)s on.",
        on=w.date(on),
        day=w.date(earliest, "weekday"),
    )
    if commencement_on is None:
        yield w.gettext("Choose the day of commencement to see until when to send for it.")
    else:
        yield from _about_wanted_day(summary, commencement_on, on, w)
    yield from _about_seasons(summary, w)
    if summary.not_computable:
        yield w.ngettext(
            "No date can be computed for %(n)s agreement: it is not in this plan.",
            "No date can be computed for %(n)s agreements: they are not in this plan.",
            summary.not_computable,
        )


def _about_wanted_day(summary: PlanSummary, wanted: date, on: date, w: Wording) -> Iterator[str]:
    day, sending = w.date(wanted, "weekday"), summary.latest_sending_on
    if sending is not None and sending >= on:
        yield w.gettext(
            "For commencement on %(day)s, send by %(sending)s at the latest.",
            day=day,
            sending=w.date(sending, "weekday"),
        )
    elif sending is not None:
        yield w.gettext(
            "For commencement on %(day)s to hold for everybody, the notices had to be sent by"
            " %(sending)s.",
            day=day,
            sending=w.date(sending, "weekday"),
        )
    if summary.gated:
        yield w.ngettext(
            "That day is too early for %(n)s agreement: the change is not used for it before its"
            " own day.",
            "That day is too early for %(n)s agreements: the change is not used for them before"
            " their own day.",
            summary.gated,
        )
    if summary.late:
        yield w.ngettext(
            "The lead time of %(n)s agreement is missed.",
            "The lead time of %(n)s agreements is missed.",
            summary.late,
        )
    if summary.too_late:
        yield w.ngettext(
            "For %(n)s agreement the notice comes too late: its objection window would be over"
            " before it opens, and its case starts on hold.",
            "For %(n)s agreements the notice comes too late: their objection windows would be over"
            " before they open, and their cases start on hold.",
            summary.too_late,
        )
    if summary.running:
        yield w.ngettext(
            "The window of %(n)s agreement outlives that day. Its terms let the change be used"
            " meanwhile, until somebody objects.",
            "The windows of %(n)s agreements outlive that day. Their terms let the change be used"
            " meanwhile, until somebody objects.",
            summary.running,
        )


def _about_seasons(summary: PlanSummary, w: Wording) -> Iterator[str]:
    if summary.in_august:
        yield w.ngettext(
            "The window of %(n)s agreement falls in August.",
            "The windows of %(n)s agreements fall in August.",
            summary.in_august,
        )
    if summary.at_christmas:
        yield w.ngettext(
            "The window of %(n)s agreement falls between 24 December and 2 January.",
            "The windows of %(n)s agreements fall between 24 December and 2 January.",
            summary.at_christmas,
        )


def reason_sentence(plan: TermsPlan, w: Wording) -> str:
    """Why the wanted day is too early for agreements with these terms, and by how many days."""
    if plan.course.too_late_since is not None:
        return w.gettext(
            "Its window would have ended on %(day)s, before the notice is given. Notice today is in"
            " time for commencement from %(earliest)s on.",
            day=w.date(plan.course.too_late_since),
            earliest=w.date(plan.earliest_on),
        )
    if plan.course.held_back_by is HeldBackBy.LEAD_TIME and plan.lead_due_on is not None:
        return w.ngettext(
            "Lead time: notice was due by %(day)s; the wanted day is %(n)s day too early.",
            "Lead time: notice was due by %(day)s; the wanted day is %(n)s days too early.",
            plan.days_missed,
            day=w.date(plan.lead_due_on),
        )
    return w.ngettext(
        "Objection window: it and its grace end %(n)s day after the wanted one.",
        "Objection window: it and its grace end %(n)s days after the wanted one.",
        plan.days_missed,
    )


def terms_sentences(
    plan: TermsPlan, commencement_on: date | None, on: date, w: Wording
) -> tuple[str, ...]:
    """What the plan says of one contract: the day from which it allows commencement, the last day
    to send for the wanted one, and how its window stands to it."""
    said = [w.gettext("earliest commencement %(day)s", day=w.date(plan.earliest_on, "short"))]
    if commencement_on is None:
        return tuple(said)
    if not plan.is_lead_met and plan.lead_due_on is not None:
        late = w.gettext("late: notice was due by %(day)s", day=w.date(plan.lead_due_on, "short"))
        said.append(late)
    elif plan.latest_sending_on is not None and plan.latest_sending_on >= on:
        said.append(w.gettext("send by %(day)s", day=w.date(plan.latest_sending_on, "short")))
    elif plan.latest_sending_on is not None:
        said.append(
            w.gettext("had to be sent by %(day)s", day=w.date(plan.latest_sending_on, "short"))
        )
    if plan.days_outlived:
        said.append(
            w.ngettext(
                "the window ends %(n)s day after commencement",
                "the window ends %(n)s days after commencement",
                plan.days_outlived,
            )
        )
    if plan.runs_past_commencement:
        said.append(w.gettext("may be used meanwhile"))
    return tuple(said)
