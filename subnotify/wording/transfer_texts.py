"""The sentences of the packaged reference data of transfers that people read, for translation.

What a newer reference words otherwise is shown as it stands there, in English.
"""

from subnotify.rules.errors import N_

# Conditions of safeguards, and checks of adequacy findings, that a person confirms.
TO_CONFIRM = (
    N_("Record why PIPEDA applies to the recipient."),
    N_(
        "Recipients subject to the Faroese data protection act (Danish authorities in the"
        " islands are outside it)."
    ),
    N_("Automated processing (yes for SaaS); place of processing inside the recognised territory."),
    N_("Title: with regard to automated processing of personal data."),
    N_(
        "Recipient is a business operator under the APPI; data tagged as received from"
        " the EU (Supplementary Rules)."
    ),
    N_("Recipient under PIPA; not credit data under FSC supervision."),
    N_(
        "Private and public bodies under the LGPD. Outside the LGPD, so outside the"
        " finding: public safety, national defence, State security, criminal"
        " investigation (LGPD art. 4). Review after four years."
    ),
    N_(
        "PIPEDA, or a largely equivalent provincial act (Quebec, British Columbia,"
        " Alberta; health data in Ontario, New Brunswick, Newfoundland and Labrador, Nova"
        " Scotia)"
    ),
    N_("EU and EEA institutions and bodies"),
    N_("recipient subject to PIPEDA"),
    N_("APPI (private sector)"),
    N_("persons subject to PIPA; wider than the EU decision: credit information included"),
    N_(
        "importer in a third country, not itself subject to the GDPR for this processing"
        " (recital 7 of 2021/914)"
    ),
    N_(
        "annexes I (parties, transfer, frequency, retention, supervisory authority), II"
        " (security), III (subprocessors, option 1) filled in and dated"
    ),
    N_("reference of the adopting authority and of the Commission approval"),
    N_("approval decision of the lead authority, date, list of bound entities, covered processing"),
    N_("binding on the vendor towards the client (in the service contract)"),
    N_("code approved AND given general validity by the Commission for transfers"),
    N_("binding and enforceable commitments of the recipient"),
    N_("accredited monitoring body (art. 41)"),
    N_("recipient outside the EEA and NOT subject to the GDPR under art. 3"),
    N_("certificate issued for this processing, before the transfer starts"),
    N_("binding and enforceable commitments to the exporter, with rights for data subjects"),
    N_(
        "authorisation of the competent supervisory authority (art. 63 consistency):"
        " authority, number, date"
    ),
    N_("a linked contract carries the art. 28 terms: the IDTA does not contain them"),
    N_("tables 1-4 filled in"),
    N_("ICO approval reference"),
    N_(
        "Swiss rider: FDPIC as authority (alone or in parallel), references to the GDPR"
        " read as the FADP, data subjects in Switzerland may sue at home ('Member State'"
        " includes Switzerland)"
    ),
    N_("notified to the FDPIC before the transfer: date, reference"),
    N_("code approved by the FDPIC / recognised certification"),
    N_("binding and enforceable commitment"),
)

TERRITORIES = (
    N_(
        "not EU/EEA; no EU adequacy decision (2021/1772 covers the UK, not Gibraltar);"
        " adequate for CH and UK"
    ),
    N_("Greenland: OCT, not EU"),
    N_("Faroe Islands: not EU; EU adequacy 2010/146/EU"),
    N_("Svalbard: outside the EEA Agreement"),
    N_("Aland: part of FI, EU"),
    N_("French outermost regions: EU territory, GDPR applies"),
    N_(
        "French OCT: outside EU territory; French law extends the GDPR by its own act. Ask a lawyer"
    ),
    N_("Dutch Caribbean: outside EU territory"),
    N_("not EU/EEA; only AD has an EU decision; MC is on the Swiss list"),
    N_("US territories: DPF eligibility follows the US list, not the ISO code"),
    N_("no adequacy; never inherit from CN or the reverse"),
)

# Of decisions that the EEA states outside the EU have not taken over.
EFTA_NOTES = (N_("EEA/EFTA: incorporation pending in May 2026."),)

# What counted before a list, and is not in the reference.
REPLACED = (N_("FDPIC list of States (non-binding) under the old FADP, until 2023-08-31"),)

# Articles and lists whose names differ by language.
NUMBERS = (
    N_("FADP art. 16(2)(b), DPO art. 9"),
    N_("FADP art. 16(2)(d), DPO art. 10"),
    N_("FADP art. 16(2)(e), DPO art. 11"),
    N_("FADP art. 16(3), DPO art. 12"),
    N_("FADP art. 17"),
    N_("SR 235.11, Annex 1"),
    N_("UK GDPR art. 46(2)(d), DPA 2018 s. 119A"),
)
