import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { RegistryError } from "../../core/error/registry-error.ts";

/** Places that hold what runweave goes by. Absolute. */
interface StatePlaces {
  root: string;
  /** The registry's file. */
  registry: string;
  /** The folder of isolated versions. */
  store: string;
}

export interface TrustOptions {
  environment: Readonly<Record<string, string | undefined>>;
  /** Id of the user whom the state has to belong to; undefined where the system has no such ids. */
  uid?: number | undefined;
}

/** Write permission of the group and of all others. */
const WRITABLE = 0o022;
/** Permission of the group and of all others to reach what is in a folder. */
const REACHABLE = 0o011;
/** Endings of the files that SQLite reads beside a database: https://www.sqlite.org/tempfiles.html */
const BESIDE = ["-wal", "-shm", "-journal"];
/** Links that are followed one after the other, as Linux does. */
const MOST_LINKS = 40;

/**
 * Throws RegistryError `registry-not-trusted` if another user may have written the state: a registry says what
 * `resume`, `reproduce` and others execute, and where data are. The state folder, all that lies directly in it, the
 * registry and the store have to belong to the user, links and their targets alike, and other users must not be able to
 * write there. So must the folder that a linked registry is in, and SQLite's files there. Root is no exception. `RUNWEAVE_TRUST` names folders that are trusted all the same, separated by colons.
 */
export function refuseForeign(state: StatePlaces, { environment, uid = process.getuid?.() }: TrustOptions): void {
  const fault = isTrusted(state.root, environment) ? null : findForeign(state, uid);
  if (fault !== null) throw refuse(state.root, fault);
}

/** Finds the first place of the state that another user may have written, whatever is trusted. Null if there is none. */
export function findForeign(state: StatePlaces, uid: number | undefined): Fault | null {
  if (uid === undefined) return null;
  const root = look(() => statSync(state.root));
  const isReachable = root === undefined || (root.mode & REACHABLE) !== 0;
  const inside = look(() => readdirSync(state.root)) ?? [];
  const places = [
    ...[state.root, state.store].map((path) => ({ path, isOpen: true })),
    ...[...inside.map((name) => join(state.root, name)), state.registry].map((path) => ({ path, isOpen: isReachable })),
    ...listLinked(state.registry).map((path) => ({ path, isOpen: true })),
  ];
  for (const { path, isOpen } of places) {
    const fault = findFault(path, { uid, isOpen });
    if (fault !== null) return fault;
  }
  return null;
}

/** Lists what decides on the content of a registry that is a link: each place on the way, its folder, and SQLite's files at the last one. */
function listLinked(registry: string): string[] {
  const passed: string[] = [];
  let at = registry;
  for (let links = 0; links < MOST_LINKS; links += 1) {
    const next = look(() => resolve(realpathSync(dirname(at)), readlinkSync(at)));
    if (next === undefined) break;
    passed.push(dirname(next), next);
    at = next;
  }
  return passed.length === 0 ? [] : [...passed, ...BESIDE.map((end) => `${at}${end}`)];
}

/** Returns undefined for a path that can't be looked at: opening it gives the reason. */
function look<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

/** Reason why others may have written a place. */
interface Fault {
  what: string;
  /** Command that mends it, if the user alone can. */
  command: string | null;
}

function findFault(path: string, { uid, isOpen }: { uid: number; isOpen: boolean }): Fault | null {
  const found = look(() => lstatSync(path));
  if (found === undefined) return null;
  const target = found.isSymbolicLink() ? look(() => statSync(path)) : undefined;
  for (const stats of target === undefined ? [found] : [found, target]) {
    if (stats.uid !== uid)
      return { what: `${path} belongs to user ${stats.uid}, and you are user ${uid}`, command: null };
  }
  // The target of a link may lie where others can reach it.
  const isWritable = (isOpen || target !== undefined) && isWritableByOthers(target ?? found);
  return isWritable ? { what: `other users may write to ${path}`, command: `chmod go-w ${path}` } : null;
}

function isWritableByOthers(stats: Stats): boolean {
  return (stats.isDirectory() || stats.isFile()) && (stats.mode & WRITABLE) !== 0;
}

/** True if `RUNWEAVE_TRUST` names the folder. Relative paths do not count: they would depend on the working folder. */
function isTrusted(root: string, { RUNWEAVE_TRUST }: TrustOptions["environment"]): boolean {
  return (RUNWEAVE_TRUST ?? "").split(":").some((path) => isAbsolute(path) && resolve(path) === root);
}

function refuse(root: string, { what, command }: Fault): RegistryError {
  const message = `the state folder ${root} is not used, as others may have written it: ${what}`;
  const choose = "choose another with --registry, or, if you trust all who can write there, set";
  const hint = `${command === null ? "" : `\`${command}\`, or `}${choose} RUNWEAVE_TRUST=${root}`;
  return new RegistryError("registry-not-trusted", message, hint);
}
