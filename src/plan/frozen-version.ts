import type { PlainFile } from "../core/runner.ts";
import type { FrozenInput } from "./plan.ts";

/** The version that a dataset from outside the session is pinned to. */
export function versionOf(input: FrozenInput): string {
  return input.rule === "value" ? input.version : input.version.version;
}

const HASH_PREFIX = "sha256:";
const SHOWN_DIGITS = 16;

/** A plain file has no version of its own: its hash stands for it, or size and time where nobody has read it. */
export function versionOfFile({ hash, bytes, modifiedMs }: PlainFile): string {
  if (hash === null) return `file-${bytes}-${Math.trunc(modifiedMs)}`;
  return `file-${hash.slice(HASH_PREFIX.length, HASH_PREFIX.length + SHOWN_DIGITS)}`;
}
