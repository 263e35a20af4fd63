"""The closed sets of the domain (DESIGN section 2 and 6). Values are stored: never rename one."""

from enum import StrEnum


class Role(StrEnum):
    PUBLISHER = "publisher"
    LEGAL = "legal"
    ADMIN = "admin"


class TokenScope(StrEnum):
    """What a machine may ask with its token."""

    GATE = "gate"


class VendorRole(StrEnum):
    """In which role the vendor gives data to an entry of the list."""

    PROCESSOR = "processor"
    CONTROLLER = "controller"


class ChangeKind(StrEnum):
    ADDITION = "addition"
    REPLACEMENT = "replacement"
    REMOVAL = "removal"
    AMENDMENT = "amendment"


class ChangeState(StrEnum):
    DRAFT = "draft"
    RELEASED = "released"
    COMMENCED = "commenced"
    WITHDRAWN = "withdrawn"


class ReleaseState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


class Channel(StrEnum):
    EMAIL = "email"
    POST = "post"
    REGISTERED_POST = "registered_post"
    PORTAL = "portal"
    LIST_PUBLICATION = "list_publication"
    # A subscription that the client itself must take out; its mail goes to the notice contacts.
    SUBSCRIPTION = "subscription"


class ContactKind(StrEnum):
    NOTICE = "notice"
    COPY = "copy"


class NoticeState(StrEnum):
    QUEUED = "queued"
    SERVING = "serving"
    SERVED = "served"
    NOT_SERVED = "not_served"


class MessagePurpose(StrEnum):
    NOTICE = "notice"
    RECEIPT = "receipt"
    CLOSING = "closing"
    CODE = "code"
    OBJECTION_ALARM = "objection_alarm"
    DELIVERY_ALARM = "delivery_alarm"
    ANSWER = "answer"
    WINDOW_LONGER = "window_longer"
    POSTPONED = "postponed"
    # That a change was withdrawn for everybody.
    WITHDRAWN = "withdrawn"
    TRANSFER_ALARM = "transfer_alarm"
    REMINDER = "reminder"
    LEGAL_DIGEST = "legal_digest"
    # To a former address of a contact: that it was replaced.
    ADDRESS_CHANGED = "address_changed"
    # What legal writes to a client about its objection.
    OBJECTION_STEP = "objection_step"
    # To legal: a client answered a proposal, or its data is due.
    STEP_ALARM = "step_alarm"
    # To publisher and legal: a release was refused at its planned hour.
    RELEASE_ALARM = "release_alarm"


class MessageState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    PARKED = "parked"
    # A person stopped the release's mails; `messages.paused_from` says what it was before.
    PAUSED = "paused"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"


class AttemptResult(StrEnum):
    HANDED_OVER = "handed_over"
    DEFERRED = "deferred"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    AUTHENTICATION_FAILED = "authentication_failed"


class CaseState(StrEnum):
    WAITING = "waiting"
    OPEN = "open"
    OBJECTED = "objected"
    HOLD = "hold"
    CLOSED = "closed"


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    ACCEPTED_BY_SILENCE = "accepted_by_silence"
    NO_OBJECTION = "no_objection"
    NOT_AUTHORISED = "not_authorised"
    OBJECTION_WITHDRAWN = "objection_withdrawn"
    OBJECTION_INEFFECTIVE = "objection_ineffective"
    TERMINATION_NOT_EXERCISED = "termination_not_exercised"
    ACCEPTED_UNRESOLVED = "accepted_unresolved"
    ACCOMMODATED = "accommodated"
    TERMINATED = "terminated"
    INFORMED = "informed"
    AGREEMENT_ENDED = "agreement_ended"
    CHANGE_WITHDRAWN = "change_withdrawn"


