"""What a notice says to a contact, by mail and by letter the same."""

from subnotify.operations.mail_views import MailViews
from subnotify.rules.letter_counts import LetterWay
from subnotify.rules.time_limits import zone_of
from subnotify.storage.corrections import CorrectedRelease
from subnotify.storage.mail_facts import DesignationOfMail, NoticeOfMail
from subnotify.wording.emergencies import emergency_sentences
from subnotify.wording.language import Wording
from subnotify.wording.mail_notice import CorrectedNotice, NoticeFacts


def notice_facts(
    notice: NoticeOfMail,
    designation: DesignationOfMail,
    views: MailViews,
    w: Wording,
    *,
    letter: LetterWay | None = None,
) -> NoticeFacts:
    """designation: of the contacts written to, with which the agreement names them. letter: how
    it travels on paper, None in a mail."""
    release = views.facts.releases[notice.release_id]
    window = views.window(notice)
    return NoticeFacts(
        vendor=views.vendor,
        changes=views.told(notice, views.announced(notice)),
        withdrawn=views.told(notice, views.withdrawn(notice)),
        terms=views.terms(notice),
        window=window,
        example=None if window else views.example(notice),
        contact_kind=designation.kind,
        contact_clause=designation.clause,
        reason=release.reason.in_language(w.language),
        paragraph=release.paragraph.in_language(w.language),
        emergency=emergency_sentences(release.emergency, views.terms(notice), w),
        has_former_window=views.has_former_window(notice),
        corrects=corrected_notice(release.corrected, views.vendor_time_zone),
        letter=letter,
    )


def corrected_notice(
    corrected: CorrectedRelease | None, vendor_time_zone: str
) -> CorrectedNotice | None:
    """As a notice names the release that it takes the place of; its day is the vendor's."""
    if corrected is None:
        return None
    day = corrected.released_at.astimezone(zone_of(vendor_time_zone)).date()
    return CorrectedNotice(corrected.number, day)
