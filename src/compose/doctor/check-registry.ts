import { type Stats, statSync } from "node:fs";
import { RegistryError } from "../../core/error/registry-error.ts";
import { type FileUser, findLockers, findOpeners } from "../../processes/find-openers.ts";
import { findDamage } from "../../record/sqlite/left-log.ts";
import { refuseDeadLink } from "../../record/sqlite/open-database.ts";
import { findLinked } from "../../record/sqlite/single-name.ts";
import { indexPath, isWriteLocked, logPath, WRITE_LOCK_BYTE } from "../../record/sqlite/write-lock.ts";
import type { StateLocation } from "../locate-state.ts";
import { type Finding, findingFail } from "./finding.ts";

const WHAT = "registry";
/** Longest wait for a writer, in milliseconds. Every write of runweave takes only a small part of that. */
const PATIENCE_MS = 1_000;

/** Checks the file at the registry's path before it is opened. */
export function checkFile({ registry }: StateLocation): Finding[] {
  refuseDeadLink(registry);
  const found: Stats | undefined = statSync(registry, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isFile())
    return [findingFail(WHAT, `${registry} is not a file`, "move it away, and put a backup in its place")];
  const linked = findLinked(registry);
  return linked === null ? [] : [findingFail("registry-linked", linked.message, linked.hint)];
}

/** Reads the whole database, as SQLite itself finds a damaged page only when it comes upon it. */
export function checkPages({ registry }: StateLocation): Finding[] {
  const damage = findDamage(registry);
  if (damage === null) return [];
  const hint =
    "put a backup in its place, without the files -wal and -shm that lie beside it now; data are not affected";
  return [findingFail("registry-corrupt", `${registry} is damaged: ${damage}`, hint)];
}

/** Finds a process that keeps all others from writing for longer than any command of ours does. */
export function checkWriteLock({ registry }: StateLocation): Finding[] {
  // Asking opens it for writing.
  if (findLinked(registry) !== null || !isWriteLocked(registry, PATIENCE_MS)) return [];
  const detail = `${registry} is locked: nothing can be recorded`;
  return [findingFail("registry-locked", `${detail}; ${describeUsers(registry)}`, HINT)];
}

const HINT =
  "`kill -CONT PID` lets a stopped process continue, `kill PID` ends it; what it worked on, `runweave resume` finishes";

function describeUsers(registry: string): string {
  const lockers = findLockers(indexPath(registry), WRITE_LOCK_BYTE);
  if (lockers.length > 0) return `the lock is held by ${tell(lockers)}`;
  const [first] = findOpeners([registry, logPath(registry), indexPath(registry)]);
  return first === undefined ? "it is unknown by which process" : `probably by ${tell([first])}, which has it open`;
}

function tell(users: readonly FileUser[]): string {
  return users
    .map(({ pid, command, isStopped }) => `process ${pid}${isStopped ? ", which is stopped" : ""} (${command})`)
    .join(" and ");
}

/** Says why a registry can't be read. */
export function describeUnreadable(error: unknown, { registry }: StateLocation): Finding {
  if (!(error instanceof RegistryError)) return findingFail(WHAT, `${registry}: ${(error as Error).message}`, null);
  const who = error.code === "registry-locked" ? `; ${describeUsers(registry)}` : "";
  return findingFail(error.code, `${error.message}${who}`, error.hint);
}
