import { availableParallelism } from "node:os";
import type { Campaign, KindResult, TrialKind } from "./trial.ts";
import { type Violation, violate } from "./violation.ts";

export interface CampaignOptions {
  kinds: readonly { kind: TrialKind; trials: number; firstSeed: number }[];
  campaign: Omit<Campaign, "noteKill">;
  /** Told of each kind as it ends. */
  onResult(result: KindResult): void;
}

/** More failures of one kind teach nobody anything. */
const MOST_FAILURES = 20;

/** Runs all trials, kind by kind, several of a kind at once. */
export async function runCampaign({ kinds, campaign, onResult }: CampaignOptions): Promise<KindResult[]> {
  const results: KindResult[] = [];
  for (const { kind, trials, firstSeed } of kinds) {
    const result = await runKind(kind, { trials, firstSeed, campaign });
    onResult(result);
    results.push(result);
  }
  return results;
}

async function runKind(
  kind: TrialKind,
  { trials, firstSeed, campaign }: { trials: number; firstSeed: number; campaign: CampaignOptions["campaign"] },
): Promise<KindResult> {
  const begin = performance.now();
  const failures: KindResult["failures"] = [];
  let next = firstSeed;
  let [done, untried, kills] = [0, 0, 0];
  const noteKill = () => {
    kills += 1;
  };
  const work = async () => {
    while (next < firstSeed + trials && failures.length < MOST_FAILURES) {
      const seed = next++;
      const violations = await runTrial(kind, seed, { ...campaign, noteKill });
      if (violations === null) untried += 1;
      else done += 1;
      if (violations !== null && violations.length > 0) failures.push({ seed, violations });
    }
  };
  const workers = kind.hasProcesses ? Math.min(availableParallelism(), kind.mostAtOnce ?? Number.POSITIVE_INFINITY) : 1;
  await Promise.all(Array.from({ length: workers }, work));
  failures.sort((a, b) => a.seed - b.seed);
  return { kind, trials: done, untried, kills, ms: performance.now() - begin, failures };
}

/** A trial that throws has failed too: what it throws was not expected by whoever wrote it. */
async function runTrial(kind: TrialKind, seed: number, campaign: Campaign): Promise<Violation[] | null> {
  try {
    return await kind.run(seed, campaign);
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [violate("nothing-but-a-known-error", told)];
  }
}
