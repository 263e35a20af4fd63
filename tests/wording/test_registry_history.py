"""What was recorded of clients and agreements, read out."""

from zoneinfo import ZoneInfo

from subnotify.wording.language import Wording
from subnotify.wording.registry_history import history_lines

EN = Wording("en", ZoneInfo("Europe/Paris"))


def test_only_what_differs_is_told_when_something_was_there_before():
    content = {
        "by": "Lea",
        "before": {"name": "A", "email": "a@x.example", "phone": "", "country": "FR"},
        "after": {"name": "A", "email": "", "phone": "1", "country": "BE"},
    }
    assert history_lines(content, EN) == (
        "Country: France → Belgium",
        "Email address: a@x.example → nothing",
        "Telephone: nothing → 1",
    )


def test_everything_is_told_of_what_is_new():
    content = {"by": "Lea", "before": None, "after": {"name": "A", "phone": ""}}
    assert history_lines(content, EN) == ("Name: A",)


def test_days_kinds_and_lists_are_told_in_words():
    content = {
        "contact": "dpo",
        "kind": "copy",
        "services": ["a", "b"],
        "ended_on": "2026-03-01",
        "last_day": "no day",
        "unknown": "never shown",
    }
    assert history_lines(content, EN) == (
        "Last day: no day",
        "Services: a and b",
        "Contact: dpo",
        "Kind: copy contact",
        "First day on which it is none any more: 1 March 2026",
    )


def test_an_address_of_several_lines_stays_on_one():
    after = {"postal_address": "1 place\n08400 Vouziers"}
    assert history_lines({"before": None, "after": after}, EN) == (
        "Postal address: 1 place 08400 Vouziers",
    )
