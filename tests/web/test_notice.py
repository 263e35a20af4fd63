"""The page behind a notice link: what it shows, and that opening it changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import create_engine, select, text

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.extend_window import extend_case_window
from subnotify.operations.queue_letters import queue_letters
from subnotify.operations.settle_objection import Settlement, settle_objection
from subnotify.operations.transaction import transaction
from subnotify.rules.objection_steps import UNDO_LASTS
from subnotify.rules.terms_words import RunsFrom
from subnotify.rules.words import CaseState, LetterEventKind, LetterReason, Outcome, SettlementKind
from subnotify.storage.tables import Base, CaseRow, MessageRow, NoticeRow, OutcomeRow
from tests.operations.test_serve_notices import bounce
from tests.support.answers import case_of, give, objection
from tests.support.letters import letters_of, seal, tell
from tests.support.scenario import FIFTEEN, REGISTERED, Announced, Scenario, terms_of
from tests.support.web_client import session_on


@pytest.fixture
def announce(database_url, at) -> Callable[..., Announced]:
    """Announces to a new client in the app's database."""
    with session_on(database_url) as session:
        yield Scenario(session, at=at).announce


def counts(url: str) -> dict[str, int]:
    engine = create_engine(url)
    with engine.connect() as connection:
        return {
            name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in Base.metadata.tables
        }


def close(session, case: CaseRow, outcome: Outcome, *, at) -> None:
    case.state, case.outcome, case.outcome_at = CaseState.CLOSED, outcome, at
    session.add(
        OutcomeRow(case_id=case.id, number=1, outcome=outcome, at=at, by="job:close_windows")
    )
    session.commit()


def test_it_says_what_until_when_and_what_silence_means(client, announce, clock):
    announced = announce()
    clock.at += timedelta(days=3)
    page = client.get(f"/n/{announced.token}").text
    assert "<h1>Mirador Logs Inc. will be added for Monitoring.</h1>" in page
    assert "Tuesday 17 March 2026, 24:00 (Europe/Paris)" in page
    assert "12 days left" in page
    assert "That day itself is not counted: day 1 is Tuesday 3 March 2026 (code de" in page
    assert "your agreement deems that you have accepted the change" in page
    assert "Art. 7.2" in page
    assert "reconnaît avoir autorisé" in page
    assert "standard contractual clauses 2021/914, module 3" in page
    assert "accepted by your mail server mx.client.example" in page
    assert "d•••@client1.example" in page
    assert "dpo0@client1.example" not in page


def test_a_notice_is_in_the_order_in_which_its_reader_decides(client, announce):
    page = client.get(f"/n/{announce().token}").text
    in_order = (
        *("<h1>", "24:00", "How this day was computed", "deems that you have accepted"),
        *("reconnaît avoir autorisé", "45 Fremont Street", "Transfer basis of each place"),
        *(
            "CELEX:32021D0914",
            "/object",
            "accepted by your mail server",
            "notice.pdf",
            "<dt>Contacts",
        ),
    )
    places = [page.index(words) for words in in_order]
    assert places == sorted(places)


def test_a_link_under_the_deadline_leads_to_the_buttons(client, announce):
    page = client.get(f"/n/{announce().token}").text
    assert page.index("24:00") < page.index('href="#answers"') < page.index("reconnaît avoir")
    assert page.count('id="answers"') == 1


def test_the_buttons_weigh_the_same(client, announce):
    token = announce().token
    page = client.get(f"/n/{token}").text
    for path in ("object", "no-objection", "ask", "acknowledge"):
        assert f'<a class="button equal" href="/n/{token}/{path}">' in page
    assert "Receipt only, not an answer." in page


def test_it_speaks_the_language_of_the_agreement_and_can_be_switched(client, announce):
    token = announce(language="fr").token
    assert '<html lang="fr">' in client.get(f"/n/{token}").text
    assert '<html lang="en">' in client.get(f"/n/{token}?lang=en").text
    # The choice is kept.
    assert '<html lang="en">' in client.get(f"/n/{token}/object").text


