import type { NamedRun } from "../../core/port/name-questions.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionRecord } from "../../core/run.ts";
import { listFew } from "../../core/text/list-few.ts";
import { didYouMean, sayWhich } from "../../core/text/suggest.ts";
import { ExplainError } from "../explain-error.ts";
import { suggestVersion } from "./read-target.ts";

/** True if `run` is an arm of the matrix of that name. */
export function isMatrixOf(name: string, run: string): boolean {
  return run.startsWith(`${name}[`);
}

/** Refuses a word that the registry does not know, with near misses. */
export function refuseUnknown(
  reader: RegistryReader,
  word: string,
  { takes }: { takes: "run" | "session" | "both" },
): never {
  const list = takes === "run" ? "runs" : "sessions";
  const near = didYouMean(word, ["latest", ...withMatrices(reader.runNames())]);
  const hint = suggestVersion(reader, word) ?? near ?? `\`runweave ${list}\` lists them`;
  throw new ExplainError(codeOf(word, takes), `there is no ${WHAT[takes](word)}`, hint);
}

const WHAT = {
  run: (word: string) => `run "${word}" in the registry`,
  session: (word: string) => `session "${word}" in the registry`,
  both: (word: string) => `session "${word}" in the registry, nor a run of that name`,
};

/** A run's name begins with a letter, an id with a digit. */
function codeOf(word: string, takes: "run" | "session" | "both"): string {
  if (takes === "both") return /^[A-Za-z_]/.test(word) ? "unknown-run" : "unknown-session";
  return `unknown-${takes}`;
}

/** The names of runs, and those of their matrices. */
function withMatrices(names: readonly string[]): Set<string> {
  return new Set([...names, ...names.map((name) => name.split("[")[0] ?? name)]);
}

/** Refuses a word that the session of `--session` does not know, with near misses, or with the session that has it. */
export function refuseNotThere(reader: RegistryReader, word: string, { session_id, runs }: SessionRecord): never {
  const names = runs.map(({ run }) => run);
  const elsewhere = reader.runsNamed(word)[0]?.session_id ?? reader.findRun(word)?.session_id;
  const other = elsewhere === undefined ? null : `session ${elsewhere} has it`;
  const hint = other ?? didYouMean(word, withMatrices(names)) ?? `it has: ${listFew(names, 8)}`;
  throw new ExplainError("unknown-run", `session ${session_id} has no run "${word}"`, hint);
}

/** Refuses the name of a matrix where one run is wanted. */
export function refuseArms(word: string, arms: readonly NamedRun[]): never {
  throw new ExplainError(
    "unknown-run",
    `"${word}" has a matrix, and so ${arms.length} runs`,
    sayWhich(arms.map(({ run }) => run)),
  );
}
