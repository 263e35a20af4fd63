"""Sentences for what the check of the sending domain found, each with its remedy."""

from dataclasses import dataclass

from subnotify.rules.mail_findings import Finding
from subnotify.wording.language import Wording
from subnotify.wording.mail_findings_dmarc import DMARC_SENTENCES, ORGANISATION_REASONS
from subnotify.wording.mail_findings_keys import DKIM_SENTENCES
from subnotify.wording.mail_findings_names import NAME_SENTENCES
from subnotify.wording.mail_findings_spf import SPF_SENTENCES

SENTENCES = NAME_SENTENCES | SPF_SENTENCES | DKIM_SENTENCES | DMARC_SENTENCES


@dataclass(frozen=True)
class FindingWords:
    """remedy: empty where nothing is to do."""

    fact: str
    remedy: str


def finding_words(found: Finding, w: Wording) -> FindingWords:
    """The fact in a sentence, and what to do about it."""
    fact, remedy = SENTENCES[found.code]
    params = dict(found.params)
    reason = ORGANISATION_REASONS.get(params.get("how", ""))
    if reason:
        params["how"] = w.gettext(reason)
    return FindingWords(
        w.gettext(fact) % params,
        w.gettext(remedy) % params if remedy else "",
    )
