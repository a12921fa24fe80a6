import type { RegistryReader, RunHead } from "../core/port/registry.ts";
import type { Pin } from "../core/run.ts";
import { type RunId, timeOfRunId } from "../core/run-id.ts";
import { formatLocalTime } from "../core/text/local-time.ts";
import { didYouMean } from "../core/text/suggest.ts";
import type { Discard } from "../core/trash.ts";
import { type Beaten, findBeaten, judge } from "./candidates.ts";
import { ExplainError } from "./explain-error.ts";
import { findPinHashes } from "./pin-hash.ts";
import { findPinWriters } from "./pin-writer.ts";
import { readPins, toPin } from "./read-pins.ts";
import { listSaved } from "./saved-versions.ts";
import { formatTaint, indexTaints, type TaintIndex } from "./taint.ts";

const BEATEN_SHOWN = 10;
const BEATEN_BELOW = 3;
/** A dataset may have thousands of versions, and each is judged by itself. */
const BEATEN_COUNTED = 100;
const ALL = 1_000_000;

/** One read: which version, by which rule, saved by whom, and what it beat. */
export interface WhyLink {
  /** 0 for the pin that was asked about; 1 for what its writer read; and so on. */
  depth: number;
  reader: RunHead;
  pin: Pin;
  /** Null for what no run of this registry saved: a leaf. */
  writer: RunHead | null;
  /** Hash of the content; null where it could not be looked at. */
  hash: string | null;
  /** State of the writer's data, if they are not in their place. */
  discarded: Discard | null;
  /** The newest only, unless all are asked for. */
  beaten: Beaten[];
  /** Number of versions that were not taken, by the first rule that excluded each. */
  not_taken: NotTaken;
  /**
   * Reason, as the end of a sentence, why the version is tainted, or was made of tainted data; absent if it is good.
   */
  tainted?: string;
}

export interface NotTaken {
  by_rule: Partial<Record<Beaten["excluded_by"]["rule"], number>>;
  /** Older versions may have been excluded too: only the newest were counted. */
  may_be_more: boolean;
}

/** Reason why a run read, or writes, this version of a dataset: the chain from its pin to data that no run made. */
export interface Why {
  dataset: string;
  run_id: RunId;
  /** Time of the question; null for now. */
  at: string | null;
  /** Links in the order in which they are met; each reader once. */
  chain: WhyLink[];
}

export interface WhyQuestion {
  dataset: string;
  run: RunHead;
  /** ISO, UTC. */
  at: string | null;
  /** Datasets that the run reads and writes as they are, as far as that is known: no version is chosen for them. */
  floating?: readonly string[];
  /** Lists every version that was not taken. */
  all?: boolean;
}

/** Throws ExplainError: `unknown-pin`, `floating`, `not-yet`. */
export function explainPin(registry: RegistryReader, question: WhyQuestion): Why {
  return registry.together(() => followPin(registry, question));
}

function followPin(registry: RegistryReader, question: WhyQuestion): Why {
  const { dataset, run, at, all = false } = question;
  const pin = findPin(registry, question);
  const taints = indexTaints(registry);
  const reads = followReads(registry, { reader: run, pin });
  const chain = describeLinks(registry, reads, all).map((link) => ({ ...link, ...findTaint(link, taints) }));
  return { dataset, run_id: run.run_id, at, chain };
}

type Read = Pick<WhyLink, "depth" | "reader" | "pin" | "writer">;

/** The read and all that its writer read, and so on; level by level, with two or three questions for each. */
function followReads(registry: RegistryReader, { reader, pin }: Pick<Read, "reader" | "pin">): Read[] {
  const reads: Read[] = [];
  const seen = new Set<RunId>(pin.rule === "own" ? [] : [reader.run_id]);
  let level = [{ reader, pin }];
  for (let depth = 0; level.length > 0; depth += 1) {
    const writerOf = findPinWriters(
      registry,
      level.map((read) => read.pin),
    );
    const found = level.map((read) => ({ ...read, depth, writer: writerOf(read.pin) }));
    reads.push(...found);
    const makers = new Map(found.flatMap((read) => makerOf(read) ?? []).map((maker) => [maker.run_id, maker]));
    for (const runId of seen) makers.delete(runId);
    for (const runId of makers.keys()) seen.add(runId);
    level = listPinned(registry, makers);
  }
  return reads;
}

function listPinned(registry: RegistryReader, makers: ReadonlyMap<RunId, RunHead>): Pick<Read, "reader" | "pin">[] {
  const pins = makers.size === 0 ? [] : registry.pinsOf([...makers.keys()]);
  return pins.flatMap((pin) => {
    const reader = makers.get(pin.run_id);
    return reader === undefined || pin.rule === "own" ? [] : [{ reader, pin: toPin(pin) }];
  });
}

