import type { RunEvent } from "../../core/event/event.ts";
import { formatTime, systemClock } from "../../core/port/clock.ts";
import { formatLocalTime } from "../../core/text/local-time.ts";
import { showName } from "../../explain/text/show-name.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { findStartedRun } from "../find/find-and-tell.ts";
import { listFallbacks } from "../find/tell-fallback.ts";
import { type RegistryFlag, writeRegistry } from "../open-registry.ts";
import { writeLines } from "../terminal.ts";
import { writeAnswer } from "../write-answer.ts";

export interface AnnotateFlags extends RegistryFlag {
  session?: string;
  remove?: string[];
  json?: boolean;
}

const MAX_TEXT = 10_000;
const KEY = /^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/;

/** `runweave tag RUN KEY=VALUE...`: tags of one run, added, replaced, removed, or shown. */
export async function tagRun(id: string, pairs: readonly string[], flags: AnnotateFlags): Promise<ExitCode> {
  const changes = [...pairs.map(readPair), ...(flags.remove ?? []).map((key) => ({ key: checkKey(key), value: null }))];
  const { run_id, tags, fallback } = await annotate(id, flags, (about) =>
    changes.map((change) => ({ type: "run.tagged", ...about, ...change })),
  );
  if (flags.json) writeAnswer("tag", { run_id, tags, fallbacks: listFallbacks(fallback) });
  else {
    const lines = Object.entries(tags).map(([key, value]) => `${showName(key)}=${showName(value)}`);
    writeLines(process.stdout, lines.length === 0 ? ["no tags"] : lines);
  }
  return 0;
}

/** `runweave note RUN TEXT`. */
export async function noteRun(id: string, text: string, flags: AnnotateFlags): Promise<ExitCode> {
  if (text.trim() === "" || text.length > MAX_TEXT) {
    throw new CliError(
      "invalid-note",
      text.trim() === "" ? "the note is empty" : `the note has ${text.length} characters`,
      {
        hint: `up to ${MAX_TEXT} characters`,
      },
    );
  }
  const { run_id, notes, fallback } = await annotate(id, flags, (about) => [{ type: "run.noted", ...about, text }]);
  if (flags.json) writeAnswer("note", { run_id, notes, fallbacks: listFallbacks(fallback) });
  else
    writeLines(
      process.stdout,
      notes.map((note) => `${formatLocalTime(note.time)}  ${showName(note.text)}`),
    );
  return 0;
}

type About = Pick<Extract<RunEvent, { type: "run.noted" }>, "time" | "session_id" | "run" | "run_id">;

function annotate(id: string, { registry, session }: AnnotateFlags, describe: (about: About) => RunEvent[]) {
  return writeRegistry({ registry }, async (open) => {
    const { run: found, fallback } = findStartedRun(open, id, { session });
    const { session_id, run, run_id } = found;
    open.append(describe({ time: formatTime(systemClock.now()), session_id, run, run_id }));
    return { ...findStartedRun(open, run_id).run, fallback };
  });
}

function readPair(pair: string): { key: string; value: string } {
  const split = pair.indexOf("=");
  if (split < 1) throw new CliError("invalid-tag", `"${pair}" is not a tag`, { hint: "write KEY=VALUE" });
  const value = pair.slice(split + 1);
  if (value.length > MAX_TEXT)
    throw new CliError("invalid-tag", `the value has ${value.length} characters`, { hint: `up to ${MAX_TEXT}` });
  return { key: checkKey(pair.slice(0, split)), value };
}

function checkKey(key: string): string {
  if (KEY.test(key)) return key;
  throw new CliError("invalid-tag", `"${key}" can't be a tag`, { hint: "letters, digits, _, - and . after a letter" });
}
