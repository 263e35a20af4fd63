"""The forms of letters from clients: what came, both of its days, its scan, what it speaks of."""

import secrets
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional

from subnotify.operations.keep_document import GivenFile
from subnotify.operations.written_reasons import LONGEST_REASON
from subnotify.rules.document_files import LARGEST_OCTETS
from subnotify.rules.incoming_letters import ABOUT_A_NOTICE, GivenLetter, read_reference
from subnotify.rules.letters import CHANNELS
from subnotify.rules.responses import LONGEST_TEXT, objection_terminates
from subnotify.rules.words import IncomingLetterKind, ResponseChannel
from subnotify.storage.case_head import CaseHead
from subnotify.storage.tables import IncomingLetterRow
from subnotify.web.case_forms import given_day
from subnotify.web.forms_base import CheckboxesField, DayField, PageForm, at_most, strip
from subnotify.web.language import page_wording
from subnotify.wording.labels import label


def kind_name(kind: IncomingLetterKind) -> str:
    """What a letter is, as it stands beside its radio button."""
    w = page_wording()
    match kind:
        case IncomingLetterKind.QUESTION:
            return w.gettext("Question or another answer: a person must deal with it")
        case IncomingLetterKind.ACKNOWLEDGEMENT:
            return w.gettext("Acknowledgement of receipt: no answer to the change")
        case IncomingLetterKind.CONTACT_CHANGE:
            return w.gettext("Change of a designated contact: it waits until the contact is named")
        case IncomingLetterKind.DOCUMENT_REQUEST:
            return w.gettext("Request for the list: it waits until the request is registered")
        case IncomingLetterKind.OTHER:
            return w.gettext("Something else: it says nothing about a change")
    return label(w, kind).capitalize()


class ScanForm(PageForm):
    """The scan alone, of a letter that was recorded without one."""

    scan = FileField(_l("Scan of the letter"))

    def given_scan(self) -> GivenFile | None:
        """The file that was sent; a browser sends an empty one where none was chosen."""
        sent = self.scan.data
        if not isinstance(sent, FileStorage) or not sent.filename:
            return None
        # One octet more than may be kept, so that a larger one is told from it.
        return GivenFile(sent.filename, sent.stream.read(LARGEST_OCTETS + 1))


class LetterForm(ScanForm):
    kind = RadioField(
        _l("What does the client say?"), validators=[InputRequired(_l("Choose what it is"))]
    )
    channel = RadioField(
        _l("How did it come?"), validators=[InputRequired(_l("Choose how it came"))]
    )
    received_on = DayField(
        _l("Received on"), validators=[InputRequired(_l("Give the day it arrived"))]
    )
    dispatched_on = DayField(_l("Sent on (postmark)"), validators=[Optional()])
    letter_reference = StringField(_l("Reference of the letter"), filters=[strip])
    by_name = StringField(_l("Signed by"), filters=[strip])
    case_ids = CheckboxesField(_l("Changes that it speaks of"), coerce=int)
    services = CheckboxesField(_l("Services that it terminates"))
    contact_id = RadioField(
        _l("Who acknowledges receipt?"), coerce=int, validators=[Optional()], default=0
    )
    text = TextAreaField(_l("What it says"), filters=[strip], validators=[at_most(LONGEST_TEXT)])
    note = TextAreaField(_l("Note"), filters=[strip], validators=[at_most(LONGEST_REASON)])
    quoted_reference = HiddenField()
    form_token = HiddenField()

    def offer(self, head: CaseHead | None, kinds: tuple[IncomingLetterKind, ...]) -> "LetterForm":
        """Fill the choices. head: a case of its notice, None where none is known."""
        w = page_wording()
        self.kind.choices = [(kind.value, kind_name(kind)) for kind in kinds]
        self.channel.choices = [(x.value, label(w, x).capitalize()) for x in CHANNELS]
        if not self.form_token.data:
            self.form_token.data = secrets.token_hex(16)
        if head is None:
            del self.case_ids, self.services, self.contact_id
            return self
        self.case_ids.choices = [(one.id, one.subprocessor) for one in head.siblings]
        self.services.choices = [(service.key, service.name) for service in head.services]
        if not objection_terminates(head.facts.terms):
            del self.services
        self.contact_id.choices = [
            (0, _("Nobody in particular")),
            *((contact.id, f"{contact.name}, {contact.email}") for contact in head.contacts),
        ]
        return self

    def letter(self) -> GivenLetter:
        """What was entered; the form has been validated."""
        about = "case_ids" in self
        day: date = given_day(self.received_on)
        return GivenLetter(
            kind=IncomingLetterKind(self.kind.data),
            channel=ResponseChannel(self.channel.data),
            received_on=day,
            dispatched_on=self.dispatched_on.data,
            letter_reference=self.letter_reference.data or "",
            quoted_reference=read_reference(self.quoted_reference.data or ""),
            from_name=self.by_name.data or "",
            text=self.text.data or "",
            note=self.note.data or "",
            services=tuple(self.services.data or ()) if "services" in self else (),
            case_ids=tuple(self.case_ids.data or ()) if about else (),
            contact_id=(self.contact_id.data or None) if about else None,
            form_token=self.form_token.data or "",
        )

    def remind_of_scan(self) -> None:
        """A browser keeps what was typed, but no file."""
        if self.given_scan() is not None and not self.scan.errors:
            self.refuse_with(_("Choose the scan again: a browser does not keep it."), self.scan)


class TyingForm(PageForm):
    """Which notice a letter is about, or whose it is. Larger than any id: the database refuses."""

    notice_id = IntegerField(validators=[Optional(), NumberRange(1, 2**31 - 1)])
    client_id = IntegerField(validators=[Optional(), NumberRange(1, 2**31 - 1)])


class DoneForm(PageForm):
    note = TextAreaField(_l("Note"), filters=[strip], validators=[at_most(LONGEST_REASON)])


def values_on_record(row: IncomingLetterRow) -> dict[str, Any]:
    """A letter as its form shows it before anything is corrected."""
    return {
        "kind": row.kind,
        "channel": row.channel,
        "received_on": row.received_on,
        "dispatched_on": row.dispatched_on,
        "letter_reference": row.letter_reference,
        "quoted_reference": row.quoted_reference,
        "by_name": row.from_name,
        "text": row.text,
        "note": row.filed_note,
        "contact_id": 0,
    }


def offered_kinds(*, is_about_notice: bool) -> tuple[IncomingLetterKind, ...]:
    """What a letter can be filed as: an answer only where its notice is known."""
    if is_about_notice:
        return tuple(IncomingLetterKind)
    return tuple(x for x in IncomingLetterKind if x not in ABOUT_A_NOTICE)
