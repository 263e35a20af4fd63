"""By which channel notice was given before subnotify was used, and when at the latest."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from subnotify.rules.serving import judge_serving
from subnotify.rules.terms import DeemedReceipt, NoticeRule, NoticeTerms, Period
from subnotify.rules.terms_words import ChannelChoice, DeemedKind, RuleScope, RunsFrom, Unit
from subnotify.rules.words import Channel, MessageState, NoticeState, ProofKind
from subnotify.storage.servings import load_deliveries
from subnotify.storage.tables import (
    AgreementRow,
    BroughtInNoticeRow,
    ContactRow,
    LetterRow,
    MessageRow,
    NoticeRow,
)
from tests.support.csv_imports import bring_tables, preview_tables, table_refusals
from tests.support.imports import everything
from tests.support.letters import announce_by_post, terms_by
from tests.support.release_world import ReleaseWorld
from tests.support.scenario import FIFTEEN, Scenario, terms_of

COLUMNS = (
    "agreement,contact,subprocessor,commencement_on,channel,dispatched_at,received_at,proof,"
    "proof_reference,reason_en\n"
)
MAIL, PLAIN, REGISTERED = Channel.EMAIL, Channel.POST, Channel.REGISTERED_POST
NOT_SAID = "windows.csv, line 2, column channel: It is not said by which channel"
END_OF_DAY = datetime(2026, 2, 24, 22, 59, 59, 999999, tzinfo=UTC)


def line(channel: str = "", sent: str = "2026-02-24", got: str = "", proof: str = "") -> str:
    kept = "card 12" if proof else ""
    return f"a1,p0,orage,2026-05-01,{channel},{sent},{got},{proof},{kept},More room.\n"


def by_dispatch(*channels: Channel, choice: ChannelChoice = ChannelChoice.ANY) -> NoticeTerms:
    """Terms that ask for no proof: the dispatch by their channels is notice."""
    return replace(terms_by(*channels, choice=choice, proofs=()), runs_from=RunsFrom.DISPATCH)


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def only(session: Session, table: type):
    session.expire_all()
    return session.scalars(select(table)).one()


def refused(session: Session, at: datetime, *rows: str) -> list[str]:
    return table_refusals(session, at, windows=COLUMNS + "".join(rows))


def test_under_a_clause_of_registered_post_nobody_guesses_how_it_went(session, world, at):
    """A day of dispatch alone would let a plain letter, or a mail, bind by silence."""
    world.add_agreement(terms=by_dispatch(REGISTERED))
    world.add_change("orage")
    (said,) = refused(session, at, line())
    assert said.startswith(NOT_SAID)
    for channel in ("email", "post"):
        (said,) = refused(session, at, line(channel))
        assert "column channel: The terms of this agreement take no notice by this channel" in said
        assert "registered_post" in said
    report = bring_tables(session, at, windows=COLUMNS + line("registered_post"))
    fields = {x.name: x.after for x in report.entries[0].fields}
    assert fields["p0.channel"] == "registered_post"
    notice, message = only(session, NoticeRow), only(session, MessageRow)
    assert (notice.state, notice.served_at) == (NoticeState.SERVED, END_OF_DAY)
    assert (message.channel, message.to_address) == (REGISTERED, None)


def test_the_proof_shows_how_it_went(session, world, at):
    world.add_agreement(terms=terms_by(REGISTERED))
    world.add_change("orage")
    rows = line(got="2026-02-26", proof="registered_delivery")
    bring_tables(session, at, windows=COLUMNS + rows)
    assert only(session, MessageRow).channel == REGISTERED
    assert only(session, NoticeRow).served_at == END_OF_DAY.replace(day=26)


def test_where_each_channel_is_needed_each_has_its_row(session, world, at):
    world.add_agreement(terms=by_dispatch(MAIL, REGISTERED, choice=ChannelChoice.EVERY))
    world.add_change("orage")
    assert refused(session, at, line())[0].startswith(NOT_SAID)
    (said,) = refused(session, at, line("registered_post"))
    assert "and “p0” has no row for email. Add its row." in said
    (said,) = refused(session, at, line("email"), line("email"))
    assert "“p0” is there twice." in said
    both = COLUMNS + line("email", "2026-02-23") + line("registered_post")
    bring_tables(session, at, windows=both)
    assert only(session, NoticeRow).served_at == END_OF_DAY, "the later of the two counts"
    assert len(session.scalars(select(BroughtInNoticeRow)).all()) == 2
    before = everything(session)
    assert [x.unchanged for x in bring_tables(session, at, windows=both).lines] == [1]
    assert everything(session) == before
    (said,) = refused(
        session, at, line("email", "2026-02-23"), line("registered_post", "2026-02-25")
    )
    assert "with other facts" in said


def test_a_letter_under_a_clause_of_email_counts_from_its_proved_receipt(session, world, at):
    terms = replace(by_dispatch(MAIL), proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT}))
    world.add_agreement(terms=terms)
    world.add_change("orage")
    (said,) = refused(session, at, line("post"))
    assert "take no notice by this channel: they name email." in said
    (said,) = refused(session, at, line("", got="2026-02-26", proof="registered_delivery"))
    assert "With these proofs no window opens" in said
    rows = line("post", got="2026-02-26", proof="acknowledgement")
    bring_tables(session, at, windows=COLUMNS + rows)
    assert only(session, NoticeRow).served_at == END_OF_DAY.replace(day=26)


def test_without_an_email_address_it_was_perhaps_no_mail(session, world, at):
    agreement = world.add_agreement(terms=by_dispatch(MAIL, PLAIN))
    session.execute(update(ContactRow).values(email=None))
    session.commit()
    world.add_change("orage")
    (said,) = refused(session, at, line())
    assert said.startswith(NOT_SAID)
    bring_tables(session, at, windows=COLUMNS + line("post"))
    assert only(session, NoticeRow).agreement_id == agreement
    assert only(session, MessageRow).channel == PLAIN


HOURS = Period(48, Unit.HOURS)
OFFICE = DeemedReceipt(DeemedKind.NEXT_BUSINESS_DAY, cutoff=time(17))
PRESENTED = DeemedReceipt(DeemedKind.FIRST_PRESENTATION)
LOG = "recipient_server"


@pytest.mark.parametrize(
    ("changed", "row", "opens_at"),
    [
        ({"objection_period": Period(200, Unit.HOURS)}, line("", got="2026-02-24", proof=LOG), 0),
        (
            {"notice_rules": (NoticeRule(RuleScope.ANY, lead_time=HOURS),)},
            line("", got="2026-02-24", proof=LOG),
            0,
        ),
        # After the cutoff: the opening of the next working day.
        ({"deemed_receipt": OFFICE}, line("", got="2026-02-24", proof=LOG), 1),
        (
            {"runs_from": RunsFrom.DISPATCH, "lead_time": HOURS},
            line("", got="2026-02-24", proof=LOG),
            0,
        ),
        (
            {
                "deemed_receipt": PRESENTED,
                "channels": (REGISTERED,),
                "proof_of_receipt": frozenset({ProofKind.REGISTERED_DELIVERY}),
                "objection_period": Period(200, Unit.HOURS),
            },
            line("", "2026-02-20", "2026-02-24", "registered_delivery"),
            0,
        ),
    ],
)
def test_a_day_alone_opens_no_window_before_it_ends(session, world, at, changed, row, opens_at):
    """The hour is not known: the latest one favours the client."""
    terms = replace(terms_of(FIFTEEN), preset="", **changed)
    world.add_agreement(terms=terms)
    world.add_change("orage")
    shown = preview_tables(session, at, windows=COLUMNS + row)
    assert bring_tables(session, at, windows=COLUMNS + row) == shown
    opened = datetime.fromisoformat(only(session, NoticeRow).window["opens_at"])
    assert opened == (datetime(2026, 2, 25, 8, tzinfo=UTC) if opens_at else END_OF_DAY)


def test_a_day_of_dispatch_is_the_later_of_the_vendors_and_the_agreements(session, world, at):
    terms = by_dispatch(MAIL)
    world.add_agreement(
        terms=replace(terms, counting=replace(terms.counting, time_zone="Asia/Tokyo"))
    )
    world.add_change("orage")
    report = bring_tables(session, at, windows=COLUMNS + line())
    assert only(session, NoticeRow).served_at == END_OF_DAY
    # In Tokyo this is the 25th, and fifteen days begin on the day after.
    fields = {x.name: x.after for x in report.entries[0].fields}
    assert fields["window_last_day"] == "2026-03-12"


def test_a_day_that_is_not_over_needs_its_hour(session, world, at):
    world.add_agreement(terms=by_dispatch(MAIL))
    world.add_change("orage")
    (said,) = refused(session, at, line(sent="2026-03-02"))
    assert said.startswith("windows.csv, line 2, column dispatched_at: This day is not over yet")
    bring_tables(session, at, windows=COLUMNS + line(sent="2026-03-02 08:00"))
    assert only(session, NoticeRow).served_at == datetime(2026, 3, 2, 7, tzinfo=UTC)


def test_what_an_earlier_version_brought_in_is_unchanged(session, world, at):
    """It read a day alone as its first instant."""
    world.add_agreement(terms=by_dispatch(MAIL))
    world.add_change("orage")
    bring_tables(session, at, windows=COLUMNS + line())
    first = datetime(2026, 2, 23, 23, tzinfo=UTC)
    session.execute(update(BroughtInNoticeRow).values(dispatched_at=first))
    session.commit()
    report = bring_tables(session, at, windows=COLUMNS + line())
    assert [x.unchanged for x in report.lines] == [1]


def test_a_letter_without_a_record_of_its_own_is_not_taken_for_one_brought_in(
    session: Session, scenario: Scenario
):
    """A database that was taken back by a version lost its letters and kept their messages."""
    terms = replace(
        by_dispatch(PLAIN),
        runs_from=RunsFrom.RECEIPT,
        deemed_receipt=DeemedReceipt(DeemedKind.DAYS_AFTER_DISPATCH, days=3),
    )
    announced, (letter,) = announce_by_post(scenario, terms)
    session.execute(delete(LetterRow).where(LetterRow.message_id == letter))
    session.execute(
        update(MessageRow)
        .where(MessageRow.id == letter)
        .values(state=MessageState.HANDED_OVER.value, handed_over_at=scenario.at)
    )
    found = load_deliveries(session, [announced.notice_id])[announced.notice_id]
    assert judge_serving(terms, found).state is NoticeState.SERVING


def test_a_row_that_is_on_record_stays_whatever_became_of_its_contact(session, world, at):
    """Without its mail address it would have to say by which channel it went."""
    world.add_agreement(terms=by_dispatch(MAIL, PLAIN))
    world.add_change("orage")
    bring_tables(session, at, windows=COLUMNS + line())
    session.execute(update(ContactRow).values(email=None))
    session.execute(update(AgreementRow).values(ended_on=date(2026, 2, 26)))
    session.commit()
    report = bring_tables(session, at, windows=COLUMNS + line())
    assert [x.unchanged for x in report.lines] == [1]
