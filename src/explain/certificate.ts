import { isProcess } from "../core/kinds.ts";
import type { ChainLink, RegistryReader } from "../core/port/registry.ts";
import type { JsonObject, Pin, PinRule, RunRecord, VersionRecord } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import { readPins } from "./read-pins.ts";

/** A fault, or a fact that can't be checked. */
export interface Finding {
  /** `unknown` is no fault: a check is impossible. */
  verdict: "broken" | "unknown";
  /** Stable, for scripts. */
  code: string;
  run_id: RunId | null;
  dataset: string | null;
  /** The event's number in the log, where the finding is about one. */
  seq: number | null;
  message: string;
}

/** Input of a run, as it was declared and as it was seen to be read. */
export interface CertifiedInput extends Pick<Pin, "dataset" | "version"> {
  rule: PinRule;
  /** Null where runweave can't look: commands do not report what they read. */
  observed: boolean | null;
}

/** The manifest of a run: what it was, what it read and what it saved, as the log tells it. */
export interface Certificate {
  run_id: RunId;
  session_id: string;
  workflow: string;
  run: string;
  attempt: number;
  status: string;
  git_commit: string | null;
  git_dirty: boolean | null;
  patch: string | null;
  environment: string | null;
  runtime_params: JsonObject;
  inputs: CertifiedInput[];
  outputs: Record<string, VersionRecord>;
  /** The events that say so: their numbers and hashes. */
  log: { seq: number; type: string; hash: string | null }[];
}

/** A run's certificate, and what of it was not read as pinned. Neither the disk nor the log is checked. */
export function certifyRun(
  registry: RegistryReader,
  record: RunRecord & { run_id: RunId },
  patch: string | null = null,
): { certificate: Certificate; findings: Finding[] } {
  const links = [...registry.links({ run: record.run_id })];
  const inputs = describeInputs(registry, record);
  const findings = [...inputs.flatMap((input) => judgeInput(input, record)), ...listForeignLoads(registry, record)];
  const { run_id, session_id, workflow, run, attempt, status, git_commit, git_dirty, environment, runtime_params } =
    record;
  const log = links.map(({ seq, hash, event }) => ({ seq, type: event?.type ?? "unreadable", hash }));
  const certificate: Certificate = {
    ...{
      run_id,
      session_id,
      workflow,
      run,
      attempt,
      status,
      git_commit,
      git_dirty,
      patch,
      environment,
      runtime_params,
    },
    inputs,
    outputs: findOutputs(links),
    log,
  };
  return { certificate, findings };
}

/** Finds the outputs in the log; none if the events were changed so that they don't have any. */
function findOutputs(links: readonly ChainLink[]): Record<string, VersionRecord> {
  const outputs = links.flatMap(({ event }) => (event?.type === "run.succeeded" ? [event.outputs] : [])).at(0);
  return typeof outputs === "object" && outputs !== null ? outputs : {};
}

function describeInputs(registry: RegistryReader, { run_id, kind }: RunRecord & { run_id: RunId }): CertifiedInput[] {
  const loaded = new Set(registry.loadsOf([run_id]).map(({ dataset }) => dataset));
  // Inputs of results that were taken over need not be read.
  const isRead = ({ rule, dataset }: Pin) => rule !== "own" && (rule !== "resumed" || loaded.has(dataset));
  const all = readPins(registry, run_id);
  const before = listReadBefore(registry, all);
  return all.filter(isRead).map(({ dataset, version, rule }) => {
    const observed = isProcess({ kind }) ? null : loaded.has(dataset) || before.has(dataset);
    return { dataset, version, rule, observed };
  });
}

/** Datasets that were read, at these very versions, by attempts from which something was taken over: their nodes do not run again. */
function listReadBefore(registry: RegistryReader, pins: readonly Pin[]): ReadonlySet<string> {
  const versions = new Map(pins.map(({ dataset, version }) => [dataset, version]));
  const attempts = new Set(pins.flatMap(({ rule, version }) => (rule === "resumed" ? [version as RunId] : [])));
  const isSame = ({ dataset, version }: Pick<Pin, "dataset" | "version">) => versions.get(dataset) === version;
  const before = registry.pinsOf([...attempts]).filter(isSame);
  const pinned = new Set(before.map(({ run_id, dataset }) => `${run_id} ${dataset}`));
  const read = registry.loadsOf([...attempts]).filter(({ run_id, dataset, version }) => {
    const isPinned = pinned.has(`${run_id} ${dataset}`);
    return isPinned && (version ?? versions.get(dataset)) === versions.get(dataset);
  });
  return new Set(read.map(({ dataset }) => dataset));
}

function judgeInput({ dataset, observed }: CertifiedInput, { run_id, run, kind }: RunRecord): Finding[] {
  if (observed === true) return [];
  const why = isProcess({ kind })
    ? "commands do not report what they read"
    : "none of its processes reported loading it";
  const message = `whether ${run} read "${dataset}" as pinned was not observed: ${why}`;
  return [{ verdict: "unknown", code: "not-observed", run_id, dataset, seq: null, message }];
}

/** A pinned dataset of which another version was read. */
function listForeignLoads(registry: RegistryReader, { run_id, run }: RunRecord & { run_id: RunId }): Finding[] {
  const pins = new Map(readPins(registry, run_id).map((pin) => [pin.dataset, pin]));
  return registry.loadsOf([run_id]).flatMap(({ dataset, version }): Finding[] => {
    const pin = pins.get(dataset);
    if (pin === undefined || version === null || version === pin.version) return [];
    const message = `${run} was pinned to ${pin.version} of "${dataset}" and read ${version}`;
    return [{ verdict: "broken", code: "observed-differs", run_id, dataset, seq: null, message }];
  });
}