def test_it_is_kept_out_of_caches_and_indexes(client, announce):
    token = announce().token
    for path in (f"/n/{token}", f"/n/{token}/object", "/n/unknown"):
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_an_unknown_or_revoked_link_says_what_to_do(client, announce, database_url, at):
    announced = announce()
    with session_on(database_url) as session:
        session.get(MessageRow, announced.message_ids[0]).link_revoked_at = at
        session.commit()
    for path in ("/n/unknown", "/n/unknown/object", f"/n/{announced.token}"):
        response = client.get(path)
        assert response.status_code == 404
        assert "This link opens no notice" in response.text
        assert "privacy@hexapode.example" in response.text


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_changes_nothing(client, announce, database_url, at, method):
    announced = announce(changes=2)
    with session_on(database_url) as session:
        reference = give(session, announced, objection(announced), at=at).reference
    before = counts(database_url)
    open_page = getattr(client.client, method)
    for path in (
        *("", "/object", "/no-objection", "/withdraw", "/ask", "/acknowledge"),
        f"/object?change={announced.case_ids[0]}",
        f"/receipts/{reference}",
        f"/receipts/{reference}/code",
        f"/receipts/{reference}/letter",
    ):
        response = open_page(
            f"/n/{announced.token}{path}",
            base_url=client.base_url,
            headers={"Purpose": "prefetch", "Sec-Purpose": "prefetch"},
        )
        assert response.status_code in (200, 303, 404), path
    assert counts(database_url) == before


def test_before_it_is_served_it_says_how_the_day_will_be_computed(client, announce):
    page = client.get(f"/n/{announce(served=False).token}").text
    assert "You can object within 15 days from receipt of this notice." in page
    assert "you acknowledge receipt through your personal link" in page


def test_terms_that_cannot_be_computed_are_said_to_be(client, announce):
    terms = replace(terms_of(FIFTEEN), objection_period=None)
    page = client.get(f"/n/{announce(terms=terms).token}").text
    assert "The end of the objection period cannot be computed from your agreement" in page


def test_an_unstated_trigger_is_said_to_be_assumed(client, announce):
    terms = replace(terms_of(FIFTEEN), runs_from=RunsFrom.UNSPECIFIED)
    page = client.get(f"/n/{announce(terms=terms).token}").text
    assert "The agreement does not say from when the period runs: it is counted from" in page


def test_the_registered_letter_contract_is_honest_on_its_button(client, announce):
    page = client.get(f"/n/{announce(preset=REGISTERED).token}").text
    assert "Start an objection: this terminates Monitoring" in page
    assert "You can object, by registered letter, until" in page
    assert "irrevocably accepted" in page
    assert "You bear the consequences of early termination" in page


def test_a_replacement_shows_old_against_new(client, announce):
    page = client.get(f"/n/{announce(changes=2).token}").text
    assert "Now: Vieux Port Data SARL" in page
    assert "7 quai du Port, 13002 Marseille, France" in page
    assert "2 rue Kellermann, 59100 Roubaix, France" in page


def test_several_changes_can_be_answered_one_by_one(client, announce):
    announced = announce(changes=2)
    page = client.get(f"/n/{announced.token}").text
    for case_id in announced.case_ids:
        assert f"/n/{announced.token}/object?change={case_id}" in page
        assert f"/n/{announced.token}/no-objection?change={case_id}" in page


def test_after_the_deadline_it_says_so_and_still_takes_an_objection(client, announce, clock):
    token = announce().token
    clock.at += timedelta(days=16)
    page = client.get(f"/n/{token}").text
    assert "The objection period ended on" in page
    assert "deadline passed" in page
    assert "You can still object. It is recorded as late" in page
    assert f"/n/{token}/object" in page


def test_a_closed_change_shows_its_outcome_and_only_objecting_is_left(
    client, announce, database_url, clock
):
    announced = announce()
    clock.at += timedelta(days=30)
    with session_on(database_url) as session:
        close(
            session,
            case_of(session, announced.case_ids[0]),
            Outcome.ACCEPTED_BY_SILENCE,
            at=clock.at,
        )
    page = client.get(f"/n/{announced.token}").text
    assert "your agreement deems that you have accepted the change. (Agreement, Art. 7.2.)" in page
    assert "Object all the same" in page
    for path in ("no-objection", "ask", "acknowledge", "withdraw"):
        assert f"/n/{announced.token}/{path}" not in page
        response = client.get(f"/n/{announced.token}/{path}")
        assert (response.status_code, response.location) == (303, f"/n/{announced.token}")


def test_a_terminated_agreement_has_nothing_left_to_object_to(
    client, announce, database_url, clock
):
    announced = announce(preset=REGISTERED)
    with session_on(database_url) as session:
        close(session, case_of(session, announced.case_ids[0]), Outcome.TERMINATED, at=clock.at)
    page = client.get(f"/n/{announced.token}").text
    assert "Your termination is in effect." in page
    assert f"/n/{announced.token}/object" not in page


