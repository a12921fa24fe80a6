import { availableParallelism } from "node:os";
import type { Campaign, KindResult, TrialKind } from "./trial.ts";
import { type Invariant, type Violation, violate } from "./violation.ts";

export interface CampaignOptions {
  kinds: readonly { kind: TrialKind; trials: number; firstSeed: number }[];
  campaign: Omit<Campaign, "noteKill">;
  /** No further trial of a kind that has found this violated; null to do all. */
  stopsAt: Invariant | null;
  /** So many trials with processes at once; default: what this machine does best. */
  lanes?: number;
  /** Told of each kind as it ends. */
  onResult(result: KindResult): void;
}

/** Half of a trial's time it waits: for a process to end, for a lease to run out. */
export const USUAL_LANES = availableParallelism() * 1.5;
/** More failures of one kind teach nobody anything. */
const MOST_FAILURES = 20;

/** How far a kind is. */
interface Progress {
  result: KindResult;
  nextSeed: number;
  endSeed: number;
  atOnce: number;
}

/**
 * Runs all trials: those without processes one after the other, then the others several at once, whatever kind they are of, so
 * that one which only waits holds up none. The kinds that take longest are begun first.
 */
export async function runCampaign(options: CampaignOptions): Promise<KindResult[]> {
  const all = options.kinds.map(({ kind, trials, firstSeed }): Progress => {
    const result = { kind, trials: 0, untried: 0, kills: 0, ms: 0, failures: [] };
    return { result, nextSeed: firstSeed, endSeed: firstSeed + trials, atOnce: 0 };
  });
  const [real, simulated] = [all.filter(hasProcesses), all.filter((each) => !hasProcesses(each))];
  await work(simulated, options);
  const longestFirst = real.toReversed();
  await Promise.all(Array.from({ length: options.lanes ?? USUAL_LANES }, () => work(longestFirst, options)));
  return all.map(({ result }) => result);
}

function hasProcesses({ result }: Progress): boolean {
  return result.kind.hasProcesses;
}

/** Does trials until none is left that may begin. */
async function work(kinds: readonly Progress[], options: CampaignOptions): Promise<void> {
  for (let next = findNext(kinds, options); next !== undefined; next = findNext(kinds, options)) {
    next.atOnce += 1;
    await doTrial(next, options);
    next.atOnce -= 1;
    if (next.atOnce === 0 && !isLeft(next, options)) options.onResult(next.result);
  }
}

/** What holds a kind back, one at a time, is held back by a trial that is under way: whoever does that goes on with it. */
function findNext(kinds: readonly Progress[], options: CampaignOptions): Progress | undefined {
  return kinds.find((each) => {
    return isLeft(each, options) && each.atOnce < (each.result.kind.mostAtOnce ?? Number.POSITIVE_INFINITY);
  });
}

function isLeft({ result: { failures }, nextSeed, endSeed }: Progress, { stopsAt }: CampaignOptions): boolean {
  const isFound = failures.some(({ violations }) => violations.some(({ invariant }) => invariant === stopsAt));
  return nextSeed < endSeed && failures.length < MOST_FAILURES && !isFound;
}

async function doTrial(progress: Progress, { campaign }: CampaignOptions): Promise<void> {
  const { result } = progress;
  const seed = progress.nextSeed++;
  const begin = performance.now();
  const noteKill = () => {
    result.kills += 1;
  };
  const violations = await runTrial(result.kind, seed, { ...campaign, noteKill });
  result.ms += performance.now() - begin;
  if (violations === null) result.untried += 1;
  else result.trials += 1;
  if (violations === null || violations.length === 0) return;
  result.failures.push({ seed, violations });
  result.failures.sort((a, b) => a.seed - b.seed);
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
