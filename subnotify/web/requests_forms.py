"""The forms of written requests for the list: what was asked for, and how it was given."""

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from subnotify.rules.document_requests import CHANNELS, NewRequest, ways_to_give
from subnotify.rules.responses import LONGEST_NAME, LONGEST_TEXT
from subnotify.rules.words import ResponseChannel
from subnotify.web.case_forms import given_day
from subnotify.web.case_steps import Shown
from subnotify.web.forms_base import DayField, PageForm, at_most, filled, strip
from subnotify.wording.document_requests import way_words
from subnotify.wording.language import Wording


class RequestForm(PageForm):
    requested_by = StringField(
        _l("Who asks?"),
        filters=[strip],
        validators=[filled(_l("Write the name of who asks")), at_most(LONGEST_NAME)],
    )
    channel = RadioField(
        _l("How did it come?"), validators=[InputRequired(_l("Choose how it came"))]
    )
    requested_on = DayField(
        _l("Received on"), validators=[InputRequired(_l("Give the day it arrived"))]
    )
    as_of_on = DayField(_l("The list of which day?"), validators=[Optional()])
    language = RadioField(
        _l("Language of the document"), validators=[InputRequired(_l("Choose the language"))]
    )
    note = TextAreaField(_l("Note"), filters=[strip], validators=[at_most(LONGEST_TEXT)])

    def offer(self, w: Wording) -> "RequestForm":
        """Fill the choices."""
        self.channel.choices = _ways(w, CHANNELS)
        self.language.choices = [("en", _("English")), ("fr", _("French"))]
        return self

    def shown(self) -> list[Shown]:
        return [
            Shown(self.requested_by, hint=_("As the request is signed.")),
            Shown(self.channel),
            Shown(self.requested_on, width="width-10"),
            Shown(
                self.as_of_on,
                hint=_(
                    "Left empty, it is the list of today: who asks for the list wants the one that"
                    " applies. Give an earlier day where the request names it."
                ),
                width="width-10",
            ),
            Shown(self.language),
            Shown(self.note, rows=3),
        ]

    def request(self, agreement_id: int, letter_id: int | None, *, today: date) -> NewRequest:
        """What was entered; the form has been validated. today: the vendor's."""
        return NewRequest(
            agreement_id=agreement_id,
            channel=ResponseChannel(self.channel.data),
            requested_on=given_day(self.requested_on),
            requested_by=self.requested_by.data or "",
            as_of_on=self.as_of_on.data or today,
            language=self.language.data,
            note=self.note.data or "",
            incoming_letter_id=letter_id,
        )


class PrepareForm(PageForm):
    """in_place_of: the document that the page showed, "" for none."""

    in_place_of = HiddenField()

    def seen(self) -> int | None:
        return _number(self.in_place_of.data)


class AnswerForm(PageForm):
    through = RadioField(
        _l("How was it given?"), validators=[InputRequired(_l("Choose how it was given"))]
    )
    given_on = DayField(_l("Given on"), validators=[InputRequired(_l("Give the day it was given"))])
    document_id = HiddenField()

    def offer(self, w: Wording, asked_by: ResponseChannel) -> "AnswerForm":
        """Fill the choices. asked_by: how the request came."""
        self.through.choices = _ways(w, ways_to_give(asked_by))
        return self

    def shown(self) -> list[Shown]:
        return [
            Shown(self.through),
            Shown(
                self.given_on,
                hint=_("The day on which it was sent or handed over."),
                width="width-10",
            ),
            Shown(self.document_id),
        ]

    def seen(self) -> int:
        """The document that the page showed; 0 where the field was tampered with."""
        return _number(self.document_id.data) or 0


def _ways(w: Wording, channels: Iterable[ResponseChannel]) -> list[tuple[str, str]]:
    words = ((x.value, way_words(x, w)) for x in channels)
    return [(value, text[:1].upper() + text[1:]) for value, text in words]


def _number(text: str | None) -> int | None:
    """An id of a hidden field; None for anything else."""
    given = text or ""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
