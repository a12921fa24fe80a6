import { RefusalError } from "../../core/error/refusal-error.ts";
import type { RunEvent } from "../../core/event/event.ts";
import { formatTime, systemClock } from "../../core/port/clock.ts";
import { type Fallback, listFallbacks } from "../../explain/find/find-named.ts";
import { findStartedRun } from "../../explain/find/find-run.ts";
import type { StartedRun } from "../../explain/find/read-named-run.ts";
import { type ActionContext, reportFound, type StateAddress, writeRegistry } from "./context.ts";

/** A run to be tagged or noted. */
interface Annotated {
  run: string;
  /** Session in which the run's name is looked for. */
  session?: string | undefined;
}

const MAX_TEXT = 10_000;
const KEY = /^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/;

/** Sets tags, each as `KEY=VALUE`, and removes others; without either, only returns the present ones. Throws RefusalError. */
export async function tagRun(
  address: StateAddress,
  { set = [], remove = [], ...about }: Annotated & { set?: readonly string[]; remove?: readonly string[] | undefined },
  context: ActionContext = {},
): Promise<StartedRun & { fallbacks: Fallback[] }> {
  const changes = [...set.map(readPair), ...remove.map((key) => ({ key: checkKey(key), value: null }))];
  return await annotate(address, { ...about, context }, (stamp) =>
    changes.map((change) => ({ type: "run.tagged", ...stamp, ...change })),
  );
}

/** Writes a note about a run. Throws RefusalError. */
export async function noteRun(
  address: StateAddress,
  { text, ...about }: Annotated & { text: string },
  context: ActionContext = {},
): Promise<StartedRun & { fallbacks: Fallback[] }> {
  if (text.trim() === "" || text.length > MAX_TEXT) {
    const message = text.trim() === "" ? "the note is empty" : `the note has ${text.length} characters`;
    throw new RefusalError("invalid-note", message, `up to ${MAX_TEXT} characters`);
  }
  return await annotate(address, { ...about, context }, (stamp) => [{ type: "run.noted", ...stamp, text }]);
}

type Stamp = Pick<Extract<RunEvent, { type: "run.noted" }>, "time" | "session_id" | "run" | "run_id">;

function annotate(
  address: StateAddress,
  { run: word, session, context }: Annotated & { context: ActionContext },
  describe: (stamp: Stamp) => RunEvent[],
): Promise<StartedRun & { fallbacks: Fallback[] }> {
  return writeRegistry(address, context, (registry) => {
    const { run: found, fallback } = reportFound(context, findStartedRun(registry, word, { session }));
    const { session_id, run, run_id } = found;
    registry.append(describe({ time: formatTime(systemClock.now()), session_id, run, run_id }));
    return { ...findStartedRun(registry, run_id).run, fallbacks: listFallbacks(fallback) };
  });
}

function readPair(pair: string): { key: string; value: string } {
  const split = pair.indexOf("=");
  if (split < 1) throw new RefusalError("invalid-tag", `"${pair}" is not a tag`, "write KEY=VALUE");
  const value = pair.slice(split + 1);
  if (value.length > MAX_TEXT)
    throw new RefusalError("invalid-tag", `the value has ${value.length} characters`, `up to ${MAX_TEXT}`);
  return { key: checkKey(pair.slice(0, split)), value };
}

function checkKey(key: string): string {
  if (KEY.test(key)) return key;
  throw new RefusalError("invalid-tag", `"${key}" can't be a tag`, "letters, digits, _, - and . after a letter");
}
