"""Every member of a closed set has its word, and a colour that some page may show."""

from enum import StrEnum

import pytest

from subnotify.rules import words
from subnotify.web.formatting import tone
from subnotify.wording.labels import label
from subnotify.wording.language import wording_for

SETS = [
    found
    for found in vars(words).values()
    if isinstance(found, type) and issubclass(found, StrEnum) and found is not StrEnum
]


@pytest.mark.parametrize("closed_set", SETS, ids=lambda found: found.__name__)
def test_every_member_has_a_label(closed_set: type[StrEnum]) -> None:
    for member in closed_set:
        words_for_it = label(wording_for("en"), member)
        assert words_for_it and "_" not in words_for_it


def test_members_of_different_sets_with_one_value_are_told_apart() -> None:
    w = wording_for("en")
    assert words.ChangeState.RELEASED == words.ReleaseState.RELEASED
    assert label(w, words.ChangeState.RELEASED) == "announced"
    assert label(w, words.ReleaseState.RELEASED) == "released"
    assert tone(words.ResponseKind.OBJECTION) == "plum"
    assert tone("objection") == ""