/** The run whose reads a version was made of: its writer, or the run itself for what that writes; null for a leaf. */
export function makerOf({ reader, pin, writer }: Pick<WhyLink, "reader" | "pin" | "writer">): RunHead | null {
  return pin.rule === "own" ? reader : writer;
}

/** Finds the taint of a link; a run's own output may be tainted too. */
function findTaint(link: WhyLink, taints: TaintIndex): Pick<WhyLink, "tainted"> {
  const { pin } = link;
  const author = makerOf(link);
  if (author === null) return {};
  const bad = taints.ofVersion({ dataset: pin.from_dataset ?? pin.dataset, run_id: author.run_id });
  return bad === null ? {} : { tainted: formatTaint(bad) };
}

/** Reason why a pin has not this version; `excluded_by` is null if it has. */
export interface WhyNot extends Omit<Beaten, "excluded_by"> {
  dataset: string;
  run_id: RunId;
  at: string | null;
  pin: Pin;
  excluded_by: Beaten["excluded_by"] | null;
}

/** Throws ExplainError: `unknown-pin`, `floating`, `not-yet`, `unknown-version`; AmbiguousIdError. */
export function explainAbsence(registry: RegistryReader, question: WhyQuestion & { version: string }): WhyNot {
  const { dataset, run, at } = question;
  const pin = findPin(registry, question);
  const isProjects = [pin.version, pin.passed_over].includes(question.version) || pin.rule === "frozen";
  const found = registry.findRun(question.version)?.run_id ?? null;
  const [writer = null] = found === null ? [] : registry.findHeads([found]);
  if (writer === null && !isProjects) {
    const hint = "`runweave runs` lists the versions that there are";
    throw new ExplainError("unknown-version", `no run of this registry has saved version ${question.version}`, hint);
  }
  const version = writer?.run_id ?? question.version;
  const saved = writer === null ? {} : listSaved(registry, writer.run_id);
  const excluded_by = judge({ version, head: writer, saved }, { pin, reader: run });
  return { version, dataset, run_id: run.run_id, at, pin, writer, excluded_by };
}

function findPin(registry: RegistryReader, { dataset, run, at, floating = [] }: WhyQuestion): Pin {
  const settled = timeOfRunId(run.run_id);
  if (at !== null && settled > at) {
    const message = `at ${formatLocalTime(at)} no version was chosen yet for ${run.run} (${run.run_id}): that was at ${formatLocalTime(settled)}`;
    throw new ExplainError("not-yet", message, "ask about a later time");
  }
  const pins = readPins(registry, run.run_id);
  const pin = pins.find((each) => each.dataset === dataset);
  if (pin !== undefined) return pin;
  if (floating.includes(dataset)) {
    const message = `"${dataset}" is floating: ${run.run} (${run.run_id}) read it as it was at that moment, and no version was chosen`;
    const hint = `\`runweave show ${run.run_id}\` shows what was loaded`;
    throw new ExplainError("floating", message, hint);
  }
  const names = pins.map((each) => each.dataset);
  const hint = didYouMean(dataset, names) ?? (names.length === 0 ? null : `it has ${names.join(", ")}`);
  throw new ExplainError("unknown-pin", `${run.run} (${run.run_id}) has no version of "${dataset}"`, hint);
}

/** Describes the reads with some six questions, however many reads there are. */
function describeLinks(registry: RegistryReader, reads: readonly Read[], all: boolean): WhyLink[] {
  const counted = all ? ALL : BEATEN_COUNTED;
  const beaten = findBeaten(registry, reads, counted);
  const hashes = findPinHashes(registry, reads);
  const writers = new Set(reads.flatMap(({ writer }) => writer?.run_id ?? []));
  const discards = new Map(registry.discardsOf([...writers]).map((discard) => [discard.run_id, discard]));
  return reads.map(({ depth, reader, pin, writer }, at) => {
    const others = beaten[at] ?? [];
    return {
      depth,
      reader,
      pin,
      writer,
      discarded: writer === null ? null : (discards.get(writer.run_id) ?? null),
      hash: hashes[at] ?? null,
      beaten: all ? others : others.slice(0, depth === 0 ? BEATEN_SHOWN : BEATEN_BELOW),
      not_taken: { by_rule: countRules(others), may_be_more: others.length >= counted },
    };
  });
}

function countRules(beaten: readonly Beaten[]): NotTaken["by_rule"] {
  const groups = Map.groupBy(beaten, ({ excluded_by }) => excluded_by.rule);
  return Object.fromEntries([...groups].map(([rule, those]) => [rule, those.length]));
}
