import type { RunKind } from "./run.ts";

/** Facts that differ between kinds of runs. */
export interface KindFacts {
  /** Name for people of what such a run executes: `a pipeline`. */
  words: string;
  /**
   * True if the run's datasets are those of a project's catalog, about which the project is asked when the plan is made; false
   * if the run is a process of its own, whose files the workflow names.
   */
  hasCatalog: boolean;
  /** Base classes of its exceptions, for `retries.on`; none if a failure has no class but its own. */
  baseClasses: readonly string[];
}

/** One row per kind. */
export const KINDS = {
  kedro: { words: "a pipeline", hasCatalog: true, baseClasses: ["Exception", "BaseException"] },
  command: { words: "a command", hasCatalog: false, baseClasses: [] },
  module: { words: "a module", hasCatalog: false, baseClasses: ["Error"] },
} as const satisfies Record<RunKind, KindFacts>;

export const RUN_KINDS = ["kedro", "command", "module"] as const satisfies RunKind[];

type CatalogKind = { [Kind in RunKind]: (typeof KINDS)[Kind]["hasCatalog"] extends true ? Kind : never }[RunKind];

/** True if a task, definition or record is of a run that has a project's catalog; false for a kind that a changed registry made up. */
export function hasCatalog<T extends { kind: RunKind }>(of: T): of is T & { kind: CatalogKind } {
  return Object.hasOwn(KINDS, of.kind) && KINDS[of.kind].hasCatalog;
}

/** True if a task, definition or record is of a run that is a process of its own. */
export function isProcess<T extends { kind: RunKind }>(of: T): of is T & { kind: Exclude<RunKind, CatalogKind> } {
  return !hasCatalog(of);
}
