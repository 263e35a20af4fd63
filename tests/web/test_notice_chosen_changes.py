"""An answer is about the change that the client meant, whatever is still open when it comes in."""

from sqlalchemy import select

from subnotify.rules.words import Outcome, ResponseKind
from subnotify.storage.tables import CaseRow
from tests.support.web_client import session_on
from tests.web.test_notice_answers import NAMED, announce, hidden, recorded, send
from tests.web.test_notice_receipts import mailed_code
from tests.web.test_objection_clocks import REQUEST

__all__ = ["announce", "recorded"]


def test_a_double_click_refuses_one_change_and_not_the_next(
    client, announce, recorded, database_url
):
    announced = announce(terms=REQUEST, changes=2)
    path = f"/n/{announced.token}/object"
    form = {**hidden(client, path), **NAMED, "cases": str(announced.case_ids[0])}
    first, second = client.post_bare(path, form), client.post_bare(path, form)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert [x.case_id for x in recorded(announced)] == [announced.case_ids[0]]
    with session_on(database_url) as session:
        outcomes = session.scalars(select(CaseRow.outcome).order_by(CaseRow.id)).all()
    assert outcomes == [Outcome.NOT_AUTHORISED, None]


def test_a_double_click_on_the_only_change_leads_to_its_receipt(client, announce, recorded):
    announced = announce(terms=REQUEST)
    path = f"/n/{announced.token}/object"
    form = {**hidden(client, path), **NAMED}
    first, second = client.post_bare(path, form), client.post_bare(path, form)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert len(recorded(announced)) == 1


def test_what_a_colleague_answered_first_is_not_turned_into_another_change(
    client, announce, recorded, smtp_server
):
    announced = announce(changes=2, contacts=2)
    mine, theirs = (f"/n/{token}/waive" for token in announced.tokens)
    chosen = {"cases": str(announced.case_ids[0])}
    opened_first = {**hidden(client, mine), **NAMED, **chosen}
    given = send(client, theirs, **NAMED, **chosen)
    assert send(client, given.location, code=mailed_code(smtp_server)).status_code == 303
    refused = client.post_bare(mine, opened_first)
    assert refused.status_code == 200
    assert [(x.kind, x.case_id) for x in recorded(announced)] == [
        (ResponseKind.WAIVER, announced.case_ids[0])
    ]
    # What is left is offered as a choice, and is not taken for chosen.
    left = announced.case_ids[1]
    assert f'value="{left}"' in refused.text
    assert f'type="hidden" name="cases" value="{left}"' not in refused.text


def test_a_button_of_a_change_that_is_answered_chooses_no_other(
    client, announce, recorded, smtp_server
):
    announced = announce(changes=2)
    path = f"/n/{announced.token}/waive"
    given = send(client, path, **NAMED, cases=str(announced.case_ids[0]))
    assert send(client, given.location, code=mailed_code(smtp_server)).status_code == 303
    page = client.get(f"{path}?change={announced.case_ids[0]}")
    assert f'type="hidden" name="cases" value="{announced.case_ids[1]}"' not in page.text
    # Without a word of which, the one that is left is meant.
    page = client.get(path)
    assert f'type="hidden" name="cases" value="{announced.case_ids[1]}"' in page.text
