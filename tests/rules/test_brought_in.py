"""What the rows of windows.csv say: when at the latest, and by which channel."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from subnotify.rules.brought_in import GivenNotice, GivenZones, Moment, read_given_notice
from subnotify.rules.brought_in_checks import check_channels, check_instants
from subnotify.rules.presets import PRESETS
from subnotify.rules.reading import Reader
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import ChannelChoice
from subnotify.rules.words import Channel, ProofKind

PARIS, TOKYO = ZoneInfo("Europe/Paris"), ZoneInfo("Asia/Tokyo")
ZONES = GivenZones(PARIS, PARIS)
DAY, NEXT = Moment(date(2026, 2, 24)), Moment(date(2026, 2, 25))
NOON = Moment(date(2026, 2, 24), datetime.fromisoformat("2026-02-24 12:00"))
NOON_AT = datetime(2026, 2, 24, 11, tzinfo=UTC)
END_OF_DAY = datetime(2026, 2, 24, 22, 59, 59, 999999, tzinfo=UTC)
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
MAIL, PLAIN, REGISTERED = Channel.EMAIL, Channel.POST, Channel.REGISTERED_POST


def notice(
    dispatched: Moment = DAY,
    received: Moment | None = None,
    channel: Channel | None = None,
    proof: ProofKind | None = None,
    contact: str = "p0",
) -> GivenNotice:
    return GivenNotice(
        "0",
        "a1",
        contact,
        "orage",
        None,
        date(2026, 5, 1),
        dispatched,
        channel,
        received,
        proof,
    )


def said(reader: Reader) -> list[str]:
    return [f"{x.where} {x.message}" for x in reader.problems]


def test_a_day_alone_is_read_as_its_end() -> None:
    given = notice(DAY, NEXT)
    assert given.dispatched_at(ZONES) == END_OF_DAY
    assert given.received_at(ZONES) == END_OF_DAY.replace(day=25)
    assert notice(NOON, NOON).received_at(ZONES) == NOON_AT


def test_a_day_of_dispatch_ends_with_the_receipt_on_it() -> None:
    assert notice(DAY, NOON).dispatched_at(ZONES) == NOON_AT
    assert notice(NOON, DAY).dispatched_at(ZONES) == NOON_AT
    assert notice(DAY, DAY).dispatched_at(ZONES) == END_OF_DAY


def test_a_day_of_dispatch_may_be_the_vendors_and_one_of_receipt_is_the_agreements() -> None:
    abroad = GivenZones(TOKYO, PARIS)
    assert notice(DAY).dispatched_at(abroad) == END_OF_DAY
    assert notice(DAY).dispatched_since(abroad) == datetime(2026, 2, 23, 15, tzinfo=UTC)
    received_at = datetime(2026, 2, 25, 14, 59, 59, 999999, tzinfo=UTC)
    assert notice(DAY, NEXT).received_at(abroad) == received_at
    # A time without an offset is the agreement's.
    assert notice(NOON).dispatched_at(abroad) == datetime(2026, 2, 24, 3, tzinfo=UTC)


def test_what_an_earlier_version_read_as_the_first_instant_is_the_same() -> None:
    given = notice(DAY, NEXT)
    assert given.is_dispatched_at(datetime(2026, 2, 23, 23, tzinfo=UTC), ZONES)
    assert given.is_dispatched_at(END_OF_DAY, ZONES)
    assert not given.is_dispatched_at(datetime(2026, 2, 24, 23, tzinfo=UTC), ZONES)
    assert given.is_received_at(datetime(2026, 2, 24, 23, tzinfo=UTC), ZONES)
    assert not given.is_received_at(END_OF_DAY, ZONES)
    assert not given.is_received_at(None, ZONES)
    assert notice().is_received_at(None, ZONES) and not notice().is_received_at(AT, ZONES)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (notice(DAY, NEXT), None),
        (notice(DAY, DAY), None),
        (notice(NEXT, DAY), "0.received_at The notice would be received before it was dispatched."),
        (notice(NEXT, NOON), "0.received_at The notice would be received before"),
        (notice(Moment(date(2026, 3, 2))), "0.dispatched_at This day is not over yet"),
        (notice(Moment(date(2026, 3, 3))), "0.dispatched_at This lies in the future."),
        (notice(DAY, Moment(date(2026, 3, 2))), "0.received_at This day is not over yet"),
        (
            notice(Moment(date(2026, 3, 2), datetime.fromisoformat("2026-03-02 09:01"))),
            "0.dispatched_at This lies in the future.",
        ),
        (notice(Moment(date(2026, 3, 2), datetime.fromisoformat("2026-03-02 09:00"))), None),
    ],
)
def test_only_what_has_happened_and_in_order(given: GivenNotice, problem: str | None) -> None:
    reader = Reader()
    check_instants(given, ZONES, reader, at=AT)
    assert len(reader.problems) == (problem is not None)
    assert all(x.startswith(problem or "") for x in said(reader))


@pytest.mark.parametrize(
    ("cells", "channel", "problem"),
    [
        ({}, None, None),
        ({"channel": "registered_post"}, REGISTERED, None),
        ({"proof": "registered_delivery"}, REGISTERED, None),
        ({"proof": "recipient_server"}, MAIL, None),
        ({"proof": "acknowledgement"}, None, None),
        ({"proof": "acknowledgement", "channel": "post"}, PLAIN, None),
        ({"channel": "portal"}, None, "0.channel Notices are brought in that went by mail or by"),
        ({"channel": "fax"}, None, "0.channel “%(value)s” is not a known value."),
        (
            {"proof": "registered_delivery", "channel": "post"},
            None,
            "0.proof A notice by this channel leaves no such proof.",
        ),
        ({"proof": "recipient_server", "channel": "registered_post"}, None, "0.proof A notice by"),
    ],
)
def test_the_channel_is_said_or_shown_by_the_proof(
    cells: dict[str, str], channel: Channel | None, problem: str | None
) -> None:
    reader = Reader()
    row = {
        "agreement": "a1",
        "contact": "p0",
        "subprocessor": "orage",
        "commencement_on": "2026-05-01",
        "dispatched_at": "2026-02-24",
    }
    proof = {"received_at": "2026-02-25", "proof_reference": "1A"} if "proof" in cells else {}
    read = read_given_notice(row | proof | cells, "0", reader)
    assert (read is None) == (problem is not None)
    assert [x for x in said(reader) if not x.startswith(problem or "-")] == []
    assert read is None or read.channel is channel


def by(*channels: Channel, choice: ChannelChoice = ChannelChoice.ANY) -> NoticeTerms:
    return replace(
        PRESETS["fr-15-days"],
        channels=channels,
        channel_choice=choice,
        proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT}),
    )


MISSING = "0.channel It is not said by which channel the notice was given."
NOT_TAKEN = "0.channel The terms of this agreement take no notice by this channel"
EVERY = by(MAIL, REGISTERED, choice=ChannelChoice.EVERY)
SHOWN = {"received": NEXT, "proof": ProofKind.ACKNOWLEDGEMENT}


@pytest.mark.parametrize(
    ("terms", "rows", "problems"),
    [
        (by(MAIL), [notice()], []),
        (by(MAIL, REGISTERED), [notice()], []),
        # The address that a mail would have gone to is not known.
        (by(MAIL), [notice(contact="p9")], [MISSING]),
        (by(MAIL), [notice(contact="p9", channel=MAIL)], []),
        (by(REGISTERED), [notice()], [MISSING]),
        (by(REGISTERED), [notice(**SHOWN)], [MISSING]),
        (by(REGISTERED), [notice(channel=REGISTERED)], []),
        (by(REGISTERED), [notice(channel=PLAIN)], [NOT_TAKEN]),
        (by(REGISTERED), [notice(channel=PLAIN, **SHOWN)], [NOT_TAKEN]),
        (by(REGISTERED), [notice(channel=MAIL)], [NOT_TAKEN]),
        (by(PLAIN), [notice()], [MISSING]),
        (by(PLAIN), [notice(channel=REGISTERED)], []),
        (by(MAIL), [notice(channel=REGISTERED)], [NOT_TAKEN]),
        (by(MAIL), [notice(channel=REGISTERED, **SHOWN)], []),
        (EVERY, [notice()], [MISSING, "0.channel The terms ask for notice by each"]),
        (EVERY, [notice(channel=MAIL)], ["0.channel The terms ask for notice by each"]),
        (EVERY, [notice(channel=REGISTERED)], ["0.channel The terms ask for notice by each"]),
        (EVERY, [notice(channel=MAIL), notice(channel=REGISTERED)], []),
        (
            by(MAIL, PLAIN, choice=ChannelChoice.EVERY),
            [notice(channel=MAIL), notice(channel=REGISTERED)],
            [],
        ),
        # Refused already: no dates can be computed.
        (by(MAIL, REGISTERED, choice=ChannelChoice.UNSPECIFIED), [notice()], []),
    ],
)
def test_no_channel_is_guessed_where_another_would_be_no_notice(
    terms: NoticeTerms, rows: list[GivenNotice], problems: list[str]
) -> None:
    reader = Reader()
    check_channels(rows, terms, {"p9"}, reader)
    found = said(reader)
    assert len(found) == len(problems), found
    assert all(x.startswith(y) for x, y in zip(found, problems, strict=True)), found


@pytest.mark.parametrize("written", ["9999-12-31", "0001-01-01", "0001-01-01T00:00+01:00"])
def test_a_day_that_not_every_zone_has_is_none(written: str) -> None:
    reader = Reader()
    cells = {
        "agreement": "a1",
        "contact": "p0",
        "subprocessor": "orage",
        "commencement_on": "2026-05-01",
        "dispatched_at": written,
    }
    assert read_given_notice(cells, "0", reader) is None
    assert said(reader) == ["0.dispatched_at “%(value)s” is not a day or an instant."]
