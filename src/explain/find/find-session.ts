import type { NamedRun } from "../../core/port/name-questions.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { RunRecord, SessionRecord } from "../../core/run.ts";
import { ExplainError } from "../explain-error.ts";
import { type Fallback, findNamed, findSessionById, type Wanted } from "./find-named.ts";
import { readNamedRun } from "./read-named-run.ts";
import { refuseArms } from "./refuse-unknown.ts";

export interface FoundSession {
  session: SessionRecord;
  /** The run that was named, started or not; null if it was the session. */
  run: RunRecord | null;
  fallback: Fallback | null;
}

/** A session, or the one that a run belongs to, and that run. */
export function findSessionOf(
  reader: RegistryReader,
  word: string,
  { session, lacks }: Pick<Wanted, "session" | "lacks"> = {},
): FoundSession {
  const named = findNamed(reader, word, { takes: "both", session, lacks });
  if (named.kind === "arms") refuseArms(word, named.arms);
  if (named.kind === "session") return { session: findSessionById(reader, named.sessionId), run: null, fallback: null };
  const { fallback, run } = named;
  return { session: findSessionById(reader, run.session_id), run: readNamedRun(reader, run), fallback };
}

/** Finds a session likewise; without a word, the one of `--session`, or the newest. */
export function findSessionOrNewest(
  reader: RegistryReader,
  word: string | undefined,
  session: string | undefined,
): FoundSession {
  return word === undefined ? findSessionOf(reader, session ?? "latest") : findSessionOf(reader, word, { session });
}

/** Refuses the name of a run for an act on a whole session. */
export interface WholeCommand {
  /** `rollback`. */
  name: string;
  /** `a session is rolled back as a whole`. */
  why: string;
  /** The command for this one run, for the hint. */
  orElse?(run: RunRecord): string | null;
}

/** A session alone. What names a run instead is told which session that is of. */
export function findWholeSession(
  reader: RegistryReader,
  word: string,
  { name, why, orElse = () => null }: WholeCommand,
): SessionRecord {
  const named = findNamed(reader, word, { takes: "session" });
  if (named.kind === "session") return findSessionById(reader, named.sessionId);
  const run = named.kind === "run" ? named.run : (named.arms[0] as NamedRun);
  const { session_id } = run;
  const other = orElse(readNamedRun(reader, run));
  const what = named.kind === "run" ? "a run" : "a run with a matrix";
  const hint = `\`runweave ${name} ${session_id}\`${other === null ? "" : `, or ${other}`}`;
  throw new ExplainError("not-a-session", `"${word}" is ${what} of session ${session_id}, and ${why}`, hint);
}
