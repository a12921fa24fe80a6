import type { Leniency } from "../../core/answer/leniency.ts";
import type { Reproduction } from "../../core/answer/reproduction.ts";
import { InterruptedError } from "../../core/error/interrupted-error.ts";
import { type Fallback, listFallbacks } from "../../explain/find/find-named.ts";
import { findStartedRun } from "../../explain/find/find-run.ts";
import { judgeExecution } from "../consent/judge-execution.ts";
import { settleDoubt } from "../consent/settle-doubt.ts";
import { sourceOf } from "../registry-source.ts";
import { reproduce } from "../reproduce/reproduce.ts";
import { type ActionContext, readRegistryAsync, reportFound, type StateAddress } from "./context.ts";

/** A recorded run to be done again. */
export interface ReproduceRequest extends Partial<Leniency> {
  run: string;
  /** Session in which the run's name is looked for. */
  session?: string | undefined;
  /** True to go on though packages, Python, variables or data from outside have changed. */
  allowDrift?: boolean | undefined;
  /** True to make a virtual environment with the recorded packages first. */
  rebuildEnv?: boolean | undefined;
  /** True to keep the temporary folder. */
  keep?: boolean | undefined;
}

/**
 * Does a recorded run again in a temporary folder, on its code and versions, and compares what it saves. Throws ReproduceError if it
 * can't be done as it was, EnvironmentError, ExplainError for a run that there is not, InterruptedError.
 */
export async function reproduceRun(
  address: StateAddress,
  request: ReproduceRequest,
  context: ActionContext = {},
): Promise<Reproduction & { fallbacks: Fallback[] }> {
  const { session, tolerance = 0, ignoreRowOrder = false } = request;
  const { interrupt, kill, onStep } = context;
  return await readRegistryAsync(address, context, async (reader, state) => {
    const { run, fallback } = reportFound(context, findStartedRun(reader, request.run, { session }));
    const reproduction = await reproduce(run, {
      ...{ reader, state, environment: process.env, source: sourceOf(reader, state.registry) },
      leniency: { tolerance, ignoreRowOrder },
      allowsDrift: request.allowDrift === true,
      rebuildsEnvironment: request.rebuildEnv === true,
      keeps: request.keep === true,
      ...{ interrupt, kill, onStep },
      confirm: async ({ session, planned, kept, environment }) => {
        const judged = { reader, folders: state, environment: process.env };
        const installs = request.rebuildEnv === true ? environment : null;
        const execution = { session, runs: [planned], store: kept.store, rebuilds: true, installs };
        await settleDoubt(judgeExecution([execution], judged), context);
      },
    }).finally(() => onStep?.(null));
    if (interrupt?.aborted) throw new InterruptedError();
    return { ...reproduction, fallbacks: listFallbacks(fallback) };
  });
}
