/**
 * The public names of `@pilvi/privacy`, listed by hand; nothing else.
 *
 * @packageDocumentation
 */

export type { Campaigned, FilterCounts, Filtered } from './consent/asking.ts'
export type {
  BanList,
  BanListColumn,
  BanListFault,
  BanListReport,
} from './consent/ban-list.ts'
export type { BanLists } from './consent/banning.ts'
export type { Separator } from './consent/csv.ts'
export type {
  ExportedRecords,
  Omitted,
  RecordFormat,
  RecordImport,
  RecordsImported,
  RecordWanted,
  Unmapped,
  UnmappedReason,
} from './consent/exchange.ts'
export { type ConsentReceipt, consentReceiptType, type Records } from './consent/exchanging.ts'
export { parseGpc, type RequestHeaders, type SignalInput, type SignalOutcome } from './consent/gpc.ts'
export type { Merge, MergeInput, UnmergeInput } from './consent/merge.ts'
export type { Merging } from './consent/merging.ts'
export type {
  ByMerge,
  CampaignQuestion,
  Candidate,
  ConsentEvent,
  Decision,
  EventKind,
  Evidence,
  MergeReason,
  Necessity,
  Proxy,
  ProxyRole,
  Question,
  Reason,
  Relationship,
  Revocation,
  Revoker,
  Route,
  Statement,
} from './consent/model.ts'
export type { Consent } from './consent/service.ts'
export type { Signals } from './consent/signalling.ts'
export type {
  UnsubscribeLink,
  UnsubscribeOutcome,
  UnsubscribeRequest,
  UnsubscribeWanted,
} from './consent/unsubscribe.ts'
export type { Unsubscribing } from './consent/unsubscribing.ts'
export {
  type CopyOptions,
  type CopyReport,
  type CopyStep,
  copySteps,
  copyStore,
} from './copy/copy.ts'
export { checkDump, dumpStore, restoreSteps, restoreStore } from './copy/dump.ts'
export type { DumpSource } from './copy/dump-lines.ts'
export type { SectionTally, StoreTally } from './copy/tally.ts'
export type {
  DisclosureDecision,
  DisclosureEntry,
  DisclosureJob,
  DisclosureQuestion,
  LegalGround,
  LinkEvent,
  LinkInput,
  RecipientChoice,
  ReviewedTransfer,
  UnlinkInput,
  WeighedRecipient,
} from './disclosure/model.ts'
export type { Disclosure } from './disclosure/service.ts'
export { type CalendarDate, type Environment, type Instant, systemEnvironment } from './environment.ts'
export {
  Conflict,
  type ConflictCode,
  type ErrorCode,
  type ErrorDetails,
  IntegrityFailure,
  type IntegrityFailureCode,
  InvalidInput,
  type InvalidInputCode,
  NotAuthorised,
  type NotAuthorisedCode,
  NotFound,
  type NotFoundCode,
  PrivacyError,
  StoreFailure,
  type StoreFailureCode,
} from './errors.ts'
export type { Keyring, KeyringKey } from './keys/keyring.ts'
export { type LocalKey, localKeys } from './keys/local.ts'
export type {
  DestroyedKey,
  DigestUse,
  Erased,
  HeldKey,
  KeyEntry,
  KeyProvider,
  KeyStatus,
  Opened,
  SealContext,
  Sealed,
  WrappedKey,
} from './keys/model.ts'
export type { RewrapOptions, RewrapStep } from './keys/rewrap.ts'
export { type JsonWebKeySet, openCheckpoint } from './ledger/checkpoint.ts'
export type {
  Act,
  Actor,
  Checkpoint,
  CheckpointSink,
  ConsistencyProof,
  InclusionProof,
  LedgerEntry,
  LedgerReport,
} from './ledger/model.ts'
export { verifyConsistency, verifyInclusion } from './ledger/proof.ts'
export type { Ledger } from './ledger/service.ts'
export { verifyLedger } from './ledger/verifying.ts'
export type { CodeWindow } from './mfa/codes.ts'
export type {
  Accepted,
  Answer,
  AnsweredChallenge,
  Answering,
  Challenge,
  ChallengeOptions,
  CodeAnswer,
  CodeEnrolment,
  CodeEnrolmentOptions,
  CodeMessage,
  ConfirmingAnswer,
  FactorReset,
  FactorSummary,
  FullAnswer,
  Locked,
  Notice,
  OtpAlgorithm,
  Outcome,
  PasskeyEnrolment,
  PasskeyEnrolmentOptions,
  RecoveryOutcome,
  Refused,
  Removal,
  ResetCancellation,
  ResetCanceller,
  ResetInput,
  ResetReason,
  StepUp,
  StepUpOutcome,
  TrustedDevice,
} from './mfa/model.ts'
export type { PasskeyCredential, PasskeyUse, PasskeyVerifier } from './mfa/passkeys.ts'
export type { Resets } from './mfa/resetting.ts'
export type { Mfa } from './mfa/service.ts'
export type {
  AcceptanceInput,
  DueBatch,
  DueInput,
  NoticeAct,
  NoticeChannel,
  NoticeInput,
  NoticeRecord,
  PolicyVersion,
  SendInput,
  SendReport,
} from './notices/model.ts'
export type { Policies } from './notices/publishing.ts'
export type { Notices } from './notices/service.ts'
export { definePolicy, parsePolicy } from './policy/define.ts'
export { type ChangeRule, type Direction, diffPolicy, type PolicyChange } from './policy/diff.ts'
export type { Hit, LintRule } from './policy/lint/rule.ts'
export { type Finding, lintPolicy, lintRules, type Severity } from './policy/lint.ts'
export type {
  Backups,
  Category,
  CertificationScheme,
  Channel,
  ContractualClauses,
  Controller,
  DenialList,
  DenialPurposeOf,
  DenialRoute,
  Derogation,
  Dimension,
  DisclosureGround,
  Exemption,
  ExemptionRule,
  Field,
  FieldKind,
  Group,
  GroupOf,
  Language,
  LegalBasis,
  Measure,
  Organisation,
  Origin,
  OriginOf,
  OwnData,
  Policy,
  PostalAddress,
  Publications,
  PublicationTable,
  Purpose,
  PurposeOf,
  Recipient,
  RecipientOf,
  Retention,
  Right,
  SecondFactor,
  Service,
  ServiceOf,
  StepUpAct,
  SupervisoryAuthority,
  Text,
  TransferGround,
  Undertaking,
} from './policy/model.ts'
export { type RenderFormat, type RenderOptions, renderPolicy, renderRecords } from './policy/render.ts'
export { policyDigest } from './policy/version.ts'
export {
  createPrivacy,
  type LedgerOptions,
  type Privacy,
  type PrivacyOptions,
  type TenantPrivacy,
  type TransactionPrivacy,
} from './privacy.ts'
export type {
  CompanyNumber,
  CorrectedFields,
  CorrectedValue,
  Correction,
  CorrectionReason,
  FieldValue,
  FieldValues,
  HistoryEntry,
  Initiative,
  LookupFieldOf,
  LookupValue,
  PaymentDetails,
  Provenance,
  RegisterInput,
  RegisterRecord,
  ServiceFieldName,
  ServiceValues,
} from './register/model.ts'
export type { Register } from './register/service.ts'
export type {
  ExportGrant,
  KeptRow,
  KeptSummary,
  KeysDestroyed,
  NotAttributable,
  Plan,
  Proof,
  ReceivedBy,
  RefusalReason,
  ReopeningInput,
  ReopeningReason,
  Report,
  RequestInput,
  RequestKind,
  RequestState,
  RightsRequest,
  SourceCount,
  Started,
} from './requests/model.ts'
export type { Requests } from './requests/service.ts'
export type { RetentionService, SweepReport } from './requests/sweep.ts'
export type { KeptField } from './retention/model.ts'
export type { Message, PolicyMessage, Sender } from './sender.ts'
export type { Keys } from './services.ts'
export type {
  Bulk,
  BulkRow,
  Change,
  Collection,
  JsonValue,
  Migration,
  Range,
  Ref,
  Store,
  StoredVisit,
  Versioned,
  VisitLog,
} from './store.ts'
export type { LogLines } from './usage/log.ts'
export type {
  Cell,
  Protection,
  Publication,
  RegistrableDomain,
  RollUp,
  RollUpCell,
  RollUpDimension,
  Statistics,
  UsagePolicy,
  Visit,
  VisitSource,
} from './usage/model.ts'
export type { RejectReason } from './usage/parse.ts'
export { type ReportOptions, renderReport } from './usage/report.ts'
export { statisticsOf } from './usage/rollup.ts'
export type { Published, Usage } from './usage/service.ts'
export { type LogStatistics, type StatisticsOptions, statistics } from './usage/statistics.ts'
