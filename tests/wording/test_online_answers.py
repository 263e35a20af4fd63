"""The sentence before the personal link: what can be said there, and what is only begun there."""

from dataclasses import replace

import pytest

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import Authorisation, ObjectionForm
from subnotify.wording.online_answers import link_sentence, reminder_link_sentence
from tests.wording.telling import FIFTEEN, LANGUAGES, THIRTY, in_every_language, w

BY_EMAIL = replace(FIFTEEN, objection_form=ObjectionForm.EMAIL)


def asks(terms: NoticeTerms) -> NoticeTerms:
    return replace(terms, authorisation=Authorisation.SPECIFIC)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (None, "There you can object, say that you do not object"),
        (FIFTEEN, "There you can object, say that you do not object"),
        (THIRTY, "There you can prepare an objection, which only a registered letter makes valid"),
        (BY_EMAIL, "There you can begin an objection, which only an email makes valid"),
        (asks(FIFTEEN), "There you can authorise the change or refuse it"),
        (asks(THIRTY), "or prepare a refusal, which only a registered letter makes valid"),
        (asks(BY_EMAIL), "or begin a refusal, which only an email makes valid"),
    ],
)
def test_what_is_only_begun_online_is_not_said_to_be_done(
    terms: NoticeTerms | None, said: str
) -> None:
    assert said in link_sentence(terms, w(), can_object=True)
    assert said in reminder_link_sentence(terms, w())
    for language in LANGUAGES:
        in_every_language(
            (
                link_sentence(terms, w(language), can_object=True),
                reminder_link_sentence(terms, w(language)),
            )
        )


def test_where_nothing_can_be_objected_to_there_is_a_question_and_the_receipt() -> None:
    assert "object" not in link_sentence(FIFTEEN, w(), can_object=False)
    assert "acknowledge receipt" in link_sentence(FIFTEEN, w(), can_object=False)
