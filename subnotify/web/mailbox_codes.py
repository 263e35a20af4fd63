"""The operators' telephones of the demonstration: the code that each of them shows now.

Registered only where the settings name a folder of mails, which no real installation does.
"""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, current_app, render_template

from subnotify.config import Settings
from subnotify.delivery.sealing import SealedMail
from subnotify.operations.second_factor import code_at, open_secret
from subnotify.rules.second_factor import end_of_step, steps_that_count
from subnotify.storage.database import db
from subnotify.storage.second_factors import list_second_factors
from subnotify.web.access import open_route, request_at

mailbox_codes = Blueprint("mailbox_codes", __name__)


@dataclass(frozen=True)
class ShownCode:
    """code: empty where the one of this half minute, and the next one, have been used."""

    name: str
    code: str
    counts_until: datetime


@mailbox_codes.route("/mailbox/codes")
@open_route
def show_codes() -> str:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    at, shown = request_at(), []
    for operator, factor in list_second_factors(db.session()):
        sealed = SealedMail(factor.secret_digest, factor.secret_ciphertext)
        secret = open_secret(sealed, operator.id, (settings.seal_key,))
        # The one before has nearly run out; the one after counts where this one was used.
        steps = steps_that_count(at, factor.last_step)
        step = steps[min(1, len(steps) - 1)] if steps else None
        shown.append(
            ShownCode(
                operator.name,
                "" if step is None else code_at(secret, step),
                end_of_step(at, step),
            )
        )
    return render_template("demo/codes.html", codes=shown)
