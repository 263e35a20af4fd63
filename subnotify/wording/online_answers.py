"""What the personal link of a notice is for: what can be said there, and what is only begun."""

from subnotify.rules.responses import online_objection_is_valid
from subnotify.rules.terms import NoticeTerms
from subnotify.wording.language import Wording
from subnotify.wording.objections import needs_registered_post
from subnotify.wording.silence import is_request


def link_sentence(terms: NoticeTerms | None, w: Wording, *, can_object: bool) -> str:
    """Before the link, in a notice. can_object: a change of it is one that the terms cover.

    Where an objection needs another form, it can only be started online, and this says so.
    """
    if not can_object:
        return w.gettext(
            "Your personal link opens this notice without a sign-in. There you can ask a question,"
            " or acknowledge receipt:"
        )
    if is_request(terms):
        return w.gettext(
            "Your personal link opens this notice without a sign-in. There you can %(answers)s, ask"
            " a question, or acknowledge receipt:",
            answers=_request_answers(terms, w),
        )
    return w.gettext(
        "Your personal link opens this notice without a sign-in. There you can %(answers)s, say"
        " that you do not object, ask a question, or acknowledge receipt:",
        answers=_objection(terms, w),
    )


def reminder_link_sentence(terms: NoticeTerms | None, w: Wording) -> str:
    """The same in a reminder of changes that the terms cover."""
    if is_request(terms):
        return w.gettext(
            "Your personal link opens the notice without a sign-in. There you can %(answers)s, or"
            " ask a question:",
            answers=_request_answers(terms, w),
        )
    return w.gettext(
        "Your personal link opens the notice without a sign-in. There you can %(answers)s, say that"
        " you do not object, or ask a question:",
        answers=_objection(terms, w),
    )


def _objection(terms: NoticeTerms | None, w: Wording) -> str:
    if online_objection_is_valid(terms):
        return w.gettext("object")
    if needs_registered_post(terms):
        return w.gettext("prepare an objection, which only a registered letter makes valid")
    return w.gettext("begin an objection, which only an email makes valid")


def _request_answers(terms: NoticeTerms | None, w: Wording) -> str:
    if online_objection_is_valid(terms):
        return w.gettext("authorise the change or refuse it")
    if needs_registered_post(terms):
        return w.gettext(
            "authorise the change, or prepare a refusal, which only a registered letter makes valid"
        )
    return w.gettext("authorise the change, or begin a refusal, which only an email makes valid")
