export { type AdoptedRun, type Adoption, type AdoptRequest, adoptProject } from "./compose/actions/adopt-project.ts";
export {
  type AnchoredLog,
  type AnchorRequest,
  anchorLog,
  type MadeKey,
  makeAnchorKey,
} from "./compose/actions/anchor-log.ts";
export { noteRun, tagRun } from "./compose/actions/annotate-run.ts";
export {
  type AliasRequest,
  type ChangedAlias,
  changeAlias,
  type ListedAliases,
  showAliases,
} from "./compose/actions/change-alias.ts";
export { type CollectedData, type CollectRequest, collectOldData } from "./compose/actions/collect-old-data.ts";
export type { ActionContext, SessionStart, StateAddress, WarningSource } from "./compose/actions/context.ts";
export { type Control, type Controlled, controlSession } from "./compose/actions/control-session.ts";
export {
  type DiagnoseRequest,
  type Diagnosis,
  diagnoseMachine,
  rebuildRecords,
  settleStateFolder,
} from "./compose/actions/diagnose-machine.ts";
export {
  type HealContext,
  type HealOptions,
  type HealRequest,
  healVersions,
  type PlannedHealing,
  planHealing,
} from "./compose/actions/heal-versions.ts";
export { type LockRequest, type LockResult, lockWorkflow } from "./compose/actions/lock-workflow.ts";
export { type CompareRequest, compareNamed } from "./compose/actions/look/compare-named.ts";
export { explainRead, explainUnread, type ReadRequest } from "./compose/actions/look/explain-read.ts";
export { type DataRequest, findData } from "./compose/actions/look/find-data.ts";
export { type FoundLog, findLogs } from "./compose/actions/look/find-logs.ts";
export { type ListedFailures, listFailures } from "./compose/actions/look/list-failures.ts";
export { type ListedSession, listSessions } from "./compose/actions/look/list-sessions.ts";
export { type ShownSession, type ShowRequest, showSession } from "./compose/actions/look/show-session.ts";
export {
  exportCrate,
  exportOpenLineage,
  listUndeclared,
  type NamedLineage,
  type TraceRequest,
  traceNamed,
} from "./compose/actions/look/trace-named.ts";
export {
  type ChosenWorkflow,
  planWorkflow,
  prepareWorkflow,
  type ReadyPlan,
} from "./compose/actions/plan-workflow.ts";
export {
  type EndedReplay,
  type PlannedReplaySession,
  planReplay,
  type ReplayRequest,
  replaySession,
} from "./compose/actions/replay-session.ts";
export { type ReproduceRequest, reproduceRun } from "./compose/actions/reproduce-run.ts";
export { type ResumeRequest, type Resumption, resumeUnfinished } from "./compose/actions/resume-unfinished.ts";
export {
  planSessionRollback,
  type RollbackRequest,
  type RolledBackSession,
  rollBackSession,
} from "./compose/actions/roll-back-session.ts";
export {
  type EndedRun,
  executeWorkflow,
  type RunRequest,
  type RunWorkflowOptions,
  runWorkflow,
  type WorkflowRun,
} from "./compose/actions/run-workflow.ts";
export { type SimulateRequest, simulateWorkflow } from "./compose/actions/simulate-workflow.ts";
export {
  type ClearedTaint,
  clearTaint,
  showTaints,
  type TaintRequest,
  type TaintResult,
  taintVersion,
} from "./compose/actions/taint-version.ts";
export {
  type EmptiedTrash,
  type EmptyRequest,
  emptyTrash,
  type JudgedEntry,
  restoreTrash,
  showTrash,
} from "./compose/actions/use-trash.ts";
export { type Verification, type VerifyRequest, verifyRecords } from "./compose/actions/verify-records.ts";
export type { Doubt } from "./compose/consent/judge-execution.ts";
export { MultirunError } from "./compose/failures/multirun-error.ts";
export {
  type Named,
  type NameOptions,
  type OpenRegistryOptions,
  openRegistry,
  type RegistryView,
  type SavedVersion,
} from "./compose/open-registry.ts";
export { openSession } from "./compose/session/open-session.ts";
export { type ConsumedRun, RunFailedError, type RunHandle, type ScriptRun } from "./compose/session/script-run.ts";
export type { OpenSessionOptions, ScriptSession } from "./compose/session/script-session.ts";
export type { EndedSession } from "./compose/session/session-result.ts";
export { WorkflowError } from "./compose/workflow-error.ts";
export { EnvironmentError } from "./core/error/environment-error.ts";
export { InterruptedError } from "./core/error/interrupted-error.ts";
export type { Location, Problem } from "./core/error/problem.ts";
export { RefusalError } from "./core/error/refusal-error.ts";
export { AmbiguousIdError, RegistryError } from "./core/error/registry-error.ts";
export type { GivenVersion, RunFailure } from "./core/error/run-failure.ts";
export type { RunEvent, RunOutcome } from "./core/event/event.ts";
export type { ModuleContext, ModuleFunction, ModuleResult } from "./core/module-function.ts";
export type { RunFilter, SessionFilter, SessionSummary } from "./core/port/registry-lists.ts";
export type { Reporter } from "./core/port/reporter.ts";
export type { Read, Reads } from "./core/read.ts";
export type {
  ExceptionRecord,
  Json,
  JsonObject,
  Pin,
  RunRecord,
  RunStatus,
  SessionRecord,
  SessionStatus,
  VersionRecord,
} from "./core/run.ts";
export type { RunId, SessionId } from "./core/run-id.ts";
export { defineModule } from "./define/define-module.ts";
export { defineWorkflow, type Workflow } from "./define/define-workflow.ts";
export { env } from "./define/literal-texts.ts";
export type { AliasTarget } from "./explain/aliases.ts";
export { ExplainError } from "./explain/explain-error.ts";
export type { Fallback } from "./explain/find/find-named.ts";
export type { Taint } from "./explain/taint.ts";
export type { Plan, PlannedRun } from "./plan/plan.ts";
