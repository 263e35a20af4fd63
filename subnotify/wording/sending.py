"""When sending will end, in sentences: before a release, and while it is on its way."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from subnotify.rules.sending_estimates import (
    SendingEstimate,
    SendingLimits,
    SendingVerdict,
)
from subnotify.wording.language import Wording

MINUTE = timedelta(minutes=1)
# "About" nine hours, not nine hours and four minutes and so on for days.
DAYS_FROM = timedelta(days=2)


def duration_words(takes: timedelta, w: Wording) -> str:
    """A length of time, rounded up to the minute (one at least), from two days on to the hour."""
    takes = max(takes, MINUTE)
    unit = timedelta(hours=1) if takes >= DAYS_FROM else MINUTE
    whole = -(-takes // unit) * unit
    days = whole.days if whole >= DAYS_FROM else 0
    hours, rest = divmod(whole - timedelta(days=days), timedelta(hours=1))
    minutes = rest // MINUTE
    said = [
        w.ngettext("%(n)s day", "%(n)s days", days) if days else "",
        w.ngettext("%(n)s hour", "%(n)s hours", hours) if hours else "",
        w.ngettext("%(n)s minute", "%(n)s minutes", minutes) if minutes else "",
    ]
    return " ".join(part for part in said if part)


def moment_words(instant: datetime, w: Wording, *, at: datetime) -> str:
    """The time alone on the day of `at`, else with its day."""
    local = w.local(instant)
    if local.date() == w.local(at).date():
        return w.time(instant)
    return w.gettext(
        "%(date)s at %(time)s", date=w.date(local.date(), "weekday"), time=w.time(instant)
    )


def draft_sentences(
    mails: int,
    estimate: SendingEstimate,
    verdict: SendingVerdict,
    limits: SendingLimits,
    w: Wording,
    *,
    others: int = 0,
    at: datetime,
) -> tuple[str, ...]:
    """What sending a draft takes if it is released now, and whom that is too late for. others:
    mails that wait already, and are counted in."""
    if not mails:
        return ()
    takes = duration_words(estimate.takes, w)
    until = moment_words(estimate.ends_at, w, at=at)
    said = [_takes(mails, estimate, limits, takes, until, w)]
    if others:
        said.append(
            w.ngettext(
                "%(n)s mail that waits already is counted in: it may go first.",
                "%(n)s mails that wait already are counted in: they may go first.",
                others,
            )
        )
    if verdict.at_risk:
        said.append(at_risk_sentence(verdict, w))
    elif verdict.nearest is not None:
        said.append(
            w.gettext(
                "That is in time for every agreement: the first of them needs its notice by"
                " %(until)s.",
                until=w.until(verdict.nearest.before_at),
            )
        )
    return tuple(said)


def _takes(
    mails: int,
    estimate: SendingEstimate,
    limits: SendingLimits,
    takes: str,
    until: str,
    w: Wording,
) -> str:
    if estimate.decided_by == "quota" and limits.per_hour:
        return w.ngettext(
            "%(n)s mail under a quota of %(quota)s an hour takes about %(takes)s, until about"
            " %(until)s.",
            "%(n)s mails under a quota of %(quota)s an hour take about %(takes)s, until about"
            " %(until)s.",
            mails,
            quota=w.number(limits.per_hour),
            takes=takes,
            until=until,
        )
    if estimate.decided_by == "domain" and limits.per_domain_per_minute:
        return w.ngettext(
            "%(n)s mail takes about %(takes)s, until about %(until)s: at most %(pace)s a minute go"
            " to the addresses of one domain.",
            "%(n)s mails take about %(takes)s, until about %(until)s: at most %(pace)s a minute go"
            " to the addresses of one domain.",
            mails,
            pace=w.number(limits.per_domain_per_minute),
            takes=takes,
            until=until,
        )
    return w.ngettext(
        "%(n)s mail takes about %(takes)s, until about %(until)s.",
        "%(n)s mails take about %(takes)s, until about %(until)s.",
        mails,
        takes=takes,
        until=until,
    )


def at_risk_sentence(verdict: SendingVerdict, w: Wording) -> str:
    """Needs somebody at risk."""
    return w.ngettext(
        "Sending may end too late for %(n)s agreement: its notice must leave by %(until)s.",
        "Sending may end too late for %(n)s agreements: the first of their notices must leave"
        " by %(until)s.",
        verdict.at_risk_count,
        until=w.until(verdict.at_risk[0].before_at),
    )


def progress_sentence(handed_over: int, total: int, w: Wording, *, cancelled: int = 0) -> str:
    """How far sending has come, for eyes and ears alike. cancelled: of the total, how many are
    not sent any more."""
    said = w.ngettext(
        "%(done)s of %(n)s notice mail has been handed over.",
        "%(done)s of %(n)s notice mails have been handed over.",
        total,
        done=w.number(handed_over),
    )
    if not cancelled:
        return said
    ended = w.ngettext(
        "%(n)s is not sent any more: the change it announces was withdrawn, or the agreement"
        " ended.",
        "%(n)s are not sent any more: the changes they announce were withdrawn, or the agreements"
        " ended.",
        cancelled,
    )
    return f"{said} {ended}"


def end_sentence(estimate: SendingEstimate, w: Wording, *, is_held_back: bool, at: datetime) -> str:
    """When the notices will have left, as far as can be said."""
    takes = duration_words(estimate.takes, w)
    if is_held_back:
        return w.gettext("Once sending goes on it takes about %(takes)s more.", takes=takes)
    until = moment_words(estimate.ends_at, w, at=at)
    if estimate.decided_by == "retries":
        return w.gettext(
            "Expected end: not before %(until)s, when mails that were put off are tried again.",
            until=until,
        )
    return w.gettext("Expected end: about %(until)s (in %(takes)s).", until=until, takes=takes)


def verdict_sentences(
    verdict: SendingVerdict, w: Wording, *, is_held_back: bool = False
) -> tuple[str, ...]:
    """Whether the notices that have not left are in time. Empty where no clock hangs on them."""
    return tuple(_verdict(verdict, w, is_held_back))


def _verdict(verdict: SendingVerdict, w: Wording, is_held_back: bool) -> Iterator[str]:
    if verdict.missed:
        yield w.ngettext(
            "Too late for %(n)s agreement: its notice had to leave by %(until)s. The change is not"
            " used for it before its own day.",
            "Too late for %(n)s agreements: the first of their notices had to leave by"
            " %(until)s. The change is not used for them before their own day.",
            verdict.missed_count,
            until=w.until(verdict.missed[0].before_at),
        )
    if verdict.at_risk:
        yield at_risk_sentence(verdict, w)
    elif verdict.nearest is not None and is_held_back:
        yield w.gettext(
            "In time if sending goes on now: of the notices that have not left, the first must"
            " leave by %(until)s.",
            until=w.until(verdict.nearest.before_at),
        )
    elif verdict.nearest is not None:
        yield w.gettext(
            "In time: of the notices that have not left, the first must leave by %(until)s.",
            until=w.until(verdict.nearest.before_at),
        )


def rate_words(rate: float | None, w: Wording) -> str:
    """Mails a minute, as measured; empty where nothing was."""
    if rate is None:
        return ""
    per_minute = rate * 60
    shown = round(per_minute) if per_minute >= 10 else round(per_minute, 1)
    return w.gettext("%(n)s a minute", n=w.number(shown))
