import { dirname, isAbsolute } from "node:path";
import { AmbiguousIdError } from "../../core/error/registry-error.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { GivenData } from "../../core/read.ts";
import type { RunRecord, VersionRecord } from "../../core/run.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import { formatDiscard } from "../../core/trash.ts";
import type { InjectDefinition } from "../../define/definition.ts";
import { findUnlogged } from "../../explain/logged-outputs.ts";
import { findUnloggedVerdict } from "../../explain/logged-statements.ts";
import { type BadVersion, formatTaint, indexTaints, TAINT_HINT } from "../../explain/taint.ts";
import { findVersion } from "../../resolve/find-version.ts";
import { findChange, formatChange, measureVersion } from "../../versions/find-change.ts";
import { findStrangePlace } from "../kept-plan/own-place.ts";
import { inFolder } from "../locate-state.ts";
import type { RegistrySource } from "../registry-source.ts";
import { type Freezing, type RejectedFreezing, rejectFreezing, rejectRegistry } from "./freezing.ts";
import { isPlannedPickle } from "./planned-pickle.ts";

type RunIdDefinition = Extract<InjectDefinition, { kind: "run_id" }>;

/** Freezes a version of an earlier run, if that run succeeded, and if its data are still as the registry has them. */
export async function freezeRunId(wanted: RunIdDefinition, source: RegistrySource): Promise<Freezing> {
  const registry = source.open();
  if (registry === null) return rejectRegistry(source, `run ${wanted.run_id}`);
  const found = findRun(registry, wanted.run_id);
  if (!found.ok) return found;
  const { record } = found;
  const { run, status, run_id } = record;
  if (status !== "success") {
    const hint = "only what a successful run saved can be consumed: name a run that succeeded";
    return rejectFreezing("run-not-succeeded", `${run} (${run_id}) is ${status}, not success`, hint);
  }
  if (record.discarded !== null && run_id !== null) {
    const message = `${run} (${run_id}) ${formatDiscard({ run_id, ...record.discarded })}`;
    return rejectFreezing("version-collected", message, "or take another version");
  }
  const version = findVersion(record.outputs, wanted.dataset);
  if (version === null) return rejectOutput(wanted.dataset, record);
  const unlogged = run_id === null ? null : (findUnlogged(registry, run_id) ?? findUnloggedVerdict(registry));
  if (unlogged !== null) return rejectFreezing("version-unlogged", unlogged, "take another version");
  const folders = inFolder(dirname(source.path));
  const strange = run_id === null ? null : findStrangePlace(record.outputs, run_id, { registry, folders });
  if (strange !== null) return rejectFreezing("version-misplaced", strange, "take another version");
  const bad = run_id === null ? null : indexTaints(registry).ofVersion({ dataset: wanted.dataset, run_id });
  if (bad !== null) return rejectTainted(wanted.dataset, record, bad);
  try {
    const frozen = await freezeVersion(wanted, record, version);
    const isPickle = frozen.ok && isPlannedPickle(frozen.input, record, { registry, path: source.path });
    return isPickle ? { ok: true, input: { ...frozen.input, in_no_catalog: true } } : frozen;
  } catch (error) {
    const message = `${wanted.dataset} of ${run} can't be read: ${(error as Error).message}`;
    return rejectFreezing("input-unreadable", message, "check its permissions");
  }
}

function findRun(registry: RegistryReader, id: string): { ok: true; record: RunRecord } | RejectedFreezing {
  try {
    const record = registry.findRun(id);
    if (record !== null) return { ok: true, record };
    return rejectFreezing("unknown-run-id", `there is no run "${id}" in the registry`, "`runweave runs` lists them");
  } catch (error) {
    if (!(error instanceof AmbiguousIdError)) throw error;
    return rejectFreezing("ambiguous-run-id", error.message, "write more of it, until only one run matches");
  }
}

async function freezeVersion(
  wanted: RunIdDefinition,
  { run, run_id, workflow, session_id }: RunRecord,
  version: VersionRecord,
): Promise<{ ok: true; input: GivenData } | RejectedFreezing> {
  const { location, bytes, hash } = version;
  const change = await findChange({ ...version, modifiedMs: null });
  if (change !== null) {
    const message = `${wanted.dataset} of ${run} was saved as ${hash} (${bytes} bytes), and ${location} ${formatChange(change)}`;
    return rejectFreezing("version-changed", message, "it was changed or removed: take another version");
  }
  const modifiedMs = isAbsolute(location) ? (await measureVersion(version)).modifiedMs : null;
  const input = {
    rule: "run_id",
    from_run: run,
    from_dataset: wanted.dataset,
    as: wanted.as,
    version,
    ...(run_id === null || run_id === version.version ? {} : { vouched_by: run_id }),
    frozen: { modifiedMs },
    source: `${wanted.dataset} of ${run} (${workflow})`,
    reason: `the workflow names ${wanted.run_id}: ${run} of ${workflow} saved ${wanted.dataset} in session ${session_id}`,
  } as const;
  return { ok: true, input };
}

function rejectTainted(dataset: string, { run, run_id }: RunRecord, bad: BadVersion): Freezing {
  return rejectFreezing("version-tainted", `${dataset} of ${run} (${run_id}) ${formatTaint(bad)}`, TAINT_HINT);
}

function rejectOutput(dataset: string, { run, run_id, outputs }: RunRecord): Freezing {
  const saved = Object.keys(outputs);
  const hint =
    didYouMean(dataset, saved) ?? (saved.length === 0 ? "it saved nothing" : `it saved: ${saved.join(", ")}`);
  return rejectFreezing("missing-output", `${run} (${run_id}) saved no "${dataset}"`, hint);
}
