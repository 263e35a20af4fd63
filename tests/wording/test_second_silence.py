"""An objection that lapses beside a right to terminate: the client and the desk read it."""

from dataclasses import replace

import pytest

from subnotify.rules.terms import Period
from subnotify.rules.terms_words import IfUnresolved, ObjectionEffect
from subnotify.wording.objection_terms import consequence_sentences
from subnotify.wording.objections import effect_sentences
from tests.wording.telling import BARE, w

RIGHTS = (
    IfUnresolved.CLIENT_MAY_TERMINATE,
    IfUnresolved.VENDOR_MAY_TERMINATE,
    IfUnresolved.EITHER,
    IfUnresolved.DEEMED_ACCEPTED,
)


@pytest.mark.parametrize("right", RIGHTS)
def test_that_an_objection_lapses_is_said_once(right: IfUnresolved):
    terms = replace(
        BARE,
        effect_of_objection=ObjectionEffect.ACCOMMODATION,
        if_unresolved=right,
        deemed_accepted_after=Period(60),
    )
    for told in (effect_sentences(terms, ["Monitoring"], w()), consequence_sentences(terms, w())):
        assert sum("60 days after" in sentence for sentence in told) == 1, told


@pytest.mark.parametrize("right", RIGHTS[:3])
def test_without_the_period_nothing_lapses(right: IfUnresolved):
    terms = replace(BARE, if_unresolved=right)
    for told in (effect_sentences(terms, [], w()), consequence_sentences(terms, w())):
        assert not any("deem" in sentence for sentence in told)
