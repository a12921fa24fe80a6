import { describeOwner, type SessionOwnership } from "../ownership.ts";
import type { SessionId } from "../run-id.ts";
import { listFew } from "../text/list-few.ts";

/** The given digits are the beginning, or the end, of more than one id. */
export class AmbiguousIdError extends Error {
  readonly prefix: string;
  readonly candidates: string[];

  constructor(prefix: string, candidates: string[]) {
    super(`"${prefix}" matches ${candidates.length} ids: ${listFew(candidates, 5)}`);
    this.name = "AmbiguousIdError";
    this.prefix = prefix;
    this.candidates = candidates;
  }
}

/** The registry can't be used; `code` says which of the reasons, `hint` what to do. */
export class RegistryError extends Error {
  readonly code: RegistryErrorCode;
  readonly hint: string;

  constructor(code: RegistryErrorCode, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RegistryError";
    this.code = code;
    this.hint = hint;
  }
}

/** Another process has taken the session over: what this one still wanted to record is refused. */
export class SessionLostError extends RegistryError {
  constructor(sessionId: SessionId, now: SessionOwnership | null) {
    const who = now === null ? "another process" : describeOwner(now.owner);
    const message = `session ${sessionId} was taken over by ${who}; this process has stopped and records nothing more`;
    super("session-lost", message, `\`runweave show ${sessionId}\` shows how it continues there`);
    this.name = "SessionLostError";
  }
}

export type RegistryErrorCode =
  | "not-rebuilt"
  | "registry-read-only"
  | "registry-linked"
  | "registry-locked"
  | "registry-newer"
  | "registry-corrupt"
  | "registry-full"
  | "registry-moved"
  | "registry-not-trusted"
  | "registry-unusable"
  | "session-lost"
  | "sqlite-too-old";

/** The error for a record that another one names and that is not there: something else than runweave has changed the registry. */
export function lostRecord(what: string): RegistryError {
  const hint = "put a backup of the registry in its place; data that runs have saved are not affected";
  return new RegistryError("registry-corrupt", `the registry has lost ${what}`, hint);
}
