"""What the pages of incoming mail say of it. All of it was written by others: shown as plain text,
nothing in it is a link."""

from dataclasses import dataclass

from subnotify.delivery.mail_texts import text_with_quotes
from subnotify.operations.read_arrived import LARGEST_READ
from subnotify.rules.words import ChangeKind, FiledAs, IncomingKind, TagStanding
from subnotify.storage.incoming_file import IncomingFile, MailCase
from subnotify.storage.incoming_hints import Hint
from subnotify.storage.incoming_pages import MailList
from subnotify.wording.labels import label
from subnotify.wording.language import Wording

# What a person files a mail as, in the order of the buttons.
BY_PERSONS = (
    FiledAs.OBJECTION,
    FiledAs.QUESTION,
    FiledAs.MORE_TIME,
    FiledAs.ACKNOWLEDGEMENT,
    FiledAs.NO_ANSWER,
)
# They turn round the order in which the signs after them are shown, or hide them.
_HIDING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])
_CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in range(0x20) if code not in (9, 10)}
_SHOWN = {**_HIDING, **_CONTROLS, 0x0D: None, 0x7F: "\N{REPLACEMENT CHARACTER}"}


def as_plain(text: str) -> str:
    """What somebody else wrote, in the order in which it is read: no signs that turn it round."""
    return text.translate(_SHOWN)


def words_left_out(raw: bytes, text: str) -> str:
    """All words of a mail where `text`, which is shown of it, lacks some; else empty."""
    whole = text_with_quotes(raw[:LARGEST_READ])
    return whole if "".join(whole.split()) != "".join(text.split()) else ""


def list_name(shown: MailList, w: Wording) -> str:
    match shown:
        case MailList.WAITING:
            return w.gettext("Waiting for a person")
        case MailList.ANSWERS:
            return w.gettext("Answers")
        case MailList.NO_ANSWER:
            return w.gettext("No answer")
        case MailList.AUTOMATIC:
            return w.gettext("Automatic replies")
        case MailList.REPORTS:
            return w.gettext("Delivery reports")
        case MailList.ALL:
            return w.gettext("All mail")


def hint_words(hint: Hint, w: Wording) -> str:
    if hint is Hint.MESSAGE_ID:
        return w.gettext("It says that it answers a mail of this notice.")
    return w.gettext("It gives the address of a contact of this agreement as its sender.")


def taken_for(file: IncomingFile, w: Wording) -> list[str]:
    """Why it was taken for what it is."""
    row = file.row
    kind, tag = IncomingKind(row.kind), TagStanding(row.tag)
    said = []
    if kind is IncomingKind.REPORT:
        said.append(w.gettext("It was taken for a delivery report."))
    elif kind is IncomingKind.AUTO_REPLY:
        said.append(w.gettext("It was taken for an automatic reply: that is never an answer."))
    else:
        said.append(w.gettext("Nothing shows that a machine wrote it, so a person must read it."))
    return [*said, tag_sentence(tag, is_tied=row.notice_id is not None, w=w)]


def tag_sentence(tag: TagStanding, *, is_tied: bool, w: Wording) -> str:
    """What its address proves about whose mail it is."""
    if tag is TagStanding.VALID:
        return w.gettext(
            "It came to the signed address of one of our mails, which only its recipients know."
        )
    if tag is TagStanding.FORGED:
        return w.gettext(
            "Its address carries a mark that looks like ours, but that we never made. Somebody may"
            " want to deceive you: check with the client by another way."
        )
    if is_tied:
        return w.gettext(
            "Its address names none of our mails; a person found to which notice it belongs."
        )
    return w.gettext("Its address names none of our mails, so nothing proves whose it is.")


def step_name(filed_as: FiledAs, w: Wording) -> str:
    """The button that leads to filing."""
    return label(w, filed_as).capitalize()


def filing_button(filed_as: FiledAs, w: Wording) -> str:
    """The button that files it."""
    return w.gettext("File as %(name)s", name=label(w, filed_as))


def filing_title(filed_as: FiledAs, w: Wording) -> str:
    match filed_as:
        case FiledAs.OBJECTION:
            return w.gettext("File this mail as an objection")
        case FiledAs.QUESTION:
            return w.gettext("File this mail as a question")
        case FiledAs.MORE_TIME:
            return w.gettext("File this mail as a request for more time")
        case FiledAs.ACKNOWLEDGEMENT:
            return w.gettext("File this mail as an acknowledgement of receipt")
        case _:
            return w.gettext("File this mail as no answer")


def filing_sentences(filed_as: FiledAs, *, is_tied: bool, w: Wording) -> list[str]:
    """What follows from filing it as this."""
    match filed_as:
        case FiledAs.OBJECTION:
            return [
                w.gettext(
                    "It counts from the instant at which our server took it. The contacts of the"
                    " agreement get a receipt."
                ),
                w.gettext(
                    "Where the agreement asks for another form, it is kept all the same, and the"
                    " case waits for the letter."
                ),
            ]
        case FiledAs.QUESTION | FiledAs.MORE_TIME:
            return [
                w.gettext(
                    "It is recorded with the case, and silence waits until it is answered or marked"
                    " as read there."
                )
            ]
        case FiledAs.ACKNOWLEDGEMENT:
            return [
                w.gettext(
                    "It proves that the notice was received. It is no answer: the window runs on."
                )
            ]
        case _:
            return [
                w.gettext("For mail that says nothing about the change, and for unwanted mail."),
                w.gettext("The client's silence counts again, unless something else holds it.")
                if is_tied
                else w.gettext("Nobody's silence waits for it any more."),
            ]


@dataclass(frozen=True)
class CaseChoice:
    """A case to tick. is_chosen: before anybody has chosen."""

    id: int
    text: str
    is_chosen: bool


def case_choices(file: IncomingFile, w: Wording) -> list[CaseChoice]:
    """The changes of its notice, the only one that is open is chosen; then the client's others."""
    open_ids = [case.id for case in file.cases if not case.is_closed]
    chosen = open_ids if len(open_ids) == 1 else []
    if len(file.cases) == 1:
        chosen = [file.cases[0].id]
    own = [CaseChoice(x.id, case_words(x, w), x.id in chosen) for x in file.cases]
    return own + [CaseChoice(x.id, _elsewhere(x, w), False) for x in file.others]


def _elsewhere(case: MailCase, w: Wording) -> str:
    return w.gettext(
        "%(change)s, notice %(reference)s",
        change=case_words(case, w),
        reference=case.notice_reference,
    )


def case_words(case: MailCase, w: Wording) -> str:
    """ "Orage Cloud (addition, closed)"."""
    kind = label(w, ChangeKind(case.change_kind))
    if case.is_closed:
        return w.gettext("%(name)s (%(kind)s, closed)", name=case.subprocessor, kind=kind)
    return w.gettext("%(name)s (%(kind)s)", name=case.subprocessor, kind=kind)
