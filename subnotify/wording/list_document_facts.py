"""What the dated list of one client says on paper, before it is put into words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from subnotify.rules.client_lists import ClientList
from subnotify.rules.document_requests import AnnouncedEntry, ListVersion
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.vendor import VendorProfile


@dataclass(frozen=True)
class AskedFor:
    """The request that the document answers. reference: ours."""

    reference: str
    by: str
    on: date


@dataclass(frozen=True)
class ListDocument:
    """The list of one agreement as it goes on paper.

    ended_on: its last day, where it had passed on the day of the list. services: names of those
    bought. on: the vendor's day of the list; is_today: it was not over when the document was drawn
    up. service_names, entry_names: by key. asked: None for a document that nobody asked for.
    """

    vendor: VendorProfile
    client: str
    agreement_reference: str
    ended_on: date | None
    services: tuple[str, ...]
    on: date
    is_today: bool
    drawn_up_at: datetime
    laws: tuple[ExportLaw, ...]
    applies: ClientList
    announced: tuple[AnnouncedEntry, ...]
    version: ListVersion
    service_names: Mapping[str, str] = field(default_factory=dict)
    entry_names: Mapping[str, str] = field(default_factory=dict)
    asked: AskedFor | None = None
