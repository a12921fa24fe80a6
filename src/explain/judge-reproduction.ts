import {
  type Divergence,
  formatDrift,
  type ReproducedDataset,
  type Reproduction,
  type ReproductionDrift,
} from "../core/answer/reproduction.ts";

/** Datasets that a run saved, in order. */
export interface SavedDataset {
  dataset: string;
  node: string | null;
}

/**
 * Sorts datasets as the recorded run saved them: upstream nodes before downstream ones. Datasets without a recorded
 * save come last.
 */
export function orderDatasets(
  datasets: readonly Omit<ReproducedDataset, "node">[],
  saved: readonly SavedDataset[],
): ReproducedDataset[] {
  const places = new Map(saved.map(({ dataset, node }, at) => [dataset, { at, node }]));
  const placeOf = (dataset: string) => places.get(dataset)?.at ?? saved.length;
  return datasets
    .toSorted((a, b) => placeOf(a.dataset) - placeOf(b.dataset))
    .map((each) => ({ ...each, node: places.get(each.dataset)?.node ?? null }));
}

/** The verdict on a run: that of its worst dataset. */
export function judgeDatasets(datasets: readonly ReproducedDataset[]): Exclude<Reproduction["verdict"], "failed"> {
  if (datasets.some(isOff)) return "different";
  return datasets.some(({ verdict }) => verdict === "equal") ? "equal" : "identical";
}

/** Finds the first dataset that differs; null if none does. Data that were in memory alone can't be compared. */
export function findFirstOff(datasets: readonly ReproducedDataset[]): ReproducedDataset | null {
  return datasets.find(isOff) ?? null;
}

function isOff({ verdict }: ReproducedDataset): boolean {
  return verdict === "different" || verdict === "missing";
}

/** Drifts in the order in which each is taken for the cause. */
const SUSPECTS: readonly ReproductionDrift["kind"][] = ["input", "package", "python", "variable", "platform"];

/** Explains the divergence of a run, given whether further executions gave the same result each time. */
export function explainDivergence(
  { dataset, node, unreadable }: Pick<ReproducedDataset, "dataset" | "node" | "unreadable">,
  { isStable, drifts }: { isStable: boolean; drifts: readonly ReproductionDrift[] },
): Divergence {
  const who = node === null ? "it" : `the node ${node}`;
  if (unreadable) {
    const bytes = isStable ? "here they are the same each time" : "they differ each time";
    const detail = `only bytes could be compared, and ${bytes}: the values may be equal, or ${who} gives different ones`;
    return { dataset, node, kind: "unknown", cause: { kind: "unknown", detail } };
  }
  if (!isStable) {
    const detail = `${who} gives another result each time on the same input: look for a missing seed, the order of sets, or the time`;
    return { dataset, node, kind: "non-deterministic", cause: { kind: "seed", detail } };
  }
  const [kind] = SUSPECTS.filter((suspect) => drifts.some((drift) => drift.kind === suspect));
  if (kind === undefined) {
    const detail = `${who} gives this every time here, and all that is on record is as it was: an undeclared file, the machine, or the network`;
    return { dataset, node, kind: "drift", cause: { kind: "unknown", detail } };
  }
  const changed = drifts.filter((drift) => drift.kind === kind).map(formatDrift);
  return { dataset, node, kind: "drift", cause: { kind, detail: changed.slice(0, 5).join("; ") } };
}
