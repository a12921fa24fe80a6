/** A line of the table: what was measured, what it was measured against, and what had been hoped for. */
export interface BenchmarkRow {
  readonly what: string;
  /** Median. */
  readonly measured: number;
  /** Of `measured`, the rival's median and the goal; milliseconds if left out. */
  readonly unit?: "MB";
  /** What a user would use instead, and its median; left out where there is nothing to compare with. */
  readonly rival?: { readonly name: string; readonly median: number };
  readonly goal?: Goal;
  /** What a reader must know to judge the figure: how often it was measured, what was scaled. */
  readonly note?: string;
}

/** Either at most this many times the rival's figure, or at most so much. */
export type Goal = { readonly atMostTimes: number } | { readonly atMost: number };

/** One benchmark, in a file of its own. */
export interface Benchmark {
  readonly name: string;
  readonly title: string;
  /** Measures, and gives the rows of its table. Throws if a command that it times fails. */
  measure(bench: Bench): Promise<BenchmarkRow[]>;
}

/** What every benchmark is given. */
export interface Bench {
  /** A folder of this benchmark alone, removed afterwards. */
  readonly folder: string;
  /** How often each command is timed. */
  readonly iterations: number;
  /** The Python environment of the repository. */
  readonly python: string;
  /** Also those that take minutes to install and to time. */
  readonly allRivals: boolean;
}

/** What was measured as a multiple of the rival's figure. */
export function findRatio(row: BenchmarkRow): number | undefined {
  return row.rival && row.measured / row.rival.median;
}

/** Whether a row meets its goal; undefined if it has none. */
export function meetsGoal(row: BenchmarkRow): boolean | undefined {
  if (!row.goal) return undefined;
  if ("atMost" in row.goal) return row.measured <= row.goal.atMost;
  const ratio = findRatio(row);
  return ratio === undefined ? undefined : ratio <= row.goal.atMostTimes;
}
