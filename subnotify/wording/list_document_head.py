"""The head and the foot of the dated list on paper: whose it is, of when, and in which version."""

from subnotify.rules.document_requests import ListVersion
from subnotify.rules.vendor import VendorProfile
from subnotify.wording.language import Wording
from subnotify.wording.lines import one_line
from subnotify.wording.list_document_facts import AskedFor, ListDocument
from subnotify.wording.transfer_reasons import law_words

Block = list[tuple[str, list[str]]]
"""Names, each with the lines that are said for it."""


def version_words(version: ListVersion, w: Wording) -> str:
    """ "version 12 of 3 March 2026, latest release 2026-003"."""
    words = {"number": version.number, "day": w.date(w.local(version.published_at).date())}
    if not version.release_number:
        return w.gettext("version %(number)s of %(day)s", **words)
    return w.gettext(
        "version %(number)s of %(day)s, latest release %(release)s",
        release=version.release_number,
        **words,
    )


def list_block(document: ListDocument, w: Wording) -> Block:
    asked = document.asked
    return _block(
        (w.gettext("Client"), [document.client]),
        (w.gettext("Agreement"), [document.agreement_reference, *_ended(document, w)]),
        (w.gettext("Services"), [w.listed(document.services)]),
        (w.gettext("Date of the list"), [w.date(document.on)]),
        (w.gettext("Version of the list"), [version_words(document.version, w)]),
        (w.gettext("Laws of the client's data"), [w.listed(_laws(document, w))]),
        (w.gettext("Drawn up on"), [w.date_time(document.drawn_up_at)]),
        (w.gettext("Request"), [_asked(asked, w)] if asked else []),
    )


def _asked(asked: AskedFor, w: Wording) -> str:
    return w.gettext(
        "%(reference)s, of %(name)s, %(day)s",
        reference=asked.reference,
        name=asked.by,
        day=w.date(asked.on),
    )


def _ended(document: ListDocument, w: Wording) -> list[str]:
    if document.ended_on is None:
        return []
    return [w.gettext("ended on %(day)s", day=w.date(document.ended_on))]


def vendor_block(vendor: VendorProfile, w: Wording) -> Block:
    contact = [vendor.contact_name, vendor.contact_email, one_line(vendor.contact_address)]
    authority = [
        vendor.authority_name,
        one_line(vendor.authority_address),
        vendor.authority_website,
    ]
    country = w.country(vendor.country) if vendor.country else ""
    address = vendor.address.splitlines()
    if not any(line.strip().endswith(country) for line in address):
        address.append(country)
    return _block(
        (w.gettext("Vendor"), [vendor.name]),
        (w.gettext("Address"), address),
        (w.gettext("Data-protection contact"), contact),
        (w.gettext("Supervisory authority"), authority),
    )


def _block(*rows: tuple[str, list[str]]) -> Block:
    """Without empty lines, and without names that nothing is said for."""
    told = [(name, [line.strip() for line in lines if line.strip()]) for name, lines in rows]
    return [(name, lines) for name, lines in told if lines]


def _laws(document: ListDocument, w: Wording) -> list[str]:
    return [law_words(law, w) for law in document.laws]


def footer_words(document: ListDocument, w: Wording) -> str:
    return " · ".join(
        (
            document.vendor.name,
            document.client,
            document.agreement_reference,
            w.date(document.on),
            version_words(document.version, w),
        )
    )


def invented_vendor_words(document: ListDocument, w: Wording) -> str:
    if not document.vendor.demonstration:
        return ""
    return w.gettext("A demonstration: the vendor is invented, and this list binds nobody.")
