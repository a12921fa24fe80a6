import { existsSync } from "node:fs";
import { RegistryError } from "../../core/error/registry-error.ts";
import type { Registry } from "../../core/port/registry.ts";
import { openSqliteRegistry } from "../../record/sqlite/registry.ts";
import type { StateLocation } from "../locate-state.ts";
import { checkAnswers } from "./check-answers.ts";
import { checkAttempts } from "./check-attempts.ts";
import { checkClock } from "./check-clock.ts";
import { checkFolders } from "./check-folders.ts";
import { checkHolds } from "./check-holds.ts";
import { checkAge, checkHome, checkKey } from "./check-home.ts";
import { checkLeftovers } from "./check-leftovers.ts";
import { checkFile, checkPages, checkWriteLock, describeUnreadable } from "./check-registry.ts";
import { checkSessions } from "./check-sessions.ts";
import { checkTrash } from "./check-trash.ts";
import { checkWorkers } from "./check-workers.ts";
import { type Finding, findingFail, findingWarn } from "./finding.ts";
import { listNames } from "./list-names.ts";
import type { StateCheck } from "./state-check.ts";

/** Checks of a state folder, in the order in which their findings are shown. */
const CHECKS: Readonly<Record<string, StateCheck>> = {
  registry: ({ state }) => checkPages(state),
  home: checkHome,
  age: checkAge,
  key: checkKey,
  lock: ({ state }) => checkWriteLock(state),
  holds: checkHolds,
  sessions: checkSessions,
  clock: checkClock,
  attempts: checkAttempts,
  trash: checkTrash,
  answers: checkAnswers,
  workers: checkWorkers,
  leftovers: checkLeftovers,
};

/**
 * Looks for broken states of a state folder. Has no findings for a missing one, takes seconds at most, and never
 * throws.
 */
export function checkState(state: StateLocation, nowMs: number): Finding[] {
  const ofFile = attempt("registry", () => checkFile(state));
  const ofFiles = [...ofFile, ...attempt("folders", () => checkFolders(state))];
  if (!existsSync(state.registry)) return [...ofFiles, ...checkMissing(state)];
  if (ofFile.some(({ detail }) => detail.endsWith("is not a file"))) return ofFiles;
  let registry: Registry | null = null;
  try {
    registry = openSqliteRegistry(state.registry, { readOnly: true });
  } catch (error) {
    return [...ofFiles, describeUnreadable(error, state)];
  }
  try {
    const place = { state, registry, nowMs };
    return [...ofFiles, ...Object.entries(CHECKS).flatMap(([name, check]) => attempt(name, () => check(place)))];
  } finally {
    registry.close();
  }
}

/** Data without a registry: it was deleted, or only the rest was put back. */
function checkMissing({ registry, attempts }: StateLocation): Finding[] {
  if (listNames(attempts, 1).names.length === 0) return [];
  const detail = `${attempts} holds attempts, but there is no registry at ${registry}`;
  return [
    findingWarn("registry-missing", detail, "put a backup of the registry there; a new one knows nothing of them"),
  ];
}

function attempt(what: string, look: () => Finding[]): Finding[] {
  try {
    return look();
  } catch (error) {
    if (error instanceof RegistryError) return [findingFail(error.code, error.message, error.hint)];
    return [findingWarn(what, `could not be checked: ${(error as Error).message}`, null)];
  }
}
