"""Why the engine cannot compute dates from notice terms, in words."""

from subnotify.rules.errors import N_
from subnotify.wording.language import Wording

# The codes of rules.terms_checks.not_computable, and of windows that the day decides.
REASONS = {
    "no_objection_period": N_("the agreement states no objection period"),
    "no_lead_time": N_("the window lasts as long as the lead time, and the agreement states none"),
    "unit": N_("its counting rule does not count the unit of a period"),
    "counting_rule": N_("its counting rule counts backwards, and the period runs forward"),
    "channel": N_("the agreement asks for notice by another way than email or post"),
    "first_presentation": N_(
        "receipt is the first presentation of a letter, and the agreement names no registered post"
    ),
    "proof_of_receipt": N_("nobody has chosen yet what proves receipt of a notice"),
    "no_commencement": N_("the window depends on commencement, and no day is announced"),
}
# Codes that terms recorded by the first version may still have.
OLD_REASONS = {
    "trigger": N_("the agreement does not say from when the period runs"),
    "lead_time": N_("the agreement also sets a lead time before commencement"),
}

REMEDIES = {
    "no_objection_period": N_(
        "Write the objection period, or say in `closes` what ends the window."
    ),
    "no_lead_time": N_("Write the lead time, or the objection period with closes: period."),
    "unit": N_(
        "Use the unit that the rule counts, or a rule that counts every unit, such as"
        " contract-calendar."
    ),
    "counting_rule": N_(
        "Use runs_from: commencement_backward, or a rule that counts forward, such as eu-1182-71."
    ),
    "channel": N_(
        "Say in `channel_choice` whether any of the channels is enough; where neither email nor"
        " post is, legal records how notice was given."
    ),
    "first_presentation": N_("Name registered post in `channels`: only its letters are presented."),
    "proof_of_receipt": N_(
        "Choose in `proof_of_receipt` what proves receipt, or write `deemed_receipt` if the"
        " agreement says when a notice counts as received."
    ),
}


def not_computable_remedy(code: str, w: Wording) -> str:
    """What a person can do about it, as a sentence; "" for a code without one."""
    return w.gettext(REMEDIES[code]) if code in REMEDIES else ""


def not_computable_reason(code: str, w: Wording) -> str:
    """A code of `rules.terms_checks.not_computable` as a clause without a full stop.

    A code that has no words here is returned as it is.
    """
    text = REASONS.get(code) or OLD_REASONS.get(code)
    return w.gettext(text) if text else code
