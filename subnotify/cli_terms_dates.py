"""`subnotify terms dates FILE`: the dates that follow from notice terms for one notice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, BinaryIO, TypeVar
from zoneinfo import ZoneInfo

import click

from subnotify.cli_terms_json import dates_to_mapping, facts_to_mapping
from subnotify.cli_yaml import end_with, is_calendar, print_json, read_yaml_file
from subnotify.holiday_calendars import get_calendar
from subnotify.rules.derived_dates import derive_dates
from subnotify.rules.errors import Problem
from subnotify.rules.notice_dates import Anchors, Assumption, Basis, assume
from subnotify.rules.notice_rules import under_rule
from subnotify.rules.reading import Reader
from subnotify.rules.terms import NoticeRule, NoticeTerms
from subnotify.rules.terms_files import AgreementTerms, read_agreements_terms
from subnotify.rules.time_limits import zone_of
from subnotify.wording.language import wording_for

_NOON = time(12)
Moment = date | datetime
F = TypeVar("F", bound=Callable[..., Any])


def _read_moment(ctx: click.Context, param: click.Parameter, value: str | None) -> Moment | None:
    """A day (2026-03-02) or an instant (2026-03-02T10:00, with or without an offset)."""
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(
            f"“{value}” is neither a day nor an instant; write 2026-03-02, 2026-03-02T10:00 or"
            " 2026-03-02T10:00:00+01:00."
        ) from error


def _read_day(ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"“{value}” is not a day; write it like 2026-04-07.") from error


def _moment_option(name: str, text: str, *, required: bool = False) -> Callable[[F], F]:
    return click.option(name, metavar="ISO", required=required, callback=_read_moment, help=text)


@click.command("dates")
@click.argument("file", type=click.File("rb"))
@_moment_option("--dispatched", "When the notice was sent.", required=True)
@_moment_option("--received", "When it was received; else when it was sent.")
@_moment_option("--published", "When the list was published; else when the notice was sent.")
@click.option(
    "--commencement",
    metavar="DATE",
    callback=_read_day,
    help="The announced day of commencement.",
)
@_moment_option("--objected", "When an objection reached the vendor.")
def dates(
    file: BinaryIO,
    dispatched: Moment,
    received: Moment | None,
    published: Moment | None,
    commencement: date | None,
    objected: Moment | None,
) -> None:
    """Print the dates that follow from each agreement's terms in a YAML FILE, and why.

    One JSON object a line and agreement. A day stands for its noon, and an instant without an
    offset is told in the agreement's own zone. Every group of dates names its assumptions; where
    there is no date, they say why.
    """
    content = read_yaml_file(file)
    reader = Reader()
    agreements = read_agreements_terms(content.data, reader, is_calendar)
    for agreement in agreements:
        reader.problems.extend(agreement.problems)
    if reader.problems:
        end_with(file, reader.problems, content)
    moments = Moments(dispatched, received, published, commencement, objected)
    answers, problems = [], []
    for agreement in agreements:
        answer = _answer(agreement, moments)
        if isinstance(answer, Problem):
            problems.append(answer)
        else:
            answers.append(answer)
    if problems:
        end_with(file, problems, content)
    for answer in answers:
        print_json(answer)


@dataclass(frozen=True)
class Moments:
    """The facts as the command line gives them: days, and instants with or without offset."""

    dispatched: Moment
    received: Moment | None
    published: Moment | None
    commencement: date | None
    objected: Moment | None

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        given = (self.dispatched, self.received, self.published, self.objected)
        is_day = any(x is not None and not isinstance(x, datetime) for x in given)
        return (assume(Basis.NOON),) if is_day else ()

    def anchors(self, zone: ZoneInfo) -> Anchors:
        """The same as an agreement in that zone takes them."""

        def instant(moment: Moment | None) -> datetime | None:
            return None if moment is None else local_instant(moment, zone)

        return Anchors(
            dispatched_at=local_instant(self.dispatched, zone),
            received_at=instant(self.received),
            published_at=instant(self.published),
            commencement_on=self.commencement,
            objected_at=instant(self.objected),
        )


def _answer(agreement: AgreementTerms, moments: Moments) -> dict[str, Any] | Problem:
    terms = agreement.terms
    if terms is None:
        return {"agreement": agreement.key, "missing": "The agreement has no notice terms."}
    zone = zone_of(terms.counting.time_zone)
    try:
        anchors = moments.anchors(zone)
        days = [
            x.astimezone(zone).date() for x in (anchors.dispatched_at, anchors.received_at) if x
        ]
        if days[-1] < days[0]:
            return Problem(
                f"{agreement.where}.terms",
                "The notice was received on a day before it was sent.",
                "Correct --dispatched or --received.",
            )
        return _dates_of(agreement.key, terms, anchors, moments.assumptions)
    except (OverflowError, ValueError):
        return Problem(
            f"{agreement.where}.terms",
            "A date lies outside the years 1 to 9999.",
            "Correct the period, or the dates given.",
        )


def _dates_of(
    key: str, terms: NoticeTerms, anchors: Anchors, assumed: tuple[Assumption, ...]
) -> dict[str, Any]:
    calendar = get_calendar(terms.counting.holiday_calendar)
    zone = zone_of(terms.counting.time_zone)
    wording = wording_for("en", zone.key)

    def derived(rule: NoticeRule | None) -> dict[str, Any]:
        variant = under_rule(terms, rule)
        return dates_to_mapping(derive_dates(variant, anchors, calendar), variant, wording)

    return {
        "agreement": key,
        "time_zone": zone.key,
        "rule": terms.counting.rule,
        "holiday_calendar": calendar.name,
        "versions": calendar.version,
        "facts": facts_to_mapping(anchors, zone, assumed, wording),
        **derived(None),
        "notice_rules": [
            {
                "applies_to": f"{rule.applies_to}:{rule.key}" if rule.key else rule.applies_to,
                **derived(rule),
            }
            for rule in terms.notice_rules
        ],
    }


def local_instant(moment: Moment, zone: ZoneInfo) -> datetime:
    """A day as its noon, an instant without an offset as one of the zone."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, _NOON, tzinfo=zone)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
