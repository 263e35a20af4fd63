"""Everything recorded of an entry, in groups, for its page on the desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from subnotify.rules.errors import N_
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.texts import LocalText
from subnotify.rules.words import VendorRole
from subnotify.wording.fact_fields import field_label
from subnotify.wording.language import Wording

_GROUPS = (
    (
        N_("Who it is"),
        (
            *("name", "trading_name", "other_names", "company_number", "parent", "affiliate"),
            *("address", "contact", "website"),
        ),
    ),
    (
        N_("What it does"),
        (
            *("role", "engaged_by", "activities", "services", "data_categories"),
            *("data_subjects", "special_categories", "hr_data"),
        ),
    ),
    (
        N_("Agreement and duties"),
        (
            *("agreement_signed_on", "agreement_planned_on", "agreement_from_on"),
            *("agreement_until_on", "agreement_url", "list_url", "obligations_flowed_down_on"),
            *("guarantees_reviewed_on", "in_use_since_on"),
        ),
    ),
)
# What must be filled in before publication; the rest is left out while it is empty.
_ALWAYS = frozenset({"address", "contact", "activities", "services", "data_categories"})


@dataclass(frozen=True)
class Detail:
    """value "": missing. is_link: the value is a web address."""

    field: str
    label: str
    value: str
    is_link: bool
    is_invented: bool


@dataclass(frozen=True)
class DetailGroup:
    title: str
    details: tuple[Detail, ...]


def detail_groups(
    facts: SubprocessorFacts, services: Mapping[str, str], names: Mapping[str, str], w: Wording
) -> tuple[DetailGroup, ...]:
    """services, names: of services and entries, by key."""
    return tuple(
        DetailGroup(
            w.gettext(title),
            tuple(
                Detail(
                    field,
                    _label(field, w),
                    value,
                    field in ("website", "agreement_url", "list_url") and bool(value),
                    field in facts.demonstration_values,
                )
                for field in fields
                if (value := _value(field, facts, services, names, w)) or field in _ALWAYS
            ),
        )
        for title, fields in _GROUPS
    )


def _label(field: str, w: Wording) -> str:
    return w.gettext("Third party or affiliate") if field == "affiliate" else field_label(field, w)


def _value(
    field: str,
    facts: SubprocessorFacts,
    services: Mapping[str, str],
    names: Mapping[str, str],
    w: Wording,
) -> str:
    value = getattr(facts, field)
    match field:
        case "affiliate":
            return w.gettext("affiliate") if value else w.gettext("third party")
        case "role":
            return _role(facts, w)
        case "engaged_by":
            return names.get(value, value) if value else w.gettext("the vendor itself")
        case "services":
            return w.listed([services.get(key, key) for key in value])
        case "other_names":
            return ", ".join(value)
    if isinstance(value, bool):
        return w.gettext("yes") if value else w.gettext("no")
    if isinstance(value, LocalText):
        return value.in_language(w.language)
    if isinstance(value, date):
        return w.date(value)
    return str(value or "")


def _role(facts: SubprocessorFacts, w: Wording) -> str:
    if facts.role is VendorRole.CONTROLLER:
        return w.gettext("controller: a recipient of the vendor's own data")
    return w.gettext("processor: it works on clients' data")
