"""The history of the public list: what took effect, in sentences without a full stop."""

from subnotify.rules.changes import Amendment
from subnotify.rules.words import ChangeKind
from subnotify.wording.changes import amended_parts
from subnotify.wording.language import Wording


def past_change_sentence(
    kind: ChangeKind, name: str, replaced_name: str, amendment: Amendment | None, w: Wording
) -> str:
    """ "OVHcloud replaced IONOS". replaced_name: "" but in a replacement; amendment: what an
    amendment was about, where that is known."""
    match kind:
        case ChangeKind.ADDITION:
            return w.gettext("%(name)s was added", name=name)
        case ChangeKind.REPLACEMENT:
            return w.gettext("%(name)s replaced %(replaced)s", name=name, replaced=replaced_name)
        case ChangeKind.REMOVAL:
            return w.gettext("%(name)s left the list", name=name)
        case ChangeKind.AMENDMENT:
            parts = w.listed(amended_parts(amendment, w)) if amendment is not None else ""
            if not parts:
                return w.gettext("What the list says of %(name)s changed", name=name)
            return w.gettext(
                "What the list says of %(name)s changed: %(what)s", name=name, what=parts
            )


def correction_sentence(name: str, w: Wording) -> str:
    return w.gettext("The record of %(name)s was corrected", name=name)


def first_publication_sentence(entries: int, w: Wording) -> str:
    return w.ngettext(
        "The list was published with %(n)s entry",
        "The list was published with %(n)s entries",
        entries,
    )
