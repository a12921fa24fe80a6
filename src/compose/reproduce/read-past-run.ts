import { dirname } from "node:path";
import type { RunResolved } from "../../core/event/event.ts";
import { hasCatalog, KINDS } from "../../core/kinds.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { GivenRead, Read } from "../../core/read.ts";
import type { EnvironmentFacts, PatchRef, RunRecord, SessionRecord } from "../../core/run.ts";
import { dropFiles, listConsumed, listFiles, listGiven, takePlace } from "../../core/select-reads.ts";
import type { SavedDataset } from "../../explain/judge-reproduction.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { digestEnvironment } from "../../runners/interpreters/environment.ts";
import { findChange, formatChange } from "../../versions/find-change.ts";
import { findCheckout } from "../capture/find-checkout.ts";
import { freezeRunId } from "../freeze/freeze-run-id.ts";
import { type KeptPlan, KeptPlanError } from "../kept-plan/keep-plan.ts";
import { readLoggedOrigin } from "../kept-plan/logged-origin.ts";
import { readKeptPlan } from "../kept-plan/read-kept-plan.ts";
import type { StateLocation } from "../locate-state.ts";
import type { RegistrySource } from "../registry-source.ts";
import { recallPlan, recallRun, type StartedRun } from "./recall-run.ts";
import { ReproduceError } from "./reproduce-error.ts";

/** Recorded facts of a run that are needed to do it again. */
export interface PastRun {
  record: StartedRun;
  session: SessionRecord;
  /** Planned run with exactly the versions that it read. Its paths are still those of the checkout. */
  planned: PlannedRun;
  kept: KeptPlan;
  code: { checkout: string; commit: string; patch: PatchRef | null };
  /** Environment of its process; null for a command. */
  environment: EnvironmentFacts | null;
  saved: SavedDataset[];
  /** The datasets that its nodes loaded. */
  loaded: readonly string[];
  /** Content hashes of inputs from outside, where the plan or a fingerprint has them. */
  hashes: Readonly<Record<string, string>>;
}

/** Reads what is on record of a run. Throws ReproduceError, with everything that keeps it from being done again. */
export async function readPastRun(
  reader: RegistryReader,
  named: StartedRun,
  { state, source }: { state: StateLocation; source: RegistrySource },
): Promise<PastRun> {
  const record = findMaker(reader, named);
  const { run, run_id, session_id, status, environment } = record;
  if (status !== "success") {
    const hint = "`runweave errors` has the command that repeats a failed run";
    throw new ReproduceError("run-not-succeeded", `${run} (${run_id}) is ${status}, not success`, hint);
  }
  const session = reader.findSession(session_id);
  if (session === null) throw new ReproduceError("collected", `the session of ${run} is not in the registry any more`);
  const kept = readPlan(reader, session, state) ?? recall(reader, record, state);
  const planned = kept.plan.runs.find((each) => each.run === run);
  if (planned === undefined) throw new ReproduceError("plan-unusable", `the plan of ${session_id} has no run ${run}`);
  const { saved, hashes } = readEvents(reader, record);
  return {
    ...{ record, session, kept, saved },
    loaded: reader.loadsOf([record.run_id]).map(({ dataset }) => dataset),
    hashes: { ...hashes, ...listHashes(planned) },
    planned: await settle(planned, record, source),
    code: locateCode(record, session),
    environment: environment === null ? null : readEnvironment(reader, environment),
  };
}

/** Reads the environment of a run. Its packages may be installed, so they must be those that the digest in the record stands for. */
function readEnvironment(reader: RegistryReader, digest: string): EnvironmentFacts | null {
  const facts = reader.findEnvironment(digest);
  if (facts === null || digestEnvironment(facts) === digest) return facts;
  const message = `what the registry says of the environment ${digest} is not what was recorded: it was changed`;
  throw new ReproduceError("environment-changed", message, "`runweave verify` lists what else was changed");
}

/** A run whose result was reused is the run that made it. */
function findMaker(reader: RegistryReader, named: StartedRun): StartedRun {
  const maker = named.status === "reused" ? reader.findRun(named.run_id) : null;
  return maker === null ? named : { ...maker, run_id: named.run_id };
}

