import { isDeepStrictEqual } from "node:util";
import type { RunResolved, RunSucceeded } from "../core/event.ts";
import type { ChainLink, RegistryReader } from "../core/registry.ts";
import type { JsonObject, Pin, PinRule, RunRecord, VersionRecord } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import { readPins } from "./read-pins.ts";

/** Something that does not hold, or that nobody can say. */
export interface Finding {
  /** `unknown` is no fault: nobody can look. */
  verdict: "broken" | "unknown";
  /** Stable, for scripts. */
  code: string;
  run_id: RunId | null;
  dataset: string | null;
  /** The event's number in the log, where the finding is about one. */
  seq: number | null;
  message: string;
}

/** What a run was given, as it was declared and as it was seen to be read. */
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

/** A run's certificate, and what of it does not hold in the registry itself. The disk is not looked at. */
export function certifyRun(
  registry: RegistryReader,
  record: RunRecord & { run_id: RunId },
  patch: string | null = null,
): { certificate: Certificate; findings: Finding[] } {
  const links = [...registry.links({ run: record.run_id })];
  const resolved = findEvent<RunResolved>(links, "run.resolved", ({ pins }) => Array.isArray(pins));
  const succeeded = findEvent<RunSucceeded>(links, "run.succeeded", ({ outputs }) => typeof outputs === "object");
  const inputs = describeInputs(registry, record);
  const findings = [
    ...links.flatMap((link) => judgeLink(link, record.run_id)),
    ...compareWithLog(registry, record, { resolved, succeeded }),
    ...inputs.flatMap((input) => judgeInput(input, record)),
    ...listForeignLoads(registry, record),
  ];
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
    outputs: succeeded?.outputs ?? {},
    log,
  };
  return { certificate, findings };
}

/** What is wrong with one link of the log, or that it has none. */
export function judgeLink({ seq, hash, fault }: ChainLink, run_id: RunId | null): Finding[] {
  const about = { run_id, dataset: null, seq };
  if (fault !== null) {
    const message = `event ${seq} of the log can't be trusted: ${fault}`;
    return [{ verdict: "broken", code: "log-broken", ...about, message }];
  }
  if (hash !== null) return [];
  const message = `event ${seq} was logged before events had hashes, so a change could not be noticed`;
  return [{ verdict: "unknown", code: "not-sealed", ...about, message }];
}

/** Null also for one that somebody changed so that it tells nothing any more. */
function findEvent<E extends RunResolved | RunSucceeded>(
  links: readonly ChainLink[],
  type: E["type"],
  isWhole: (event: E) => boolean,
): E | null {
  const event = links.find((link) => link.event?.type === type)?.event as E | undefined;
  return event !== undefined && isWhole(event) ? event : null;
}

/** The tables follow from the log; what says something else was changed by hand. */
function compareWithLog(
  registry: RegistryReader,
  { run_id, status }: RunRecord & { run_id: RunId },
  { resolved, succeeded }: { resolved: RunResolved | null; succeeded: RunSucceeded | null },
): Finding[] {
  const broken = (code: string, message: string): Finding => {
    return { verdict: "broken", code, run_id, dataset: null, seq: null, message };
  };
  const findings: Finding[] = [];
  const pins = readPins(registry, run_id);
  if (resolved === null && pins.length > 0)
    findings.push(broken("log-missing", "the log has no run.resolved event of it"));
  if (resolved !== null && !arePinsLogged(pins, { resolved, succeeded })) {
    findings.push(broken("record-differs", "its pins are not those of the log"));
  }
  const saved = registry.versionsOf([run_id]);
  if (succeeded === null && (status === "success" || saved.length > 0)) {
    findings.push(broken("log-missing", "the log has no run.succeeded event of it"));
  }
  const logged = Object.entries(succeeded?.outputs ?? {}).map(([dataset, version]) => ({
    dataset,
    run_id,
    ...version,
  }));
  if (succeeded !== null && !isDeepStrictEqual(sortByDataset(saved), sortByDataset(logged))) {
    findings.push(broken("record-differs", "its outputs are not those of the log"));
  }
  return findings;
}

/** What was taken over from an earlier attempt is logged with what came of it: by its version among the outputs. */
function arePinsLogged(
  pins: readonly Pin[],
  { resolved, succeeded }: { resolved: RunResolved; succeeded: RunSucceeded | null },
): boolean {
  const resumed = pins.filter(({ rule }) => rule === "resumed");
  const names = new Set(resumed.map(({ dataset }) => dataset));
  const [kept, logged] = [pins, resolved.pins].map((all) => all.filter(({ dataset }) => !names.has(dataset)));
  const isVouchedFor = ({ dataset, version }: Pin) => succeeded?.outputs[dataset]?.version === version;
  return (
    isDeepStrictEqual(sortByDataset(kept ?? []), sortByDataset(logged ?? [])) &&
    (succeeded === null || resumed.every(isVouchedFor))
  );
}

function sortByDataset<T extends { dataset: string }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => (a.dataset < b.dataset ? -1 : 1));
}

function describeInputs(registry: RegistryReader, { run_id, kind }: RunRecord & { run_id: RunId }): CertifiedInput[] {
  const loaded = new Set(registry.loadsOf([run_id]).map(({ dataset }) => dataset));
  // What was taken over need not be read.
  const isRead = ({ rule, dataset }: Pin) => rule !== "own" && (rule !== "resumed" || loaded.has(dataset));
  const all = readPins(registry, run_id);
  const before = listReadBefore(registry, all);
  return all.filter(isRead).map(({ dataset, version, rule }) => {
    const observed = kind === "command" ? null : loaded.has(dataset) || before.has(dataset);
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
  const why =
    kind === "command" ? "commands do not report what they read" : "none of its processes reported loading it";
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
