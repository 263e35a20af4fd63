"""Legal gives the longer windows; nothing ever takes time from a client."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.apply_recomputation import (
    AlreadyDecided,
    ShorterStays,
    apply_recomputations,
    dismiss_recomputation,
)
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.extend_window import extend_case_window
from subnotify.operations.longer_mails import preview_longer_mail
from subnotify.operations.mail_views import Moulds
from subnotify.operations.recompute_windows import recompute_windows
from subnotify.operations.render_messages import MailContext, load_texts
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import NotFound
from subnotify.rules.recomputations import ProposalState
from subnotify.rules.windows import window_from_mapping
from subnotify.rules.words import (
    CaseState,
    HoldReason,
    MessagePurpose,
    MessageState,
    NoticeState,
    Outcome,
)
from subnotify.storage.cases import load_case_facts
from subnotify.storage.claims import claim_due
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.tables import (
    CaseRow,
    ContactRow,
    EvidenceRow,
    MessageRow,
    NoticeRow,
    WindowProposalRow,
)
from tests.operations.desk import LEGAL, add_response
from tests.operations.test_recompute_windows import LAST_DAY, recompute, shift_window
from tests.support.calendars import NEWER, other_holidays
from tests.support.scenario import FIFTEEN, REGISTERED, Announced, Scenario

DAY = timedelta(days=1)
LATER_DAY = date(2026, 3, 18)


def proposal(session: Session) -> WindowProposalRow:
    session.expire_all()
    return session.scalars(select(WindowProposalRow)).one()


def apply_all(session: Session, *, at: datetime):
    ids = session.scalars(select(WindowProposalRow.id)).all()
    session.rollback()
    return apply_recomputations(session, ids, **LEGAL, at=at)


def cases_of(session: Session, announced: Announced) -> Sequence[CaseRow]:
    session.expire_all()
    query = select(CaseRow).where(CaseRow.id.in_(announced.case_ids)).order_by(CaseRow.id)
    return session.scalars(query).all()


def told(session: Session) -> Sequence[MessageRow]:
    query = select(MessageRow).where(MessageRow.purpose == MessagePurpose.WINDOW_LONGER)
    return session.scalars(query.order_by(MessageRow.id)).all()


def test_the_longer_window_counts_and_every_contact_is_told(session, at):
    announced = Scenario(session, at=at).announce(changes=2, contacts=2, copies=1)
    before = [case.silence_after_at for case in cases_of(session, announced)]
    recompute(session, LAST_DAY, at=at)
    done = apply_all(session, at=at + DAY)
    assert (done.notices, done.cases, done.closed_cases, done.outdated) == (1, 2, 0, 0)
    notice = session.get_one(NoticeRow, announced.notice_id, populate_existing=True)
    window = window_from_mapping(notice.window or {})
    assert (window.last_day, window.versions) == (LATER_DAY, NEWER)
    assert window.opens_at == at
    for case, silence_after_at in zip(cases_of(session, announced), before, strict=True):
        assert case.closes_at == window.closes_at
        assert case.silence_after_at == silence_after_at + DAY
        assert (case.state, case.window) == (CaseState.OPEN, None)
    messages = told(session)
    assert [x.contact_id for x in messages] == list(announced.contact_ids)
    row = proposal(session)
    assert (row.state, row.decided_by, row.decided_at) == (
        *(ProposalState.APPLIED, LEGAL["by"], at + DAY),
    )
    said = session.scalars(select(EvidenceRow.type).order_by(EvidenceRow.id)).all()
    assert said == ["window_recomputation_proposed", "window_recomputed"]


def test_a_second_click_does_nothing(session, at):
    Scenario(session, at=at).announce()
    recompute(session, LAST_DAY, at=at)
    apply_all(session, at=at)
    again = apply_all(session, at=at + DAY)
    assert (again.notices, again.decided) == (0, 1)
    assert len(told(session)) == 1
    with pytest.raises(AlreadyDecided):
        dismiss_recomputation(session, proposal(session).id, note="no", **LEGAL, at=at)


def test_the_mail_says_the_day_and_why_and_is_the_one_shown_before(session, at):
    announced = Scenario(session, at=at).announce(language="fr")
    recompute(session, LAST_DAY, at=at)
    number = proposal(session).id
    site = {"public_url": "https://s.example", "vendor_time_zone": "Europe/Paris"}
    shown = preview_longer_mail(session, number, **site, at=at)
    session.rollback()
    apply_all(session, at=at)
    with transaction(session):
        # The link of the notice mail stands for the one that is made when this mail is built.
        claimed = claim_due(session, by="r", until=at + DAY, limit=10, at=at).messages
        (message,) = [x for x in claimed if x.purpose is MessagePurpose.WINDOW_LONGER]
        context = MailContext("https://s.example", "Europe/Paris")
        mail = load_texts(session, [message], context, Moulds(), at=at)(message, "…")
    # The page shows the words; the calendar goes with the mail alone.
    assert replace(mail, calendar=None) == shown
    assert "mercredi 18 mars 2026" in mail.subject
    assert "mardi 17 mars 2026" in mail.text
    assert "Jour de deuil" in mail.text
    assert NEWER in mail.text
    assert announced.notice_id


def test_a_case_closed_meanwhile_is_left_alone_and_named(session, at):
    announced = Scenario(session, at=at).announce(changes=2)
    recompute(session, LAST_DAY, at=at)
    close(session, announced.case_ids[0], at=at)
    done = apply_all(session, at=at)
    assert (done.notices, done.cases, done.closed_cases) == (1, 1, 1)
    closed, running = cases_of(session, announced)
    assert closed.closes_at is not None
    assert running.closes_at == closed.closes_at + DAY
    # The closed one still counts by the window it closed under.
    notice = session.get_one(NoticeRow, announced.notice_id, populate_existing=True)
    assert window_from_mapping(notice.window or {}).last_day == LAST_DAY
    assert window_from_mapping(running.window or {}).last_day == LATER_DAY
    assert [case_id for case_id, _, _ in proposal(session).told] == [running.id]


def close(session: Session, case_id: int, *, at: datetime) -> None:
    session.execute(
        update(CaseRow)
        .where(CaseRow.id == case_id)
        .values(state=CaseState.CLOSED, outcome=Outcome.ACCEPTED, outcome_at=at)
    )
    session.commit()


@pytest.mark.parametrize("ended", ["closed", "bounced", "served anew"])
def test_a_proposal_overtaken_by_events_changes_nothing(session, at, ended):
    announced = Scenario(session, at=at).announce()
    recompute(session, LAST_DAY, at=at)
    closes_at = cases_of(session, announced)[0].closes_at
    if ended == "closed":
        close(session, announced.case_ids[0], at=at)
    elif ended == "bounced":
        session.execute(update(NoticeRow).values(state=NoticeState.NOT_SERVED))
    else:
        shift_window(session, announced, at=at)
        closes_at = cases_of(session, announced)[0].closes_at
    session.commit()
    done = apply_all(session, at=at)
    assert (done.notices, done.outdated) == (0, 1)
    assert proposal(session).state == ProposalState.OUTDATED
    assert cases_of(session, announced)[0].closes_at == closes_at
    assert list(told(session)) == []


def test_an_extension_that_reaches_further_stays_and_nobody_is_told(session, at):
    announced = Scenario(session, at=at).announce()
    extend_case_window(
        session, announced.case_ids[0], date(2026, 3, 31), note="asked", **LEGAL, at=at
    )
    extended = cases_of(session, announced)[0]
    ends = extended.closes_at, extended.silence_after_at
    recompute(session, LAST_DAY, at=at)
    done = apply_all(session, at=at)
    assert (done.notices, done.cases) == (1, 0)
    (case,) = cases_of(session, announced)
    assert (case.closes_at, case.silence_after_at) == ends
    # Of its extension the client was told when legal gave it; of nothing since.
    assert all(x.logical_key.startswith("window_extended:") for x in told(session))


def test_an_objection_late_by_a_day_is_in_time_once_the_day_is_given(session, at):
    announced = Scenario(session, at=at).announce()
    late = datetime(2026, 3, 18, 10, tzinfo=at.tzinfo)
    with transaction(session):
        add_response(
            session, announced.notice_id, announced.case_ids[0], "objection", late, by_name="C"
        )
        apply_standings(session, announced.case_ids, actor="client:notice:1", at=late)
    (case,) = cases_of(session, announced)
    assert (case.state, case.holds) == (CaseState.HOLD, [HoldReason.OBJECTION_LATE])
    session.commit()
    recompute(session, LAST_DAY, at=late)
    apply_all(session, at=late)
    (case,) = cases_of(session, announced)
    assert (case.state, case.holds) == (CaseState.OBJECTED, [])


def test_where_only_grace_grows_it_is_given_and_nobody_is_written_to(session, at):
    """Ten working days after the last day for registered post: a holiday among them."""
    announced = Scenario(session, at=at).announce(preset=REGISTERED)
    (case,) = cases_of(session, announced)
    closes_at, silence_after_at = case.closes_at, case.silence_after_at
    assert closes_at is not None
    recompute(session, (closes_at + DAY).date(), at=at)
    done = apply_all(session, at=at)
    assert (done.notices, done.cases) == (1, 0)
    (case,) = cases_of(session, announced)
    assert case.closes_at == closes_at
    assert case.silence_after_at is not None
    assert case.silence_after_at > silence_after_at
    assert list(told(session)) == []


def test_a_shorter_window_can_only_be_dismissed(session, at):
    announced = Scenario(session, at=at).announce()
    shift_window(session, announced, at=at)
    before = cases_of(session, announced)[0].closes_at
    session.commit()
    recompute(session, at=at)
    with pytest.raises(ShorterStays):
        apply_all(session, at=at)
    number = proposal(session).id
    with pytest.raises(ReasonMissing):
        dismiss_recomputation(session, number, note=" ", **LEGAL, at=at)
    dismiss_recomputation(session, number, note="The window stays.", **LEGAL, at=at)
    row = proposal(session)
    assert (row.state, row.note) == (ProposalState.DISMISSED, "The window stays.")
    assert cases_of(session, announced)[0].closes_at == before
    session.commit()
    with pytest.raises(NotFound):
        dismiss_recomputation(session, 999, note="x", **LEGAL, at=at)


def test_who_is_no_contact_any_more_is_not_told(session, at):
    announced = Scenario(session, at=at).announce(copies=1)
    recompute(session, LAST_DAY, at=at)
    session.execute(
        update(ContactRow).where(ContactRow.id == announced.contact_ids[1]).values(email=None)
    )
    session.commit()
    apply_all(session, at=at)
    (message,) = told(session)
    assert (message.contact_id, message.state) == (
        *(announced.contact_ids[0], MessageState.QUEUED),
    )


days = st.dates(date(2026, 2, 20), date(2026, 6, 30))
calendars = st.lists(
    st.tuples(st.frozensets(days, max_size=25), st.frozensets(days, max_size=25)),
    min_size=1,
    max_size=3,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(known=calendars, presets=st.sets(st.sampled_from([FIFTEEN, REGISTERED]), min_size=1))
def test_whatever_calendars_say_no_window_ends_earlier(databases, database_kind, known, presets):
    url = databases.migrated(database_kind)
    at = datetime.fromisoformat("2026-03-02T08:00:00+00:00")
    engine = create_engine_for(url)
    with session_factory(engine)() as session:
        scenario = Scenario(session, at=at)
        made = [scenario.announce(preset=preset, changes=2) for preset in sorted(presets)]
        close(session, made[0].case_ids[0], at=at)
        before = ends(session)
        for number, (added, removed) in enumerate(known):
            version = f"data {number}"
            recompute_windows(
                session,
                versions=version,
                calendar_of=other_holidays(*added, removed=removed, version=version),
                at=at + number * DAY,
            )
            for row in session.scalars(select(WindowProposalRow.id)).all():
                session.rollback()
                try:
                    apply_recomputations(session, [row], **LEGAL, at=at + number * DAY)
                except ShorterStays:
                    session.rollback()
            after = ends(session)
            for case_id, (closes_at, silence_after_at) in before.items():
                assert after[case_id][0] >= closes_at
                assert after[case_id][1] >= silence_after_at
            assert after[made[0].case_ids[0]] == before[made[0].case_ids[0]]
            before = after
    engine.dispose()
    databases.drop(url)


def ends(session: Session) -> dict[int, tuple[datetime, datetime]]:
    """Until when each case runs, by its own row and by the window that it counts by."""
    session.expire_all()
    rows = session.execute(select(CaseRow.id, CaseRow.closes_at, CaseRow.silence_after_at)).all()
    facts = load_case_facts(session, [row.id for row in rows], at=rows[0].closes_at)
    found = {}
    for row in rows:
        window = facts[row.id].window
        assert window is not None
        assert (window.closes_at, window.silence_after_at) == (row.closes_at, row.silence_after_at)
        found[row.id] = (row.closes_at, row.silence_after_at)
    session.rollback()
    return found
