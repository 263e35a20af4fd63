"""The forms of releases: drafting, approving, releasing, withdrawing."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Optional
from wtforms.widgets import HiddenInput

from subnotify.rules.changes import amendment_of
from subnotify.rules.errors import RuleError
from subnotify.rules.release_hours import planned_instant
from subnotify.rules.releases import ReleaseTexts
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.texts import LocalText, local_text
from subnotify.storage.registry import DraftChange
from subnotify.storage.releases import Release
from subnotify.web.forms_base import CheckboxesField, DayField, PageForm, at_most, strip
from subnotify.wording.changes import change_sentence
from subnotify.wording.labels import label
from subnotify.wording.language import Wording

LONGEST_TEXT = 5_000
LONGEST_REASON = 2_000


class HourField(TimeField):
    """A time of day. What cannot be read as one stays in the field and is explained."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write the time as hours and minutes, for example 09:30.")) from None


class DraftForm(PageForm):
    """What a release says. Gaps are allowed in a draft; the preview names them."""

    changes = CheckboxesField(_l("Changes to announce"), coerce=int)
    reason_en = TextAreaField(
        _l("Reason for the change, in English"), filters=[strip], validators=[at_most(LONGEST_TEXT)]
    )
    reason_fr = TextAreaField(
        _l("Reason for the change, in French"), filters=[strip], validators=[at_most(LONGEST_TEXT)]
    )
    paragraph_en = TextAreaField(
        _l("Further paragraph, in English"), filters=[strip], validators=[at_most(LONGEST_TEXT)]
    )
    paragraph_fr = TextAreaField(
        _l("Further paragraph, in French"), filters=[strip], validators=[at_most(LONGEST_TEXT)]
    )
    commencement_on = DayField(_l("Day of commencement"), validators=[Optional()])
    commences_by_itself = BooleanField(
        _l("Commence by itself on that day, once every case is settled")
    )
    emergency_en = TextAreaField(
        _l("Why notice is short, in English"), filters=[strip], validators=[at_most(LONGEST_TEXT)]
    )
    emergency_fr = TextAreaField(
        _l("Why notice is short, in French"), filters=[strip], validators=[at_most(LONGEST_TEXT)]
    )
    revision = IntegerField(widget=HiddenInput(), default=0)

    def offer(
        self,
        drafts: Iterable[DraftChange],
        names: Mapping[str, str],
        before: Mapping[str, SubprocessorFacts],
        w: Wording,
    ) -> None:
        """The draft changes to choose from. names: services, and entries replaced, by key. before:
        what the list says now, by key."""
        self.changes.choices = [
            (
                draft.id,
                _(
                    "%(kind)s: %(change)s",
                    kind=label(w, draft.kind).capitalize(),
                    change=change_sentence(
                        draft.kind,
                        draft.facts.name,
                        names.get(f"entry {draft.replaced_key}", ""),
                        [names.get(key, key) for key in sorted(draft.services)],
                        w,
                        amendment_of(before[draft.key], draft.facts)
                        if draft.key in before
                        else None,
                    ),
                ),
            )
            for draft in drafts
        ]

    def texts(self) -> ReleaseTexts:
        return ReleaseTexts(
            reason=_by_language(self.reason_en.data, self.reason_fr.data),
            paragraph=_by_language(self.paragraph_en.data, self.paragraph_fr.data),
            commencement_on=self.commencement_on.data,
            commences_by_itself=bool(self.commences_by_itself.data),
            emergency=_by_language(self.emergency_en.data, self.emergency_fr.data),
        )


def _by_language(english: str | None, french: str | None) -> LocalText:
    return local_text({"en": _one_newline(english), "fr": _one_newline(french)})


def _one_newline(text: str | None) -> str:
    """Browsers end lines with CR LF; what is kept and digested has LF."""
    return (text or "").replace("\r\n", "\n")


