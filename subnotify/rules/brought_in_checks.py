"""Whether a notice given before subnotify was used can be brought in under its terms."""

from collections.abc import Collection, Sequence
from datetime import datetime

from subnotify.rules.brought_in import GivenNotice, GivenZones, Moment
from subnotify.rules.channels import NoticeChannels, notice_channels
from subnotify.rules.reading import Reader
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_words import RunsFrom
from subnotify.rules.words import ChangeKind, Channel


def check_instants(given: GivenNotice, zones: GivenZones, reader: Reader, *, at: datetime) -> None:
    """Nothing happened later than now, and no receipt before dispatch."""
    dispatched_at, received_at = given.dispatched_at(zones), given.received_at(zones)
    past = (given.dispatched, given.dispatched_since(zones), dispatched_at)
    _check_past(*past, f"{given.where}.dispatched_at", reader, at)
    if given.received is not None and received_at is not None:
        past = (given.received, given.received.first_instant(zones.agreement), received_at)
        _check_past(*past, f"{given.where}.received_at", reader, at)
        if received_at < dispatched_at:
            reader.problem(
                f"{given.where}.received_at",
                "The notice would be received before it was dispatched.",
                "Correct one of the two.",
            )


def _check_past(
    moment: Moment, first: datetime, last: datetime, where: str, reader: Reader, at: datetime
) -> None:
    if last <= at:
        return
    if moment.at is None and first <= at:
        reader.problem(
            where,
            "This day is not over yet, so it may stand for an hour to come.",
            "Write the hour too: 2026-03-02 10:15.",
        )
    else:
        reader.problem(
            where,
            "This lies in the future.",
            "Correct it: only what has happened is brought in.",
        )


def check_channels(
    rows: Sequence[GivenNotice],
    terms: NoticeTerms,
    without_address: Collection[str],
    reader: Reader,
) -> None:
    """The channels by which notice was given under one agreement.

    Where the terms take any mail, a row that names no channel is one; else what is not said is
    not guessed: by another channel than the terms name it would be no notice. without_address:
    contacts that have no email address.
    """
    if not_computable(terms) is not None or terms.trigger is RunsFrom.PUBLICATION:
        return  # refused for that
    ways = notice_channels(terms)
    for row in rows:
        _check_channel(row, ways, row.contact not in without_address, reader)
    if ways.every:
        _check_every(rows, ways, reader)


def _check_channel(
    row: GivenNotice, ways: NoticeChannels, has_address: bool, reader: Reader
) -> None:
    takes_any_mail = ways.is_by_mail and not ways.every
    if row.channel is None and not (takes_any_mail and has_address):
        reader.problem(
            f"{row.where}.channel",
            "It is not said by which channel the notice was given.",
            "Write email, post or registered_post.",
        )
    # Under a clause that names only email a letter counts from its receipt, where that is proved.
    elif not ways.takes(row.way) and not (ways.postal is None and row.proof is not None):
        reader.problem(
            f"{row.where}.channel",
            "The terms of this agreement take no notice by this channel: they name %(channels)s.",
            "Remove the row; subnotify gives this agreement notice itself.",
            channels=", ".join(sorted(ways.by)),
        )


def _check_every(rows: Sequence[GivenNotice], ways: NoticeChannels, reader: Reader) -> None:
    given: dict[str, set[Channel]] = {}
    for row in rows:
        given.setdefault(row.contact, set()).add(row.way)
    for row in rows:
        found = given.pop(row.contact, None)
        if found is None:
            continue  # said at the first row of this contact
        missing = [
            channel
            for channel in sorted(ways.by)
            if channel not in found
            and not (channel is Channel.POST and Channel.REGISTERED_POST in found)
        ]
        for channel in missing:
            reader.problem(
                f"{row.where}.channel",
                "The terms ask for notice by each of their channels, and “%(key)s” has no row for"
                " %(channel)s.",
                "Add its row.",
                key=row.contact,
                channel=channel.value,
            )


def check_terms(terms: NoticeTerms | None, kind: ChangeKind, where: str, reader: Reader) -> None:
    """Whether a window can run under these terms at all."""
    if terms is None:
        reader.problem(
            where,
            "The notice terms of this agreement are not known.",
            "Enter them first: without them no window can be computed.",
        )
    elif kind not in terms.changes_covered:
        reader.problem(
            where,
            "The terms of this agreement do not cover this kind of change: no window runs.",
            "Remove the row.",
        )
    elif not_computable(terms) is not None:
        reader.problem(
            where,
            "No dates can be computed from the notice terms of this agreement.",
            "Complete its terms first.",
        )
    elif terms.trigger is RunsFrom.PUBLICATION:
        reader.problem(
            where,
            "The window of this agreement runs from the publication of the list, and subnotify did"
            " not publish this change.",
            "Announce the change with a release.",
        )
