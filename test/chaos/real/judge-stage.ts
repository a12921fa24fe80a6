import { checkRegistry } from "../registry-invariants.ts";
import type { Campaign } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";
import { startCommand } from "./act-stage.ts";
import { judgeCollections, judgeData } from "./judge-data.ts";
import { judgePublished } from "./judge-published.ts";
import { listKinds } from "./listing.ts";
import type { Ended } from "./orchestrator.ts";
import { readRegistry } from "./read-registry.ts";
import type { TrialFolder } from "./trial-folder.ts";
import { isLeftByKills } from "./undisturbed.ts";

/** As the acts of the stage say. */
const KEEP_LAST = 1;

/** All that must hold of the stage of acts, whatever has been done there. `kinds`: of all files that may be there. */
export async function judgeStage(
  trial: TrialFolder,
  { campaign, kinds }: { campaign: Campaign; kinds: ReadonlySet<string> },
): Promise<Violation[]> {
  const { folder, state } = trial;
  const recorded = readRegistry(trial, (registry) => [
    ...checkRegistry(registry),
    ...judgeData({ state, registry }),
    ...judgeCollections({ state, registry }, KEEP_LAST),
    ...judgePublished(folder, registry),
  ]);
  const left = [...listKinds(trial)].filter((kind) => !kinds.has(kind) && !isLeftByKills(kind));
  const verified = await startCommand(trial, campaign, { args: ["verify", "--all"] }).ended;
  return [
    ...(recorded ?? [violate("no-data-lost", "the registry is gone")]),
    ...left.map((kind) => violate("nothing-left-behind", kind)),
    ...describeVerified(verified),
  ];
}

function describeVerified({ exitCode, stdout, stderr, hang }: Ended): Violation[] {
  if (exitCode === 0) return [];
  const lines = `${stdout}\n${stderr}`.split("\n").filter((line) => !line.startsWith("unknown "));
  return [violate("hashes-match", `verify ends with ${exitCode} ${hang ?? ""}: ${lines.join("\n  ").slice(0, 600)}`)];
}
