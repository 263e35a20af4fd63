"""Transfer mechanisms in words, as the chart names them."""

from subnotify.rules.errors import N_
from subnotify.rules.texts import LocalText
from subnotify.rules.transfer_verdicts import Instrument
from subnotify.rules.vendor_mechanisms import MechanismUse
from subnotify.wording.language import Wording
from subnotify.wording.transfer_reasons import instrument_words

USES = {
    MechanismUse.SUBPROCESSORS: N_("transfers to subprocessors and recipients"),
    MechanismUse.INTERCOMPANY: N_("transfers within the group"),
    MechanismUse.HR: N_("transfers of employees' data"),
    MechanismUse.SELF_CERTIFICATION: N_("the vendor's own certification"),
    MechanismUse.CLIENTS: N_("signed with clients"),
}


def use_words(use: MechanismUse, w: Wording) -> str:
    return w.gettext(USES[use])


def mechanism_name(instrument: Instrument | None, title: LocalText, w: Wording) -> str:
    """The vendor's own title, else the instrument's name and number."""
    return title.in_language(w.language) or instrument_words(instrument, w)
