"""Whether an objection is admissible, disputed, late or in the wrong form, each with its reason."""

from flask_babel import gettext as _

from subnotify.rules.case_facts import CaseFacts, ResponseFact
from subnotify.rules.objections import is_valid_form, standing_waivers, timeliness_of
from subnotify.rules.terms_words import ObjectionGrounds
from subnotify.rules.words import ResponseChannel, Timeliness
from subnotify.wording.language import Wording
from subnotify.wording.objection_terms import form_sentence, grounds_sentence
from subnotify.wording.responses import timeliness_sentence

_COUNTS = frozenset({Timeliness.IN_TIME, Timeliness.NO_WINDOW})


def is_admissible(facts: CaseFacts, objection: ResponseFact) -> bool:
    """In time and in the form of the terms; whether grounds suffice, a person says."""
    return is_valid_form(facts.terms, objection) and timeliness_of(facts, objection) in _COUNTS


def came_online(objection: ResponseFact) -> bool:
    """It has an hour; a letter has a day alone."""
    return objection.channel in (ResponseChannel.LINK, ResponseChannel.REPLY)


def judged_name(facts: CaseFacts, objection: ResponseFact) -> str:
    """The first of what is wrong with it."""
    match timeliness_of(facts, objection):
        case Timeliness.LATE:
            return str(_("Late"))
        case Timeliness.WAIVED:
            return str(_("After the period was given up"))
        case _ if not is_valid_form(facts.terms, objection):
            return str(_("Not in the agreed form"))
        case Timeliness.DISPUTED:
            return str(_("Disputed"))
        case _:
            return str(_("Admissible"))


def judged_sentences(facts: CaseFacts, objection: ResponseFact, w: Wording) -> list[str]:
    """Its time, with both dates, its form and its grounds. w: of the agreement's zone."""
    timeliness = timeliness_of(facts, objection)
    said = [timeliness_sentence(timeliness, w)]
    if timeliness is Timeliness.WAIVED:
        said += _of_waived(facts, w)
    if objection.decided is timeliness:
        said.append(_("A person of legal decided so."))
    if facts.window is not None:
        said.append(_dates(objection, w.until(facts.window.closes_at), w))
    terms = facts.terms
    if terms is None:
        return said
    if is_valid_form(terms, objection):
        said.append(_("It came in a form that the terms admit."))
    else:
        said += [_("It did not come in the form that the terms ask for."), form_sentence(terms, w)]
    if terms.objection_grounds is not ObjectionGrounds.NONE:
        said.append(grounds_sentence(terms, w))
        said.append(_("Whether those of the client do, a person decides by the settlement."))
    return said


def _of_waived(facts: CaseFacts, w: Wording) -> list[str]:
    """Since when nothing could be objected to any more, and what legal can do about it."""
    given_up = [x.confirmed_at or x.received_at for x in standing_waivers(facts)]
    said = [
        _("The client gave it up on %(instant)s, by a code.", instant=w.date_time(at))
        for at in given_up[:1]
    ]
    said.append(_("Nothing waits for you. You can write to the client."))
    said.append(
        _("If it was not meant, settle with the client, who may be left out of the change.")
        if facts.outcome is None
        else _(
            "If it was not meant, propose to correct the outcome: once another person has confirmed"
            " that, the case is on hold, and you can settle it with the client."
        )
    )
    return said


def _dates(objection: ResponseFact, end: str, w: Wording) -> str:
    came = objection.received_at
    has_hour = came_online(objection)
    on = w.date_time(came) if has_hour else w.date(w.local(came).date(), "weekday")
    if has_hour or objection.dispatched_on is None:
        return str(_("It came on %(came)s; end of the window: %(end)s.", came=on, end=end))
    said = _(
        "It was posted on %(posted)s and came on %(came)s; end of the window: %(end)s.",
        posted=w.date(objection.dispatched_on, "weekday"),
        came=on,
        end=end,
    )
    return str(said)
