import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { runCampaign, USUAL_LANES } from "../campaign.ts";
import { TRIAL_KINDS } from "../kinds/index.ts";
import { type Campaign, callsSource, type KindResult, wantOnly } from "../trial.ts";
import type { Invariant } from "../violation.ts";
import { findBug } from "./plant.ts";
import { PlantedPackages } from "./planted-packages.ts";
import { tryInSource } from "./try-in-source.ts";

/** What the harness found with a bug in the code. */
export interface BugResult {
  bug: string;
  wanted: Invariant;
  found: Invariant[];
  isCaught: boolean;
  /** Until it was caught, or all of them. */
  trials: number;
  /** What the harness said if it could not even run. */
  complaint: string | null;
}

/** What the trials of all bugs share. */
export type BugCampaign = Pick<Campaign, "soundPackage" | "python" | "folder">;

/** The first trial that finds a bug is the last. A busy machine may need more of them than the quiet one that they were counted on. */
const PATIENCE = 3;

/** Does trials with one bug after the other in the code, until they find it. */
export async function tryBugs(
  names: readonly string[],
  { onResult, ...campaign }: BugCampaign & { onResult(result: BugResult): void },
): Promise<BugResult[]> {
  const folder = join(campaign.folder, "planted");
  mkdirSync(folder);
  const packages = new PlantedPackages({ soundPackage: campaign.soundPackage, folder });
  const waiting = [...names];
  const underWay = new Set<string>();
  const results: BugResult[] = [];
  const work = async () => {
    for (let name = takeNext(waiting, underWay); name !== undefined; name = takeNext(waiting, underWay)) {
      const { kind } = findBug(name);
      underWay.add(kind);
      const result = await tryBug(name, { campaign, packages });
      underWay.delete(kind);
      onResult(result);
      results.push(result);
    }
  };
  try {
    await Promise.all(Array.from({ length: USUAL_LANES }, work));
  } finally {
    await packages.dispose();
  }
  return results.sort((a, b) => names.indexOf(a.bug) - names.indexOf(b.bug));
}

/** Trials of one kind might disturb each other: who does those that are under way goes on with the others. */
function takeNext(waiting: string[], underWay: ReadonlySet<string>): string | undefined {
  const at = waiting.findIndex((name) => !underWay.has(findBug(name).kind));
  return at === -1 ? undefined : waiting.splice(at, 1)[0];
}

async function tryBug(
  bug: string,
  { campaign, packages }: { campaign: BugCampaign; packages: PlantedPackages },
): Promise<BugResult> {
  const { kind: name, trials, firstSeed = 0, invariant, only = "" } = findBug(bug);
  const kind = TRIAL_KINDS.find((each) => each.name === name);
  if (kind === undefined) throw new Error(`there is no kind ${name}`);
  const most = trials * PATIENCE;
  if (callsSource(kind)) return judge(bug, await tryInSource(bug, { kind: name, trials: most, firstSeed, only }));
  const packageFolder = await packages.make(bug);
  const results = await runCampaign({
    kinds: [{ kind, trials: most, firstSeed }],
    campaign: { ...campaign, packageFolder, ...wantOnly(only) },
    stopsAt: invariant,
    lanes: 1,
    onResult: () => {},
  });
  return judge(bug, { results, complaint: null });
}

function judge(bug: string, { results, complaint }: { results: KindResult[]; complaint: string | null }): BugResult {
  const { invariant } = findBug(bug);
  const violations = results.flatMap(({ failures }) => failures.flatMap((failure) => failure.violations));
  const found = [...new Set(violations.map((violation) => violation.invariant))];
  const trials = results.reduce((sum, each) => sum + each.trials, 0);
  return { bug, wanted: invariant, found, isCaught: found.includes(invariant), trials, complaint };
}

/** `caught  registry-equals-disk     3  a version counts though it is not there`. */
export function formatBug({ bug, wanted, found, isCaught, trials, complaint }: BugResult): string {
  const rest = isCaught ? "" : `: found ${found.join(", ") || "nothing"}${complaint === null ? "" : `\n${complaint}`}`;
  return `${isCaught ? "caught" : "MISSED"}  ${wanted.padEnd(28)}  ${String(trials).padStart(4)}  ${bug}${rest}`;
}
