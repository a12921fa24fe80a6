import type { Violation } from "./violation.ts";

/** What the trials of one campaign share. */
export interface Campaign {
  /** An installed package to try: the command line that the real processes run. */
  packageFolder: string;
  /** The package that what is compared with is made with: the same one, where a bug is planted in that the one without it. */
  soundPackage: string;
  /** A Python with Kedro; null where none was asked for. */
  python: string | null;
  /** For what lasts as long as the campaign. */
  folder: string;
  /** Whether a case is to be tried, by the words that tell of it: `--only` names some. */
  isWanted(told: string): boolean;
  /** Whether there may be such a case among those that begin with these words. */
  mayHold(beginning: string): boolean;
  /** To be told of each kill that met a living process, where one trial has several. */
  noteKill(): void;
}

/** To see what happens if nothing goes wrong, and there is no bug. */
export function withoutBug(campaign: Campaign): Campaign {
  return { ...campaign, packageFolder: campaign.soundPackage };
}

/** The cases of a campaign: all that are told with these words. */
export function wantOnly(only: string): Pick<Campaign, "isWanted" | "mayHold"> {
  const isWanted = (told: string) => told.includes(only);
  return { isWanted, mayHold: (beginning) => isWanted(beginning) || only.startsWith(beginning) };
}

/** One kind of thing that goes wrong. */
export interface TrialKind {
  name: string;
  /** For people, one line. */
  what: string;
  /** Whether real processes are started; without, one trial follows the other. */
  hasProcesses: boolean;
  /** Whether it calls runweave's source in the harness, and tries no package; default: whether it starts no processes. */
  callsSource?: boolean;
  /** Trials in `npm test`, and by default on demand. */
  share: number;
  /** Trials of the whole campaign, `--full`; default: ten times the share. */
  full?: number;
  /** More at once than this would disturb each other; default: as many as there are CPUs. */
  mostAtOnce?: number;
  /**
   * Everything that is left to chance follows from the seed. Null if this machine does not let it be tried. Rejects only for
   * bugs of the harness.
   */
  run(seed: number, campaign: Campaign): Promise<Violation[] | null>;
}

export function callsSource({ callsSource, hasProcesses }: TrialKind): boolean {
  return callsSource ?? !hasProcesses;
}

/** What came of all trials of one kind. */
export interface KindResult {
  kind: TrialKind;
  trials: number;
  /** Those that this machine did not let be tried; they are not among the trials. */
  untried: number;
  /** Kills that met a living process, of kinds that count them. */
  kills: number;
  /** Of all its trials together: they may go on at once. */
  ms: number;
  failures: { seed: number; violations: Violation[] }[];
}

/** Numbers from a seed, as the simulator draws them. */
export { type Draw, drawFrom } from "../../src/hosts/simulated/chance.ts";
