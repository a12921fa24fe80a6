import type { PlainFile } from "../core/port/runner.ts";
import type { FrozenInput } from "./plan.ts";

/** The version that a dataset from outside the session is pinned to. */
export function versionOf(input: FrozenInput): string {
  return input.rule === "value" ? input.version : input.version.version;
}

const SHOWN_DIGITS = 16;

/** Returns the version of plain data: their hash, or size and time if they have not been read. */
export function versionOfFile({ hash, bytes, modifiedMs, tree, version }: PlainFile): string {
  if (version !== undefined) return version;
  const kind = tree === undefined ? "file" : "folder";
  if (hash === null) return `${kind}-${bytes}-${Math.trunc(modifiedMs ?? 0)}`;
  const digits = hash.slice(hash.lastIndexOf(":") + 1).replaceAll(/[^A-Za-z0-9-]/g, "");
  return `${kind}-${digits.slice(0, SHOWN_DIGITS)}`;
}