def test_what_was_answered_stands_on_the_page(client, announce, database_url, at):
    announced = announce()
    with session_on(database_url) as session:
        reference = give(session, announced, objection(announced), at=at).reference
        case = session.scalars(select(CaseRow)).first()
        assert case.state == CaseState.OBJECTED
    page = client.get(f"/n/{announced.token}").text
    assert "On 2 March 2026 your objection was recorded." in page
    assert f"Objection by Camille Perrin, {reference}." in page
    assert "We will contact you to settle it." in page
    assert "deems that you have accepted" not in page
    assert f"/n/{announced.token}/withdraw" in page
    for path in ("object", "no-objection", "acknowledge"):
        assert f"/n/{announced.token}/{path}" not in page


def test_a_termination_shows_its_last_day_before_and_after_it(
    client, announce, database_url, at, clock
):
    announced = announce(preset=REGISTERED)
    with session_on(database_url) as session:
        answer = objection(announced, services=("monitoring",))
        give(session, announced, answer, at=at)
        settle_objection(
            session,
            announced.case_ids[0],
            Settlement(SettlementKind.TERMINATED, "Letter in time.", ("monitoring",)),
            by="Ana Legal",
            actor="operator:1",
            at=at,
        )
    page = client.get(f"/n/{announced.token}").text
    # What legal can still undo, the client does not see.
    assert "Your termination is confirmed." not in page and "the objection was settled" not in page
    clock.at += UNDO_LASTS
    page = client.get(f"/n/{announced.token}").text
    assert "the objection was settled, terminated" in page
    ending = "Last day of Monitoring: Wednesday 1 April 2026."
    assert f"Your termination is confirmed. {ending}" in page
    assert f"/n/{announced.token}/withdraw" not in page
    clock.at += timedelta(days=31)
    with session_on(database_url) as session, transaction(session):
        apply_standings(session, announced.case_ids, actor="job:close_windows", at=clock.at)
    page = client.get(f"/n/{announced.token}").text
    assert "Your termination is in effect." in page
    assert ending in page


def test_a_window_extended_by_a_person_says_so_last(client, announce, database_url, at):
    announced = announce()
    with session_on(database_url) as session:
        extend_case_window(
            session,
            announced.case_ids[0],
            date(2026, 3, 31),
            note="Asked for by the client.",
            by="Ana Legal",
            actor="operator:1",
            at=at,
        )
    page = client.get(f"/n/{announced.token}").text
    assert "Tuesday 31 March 2026, 24:00 (Europe/Paris)" in page
    assert "The window was extended to Tuesday 31 March 2026." in page


def test_without_terms_on_record_nothing_is_guessed(client, announce, database_url):
    announced = announce(served=False)
    with session_on(database_url) as session:
        session.get(NoticeRow, announced.notice_id).terms_id = None
        session.commit()
    page = client.get(f"/n/{announced.token}").text
    assert "We have no notice terms of your agreement on record." in page
    assert f"/n/{announced.token}/object" in page
    assert client.get(f"/n/{announced.token}/object").status_code == 200


def test_an_end_that_was_told_and_holds_no_longer_is_taken_back(
    client, announce, database_url, clock
):
    announced = announce()
    assert "Tuesday 17 March 2026" in client.get(f"/n/{announced.token}").text
    clock.at += timedelta(days=3)
    with session_on(database_url) as session:
        bounce(session, announced, at=clock.at)
    page = client.get(f"/n/{announced.token}").text
    assert "The end of the period that we told you before no longer holds." in page
    assert "The period runs anew, and does not end earlier than we told you." in page
    assert "17 March 2026" not in page


def test_the_page_counts_as_the_letter_that_left_in_the_place_of_a_mail(
    client, announce, database_url, at, clock
):
    terms = replace(terms_of(FIFTEEN), runs_from=RunsFrom.DISPATCH, receipt_fallback_days=10)
    announced = announce(terms=terms, served=False)
    assert "from the sending of this notice" in client.get(f"/n/{announced.token}").text
    clock.at += timedelta(days=20)
    with session_on(database_url) as session:
        queue_letters(session, [announced.notice_id], LetterReason.NO_PROOF, on=at.date(), at=at)
        letters = letters_of(session, announced.notice_id)
        seal(session, letters, at=at)
        session.commit()
        tell(session, letters[0], LetterEventKind.POSTED, date(2026, 3, 16), at=clock.at)
    page = client.get(f"/n/{announced.token}").text
    assert "You can object within 15 days from receipt of this notice." in page
    assert "the day on which our registered letter is handed to you" in page
    assert "sending of this notice" not in page
