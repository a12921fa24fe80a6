import {
  type Divergence,
  formatDrift,
  type ReproducedDataset,
  type Reproduction,
} from "../../core/answer/reproduction.ts";
import { cleanText } from "../text/clean-text.ts";
import { describeException } from "../text/describe-reason.ts";

const WORDS: Readonly<Record<ReproducedDataset["verdict"], string>> = {
  identical: "identical",
  equal: "equal    ",
  different: "DIFFERENT",
  missing: "MISSING  ",
};

/** Renders a reproduction: dataset by dataset, then the first difference and its cause. */
export function renderReproduction(reproduction: Reproduction): string[] {
  const { run, run_id, commit, patch, verdict, datasets, divergence, drifts, exception, scratch } = reproduction;
  const lines = [
    `${run} (${run_id}) done again on ${commit}${patch === null ? "" : ` with the uncommitted changes ${patch}`}`,
    ...drifts.map((drift) => `not as it was: ${formatDrift(drift)}`),
    ...datasets.map(describeDataset),
    ...(exception === null ? [] : [`it failed: ${describeException(exception)}`]),
  ];
  if (divergence !== null) {
    const { node, dataset } = divergence;
    const where = node === null ? dataset : `node ${node}, which saves ${dataset}`;
    lines.push(`first to diverge: ${where}`, describeCause(divergence));
  }
  lines.push(`verdict: ${verdict}`, ...(scratch === null ? [] : [`kept in ${scratch}`]));
  return lines.map(cleanText);
}

function describeCause({ kind, cause }: Divergence): string {
  if (cause.kind !== "unknown") return `${kind}, likely by ${cause.kind}: ${cause.detail}`;
  return `${kind === "unknown" ? "" : `${kind}, `}cause unknown: ${cause.detail}`;
}

function describeDataset({ dataset, verdict, node, detail }: ReproducedDataset): string {
  const by = node === null ? "" : `  by node ${node}`;
  const how = verdict === "equal" ? ": other bytes, the same values" : detail === null ? "" : `: ${detail}`;
  return `${WORDS[verdict]}  ${dataset}${by}${how}`;
}
