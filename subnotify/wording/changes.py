"""One sentence for a change of the list."""

from collections.abc import Sequence

from subnotify.rules.words import ChangeKind
from subnotify.wording.language import Wording


def change_sentence(
    kind: ChangeKind, name: str, replaced_name: str, services: Sequence[str], w: Wording
) -> str:
    """ "OVHcloud will replace IONOS for Monitoring." without a full stop.

    name, replaced_name: as the list has them; replaced_name is "" except in a replacement.
    services: names of those concerned, as people read them; may be empty.
    """
    concerned = w.listed(services)
    said = {"name": name, "replaced": replaced_name, "services": concerned}
    match kind:
        case ChangeKind.ADDITION:
            if concerned:
                return w.gettext("%(name)s will be added for %(services)s", **said)
            return w.gettext("%(name)s will be added", **said)
        case ChangeKind.REPLACEMENT:
            if concerned:
                return w.gettext("%(name)s will replace %(replaced)s for %(services)s", **said)
            return w.gettext("%(name)s will replace %(replaced)s", **said)
        case ChangeKind.REMOVAL:
            if concerned:
                return w.gettext("%(name)s will no longer be used for %(services)s", **said)
            return w.gettext("%(name)s will no longer be used", **said)
        case ChangeKind.AMENDMENT:
            if concerned:
                return w.gettext("What %(name)s does for %(services)s will change", **said)
            return w.gettext("What %(name)s does will change", **said)
