export { MultirunError } from "./compose/failures/multirun-error.ts";
export {
  type Named,
  type NameOptions,
  type OpenRegistryOptions,
  openRegistry,
  type RegistryView,
  type SavedVersion,
} from "./compose/open-registry.ts";
export {
  type OpenSessionOptions,
  openSession,
  type ScriptSession,
} from "./compose/session/open-session.ts";
export {
  planWorkflow,
  type RunWorkflowOptions,
  runWorkflow,
  type WorkflowRun,
} from "./compose/session/run-workflow.ts";
export { type ConsumedRun, RunFailedError, type RunHandle, type ScriptRun } from "./compose/session/script-run.ts";
export { WorkflowError } from "./compose/workflow-error.ts";
export { EnvironmentError } from "./core/error/environment-error.ts";
export type { Location, Problem } from "./core/error/problem.ts";
export { AmbiguousIdError, RegistryError } from "./core/error/registry-error.ts";
export type { GivenVersion, RunFailure } from "./core/error/run-failure.ts";
export type { RunEvent, RunOutcome } from "./core/event/event.ts";
export type { ModuleContext, ModuleFunction, ModuleResult } from "./core/module-function.ts";
export type { RunFilter, SessionFilter, SessionSummary } from "./core/port/registry-lists.ts";
export type { Reporter } from "./core/port/reporter.ts";
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
export type { AliasTarget } from "./explain/aliases.ts";
export { ExplainError } from "./explain/explain-error.ts";
export type { Fallback } from "./explain/find/find-named.ts";
export type { Taint } from "./explain/taint.ts";
export type { Plan, PlannedRun } from "./plan/plan.ts";
