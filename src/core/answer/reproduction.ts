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
  /** Difference between the two; null if they are equal. */
  detail: string | null;
  /** True if the bytes differ and the values, which may be equal, can't be loaded here. */
  unreadable: boolean;
}

/** Text of a drift of data that have no hash: they were written to since the run, and may still be the same. */
export const UNKNOWN_CONTENT = "its content is unknown";

/** Something that is not as it was when the run was recorded, though it was gone on. */
export interface ReproductionDrift {
  kind: "python" | "package" | "platform" | "input" | "variable";
  name: string;
  before: string | null;
  after: string | null;
}

/** First run of a reproduction with a different result, and the cause as far as it is known. */
export interface Divergence {
  dataset: string;
  /** Null for a command. */
  node: string | null;
  /**
   * `non-deterministic`: a third execution gave a third result. `drift`: it gave the second one again. `unknown`: only
   * bytes could be compared.
   */
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
  /** Verdict on the worst dataset; `failed` if the run did not succeed this time. */
  verdict: "identical" | "equal" | "different" | "failed";
  /** Datasets in the order in which they were saved. */
  datasets: ReproducedDataset[];
  divergence: Divergence | null;
  drifts: ReproductionDrift[];
  exception: ExceptionRecord | null;
  /** Folder of the reproduction, if it is kept. */
  scratch: string | null;
}

/** `package numpy: 2.1.0 -> 2.1.1`. */
export function formatDrift({ kind, name, before, after }: ReproductionDrift): string {
  const what = name === kind ? kind : `${kind} ${name}`;
  return `${what}: ${before ?? "not there"} -> ${after ?? "not there"}`;
}
