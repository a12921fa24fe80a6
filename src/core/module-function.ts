import type { JsonObject } from "./run.ts";
import type { RunId, SessionId } from "./run-id.ts";

/** Extensions that Node imports; those of TypeScript but TSX. */
export const MODULE_EXTENSIONS: ReadonlySet<string> = new Set([".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"]);

/** Argument of a module's function. */
export interface ModuleContext<Params, Inputs extends string, Outputs extends string> {
  /** Inputs of the run: name to absolute path. */
  readonly inputs: Readonly<Record<Inputs, string>>;
  /** Paths to write the outputs to: name to absolute path. */
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

/** Values to save, by the name of the output: a text, bytes, or JSON. */
export type ModuleResult<Outputs extends string> = { readonly [Name in Outputs]?: unknown } | undefined;

/** The default export of a module that is a run. */
export type ModuleFunction<Params, Inputs extends string, Outputs extends string> = (
  context: ModuleContext<Params, Inputs, Outputs>,
) => ModuleResult<Outputs> | Promise<ModuleResult<Outputs>> | Promise<void>;
