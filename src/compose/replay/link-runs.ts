import type { RegistryReader } from "../../core/port/registry.ts";
import type { GivenRead } from "../../core/read.ts";
import type { RunRecord, VersionRecord } from "../../core/run.ts";
import { isRunId, type RunId } from "../../core/run-id.ts";
import { listConsumed, listGiven } from "../../core/select-reads.ts";
import { listSaved } from "../../explain/saved-versions.ts";
import type { PlannedReplay, PlannedRun } from "../../plan/plan.ts";
import { listOrderNeeds, type ReplayChoice } from "../../resolve/choose-replay.ts";
import { identifyRead } from "../../resolve/decide-replay.ts";
import { findVersion } from "../../resolve/find-version.ts";
import { hashText } from "../reuse/open-reuse.ts";

export interface LinkOptions {
  registry: RegistryReader;
  choices: ReadonlyMap<string, ReplayChoice>;
  /** Records of the replayed session, by run. */
  records: ReadonlyMap<string, RunRecord>;
}

/** Adds to each run what the replay makes of it, and what there is to compare with. */
export function linkRuns(runs: readonly PlannedRun[], { registry, choices, records }: LinkOptions): PlannedRun[] {
  const names = new Map(runs.map(({ run, definition }) => [run, definition.name]));
  const versions = new Map<string, Record<string, VersionRecord>>();
  const versionsOf = (runId: RunId): Record<string, VersionRecord> => {
    const known = versions.get(runId) ?? listSaved(registry, runId);
    versions.set(runId, known);
    return known;
  };
  return runs.map((run) => {
    const choice = choices.get(run.run);
    if (choice === undefined) throw new Error(`there is no decision for ${run.run}`);
    const run_id = records.get(run.run)?.run_id ?? null;
    const { action, reason } = choice;
    const replay: PlannedReplay = { action, run_id, inputs: {}, needs: {}, reason };
    if (action !== "compare" || run_id === null) return { ...run, replay };
    const inputs = listContents(run, { registry, run_id, versionsOf });
    return { ...run, replay: { ...replay, inputs, needs: listThen(listOrderNeeds(run, names), records) } };
  });
}

interface Then {
  registry: RegistryReader;
  run_id: RunId;
  versionsOf(runId: RunId): Record<string, VersionRecord>;
}

/** Lists the reads of the attempt, by content. Unknown content is left out, so that it equals no other. */
function listContents(run: PlannedRun, { registry, run_id, versionsOf }: Then): Record<string, string> {
  const pins = new Map(registry.pinsOf([run_id]).map((pin) => [pin.dataset, pin]));
  const consumed = listConsumed(run).flatMap(([dataset, { dataset: name, as }]): [string, string][] => {
    const version = pins.get(dataset)?.version ?? "";
    const then = isRunId(version) ? findVersion(versionsOf(version), name) : null;
    const identity = then === null ? null : identifyRead({ version: then, as }, hashText);
    return identity === null ? [] : [[dataset, identity]];
  });
  const injected = listGiven(run).flatMap(([dataset, input]) => identifyInjected(dataset, input));
  return Object.fromEntries([...consumed, ...injected]);
}

/** The same as then, as the plan is the same. */
function identifyInjected(dataset: string, input: GivenRead): [string, string][] {
  if (input.rule === "value") return [];
  const identity = identifyRead(input, hashText);
  return identity === null ? [] : [[dataset, identity]];
}

function listThen(needs: readonly string[], records: ReadonlyMap<string, RunRecord>): Record<string, RunId> {
  return Object.fromEntries(
    needs.flatMap((need): [string, RunId][] => {
      const run_id = records.get(need)?.run_id ?? null;
      return run_id === null ? [] : [[need, run_id]];
    }),
  );
}
