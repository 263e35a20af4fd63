"""The form of one transfer mechanism that the vendor states."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from subnotify.rules.errors import Problem
from subnotify.rules.texts import LANGUAGES
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_verdicts import (
    Instrument,
    finding_instrument,
    safeguard_instrument,
)
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.vendor_mechanisms import BOTH_ROLES, Mechanism, MechanismUse
from subnotify.web.forms_base import CheckboxesField, DayField, PageForm, filled, strip
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.mechanisms import use_words
from subnotify.wording.problems import problem_text
from subnotify.wording.transfer_reasons import instrument_words, law_words

_PLAIN = ("code", "law", "use", "details_url", "document_url", "replaced_by")
_DAYS = ("effective_on", "until_on")


class MechanismForm(PageForm):
    """seen: a digest of the profile that the page showed."""

    seen = HiddenField()
    use = SelectField(_l("For which transfers"), validate_choice=False)
    code = SelectField(_l("Decision or safeguard"), validate_choice=False)
    title_en = StringField(_l("Title of your own, in English"), filters=[strip])
    title_fr = StringField(_l("Title of your own, in French"), filters=[strip])
    law = SelectField(_l("Export law"), validate_choice=False)
    roles = CheckboxesField(
        _l("Roles of the vendor in which it applies"),
        validators=[filled(_l("Choose at least one role"))],
    )
    comment_en = TextAreaField(_l("Comment in English"), filters=[strip])
    comment_fr = TextAreaField(_l("Comment in French"), filters=[strip])
    details_url = StringField(_l("Page with details"), filters=[strip])
    document_url = StringField(_l("Document to download"), filters=[strip])
    effective_on = DayField(_l("Effective from"), validators=[Optional()])
    until_on = DayField(_l("Last day, once it is given up"), validators=[Optional()])
    replaced_by = SelectField(_l("Replaced by"), validate_choice=False)

    def offer(self, reference: TransferReference, w: Wording) -> None:
        known = {
            law_words(law, w): [(it.code, instrument_words(it, w)) for it in its]
            for law, its in _by_law(reference)
        }
        self.use.choices = [(use.value, use_words(use, w)) for use in MechanismUse]
        self.code.choices = {"": [("", _("none of these: a title of your own"))], **known}
        self.replaced_by.choices = {"": [("", _("nothing"))], **known}
        self.law.choices = [
            ("", _("that of the decision or safeguard")),
            *((law.value, law_words(law, w)) for law in ExportLaw),
        ]
        self.roles.choices = [(role.value, label(w, role)) for role in BOTH_ROLES]

    def plain(self) -> dict[str, Any]:
        """What was entered, as an item of an import file's `vendor.mechanisms`."""
        plain: dict[str, Any] = {name: self[name].data or None for name in _PLAIN}
        for name in ("title", "comment"):
            texts = {x: self[f"{name}_{x}"].data for x in LANGUAGES if self[f"{name}_{x}"].data}
            plain[name] = texts or None
        plain |= {name: self[name].data for name in _DAYS}
        plain["roles"] = self.roles.data or None
        return {name: value for name, value in plain.items() if value is not None}

    def refuse_problems(self, problems: Iterable[Problem], w: Wording) -> None:
        """Each at its field, by the path of the import format: `vendor.mechanisms[0].code`."""
        for problem in problems:
            said = problem_text(problem, w)
            name = problem.where.partition("].")[2].replace(".", "_").partition("[")[0]
            self.refuse_with(f"{said.message} {said.remedy}", self._fields.get(name))


def form_data(mechanism: Mechanism) -> Mapping[str, Any]:
    """A stored mechanism as the form's fields."""
    texts = {
        f"{name}_{language}": getattr(mechanism, name).in_language(language)
        for name in ("title", "comment")
        for language in LANGUAGES
    }
    return {
        **texts,
        "use": mechanism.use.value,
        "code": mechanism.code,
        "law": "" if mechanism.code else mechanism.law.value,
        "roles": [role.value for role in mechanism.roles],
        "replaced_by": mechanism.replaced_by,
        **{name: getattr(mechanism, name) for name in ("details_url", "document_url", *_DAYS)},
    }


def _by_law(reference: TransferReference) -> Iterable[tuple[ExportLaw, list[Instrument]]]:
    """Everything that can be a mechanism: what never is a basis is none."""
    for law in ExportLaw:
        findings = [finding_instrument(x) for x in reference.findings if x.law is law]
        safeguards = [
            safeguard_instrument(x) for x in reference.safeguards if x.law is law and not x.never
        ]
        yield law, [*findings, *safeguards]
