"""An entry of the list: everything it says of a subprocessor or recipient."""

from dataclasses import dataclass
from datetime import date

from subnotify.rules.locations import Location
from subnotify.rules.texts import NO_TEXT, LocalText
from subnotify.rules.words import LocationKind, VendorRole


@dataclass(frozen=True)
class SubprocessorFacts:
    """Everything the list says of a subprocessor or recipient.

    name: the legal one; other_names: former names and aliases. parent: of which company it is a
    subsidiary. affiliate: of the vendor's own group; else it is a third party. list_url,
    agreement_url: where it publishes its own list and its data-processing agreement.
    engaged_by: key of the subprocessor that engages it; "": the vendor itself does.
    special_categories: among its data are some of GDPR art. 9 or 10. hr_data: among them are
    data of employees from the employment relationship. obligations_flowed_down_on: the day the
    vendor's duties were imposed on it by contract (art. 28(4)); guarantees_reviewed_on: the day
    its guarantees were last looked at (art. 28(1)). demonstration_values: names of fields whose
    values are invented for the demonstration; the pages mark them.
    """

    name: str
    trading_name: str = ""
    other_names: tuple[str, ...] = ()
    company_number: str = ""
    parent: str = ""
    address: str = ""
    contact: str = ""
    website: str = ""
    list_url: str = ""
    agreement_url: str = ""
    activities: LocalText = NO_TEXT
    services: tuple[str, ...] = ()
    data_categories: LocalText = NO_TEXT
    data_subjects: LocalText = NO_TEXT
    special_categories: bool = False
    hr_data: bool = False
    role: VendorRole = VendorRole.PROCESSOR
    affiliate: bool = False
    engaged_by: str = ""
    locations: tuple[Location, ...] = ()
    agreement_signed_on: date | None = None
    agreement_planned_on: date | None = None
    agreement_from_on: date | None = None
    agreement_until_on: date | None = None
    obligations_flowed_down_on: date | None = None
    guarantees_reviewed_on: date | None = None
    in_use_since_on: date | None = None
    demonstration_values: tuple[str, ...] = ()

    @property
    def seat(self) -> Location | None:
        """The establishment; None while it is not recorded."""
        return next((x for x in self.locations if x.kind is LocationKind.ESTABLISHMENT), None)

    @property
    def has_agreement_dates(self) -> bool:
        """Signed or planned, and from when it runs: what some agreements want to be told."""
        signed = self.agreement_signed_on or self.agreement_planned_on
        return signed is not None and self.agreement_from_on is not None
