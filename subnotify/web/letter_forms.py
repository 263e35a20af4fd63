"""The forms of letters: what became of one, a file that tells it, and what is confirmed of it."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from subnotify.operations.written_reasons import LONGEST_REASON
from subnotify.rules.letter_events import LONGEST_NUMBER
from subnotify.rules.letter_manifests import LONGEST_NOTE, TableEvent
from subnotify.rules.words import LetterEventKind
from subnotify.web.forms_base import DayField, PageForm, at_most, filled, strip


class LetterEventForm(PageForm):
    """What became of a letter."""

    kind = RadioField(
        _l("What happened"), validators=[InputRequired(_l("Choose what happened to the letter."))]
    )
    on = DayField(
        _l("Day"),
        validators=[InputRequired(_l("Give the day on the proof, for example 2026-03-31."))],
    )
    proof_number = StringField(
        _l("Number of the registered letter"), filters=[strip], validators=[at_most(LONGEST_NUMBER)]
    )
    note = TextAreaField(_l("Note"), filters=[strip], validators=[at_most(LONGEST_NOTE)])

    def offer(self, kinds: Sequence[tuple[LetterEventKind, str]]) -> "LetterEventForm":
        self.kind.choices = [(kind.value, words) for kind, words in kinds]
        return self

    def event(self, letter: str) -> TableEvent:
        """Of a form that was validated. letter: its key."""
        assert self.on.data is not None
        return TableEvent(
            "",
            letter,
            LetterEventKind(self.kind.data),
            self.on.data,
            self.proof_number.data or "",
            # As a table would give it back.
            "\n".join((self.note.data or "").splitlines()),
        )


class HandOverForm(PageForm):
    """Since when the printer or the post office has a batch."""

    on = DayField(
        _l("Day on which it was handed over"),
        validators=[
            InputRequired(_l("Give the day on which it was handed over, for example 2026-03-31."))
        ],
    )
    is_beyond_reach = BooleanField(
        _l("The letters are printed or posted already, and nobody can stop them any more")
    )


class UntrueEventForm(PageForm):
    """Why what contradicts the record did not happen."""

    note = TextAreaField(
        _l("Reason"),
        filters=[strip],
        validators=[
            filled(_l("Write the reason: it stays on record with the decision.")),
            at_most(LONGEST_REASON),
        ],
    )


class CorrectEventForm(UntrueEventForm):
    """What is wrong with an event that is on record."""

    what = RadioField(
        _l("What is true"),
        choices=[
            ("day", _l("It happened on another day")),
            ("never", _l("It did not happen to this letter")),
        ],
        validators=[InputRequired(_l("Choose what is true."))],
    )
    on = DayField(_l("The true day"), validators=[Optional()])

    def validate(self, extra_validators: object = None) -> bool:
        """With another day named where one is needed."""
        is_valid = bool(super().validate())
        if self.what.data == "day" and self.on.data is None and not self.on.errors:
            self.refuse_with(_("Give the day on the proof, for example 2026-03-31."), self.on)
            return False
        return is_valid


class EventFileForm(PageForm):
    file = FileField(_l("File"))

    def sent(self) -> FileStorage | None:
        """The file chosen; a browser sends an empty one where none was."""
        found = self.file.data
        if isinstance(found, FileStorage) and found.filename:
            return found
        self.refuse_with(_("Choose a file"), self.file)
        return None


class ConfirmEventsForm(PageForm):
    """What is confirmed: the events that the page showed, as a table, and their digest."""

    events = HiddenField()
    shown = HiddenField()