def form_data(release: Release, change_ids: Iterable[int]) -> dict[str, object]:
    """What the form of an existing draft begins with."""
    texts = release.texts
    return {
        "changes": list(change_ids),
        "reason_en": written_in(texts.reason, "en"),
        "reason_fr": written_in(texts.reason, "fr"),
        "paragraph_en": written_in(texts.paragraph, "en"),
        "paragraph_fr": written_in(texts.paragraph, "fr"),
        "commencement_on": texts.commencement_on,
        "commences_by_itself": texts.commences_by_itself,
        "emergency_en": written_in(texts.emergency, "en"),
        "emergency_fr": written_in(texts.emergency, "fr"),
        "revision": release.revision,
    }


def written_in(text: LocalText, language: str) -> str:
    """The text of one language alone, without falling back to another."""
    return text.in_language(language) if text.is_written_in(language) else ""


class StepForm(PageForm):
    """A step on one revision of a release."""

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class ApproveForm(StepForm):
    """unservable, late: ids of the agreements that were listed on the page, joined by commas."""

    unservable = HiddenField()
    late = HiddenField()
    confirmed = BooleanField(
        _l("I have checked this list: these agreements are dealt with by hand"),
        validators=[DataRequired(_l("Confirm the list, or have the agreements completed first"))],
    )
    confirmed_late = BooleanField(
        _l("I have checked this list: the change waits for these agreements' own days"),
        validators=[DataRequired(_l("Confirm the list, or choose a later day of commencement"))],
    )

    def unservable_ids(self) -> list[int]:
        return _ids(self.unservable)

    def late_ids(self) -> list[int]:
        return _ids(self.late)


def _ids(hidden: HiddenField) -> list[int]:
    return [int(part) for part in (hidden.data or "").split(",") if _is_number(part)]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 10


class HourFields(PageForm):
    """The hour at which something is to happen."""

    hour_on = DayField(_l("Day of the release"), validators=[Optional()])
    hour_time = HourField(_l("Time of the release"), validators=[Optional()])

    def hour(self, zone: ZoneInfo, *, at: datetime) -> datetime | None:
        """The planned instant; None where it is not complete, or refused (the field says why)."""
        for field, sentence in (
            (self.hour_on, _("Choose the day")),
            (self.hour_time, _("Write the time")),
        ):
            if field.data is None and not field.errors:
                field.errors = [sentence]
        if not self.hour_on.data or not self.hour_time.data:
            return None
        try:
            return planned_instant(self.hour_on.data, self.hour_time.data, zone, at=at)
        except RuleError as error:
            self.refuse(error, self.hour_time)
            return None


class ReleaseForm(StepForm, HourFields):
    """Release now, or plan the hour at which it is released by itself.

    needs_legal: it was refused because legal has not confirmed who is told late at the hour.
    """

    needs_legal = False
    when = RadioField(
        _l("When"),
        choices=[("now", _l("At once")), ("hour", _l("At an hour"))],
        default="now",
    )
    one_person_reason = TextAreaField(
        _l("Why one person approves and releases"),
        filters=[strip],
        validators=[at_most(LONGEST_REASON)],
    )


class LateForm(StepForm, HourFields):
    """late: ids of the agreements that were listed on the page, joined by commas."""

    late = HiddenField()
    confirmed = BooleanField(
        _l("I have checked this list: the change waits for these agreements' own days"),
        validators=[DataRequired(_l("Confirm the list, or have an earlier hour planned"))],
    )

    def has_hour(self) -> bool:
        """Whether any of it was given, readable or not."""
        given = (self.hour_on, self.hour_time)
        return any(field.data or any(field.raw_data or ()) for field in given)

    def late_ids(self) -> list[int]:
        return _ids(self.late)


class PostponeForm(PageForm):
    commencement_on = DayField(
        _l("New day of commencement"),
        validators=[DataRequired(_l("Choose the new day of commencement"))],
    )
    reason = TextAreaField(
        _l("Reason for postponing"),
        filters=[strip],
        validators=[
            DataRequired(_l("Write why the change is postponed: it goes on record")),
            at_most(LONGEST_REASON),
        ],
    )


class WithdrawForm(PageForm):
    reason = TextAreaField(
        _l("Reason for withdrawing"),
        filters=[strip],
        validators=[
            DataRequired(_l("Write why the change is withdrawn: it goes on record")),
            at_most(LONGEST_REASON),
        ],
    )
