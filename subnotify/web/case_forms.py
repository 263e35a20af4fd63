"""The forms of a case: what legal decides and records."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Optional

from subnotify.operations.settle_objection import Settlement
from subnotify.operations.written_reasons import LONGEST_REASON
from subnotify.rules.objection_clocks import TerminationEffect
from subnotify.rules.terminations import may_vendor_terminate
from subnotify.rules.words import (
    ResponseKind,
    SettlementKind,
    TerminationParty,
    Timeliness,
)
from subnotify.storage.case_head import CaseHead
from subnotify.web.forms_base import (
    CheckboxesField,
    DayField,
    PageForm,
    at_most,
    filled,
    strip,
)
from subnotify.web.language import page_wording
from subnotify.wording.labels import label
from subnotify.wording.settlements import settlement_sentence

_WRITE_REASON = _l("Write the reason: it stays on record with the decision")


def given_day(field: DayField) -> date:
    """The day in a required field of a form that was validated."""
    if field.data is None:
        raise ValueError(f"{field.name} is empty")
    day: date = field.data
    return day


class ReasonForm(PageForm):
    """A decision that needs nothing but its reason."""

    note = TextAreaField(
        _l("Reason"), filters=[strip], validators=[filled(_WRITE_REASON), at_most(LONGEST_REASON)]
    )


class ConfirmForm(PageForm):
    """A step without fields."""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None


class SettleForm(ReasonForm):
    kind = RadioField(
        _l("How is the objection settled?"),
        validators=[InputRequired(_l("Choose how the objection is settled"))],
    )
    terminated_by = RadioField(
        _l("Who terminates?"), validators=[Optional()], default=TerminationParty.CLIENT.value
    )
    declared_on = DayField(_l("Notice of termination received on"), validators=[Optional()])
    services = CheckboxesField(_l("Services that end"))
    takes_effect_on = DayField(_l("First day without these services"), validators=[Optional()])
    # The last objection that the page showed: what came since is not settled unread.
    seen_up_to = HiddenField()

    def offer(self, head: CaseHead, effect: TerminationEffect) -> "SettleForm":
        """Fill the choices for this case. effect: of a termination now, under its terms."""
        w = page_wording()
        self.kind.choices = [
            (kind.value, f"{label(w, kind).capitalize()}. {settlement_sentence(kind, w)}")
            for kind in SettlementKind
        ]
        self.services.choices = [(service.key, service.name) for service in head.services]
        self.terminated_by.choices = [
            (TerminationParty.CLIENT.value, _("The client")),
            (TerminationParty.VENDOR.value, _("We, the vendor")),
        ]
        if not may_vendor_terminate(head.facts.terms):
            del self.terminated_by
        if not effect.is_given:
            del self.takes_effect_on
        if not self.is_submitted():
            self.services.data = [x.key for x in head.services if x.is_concerned]
            objections = [
                x.number for x in head.facts.responses if x.kind is ResponseKind.OBJECTION
            ]
            self.seen_up_to.data = str(max(objections, default=0))
        return self

    def decision(self) -> Settlement:
        """What was entered; the form has been validated."""
        by = self.terminated_by.data if "terminated_by" in self else None
        return Settlement(
            kind=SettlementKind(self.kind.data),
            note=self.note.data or "",
            services=tuple(self.services.data or ()),
            takes_effect_on=self.takes_effect_on.data if "takes_effect_on" in self else None,
            declared_on=self.declared_on.data,
            terminated_by=TerminationParty(by or TerminationParty.CLIENT),
            seen_up_to=_number(self.seen_up_to.data or ""),
        )


class ExtendForm(ReasonForm):
    last_day = DayField(_l("New last day"), validators=[InputRequired(_l("Give the new last day"))])


class TimelinessForm(ReasonForm):
    decided = RadioField(
        _l("Does the objection count?"),
        validators=[InputRequired(_l("Choose whether it counts as in time"))],
    )

    def offer(self) -> "TimelinessForm":
        self.decided.choices = [
            (Timeliness.IN_TIME.value, _("It counts as in time")),
            (Timeliness.LATE.value, _("It is late")),
        ]
        return self


class AnswerForm(PageForm):
    answer = TextAreaField(
        _l("Answer"),
        filters=[strip],
        validators=[
            filled(_l("Write the answer: it is mailed to the client")),
            at_most(LONGEST_REASON),
        ],
    )


class MessageForm(PageForm):
    text = TextAreaField(
        _l("Message"),
        filters=[strip],
        validators=[
            filled(_l("Write the message: it is mailed to the client.")),
            at_most(LONGEST_REASON),
        ],
    )
    # The same form sent twice is one message.
    form_key = HiddenField()


class BounceForm(PageForm):
    note = TextAreaField(
        _l("What the bounce says"),
        filters=[strip],
        validators=[
            filled(_l("Copy the words of the bounce: they stay on record")),
            at_most(LONGEST_REASON),
        ],
    )
