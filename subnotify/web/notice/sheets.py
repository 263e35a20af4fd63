"""The sheets of a notice: itself, its copy for passing on, and what who signs must know.

None of them holds the personal link: paper and files are passed on.
"""

from collections.abc import Iterator, Sequence

from flask_babel import gettext as _

from subnotify.rules.responses import objection_terminates
from subnotify.rules.vendor import VendorProfile
from subnotify.web.notice.deadline_part import DeadlinePart, can_object
from subnotify.web.notice.opening import OpenedNotice
from subnotify.web.notice.page import ChangePart, NoticePage, notice_page
from subnotify.web.notice.receipt_parts import ReceiptPart
from subnotify.web.notice.sayings import list_events
from subnotify.web.threads import ThreadEntry
from subnotify.wording.emergencies import emergency_sentences
from subnotify.wording.language import Wording
from subnotify.wording.letter_answers import recipient_lines
from subnotify.wording.objections import form_sentences
from subnotify.wording.sheets import Sheet, SheetSection
from subnotify.wording.termination_summary import consequence_rows, day_rows
from subnotify.wording.terminations import termination_sentences


def notice_sheet(
    opened: OpenedNotice, vendor: VendorProfile, thread: Sequence[ThreadEntry], w: Wording
) -> Sheet:
    """The notice with everything on record about it that its reader may know."""
    page = notice_page(opened, w)
    return Sheet(
        kind=_("Notice of a change of subprocessors"),
        title=page.title,
        author=vendor.name,
        footer=_footer(opened, w),
        head=_head(opened, vendor, w),
        sections=(*_sections(opened, page, w), *_history(opened, thread, vendor, w)),
    )


def copy_sheet(opened: OpenedNotice, vendor: VendorProfile, w: Wording) -> Sheet:
    """What the notice says, for somebody to whom it is not given."""
    page = notice_page(opened, w)
    return Sheet(
        kind=_("Copy of a notice, for information"),
        title=page.title,
        author=vendor.name,
        footer=_footer(opened, w),
        mark=(
            _("This is a copy for passing on. It is no notice to whoever else reads it."),
            _(
                "The notice was given to %(client)s, and “you” means %(client)s. The deadline is"
                " its own. This copy holds no link with which anybody could answer.",
                client=opened.shown.client_name,
            ),
        ),
        head=_head(opened, vendor, w),
        sections=tuple(_sections(opened, page, w)),
    )


def summary_sheet(opened: OpenedNotice, vendor: VendorProfile, w: Wording) -> Sheet | None:
    """One page for whoever may sign; None where objecting does not mean terminating, or nothing
    can be objected to any more."""
    terms, page = opened.terms, notice_page(opened, w)
    if not offers_summary(opened) or terms is None:
        return None
    services = tuple(opened.shown.brief.services_of(()).values())
    days = [x.commencement_on for x in opened.changes if x.commencement_on is not None]
    closes_at = page.deadline.closes_at if page.deadline else None
    commencement_on = min(days, default=None)
    expected = page.deadline.expected if page.deadline else ()
    starts = (
        [_("It is planned to take effect on %(day)s.", day=w.date(commencement_on, "weekday"))]
        if commencement_on
        else []
    )
    return Sheet(
        kind=_("Summary for whoever may sign a termination"),
        title=page.title,
        author=vendor.name,
        footer=_footer(opened, w),
        mark=(termination_sentences(terms, services, w)[0],),
        head=_head(opened, vendor, w)[:4],
        sections=(
            SheetSection(
                title=_("What is decided"),
                said=[
                    *(part.title + "." for part in page.changes if len(page.changes) > 1),
                    *starts,
                    *page.silence[:1],
                ],
            ),
            SheetSection(
                title=_("If you object"),
                facts=consequence_rows(
                    terms, services, w, closes_at=closes_at, commencement_on=commencement_on
                ),
            ),
            SheetSection(
                title=_("Until when"),
                facts=day_rows(terms, closes_at, w) if closes_at else (),
                said=() if closes_at else expected,
            ),
            SheetSection(
                title=_("How and where"),
                said=[*form_sentences(terms, w)[:1], page.clause],
                facts=((_("To"), recipient_lines(terms, vendor, opened.shown.client_country)),),
            ),
        ),
    )


def offers_summary(opened: OpenedNotice) -> bool:
    return objection_terminates(opened.terms) and can_object(opened)


def receipt_sheet(
    opened: OpenedNotice, parts: Sequence[ReceiptPart], vendor: VendorProfile, w: Wording
) -> Sheet:
    """What was recorded of an answer, with the exact text whose digest it names."""
    first = parts[0]
    return Sheet(
        kind=_("Receipt %(reference)s", reference=first.response.reference),
        title=first.sentences[0],
        author=vendor.name,
        footer=_footer(opened, w),
        mark=[first.letter] if first.letter else (),
        head=_head(opened, vendor, w),
        sections=(
            SheetSection(title=_("What happens next"), said=first.sentences[1:]),
            *(section for part in parts for section in _recorded(part)),
        ),
    )


