import { randomUUID } from "node:crypto";
import { linkSync, lstatSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { nameTemporary } from "../core/text/temporary-name.ts";
import { bootId, checkProcess, identifySelf, type ProcessIdentity, parseIdentity } from "./identity.ts";
import { readJsonRecord } from "./read-record.ts";
import { showsAttempt } from "./run-mark.ts";
import { listGroup } from "./signals.ts";

export interface AttemptPlace {
  /** Folder with the attempt's records. Any of them may be missing, or be anything: user code can write there. */
  folder: string;
  runId: string;
}

/** The process that took an attempt. `owner` is null while the file is being written, and if it is no identity. */
export interface Claim {
  owner: ProcessIdentity | null;
  /** An orchestrator took it, so that no process ever runs it. */
  isGivenUp: boolean;
}

export function claimPath(attemptFolder: string): string {
  return join(attemptFolder, "claim");
}

/** Null if there is no claim. A file or folder that is none has no owner. Never throws: user code may put anything there. */
export function readClaim(attemptFolder: string): Claim | null {
  const path = claimPath(attemptFolder);
  if (!hasEntry(path)) return null;
  const claim = readJsonRecord(path);
  return { owner: parseIdentity(claim), isGivenUp: (claim as { given_up?: unknown } | null)?.given_up === true };
}

/** Makes the folder of an attempt's records if it is gone. */
export function ensureAttemptFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    // Something that is no folder stands there, and none of our own records.
    rmSync(folder);
    mkdirSync(folder, { mode: 0o700 });
  }
}

function hasEntry(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    // A file stands where the folder was; else something is there that can't be looked at.
    return (error as NodeJS.ErrnoException).code !== "ENOTDIR";
  }
}

/** Takes an attempt in one step: false if another process has it already, which then alone decides on it. */
export function writeClaim(attemptFolder: string, owner: ProcessIdentity): boolean {
  return createWhole(claimPath(attemptFolder), `${JSON.stringify(owner)}\n`);
}

/**
 * The process that began an attempt. Null if none has, if it was given up, for an owner that can't be told from others although
 * this system can, and for one that is not of the attempt: a claim is no more than what its writer says.
 */
export function readOwner({ folder, runId }: AttemptPlace): ProcessIdentity | null {
  const claim = readClaim(folder);
  if (claim === null || claim.isGivenUp || claim.owner === null) return null;
  if (bootId() === null) return claim.owner;
  return isOfAttempt(claim.owner, runId) ? claim.owner : null;
}

/** One process of a group that outlived its leader is enough: a group is joined from within its session alone. */
function isOfAttempt(owner: ProcessIdentity, runId: string): boolean {
  const state = checkProcess(owner);
  if (state === "alive") return showsAttempt(owner.pid, runId);
  if (state === "unknown") return false;
  const left = listGroup(owner);
  return left.length === 0 || left.some(({ pid }) => showsAttempt(pid, runId));
}

/** Takes an attempt so that no process ever runs it: false if one has it already. Makes its folder if that is gone. */
export function giveUpAttempt(attemptFolder: string): boolean {
  ensureAttemptFolder(attemptFolder);
  const claim = { ...identifySelf(), given_up: true };
  return createWhole(claimPath(attemptFolder), `${JSON.stringify(claim)}\n`);
}

/** Creates a file with its content in one step. False if it exists. A link, as O_EXCL alone shows an empty file first. */
export function createWhole(path: string, content: string): boolean {
  const own = { pid: process.pid, digits: randomUUID().slice(0, 8) };
  const temporary = join(dirname(path), nameTemporary(basename(path), own));
  writeFileSync(temporary, content, { mode: 0o600, flag: "wx" });
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}
