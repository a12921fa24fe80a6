import { readFileSync } from "node:fs";
import { join } from "node:path";
import { COMPILE_CACHE } from "../../rig/compile-cache.ts";
import type { OrchestratorOptions } from "./orchestrator.ts";
import { parsePoints, type SeenPoint, type Strike } from "./point.ts";
import type { TrialFolder } from "./trial-folder.ts";

const PRELOAD = join(import.meta.dirname, "crash-preload.ts");

type Preloaded = Pick<OrchestratorOptions, "environment" | "nodeArgs">;

/** Has the preload do what these variables say to an orchestrator of the workload. */
export function preload({ folder, state }: TrialFolder, variables: Record<string, string>): Preloaded {
  return {
    environment: { ...COMPILE_CACHE, ...variables, CHAOS_ROOT: folder, CHAOS_STATE: state },
    nodeArgs: ["--import", PRELOAD],
  };
}

/** Has an orchestrator struck at a point. */
export function preloadStrike(trial: TrialFolder, strike: Strike): Preloaded {
  return preload(trial, { CHAOS_POINT: JSON.stringify(strike) });
}

/** Has an orchestrator note its points, for `readPoints`. */
export function preloadLog(trial: TrialFolder): Preloaded {
  return preload(trial, { CHAOS_LOG: trial.points });
}

/** Those that were noted since the trial began. */
export function readPoints({ points }: TrialFolder): SeenPoint[] {
  return parsePoints(readFileSync(points, "utf8"));
}