def _recorded(part: ReceiptPart) -> Iterator[SheetSection]:
    rows = [(row.name, row.lines) for row in part.rows]
    if part.response.text:
        rows.append((_("Your words"), tuple(part.response.text.splitlines())))
    yield SheetSection(
        title=_("What was recorded: %(reference)s", reference=part.response.reference),
        facts=[*rows, (_("Digest"), (part.response.digest,))],
    )
    yield SheetSection(
        said=[_("The digest is the SHA-256 of exactly this text:")], exact=part.canonical
    )


def _footer(opened: OpenedNotice, w: Wording) -> str:
    return str(
        _(
            "Notice %(notice)s, as it stood on %(instant)s",
            notice=opened.shown.brief.reference,
            instant=w.date_time(opened.at),
        )
    )


def _head(
    opened: OpenedNotice, vendor: VendorProfile, w: Wording
) -> tuple[tuple[str, Sequence[str]], ...]:
    shown = opened.shown
    rows: list[tuple[str, Sequence[str]]] = [
        (_("Reference"), [shown.brief.reference]),
        (_("Vendor"), [vendor.name, *vendor.address.splitlines()]),
        (_("Client"), [shown.client_name]),
        (_("Agreement"), [shown.agreement_reference]),
        (_("Announced on"), [w.date(w.local(shown.released_at).date(), "weekday")]),
    ]
    if shown.served_at is not None:
        rows.append((_("Served"), [w.date_time(shown.served_at)]))
    return tuple(rows)


def _sections(opened: OpenedNotice, page: NoticePage, w: Wording) -> Iterator[SheetSection]:
    if page.deadline:
        yield from _of_deadline(page.deadline, w)
    if page.silence:
        yield SheetSection(
            title=_("What no answer means")
            if page.is_request
            else _("What silence means under your agreement"),
            said=[*page.silence, page.clause],
            quotation=page.quotation,
        )
    for number, change in enumerate(page.changes, start=1):
        yield from _of_change(change, f"{number}. " if len(page.changes) > 1 else "")
    shown = opened.shown
    why = [shown.reason.in_language(w.language), shown.paragraph.in_language(w.language)]
    if any(why):
        yield SheetSection(title=_("Why"), said=why)
    emergency = emergency_sentences(shown.emergency, opened.terms, w)
    if emergency:
        yield SheetSection(title=_("Why this comes at short notice"), said=emergency)
    if page.effects:
        yield SheetSection(
            title=_("How to refuse, and what it leads to")
            if page.is_request
            else _("How to object, and what it leads to"),
            said=page.effects,
        )


def _of_deadline(part: DeadlinePart, w: Wording) -> Iterator[SheetSection]:
    if part.closes_at is None:
        yield SheetSection(title=_("Deadline"), said=part.expected)
        return
    yield SheetSection(
        title=_("Deadline"),
        strong=[f"{part.label} {w.until(part.closes_at)}"],
        said=[*part.after, w.named(_("How this day was computed"), " ".join(part.steps))],
    )


def _of_change(change: ChangePart, number: str) -> Iterator[SheetSection]:
    then = _("New") if change.replaced_name else _("From then on")
    now = _("Now: %(name)s", name=change.replaced_name) if change.replaced_name else _("Now")
    yield SheetSection(
        title=f"{number}{change.title}" if number else _("What changes"),
        strong=change.outcome,
        said=[line for line in (change.commencement, change.note) if line],
        facts=() if change.has_before else [(fact.name, fact.lines) for fact in change.facts],
        columns=[_("Fact"), now, then],
        rows=[(x.name, x.before, x.lines) for x in change.facts] if change.has_before else (),
    )
    if change.same:
        yield SheetSection(
            title=_("What stays as it is"), facts=[(fact.name, fact.lines) for fact in change.same]
        )


def _history(
    opened: OpenedNotice, thread: Sequence[ThreadEntry], vendor: VendorProfile, w: Wording
) -> Iterator[SheetSection]:
    if thread:
        yield SheetSection(
            title=_("Questions and answers"),
            facts=[
                (
                    f"{vendor.name if one.is_ours else one.name}, {w.date_time(one.at, 'short')}",
                    one.text.splitlines(),
                )
                for one in thread
            ],
        )
    yield SheetSection(
        title=_("What has happened so far"),
        facts=[
            (w.date(event.day_on) if event.day_on else w.date_time(event.at, "short"), [event.text])
            for event in list_events(opened, w)
        ],
    )
