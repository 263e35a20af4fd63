"""How to mend terms in the form: the rules' remedies name the fields of a file, these the page's.

A remedy that is not here is shown as the rules give it.
"""

from flask_babel import gettext, lazy_gettext

from subnotify.rules.errors import Problem

_l = lazy_gettext

# Where a code of rules.terms_checks.not_computable is mended.
NOT_COMPUTABLE_FIELDS = {
    "no_objection_period": "objection_period",
    "no_lead_time": "lead_time",
    "unit": "counting.rule",
    "counting_rule": "counting.rule",
    "channel": "channel_choice",
    "first_presentation": "deemed_receipt.kind",
    "proof_of_receipt": "proof_of_receipt",
}
_COMPUTABLE = {
    "no_objection_period": _l("Write the objection period, or say what else ends the window."),
    "no_lead_time": _l("Write the lead time, or an objection period of its own."),
    "unit": _l("Choose the unit that the counting rule counts, or another rule."),
    "counting_rule": _l("Choose a rule that counts forward."),
    "channel": _l(
        "Say whether one of the channels is enough. Where neither email nor post is, legal records"
        " how notice was given."
    ),
    "first_presentation": _l(
        "Name registered post among the channels: only its letters are presented."
    ),
    "proof_of_receipt": _l("Choose what proves receipt: nobody can choose it for you."),
}
# By the problem's field and the start of its message, which tells problems of one field apart.
_REMEDIES = {
    "effect_of_silence": _l("Choose specific authorisation, or another effect of silence."),
    "runs_from": _l("Choose what else the period runs from, or how the window ends."),
    "may_commence": _l("State the lead time, or let the change wait for the window."),
    "deemed_receipt.days": _l("Make the number of days fit the way of deemed receipt."),
    "objection_period": _l("Let the period end the window, or remove the period."),
    "silence_irrevocable": _l("Let silence accept the change, or untick “irrevocable”."),
    "objection_grounds": _l("Choose the grounds listed in the clause, or remove the list."),
    "accommodation_period": _l("Choose another effect of an objection, or remove the period."),
    "if_unresolved": _l("Make what follows fit the effect of an objection and the further time."),
    "deemed_accepted_after": _l("State the further time, or choose what else follows."),
    "termination.exercise_within": _l(
        "Choose another effect of an objection, or remove the time limit."
    ),
    "termination.takes_effect": _l(
        "Choose a date of the client's choice or a notice of termination, or remove the period."
    ),
    "termination.effect_period": _l("State the period, or choose when else it takes effect."),
    "proof_of_receipt": _l("Say when the clause deems a notice received, or choose another proof."),
}


def computable_remedy(code: str) -> str:
    """What to do so that dates can be computed; "" for a code of an older version."""
    return str(_COMPUTABLE.get(code, ""))


def form_remedy(problem: Problem) -> str:
    """How a contradiction is mended on the page; "" where the rules' own remedy fits it."""
    where = problem.where.removeprefix("terms.")
    if where.endswith(".unit"):
        return str(gettext("Choose the unit that the counting rule counts, or another rule."))
    if where.startswith("notice_rules["):
        if where.endswith(".objection_period"):
            return str(gettext("Let the period end the window, or remove the period."))
        return ""
    return str(_REMEDIES.get(where, ""))
