"""A letter that came back and counts as received all the same: the desk says by which clause."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from html import unescape

from sqlalchemy.orm import Session

from subnotify.rules.terms import DeemedReceipt
from subnotify.rules.terms_words import DeemedKind
from subnotify.rules.words import Channel, LetterEventKind, Role
from tests.support.letters import announce_by_post, tell, terms_by
from tests.support.scenario import Scenario
from tests.support.web_client import SettableClock, WebClient

DEEMED = "Under the terms (Art. 7.2) it counts as received all the same: the notice is given."


def test_the_letter_the_notice_and_the_case_say_so(
    signed_in: Callable[..., WebClient], session: Session, at: datetime, clock: SettableClock
) -> None:
    two_days = DeemedReceipt(DeemedKind.DAYS_AFTER_DISPATCH, days=2)
    by_post = terms_by(Channel.POST)
    scenario = Scenario(session, at=at)
    terms = replace(by_post, deemed_receipt=two_days, proof_of_receipt=frozenset())
    deemed, (letter,) = announce_by_post(scenario, terms)
    other, (lost,) = announce_by_post(scenario, by_post)
    clock.at = at + timedelta(days=9)
    legal = signed_in(Role.LEGAL)

    def said(path: str) -> bool:
        return DEEMED in " ".join(unescape(legal.get(path).text).split())

    def pages(announced, letter_id):
        case_id = announced.case_ids[0]
        own = (f"letters/{letter_id}", f"cases/{case_id}", f"notices/{announced.notice_id}")
        return [said(f"/desk/{path}") for path in own]

    for told in (letter, lost):
        tell(session, told, LetterEventKind.POSTED, date(2026, 3, 3), at=clock.at)
    assert pages(deemed, letter) == [False] * 3
    for told in (letter, lost):
        tell(session, told, LetterEventKind.RETURNED, date(2026, 3, 9), at=clock.at)
    assert pages(deemed, letter) == [True] * 3
    assert pages(other, lost) == [False] * 3
