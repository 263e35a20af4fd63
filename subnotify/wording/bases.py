"""Transfer bases and locations in words, as pages, mail and letters print them."""

from subnotify.rules.errors import N_
from subnotify.rules.subprocessors import Location
from subnotify.rules.transfers import TransferBasis
from subnotify.rules.words import BasisKind
from subnotify.wording.labels import label
from subnotify.wording.language import Wording

# Decision (EU) 2021/914: who signs which module.
_MODULES = {
    "1": N_("controller to controller"),
    "2": N_("controller to processor"),
    "3": N_("processor to processor"),
    "4": N_("processor to controller"),
}


def basis_words(basis: TransferBasis | None, w: Wording) -> str:
    """What makes the transfer lawful, in one phrase without a full stop."""
    if basis is None:
        return w.gettext("no transfer basis is recorded")
    match basis.kind:
        case BasisKind.EEA:
            return w.gettext("EU or EEA: no transfer to a third country")
        case BasisKind.ADEQUACY:
            return w.gettext("adequacy decision %(number)s", number=basis.reference)
        case BasisKind.SCC:
            return _clauses_words(basis, w)
        case BasisKind.OTHER_SAFEGUARD:
            return w.gettext(
                "safeguard under Art. 46 GDPR: %(reference)s", reference=basis.reference
            )


def location_words(location: Location, w: Wording) -> str:
    """Kind, country and basis: "hosting: Germany (EU or EEA: no transfer ...)"."""
    return w.gettext(
        "%(kind)s: %(country)s (%(basis)s)",
        kind=label(w, location.kind),
        country=w.country(location.country),
        basis=basis_words(location.basis, w),
    )


def _clauses_words(basis: TransferBasis, w: Wording) -> str:
    module = _MODULES.get(basis.module)
    said = (
        w.gettext(
            "standard contractual clauses, module %(module)s (%(parties)s)",
            module=basis.module,
            parties=w.gettext(module),
        )
        if module
        else w.gettext("standard contractual clauses")
    )
    return f"{said}, {basis.reference}" if basis.reference else said
