"""All tables, so that `Base.metadata` is complete once this package is imported."""

from subnotify.storage.tables.agreements import (
    AgreementContactRow,
    AgreementExceptionRow,
    AgreementRow,
    AgreementServiceRow,
    ClientRow,
    ContactRow,
    CountryExceptionRow,
    TermsVersionRow,
)
from subnotify.storage.tables.base import Base, UtcDateTime
from subnotify.storage.tables.case_papers import CasePaperRow
from subnotify.storage.tables.data_returns import DataReturnRow
from subnotify.storage.tables.evidence import EvidenceContentRow, EvidenceRow
from subnotify.storage.tables.imports import (
    BroughtInNoticeRow,
    ImportFileRow,
    ImportProposalRow,
)
from subnotify.storage.tables.incoming import (
    DeliveryEventRow,
    IncomingMailRow,
    MailboxReadingRow,
    MailResponseRow,
)
from subnotify.storage.tables.jobs import JobRunRow
from subnotify.storage.tables.letter_batches import FormerSealRow, LetterBatchRow
from subnotify.storage.tables.letters import (
    DocumentRequestRow,
    DocumentRow,
    IncomingLetterRow,
    LetterContradictionRow,
    LetterEventCorrectionRow,
    LetterEventRow,
    LetterResponseRow,
    LetterRow,
)
from subnotify.storage.tables.mail import (
    AttemptRow,
    DomainSlotRow,
    MailQueueRow,
    MessageRow,
    SealedMailRow,
)
from subnotify.storage.tables.notices import (
    CaseRow,
    CodeRow,
    ConfirmationRow,
    HoldClearanceRow,
    NoticeRow,
    OutcomeRow,
    ReceiptProofRow,
    ResponseRow,
    SettlementRow,
    TwoPersonDecisionRow,
)
from subnotify.storage.tables.objection_steps import ObjectionStepRow, StepCodeRow
from subnotify.storage.tables.operators import (
    ApiTokenRow,
    OperatorCalendarRow,
    OperatorRow,
    OperatorSessionRow,
    PasswordResetRow,
    RecoveryCodeRow,
    SecondFactorRow,
    SignInFailureRow,
)
from subnotify.storage.tables.portal import (
    PortalCalendarRow,
    PortalLinkRow,
    PortalMailboxRow,
    PortalSessionClientRow,
    PortalSessionRow,
    PortalSignInRow,
)
from subnotify.storage.tables.recomputations import TermsReassessmentRow, WindowProposalRow
from subnotify.storage.tables.registry import (
    ListEntryRow,
    ListPublicationRow,
    ServiceRow,
    SubprocessorRow,
    VendorRow,
)
from subnotify.storage.tables.releases import ChangeRow, ChangeServiceRow, ReleaseRow
from subnotify.storage.tables.search import AgreementWordRow, ChangeWordRow
from subnotify.storage.tables.thread import LegalMessageRow
from subnotify.storage.tables.transfers import (
    ListCorrectionRow,
    TransferAlarmRow,
    TransferLapseRow,
    TransferReferenceRow,
)
from subnotify.storage.tables.watch import ClockFreezeRow, OutageRow, ServiceWatchRow

__all__ = [
    "AgreementContactRow",
    "AgreementExceptionRow",
    "AgreementRow",
    "AgreementServiceRow",
    "AgreementWordRow",
    "ApiTokenRow",
    "AttemptRow",
    "Base",
    "BroughtInNoticeRow",
    "CasePaperRow",
    "CaseRow",
    "ChangeRow",
    "ChangeServiceRow",
    "ChangeWordRow",
    "ClientRow",
    "ClockFreezeRow",
    "CodeRow",
    "ConfirmationRow",
    "ContactRow",
    "CountryExceptionRow",
    "DataReturnRow",
    "DeliveryEventRow",
    "DocumentRequestRow",
    "DocumentRow",
    "DomainSlotRow",
    "EvidenceContentRow",
    "EvidenceRow",
    "FormerSealRow",
    "HoldClearanceRow",
    "ImportFileRow",
    "ImportProposalRow",
    "IncomingLetterRow",
    "IncomingMailRow",
    "JobRunRow",
    "LegalMessageRow",
    "LetterBatchRow",
    "LetterContradictionRow",
    "LetterEventCorrectionRow",
    "LetterEventRow",
    "LetterResponseRow",
    "LetterRow",
    "ListCorrectionRow",
    "ListEntryRow",
    "ListPublicationRow",
    "MailQueueRow",
    "MailResponseRow",
    "MailboxReadingRow",
    "MessageRow",
    "NoticeRow",
    "ObjectionStepRow",
    "OperatorCalendarRow",
    "OperatorRow",
    "OperatorSessionRow",
    "OutageRow",
    "OutcomeRow",
    "PasswordResetRow",
    "PortalCalendarRow",
    "PortalLinkRow",
    "PortalMailboxRow",
    "PortalSessionClientRow",
    "PortalSessionRow",
    "PortalSignInRow",
    "ReceiptProofRow",
    "RecoveryCodeRow",
    "ReleaseRow",
    "ResponseRow",
    "SealedMailRow",
    "SecondFactorRow",
    "ServiceRow",
    "ServiceWatchRow",
    "SettlementRow",
    "SignInFailureRow",
    "StepCodeRow",
    "SubprocessorRow",
    "TermsReassessmentRow",
    "TermsVersionRow",
    "TransferAlarmRow",
    "TransferLapseRow",
    "TransferReferenceRow",
    "TwoPersonDecisionRow",
    "UtcDateTime",
    "VendorRow",
    "WindowProposalRow",
]
