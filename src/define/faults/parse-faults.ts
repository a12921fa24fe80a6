import type { AttemptFault, DurationRange, FaultRule, Moment, Often } from "../../core/answer/fault.ts";
import { accept, type Checked, type Problem } from "../../core/error/problem.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import { MAX_DURATION_MS, parseDuration } from "../fields/duration.ts";
import { type FaultToken, splitFaultScript } from "./fault-tokens.ts";
import { FaultProblem, Words } from "./fault-words.ts";

export interface FaultContext {
  /** Name of the file in problems. */
  file: string;
  /** Every name that stands for runs: of each run, each arm, and of a matrix for all its arms. */
  runs: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads a fault script, one rule a line or between semicolons:
 *
 *     train fails twice with OSError after 10s     prep takes 5m..20m        clock jumps back 1h at 5m
 *     train[seed=1] hangs once                     * dies 10% of the time    orchestrator crashes at 10m
 *     score loses its outputs always               fit is 3x slower          user interrupts after 5 runs
 *
 * Problems: `unknown-fault`, `unknown-run`, `bad-duration`, `bad-count`, `incomplete-fault`; one for each line that has any.
 */
export function parseFaults(text: string, context: FaultContext): Checked<FaultRule[]> {
  const rules: FaultRule[] = [];
  const problems: Problem[] = [];
  for (const line of splitFaultScript(text, context.file)) {
    try {
      rules.push(readRule(new Words(line), context));
    } catch (error) {
      if (!(error instanceof FaultProblem)) throw error;
      problems.push(error.problem);
    }
  }
  return problems.length > 0 ? { ok: false, problems } : accept(rules);
}

function readRule(words: Words, { runs }: FaultContext): FaultRule {
  const subject = words.next("the name of a run");
  const rule = (subject.isQuoted ? null : readSessionRule(subject.text, words)) ?? readRunRule(subject, words, runs);
  words.finish();
  return rule;
}

/** Null if it is about runs. */
function readSessionRule(subject: string, words: Words): FaultRule | null {
  switch (subject) {
    case "user":
      return {
        kind: words.expect("interrupts", "kills") === "kills" ? "kill" : "interrupt",
        moment: readMoment(words),
      };
    case "orchestrator":
      words.expect("crashes");
      return { kind: "crash", moment: readMoment(words) };
    case "clock": {
      words.expect("jumps");
      const sign = words.expect("back", "forward") === "back" ? -1 : 1;
      return { kind: "clock", byMs: sign * readDuration(words), moment: readMoment(words) };
    }
    default:
      return null;
  }
}

const NOUNS = { runs: "afterRuns", run: "afterRuns", writes: "afterWrites", write: "afterWrites" } as const;

function readMoment(words: Words): Moment {
  switch (words.expect("at", "after", "before")) {
    case "at":
      return { atMs: readDuration(words) };
    case "before":
      words.expect("write");
      return { beforeWrite: readCount(words) };
    case "after": {
      const count = readCount(words);
      const noun = NOUNS[words.expect("runs", "run", "writes", "write")];
      return noun === "afterRuns" ? { afterRuns: count } : { afterWrites: count };
    }
  }
}

function readRunRule(subject: FaultToken, words: Words, known: FaultContext["runs"]): FaultRule {
  const runs = findRuns(subject, words, known);
  switch (words.expect("fails", "dies", "hangs", "loses", "takes", "is", "ignores")) {
    case "fails": {
      const often = readOften(words);
      const type = words.take("with") === null ? null : words.next("the type of an exception").text;
      return { kind: "strikes", runs, often, fault: { kind: "fails", type, afterMs: readAfter(words) } };
    }
    case "dies": {
      const often = readOften(words);
      return { kind: "strikes", runs, often, fault: { kind: "dies", afterMs: readAfter(words) } };
    }
    case "hangs":
      return strike(runs, { kind: "hangs" }, words);
    case "loses":
      words.expect("its");
      words.expect("outputs");
      return strike(runs, { kind: "loses" }, words);
    case "takes":
      return { kind: "takes", runs, duration: readRange(words) };
    case "is":
      return { kind: "slower", runs, factor: readFactor(words) };
    case "ignores":
      words.expect("interrupts");
      return { kind: "stubborn", runs };
  }
}

function strike(runs: readonly string[], fault: AttemptFault, words: Words): FaultRule {
  return { kind: "strikes", runs, fault, often: readOften(words) };
}

function findRuns(subject: FaultToken, words: Words, known: FaultContext["runs"]): readonly string[] {
  if (subject.text === "*" && !subject.isQuoted) return [...new Set([...known.values()].flat())];
  const runs = known.get(subject.text);
  if (runs !== undefined) return runs;
  const hint = didYouMean(subject.text, [...known.keys(), "user", "orchestrator", "clock"]);
  throw words.problemBefore(
    "unknown-run",
    `there is no run "${subject.text}"`,
    hint ?? "`runweave plan` lists them; `*` means all",
  );
}

const COUNTS: Readonly<Record<string, number>> = { once: 1, twice: 2, always: Number.POSITIVE_INFINITY };
const PERCENT = /^(\d+(?:\.\d+)?)%$/;
const FACTOR = /^(\d+(?:\.\d+)?)x$/;

/** Reads how often a fault strikes: once by default. */
function readOften(words: Words): Often {
  const named = words.take("once", "twice", "always");
  if (named !== null) return { times: COUNTS[named] ?? 1 };
  const place = words.location;
  const amount = words.takeIf((text) => PERCENT.test(text) || /^\d+$/.test(text));
  if (amount === null) return { times: 1 };
  const percent = PERCENT.exec(amount)?.[1];
  if (percent === undefined) {
    words.expect("times", "time");
    if (Number(amount) < 1)
      throw new FaultProblem(place, ["bad-count", "it would never happen", "write a whole number, 1 or more"]);
    return { times: Number(amount) };
  }
  if (Number(percent) > 100)
    throw new FaultProblem(place, ["bad-count", `${amount} is more than always`, "write at most 100%"]);
  if (words.take("of") !== null) {
    words.expect("the");
    words.expect("time");
  }
  return { chance: Number(percent) / 100 };
}

function readAfter(words: Words): DurationRange | null {
  return words.take("after") === null ? null : readRange(words);
}

function readRange(words: Words): DurationRange {
  const text = words.next("a duration").text;
  const [least, most = least, ...rest] = text.split("..").map((part) => parseDuration(part));
  const isRange = rest.length === 0 && least != null && most != null && least <= most && most <= MAX_DURATION_MS;
  if (isRange) return { leastMs: least, mostMs: most };
  throw words.problemBefore(
    "bad-duration",
    `"${text}" is not a duration`,
    "write 90s, 5m, 1h30m, or a range such as 5m..20m",
  );
}

function readDuration(words: Words): number {
  const { leastMs, mostMs } = readRange(words);
  if (leastMs === mostMs) return leastMs;
  throw words.problemBefore("bad-duration", "a range has no meaning here", "write one duration");
}

function readCount(words: Words): number {
  const text = words.next("a whole number").text;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1 && /^\d+$/.test(text)) return count;
  throw words.problemBefore("bad-count", `"${text}" is not a whole number, 1 or more`, "write 1, 2, 3, ...");
}

function readFactor(words: Words): number {
  const text = words.next("a factor such as 3x").text;
  const factor = Number(FACTOR.exec(text)?.[1]);
  if (!(factor > 0))
    throw words.problemBefore("bad-count", `"${text}" is not a factor`, "write 3x, or 0.5x for twice as fast");
  words.expect("slower");
  return factor;
}
