import type { JsonObject } from "./run.ts";
import type { RunId, SessionId } from "./run-id.ts";

/** What the function of a module is called with. */
export interface ModuleContext<Params, Inputs extends string, Outputs extends string> {
  /** What the run consumes: name to absolute path. */
  readonly inputs: Readonly<Record<Inputs, string>>;
  /** Where its outputs are to be written: name to absolute path. */
  readonly outputs: Readonly<Record<Outputs, string>>;
  readonly params: Params;
  readonly runId: RunId;
  readonly sessionId: SessionId;
  /** Every pin of the run, dataset to version. */
  readonly loadVersions: Readonly<Record<string, string>>;
  /** Aborted by SIGINT and SIGTERM. Who never asks for it is ended by them at once, as any program is. */
  readonly signal: AbortSignal;
  /** Adds to the run's metrics; they are on record though the function fails later. */
  reportMetrics(metrics: JsonObject): void;
}

/** What is to be saved, by the name of its output: a text, bytes, or what JSON can hold. */
export type ModuleResult<Outputs extends string> = { readonly [Name in Outputs]?: unknown } | undefined;

/** The default export of a module that is a run. */
export type ModuleFunction<Params, Inputs extends string, Outputs extends string> = (
  context: ModuleContext<Params, Inputs, Outputs>,
) => ModuleResult<Outputs> | Promise<ModuleResult<Outputs>> | Promise<void>;