class HoldReason(StrEnum):
    """Why silence may not close a case."""

    NOT_SERVED = "not_served"
    NO_NOTICE_CONTACT = "no_notice_contact"
    BOUNCED = "bounced"
    # The paper bounce: the letter came back, or nobody collected it.
    LETTER_RETURNED = "letter_returned"
    # What was told of the letter contradicts itself, or a correction of it waits for a person.
    PROOF_CONTESTED = "proof_contested"
    TERMS_UNKNOWN = "terms_unknown"
    TERMS_NOT_COMPUTABLE = "terms_not_computable"
    NOTICE_TOO_LATE = "notice_too_late"
    NO_DEADLINE_TOLD = "no_deadline_told"
    REPLIES_NOT_READ = "replies_not_read"
    POST_NOT_OPENED = "post_not_opened"
    SILENCE_BROKEN = "silence_broken"
    WAITS_FOR_PERSON = "waits_for_person"
    OBJECTION_FORM = "objection_form"
    OBJECTION_DISPUTED = "objection_disputed"
    OBJECTION_LATE = "objection_late"
    OBJECTION_AFTER_CLOSING = "objection_after_closing"
    RESPONSE_DISOWNED = "response_disowned"
    RECORD_CORRECTED = "record_corrected"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    # A mail or a letter from the client lies unread: it may be an objection.
    REPLY_WAITS = "reply_waits"
    # The client could not have answered online for too long just before its deadline.
    SERVICE_DOWN = "service_down"


class ResponseKind(StrEnum):
    ACKNOWLEDGEMENT = "acknowledgement"
    QUESTION = "question"
    MORE_TIME = "more_time"
    NO_OBJECTION = "no_objection"
    OBJECTION = "objection"
    WITHDRAWAL = "withdrawal"
    # Of the rest of the objection window: an acceptance that ends it at once.
    WAIVER = "waiver"
    # Names whom to ask instead; nothing about the notice changes.
    WRONG_PERSON = "wrong_person"


class ResponseChannel(StrEnum):
    LINK = "link"
    REPLY = "reply"
    POST = "post"
    REGISTERED_POST = "registered_post"
    OTHER = "other"


class ResponseState(StrEnum):
    AWAITING_CODE = "awaiting_code"
    EFFECTIVE = "effective"


class Timeliness(StrEnum):
    IN_TIME = "in_time"
    LATE = "late"
    DISPUTED = "disputed"
    NO_WINDOW = "no_window"
    # After the client had given up the rest of its window, by code.
    WAIVED = "waived"


class SettlementKind(StrEnum):
    ACCOMMODATED = "accommodated"
    WITHDRAWN = "withdrawn"
    INEFFECTIVE = "ineffective"
    TERMINATED = "terminated"


class TerminationParty(StrEnum):
    """Who terminates after an objection."""

    CLIENT = "client"
    VENDOR = "vendor"


class ProofKind(StrEnum):
    DISPATCH = "dispatch"
    RECIPIENT_SERVER = "recipient_server"
    ACKNOWLEDGEMENT = "acknowledgement"
    REGISTERED_DELIVERY = "registered_delivery"
    DEEMED = "deemed"
    PUBLICATION = "publication"


class ConfirmationKind(StrEnum):
    REPLIES_READ = "replies_read"
    REGISTERED_POST_OPENED = "registered_post_opened"


class LocationKind(StrEnum):
    ESTABLISHMENT = "establishment"
    HOSTING = "hosting"
    ACCESS = "access"
    SUPPORT = "support"


class MailHost(StrEnum):
    """What the configured mail host is, and so what its 250 proves (DESIGN section 9)."""

    RELAY = "relay"
    RECIPIENT_SERVER = "recipient_server"


class LapseState(StrEnum):
    """Of a task about a transfer basis that ends. replaced: lawful again, or not on the list."""

    OPEN = "open"
    REPLACED = "replaced"