/** Null of a session of a script, which has no plan. */
function readPlan(reader: RegistryReader, { session_id }: SessionRecord, state: StateLocation): KeptPlan | null {
  try {
    return readKeptPlan(state, { session_id, origin: readLoggedOrigin(reader, session_id) });
  } catch (error) {
    if (!(error instanceof KeptPlanError)) throw error;
    if (error.missing) return null;
    throw new ReproduceError("plan-unusable", error.message);
  }
}

function recall(reader: RegistryReader, record: StartedRun, state: StateLocation): KeptPlan {
  const planned = recallRun(reader, record, state);
  if (planned !== null) return recallPlan(record, { planned, store: state.store });
  const why = hasCatalog(record) ? "its records were collected" : `it is ${KINDS[record.kind].words} of a script`;
  throw new ReproduceError("session-without-plan", `it is not recorded how ${record.run} was run: ${why}`);
}

/** The commit, and the changes to it that were kept. */
function locateCode({ git_commit, git_dirty }: RunRecord, session: SessionRecord): PastRun["code"] {
  const { project_path, workflow_file, origin } = session;
  const from = project_path ?? (workflow_file === null ? (origin?.working_folder ?? null) : dirname(workflow_file));
  const checkout = from === null ? null : findCheckout(from);
  if (git_commit === null || checkout === null) {
    const hint = "only runs whose code was in a git repository with a commit can be reproduced";
    throw new ReproduceError("not-a-git-repository", `no commit is on record for ${from ?? "it"}`, hint);
  }
  const patch = origin?.patch ?? null;
  if (git_dirty && patch === null) {
    throw new ReproduceError(
      "patch-gone",
      `the checkout had uncommitted changes to ${git_commit}, which were not kept`,
    );
  }
  return { checkout, commit: git_commit, patch };
}

/** Names the consumed versions as injected inputs. Checks that each still exists with the content that it had. */
async function settle(then: PlannedRun, record: RunRecord, source: RegistrySource): Promise<PlannedRun> {
  // The rebuilt project is at another path, and is not asked.
  const { saves: _, ...planned } = then;
  // Files that the project reads itself are compared later, when they are brought to the rebuilt code.
  const reads: Record<string, Read> = { ...dropFiles(planned) };
  for (const [name, read] of listGiven(planned)) reads[name] = await checkInjected(name, read);
  for (const [name, { dataset, as }] of listConsumed(planned)) {
    const run_id = record.load_versions[name] ?? "";
    const freezing = await freezeRunId({ kind: "run_id", run_id, dataset, as }, source);
    if (!freezing.ok) throw new ReproduceError(freezing.fault.code, freezing.fault.message, freezing.fault.hint);
    reads[name] = takePlace(freezing.input, planned.reads[name]);
  }
  const policy = { ...planned.policy, retries: null, runOn: "success" as const };
  return { ...planned, policy, needs: [], reads, index: 0, work: null };
}

function listHashes(planned: PlannedRun): Record<string, string> {
  return Object.fromEntries(
    listFiles(planned).flatMap(([dataset, { hash }]): [string, string][] => (hash === null ? [] : [[dataset, hash]])),
  );
}

async function checkInjected(dataset: string, input: GivenRead): Promise<GivenRead> {
  if (input.rule === "value") return input;
  const { location, hash } = input.version;
  const change = await findChange({ ...input.version, modifiedMs: null });
  if (change === null) return { ...input, frozen: { modifiedMs: null } };
  const code = change.now === null ? "input-gone" : "input-changed";
  throw new ReproduceError(code, `'${dataset}' was ${hash} when ${location} was read, which ${formatChange(change)}`);
}

/** Reads the saved datasets with their nodes, in the order of saving, and the hashes of the recorded dependencies. */
function readEvents(reader: RegistryReader, { session_id, run_id }: RunRecord): Pick<PastRun, "saved" | "hashes"> {
  const saved: SavedDataset[] = [];
  let resolved: RunResolved | null = null;
  for (const event of reader.events(session_id)) {
    if (!("run_id" in event) || event.run_id !== run_id) continue;
    if (event.type === "dataset.saved") saved.push({ dataset: event.dataset, node: event.node });
    if (event.type === "run.resolved") resolved = event;
  }
  return { saved, hashes: resolved?.cache?.fingerprint?.parts.inputs ?? {} };
}
