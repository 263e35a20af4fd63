"""Words by which mails are told apart, in the languages of Europe that answers come in.

The lists err to one side: a person reads a mail rather than a machine files it. Every expression
takes linear time.
"""

import re

_I = re.IGNORECASE

REPLY_PREFIX = re.compile(
    r"\s*(?:re|aw|antw|antwort|rép|rif|ref|sv|vs|odp|res|wg|fwd?|tr|vb|enc|rv)\s*(?:\[\d+\])?\s*:",
    _I,
)
BOUNCE_SUBJECT = re.compile(
    r"\W{0,20}(?:(?:mail|e-?mail|message|permanent|automatically)\W{1,5})?(?:"
    r"undeliver|not delivered|delivery (?:fail|status|notif|report|has failed|warning|incomplete)|"
    r"delivery: |failure (?:notice|delivery)|failed mail|failed$|failed[:,]|failure$|"
    r"system error|returned mail|returned to sender|non[- ]?delivery|delayed|rejected mail|"
    r"could not be delivered|undelivered|unzustellbar|nicht zustellbar|zustellung fehlgeschlagen|"
    r"non remis|non distribu|échec de (?:la )?(?:remise|distribution|livraison)|"
    r"notification d['’]échec|impossible de remettre|remise impossible|"
    r"mancato recapito|non recapitabile|recapito non riuscito|messaggio non recapitato|"
    r"no se puede entregar|no entregado|error de entrega|notificación de estado de entrega|"
    r"onbestelbaar|niet bezorgd|não (?:foi )?entregue|não é possível entregar|"
    r"niedostarcz|nie dostarczono|kunde inte levereras|kunne ikke leveres|ej levererat)",
    _I,
)
# A report of this kind says that the server goes on trying.
STILL_TRYING = re.compile(
    r"warning only|still being retried|will be retried|will continue to (?:try|attempt|be made)|"
    r"not yet been delivered|delivery attempts will continue|delivery (?:is|has been) delayed|"
    r"(?:message|mail) delayed|delayed \d+ (?:hours|days)|no need to resend|has been delayed|"
    r"postponed due to|status notification \(delay|wird weiterhin versucht|"
    r"zustellung (?:ist|wurde) verzögert|nouvelles tentatives|(?:remise|livraison) retardée",
    _I,
)
ABSENCE_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]{1,30}\]\s*)*(?:"
    # English
    r"auto(?:mat(?:ic|ed))?[ -]*(?:reply|response|respond|answer)|auto:|"
    r"(?:[^:]{1,60} is (?:currently )?)?out of (?:the |my )?office|ooo\b|"
    r"away from (?:my|the) (?:office|desk|mail)|"
    r"on (?:annual |maternity |parental |sick )?leave|on vacation|on holidays?\b|"
    r"(?:vacation|holiday) (?:reply|message|notice|response|auto)|"
    r"i(?: a|['’])m (?:currently )?(?:away|out of|on vacation|on leave)|"
    # German
    r"abwesenheits|abwesenheit\s*(?:[:!-]|$|bis|vom)|abwesend\b|auto-?antwort|"
    r"automatische (?:antwort|rückantwort|e-?mail|nachricht|abwesenheit|rückmeldung)|"
    r"außer haus|nicht im büro|im urlaub|urlaub\s*(?:[:-]|bis|vom|$)|urlaubs|"
    # French
    r"r[ée]ponse automatique|message automatique|absen(?:ce|te?) (?:du|de mon|au) bureau|"
    r"absence\s*(?:[:!-]|$|jusqu|temporaire|du \d)|absente?\s*(?:[:!-]|$|jusqu|du \d)|"
    r"(?:message|notification|avis) d['’]absence|en congés?\b|je suis absent|hors du bureau|"
    # Italian, Spanish, Portuguese
    r"risposta automatica|messaggio automatico|fuori (?:ufficio|sede)|assente\b|"
    r"assenza dall['’]ufficio|in ferie|respuesta autom[áa]tica|contestación automática|"
    r"autorr?espuesta|fuera de (?:la )?oficina|ausente\b|de vacaciones|"
    r"aus[êe]ncia\s*(?:[:!-]|$|tempor|do escrit)|resposta autom[áa]tica|"
    r"fora do escritório|(?:de|em) férias|"
    # Dutch, Polish
    r"automatisch(?:e)? (?:antwoord|reactie|beantwoording|bericht)|afwezig|buiten kantoor|"
    r"(?:met|op) vakantie|automatyczna odpowied[źz]|odpowied[źz] automatyczna|autoodpowied|"
    r"poza biurem|nieobecn|na urlopie|"
    # Swedish, Danish, Norwegian, Finnish, Czech, Hungarian, Romanian
    r"autosvar|automatiskt? svar|frånvaro|(?:inte|ej|ikke) på kontoret|fravær|"
    r"automaattinen vastaus|automatická odpověď|automatikus válasz|răspuns automat)",
    _I,
)
_OBJECTION = re.compile(
    r"\b(?:"
    # English
    r"objec(?:t|tion)|oppos|refus|reject|disagree|veto|terminat|withdraw|protest|"
    r"(?:not|cannot|\w{2,6}n['’]t) (?:agree|accept|consent|approve|want|wish)|"
    # French
    r"pas (?:d['’]accord|accept|approuv|favorable|souhait)|d[ée]favorable|d[ée]saccord|"
    r"n['’](?:accept|approuv|autoris)|ne consent|r[ée]sili|contest|"
    # German
    r"widersp|einspruch|einw[aä]nd|einwend|ablehn|lehn\w{0,4}\b.{0,80}\bab\b|"
    r"nicht (?:einverstanden|zustimm|zu\b|akzept)|verweiger|k[üu]ndig|untersag|beanstand|"
    # Italian, Spanish, Portuguese
    r"oppon|obiezion|obiett|rifiut|contrari|non (?:accett|acconsent|autorizz|siamo d|possiamo)|"
    r"recesso|recedere|recediamo|disdett|opon|oposici|objeci|objet|rechaz|"
    r"no (?:acept|autoriz|estamos de acuerdo|podemos)|desacuerdo|rescind|opo(?:nho|mo|si|r\b)|"
    r"não podemos|obje[cç]|recus|rejeit|não (?:aceit|concord|autoriz)|discord|"
    # Dutch, Polish
    r"bezwaar|verzet|weiger|niet (?:akkoord|eens|instem|accept)|afwijz|afgewezen|opzegg|"
    r"sprzeciw|odmaw|odmow|nie (?:zgadza|zgoda|wyraża|akcept)|odrzuc|wypowied|"
    # Swedish, Danish, Norwegian
    r"invänd|motsätt|vägra|inte (?:godkän|accepter)|(?:godkänner|accepterar) inte|avvisar vi|"
    r"vi avvisar|uppsäg|säger upp|indsigelse|innsigelse|modsætt|motsett|afvis|avviser|nægt|nekt|"
    r"ikke (?:accept|aksept|godken|godkjen)|(?:accepterer|aksepterer|godkender) ikke|opsig"
    r")",
    _I,
)
_MORE_TIME = re.compile(
    r"\b(?:more time|longer period|exten(?:d|sion of) (?:the |this |our )?(?:deadline|period|time)|"
    r"fristverlängerung|verlängerung der frist|frist.{0,40}verläng|mehr zeit|"
    r"d[ée]lai suppl[ée]mentaire|prolong|proroga|pr[óo]rrog|ampliación del plazo|"
    r"uitstel|więcej czasu|mer tid|mere tid)",
    _I,
)
_NOBODY_READS = re.compile(
    r"\b(?:no longer (?:work|employ|with|at|monitor|in use|read|active|valid|available|part)|"
    r"(?:has|have) left (?:the |our |this )?(?:company|organi[sz]ation|firm)|"
    r"(?:not|never|\w{2,6}n['’]t|un-?)\s*(?:being )?(?:monitored|attended)|"
    r"nicht mehr (?:\w{1,20} ){0,4}(?:tätig|beschäftigt|gelesen|aktiv|genutzt|gültig|verfügbar|"
    r"unternehmen|überwacht|bei uns)|ausgeschieden|nicht überwacht|"
    r"(?:a|ont) quitté|ne fait plus partie|ne travaille plus|n['’]existe plus|"
    r"plus (?:lue|consultée|relevée|utilisée|surveillée|active|valide|en poste|parmi nous)|"
    r"non (?:lavora|fa|è|viene) più|ya no (?:trabaja|está|forma)|ha dejado (?:la|nuestra)|"
    r"(?:werkt|is) niet (?:meer|langer)|niet meer (?:werkzaam|in gebruik|gelezen)|"
    r"não (?:trabalha|está) mais|já não (?:trabalha|está)|nie pracuje|już nie|"
    r"inte längre|har slutat|ikke længere|ikke lenger|er stoppet)",
    _I,
)
_CHALLENGE = re.compile(
    r"\b(?:(?:confirm|verify|prove|show)\b.{0,60}\b(?:human|real person|not a (?:robot|machine|"
    r"spammer)|(?:that )?you sent|your identity|sender)|sender (?:verification|confirmation)|"
    r"to (?:release|deliver) (?:it|your (?:message|e-?mail)).{0,80}\b(?:click|reply|confirm)|"
    r"mail ?in ?black|spamarrest|boxbe|challenge[- ]response|"
    r"demande d['’]authentification|authentifi\w{1,6}.{0,60}\b(?:exp[ée]diteur|message|e-?mail)|"
    r"vous (?:n['’]êtes pas|êtes bien) un(?:e)? (?:robot|humain|personne)|"
    r"best[äa]tig\w{0,4}\b.{0,80}\b(?:mensch|absender|kein roboter)|absender(?:prüfung|bestätig)|"
    r"confermar?e?\b.{0,60}\b(?:mittente|umano|robot)|confirm\w{0,4}\b.{0,60}\b(?:remitente|"
    r"humano|robot)|not on (?:my|the|his|her) (?:list of )?(?:approved|white|allow))",
    _I,
)
_UNDELIVERED = re.compile(
    r"\b(?:(?:not|never|\w{2,6}n['’]t|cannot) be delivered|not delivered|undeliver|non[- ]?deliver|"
    r"(?:user|recipient|mailbox|address) (?:is )?(?:unknown|unavailable|not found|full|disabled)|"
    r"unknown (?:user|recipient)|no such (?:user|recipient|mailbox)|over quota|mailbox is full|"
    r"does not exist|unzustellbar|nicht zugestellt|nicht zustellbar|postfach (?:ist )?voll|"
    r"empfänger unbekannt|pas pu être (?:remis|distribu|livr|délivr|transmis)|"
    r"non (?:remis|distribué|délivré)|destinataire inconnu|boîte (?:aux lettres |de réception )?"
    r"(?:est )?pleine|n['’]existe pas|non (?:è stato )?(?:recapitat|consegnat)|casella piena|"
    r"no (?:se )?(?:ha podido|pudo|puede) (?:ser )?entreg|no entregad|buzón (?:está )?lleno|"
    r"niet (?:worden )?(?:bezorgd|afgeleverd)|onbestelbaar|não (?:foi|pôde ser) entregue|"
    r"nie (?:została )?dostarczon|kunde inte levereras|kunne ikke leveres)",
    _I,
)
_READ_AT_MOST = 20_000


def says_answer(text: str) -> bool:
    """Do a mail's words speak of an objection, for or against, or ask for more time?"""
    words = text[:_READ_AT_MOST]
    return _OBJECTION.search(words) is not None or _MORE_TIME.search(words) is not None


def says_nobody_reads(text: str) -> bool:
    """Do they say that the person is gone, or that nobody reads the mailbox?"""
    return _NOBODY_READS.search(text[:_READ_AT_MOST]) is not None


def says_undelivered(text: str) -> bool:
    """Do they speak of mail that did not arrive?"""
    return _UNDELIVERED.search(text[:_READ_AT_MOST]) is not None


def asks_to_confirm(subject: str, text: str) -> bool:
    """Do they ask the sender to prove that a person sent the mail, before it is delivered?"""
    words = " ".join(f"{subject} {text[:_READ_AT_MOST]}".split())
    return _CHALLENGE.search(words) is not None