class CorrectionState(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class PauseCause(StrEnum):
    """Why nothing is sent: a person stopped it, or the mail host refuses our sign-in."""

    OPERATOR = "operator"
    CREDENTIALS = "credentials"


class DeliveryEventKind(StrEnum):
    """What a report says of a mail that was handed over (RFC 3464, 2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"
    RELAYED = "relayed"
    EXPANDED = "expanded"
    DELIVERED = "delivered"


class EventSource(StrEnum):
    """Where a report came from. bounce: a mail in no standard form, read by its shape."""

    DSN = "dsn"
    BOUNCE = "bounce"
    WEBHOOK = "webhook"
    FILE = "file"


class IncomingSource(StrEnum):
    IMAP = "imap"
    PIPE = "pipe"


class IncomingKind(StrEnum):
    """What an incoming mail is. report: of delivery, in whatever form."""

    REPORT = "report"
    AUTO_REPLY = "auto_reply"
    REPLY = "reply"


class TagStanding(StrEnum):
    """Of the signed tag in the address that a mail came to. forged: one that we never made."""

    VALID = "valid"
    MISSING = "missing"
    FORGED = "forged"


class FiledAs(StrEnum):
    """What an incoming mail turned out to be. report, auto_reply: without a person."""

    REPORT = "report"
    AUTO_REPLY = "auto_reply"
    OBJECTION = "objection"
    QUESTION = "question"
    MORE_TIME = "more_time"
    ACKNOWLEDGEMENT = "acknowledgement"
    NO_ANSWER = "no_answer"


class OutageCause(StrEnum):
    """unreachable: the public address did not answer; no_probe: nobody asked."""

    UNREACHABLE = "unreachable"
    NO_PROBE = "no_probe"


class LetterProduct(StrEnum):
    """How a letter travels. An electronic registered letter counts as registered post."""

    PLAIN = "plain"
    REGISTERED = "registered"
    REGISTERED_ELECTRONIC = "registered_electronic"


class LetterReason(StrEnum):
    """Why a letter was queued. terms: they name post; dead_address: the mail was refused or came
    back; no_proof: no proof of receipt came within the days of the terms."""

    TERMS = "terms"
    COPY = "copy"
    DEAD_ADDRESS = "dead_address"
    NO_PROOF = "no_proof"
    SERVED_ANEW = "served_anew"


class LetterEventKind(StrEnum):
    """What is recorded of a letter, by a person, a file or a provider; each kind once."""

    HANDED_OVER = "handed_over"
    PRINTED = "printed"
    POSTED = "posted"
    PRESENTED = "presented"
    RECEIVED = "received"
    UNCLAIMED = "unclaimed"
    RETURNED = "returned"


class LetterState(StrEnum):
    """Where a letter stands: what its events, in whatever order they were recorded, come to."""

    QUEUED = "queued"
    HANDED_OVER = "handed_over"
    PRINTED = "printed"
    POSTED = "posted"
    PRESENTED = "presented"
    RECEIVED = "received"
    UNCLAIMED = "unclaimed"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class LetterEventSource(StrEnum):
    DESK = "desk"
    FILE = "file"
    PROVIDER = "provider"


class BatchState(StrEnum):
    """Of a batch of letters for the printer. It is cancelled only while it is prepared."""

    PREPARED = "prepared"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"


class IncomingLetterKind(StrEnum):
    """What a letter from a client is about."""

    OBJECTION = "objection"
    TERMINATION = "termination"
    WITHDRAWAL = "withdrawal"
    QUESTION = "question"
    MORE_TIME = "more_time"
    ACKNOWLEDGEMENT = "acknowledgement"
    CONTACT_CHANGE = "contact_change"
    DOCUMENT_REQUEST = "document_request"
    OTHER = "other"


class StepKind(StrEnum):
    """A step of an objection on its way to an outcome, beside its settlement."""

    ACKNOWLEDGED = "acknowledged"
    PROPOSED = "proposed"
    # The client's answers to a proposal.
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Measure(StrEnum):
    """How an objection is to be met. In each the new subprocessor gets no data of this client."""

    ALTERNATIVE = "alternative"
    CONFIGURATION = "configuration"
    NOT_USED = "not_used"


class WayState(StrEnum):
    """How far a step of a way is, as a page shows it."""

    DONE = "done"
    WAITS = "waits"
    NEXT = "next"


class PaperKind(StrEnum):
    """What a scan kept with a case shows."""

    LETTER = "letter"
    POSTING_SLIP = "posting_slip"
    RECEIPT_SLIP = "receipt_slip"
    SETTLEMENT = "settlement"
    CERTIFICATE = "certificate"
