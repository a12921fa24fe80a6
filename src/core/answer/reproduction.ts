import type { ExceptionRecord } from "../run.ts";
import type { RunId, SessionId } from "../run-id.ts";

/** `equal`: other bytes, the same values; `missing`: it was not saved this time. */
export type DatasetVerdict = "identical" | "equal" | "different" | "missing";

/** One dataset that the recorded run saved, and what came of it when it was done again. */
export interface ReproducedDataset {
  dataset: string;
  verdict: DatasetVerdict;
  /** The node that saved it; null for a command. */
  node: string | null;
  hash_before: string | null;
  hash_after: string | null;
  /** How the two differ; null where they don't. */
  detail: string | null;
  /** The bytes differ, and nothing here could load the values, which may be alike. */
  unreadable: boolean;
}

/** What a drift says of data before the run, of which there is no hash: they were written to since, and may yet be the same. */
export const UNKNOWN_CONTENT = "its content is unknown";

/** Something that is not as it was when the run was recorded, though it was gone on. */
export interface ReproductionDrift {
  kind: "python" | "package" | "platform" | "input" | "variable";
  name: string;
  before: string | null;
  after: string | null;
}

/** Where a run that was done again first came to something else, and why, as far as anybody can tell. */
export interface Divergence {
  dataset: string;
  /** Null for a command. */
  node: string | null;
  /** Whether doing it again, on other processes, gave a further result or the second one each time; unknown where only bytes could be compared. */
  kind: "non-deterministic" | "drift" | "unknown";
  cause: { kind: ReproductionDrift["kind"] | "seed" | "unknown"; detail: string };
}

/** A recorded run, done again elsewhere, beside what it was. */
export interface Reproduction {
  run_id: RunId;
  run: string;
  session_id: SessionId;
  commit: string;
  /** The digest of the changes that no commit has. */
  patch: string | null;
  /** Of the worst dataset; `failed` if the run did not succeed this time. */
  verdict: "identical" | "equal" | "different" | "failed";
  /** In the order in which they were saved. */
  datasets: ReproducedDataset[];
  divergence: Divergence | null;
  drifts: ReproductionDrift[];
  exception: ExceptionRecord | null;
  /** Where it was done, if that is kept. */
  scratch: string | null;
}

/** `package numpy: 2.1.0 -> 2.1.1`. */
export function tellDrift({ kind, name, before, after }: ReproductionDrift): string {
  const what = name === kind ? kind : `${kind} ${name}`;
  return `${what}: ${before ?? "not there"} -> ${after ?? "not there"}`;
}
