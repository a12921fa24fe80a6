import { cleanName } from "../clean-name.ts";
import type { Plan } from "../plan.ts";
import { listPlanEdges, type PlanEdge } from "./plan-edges.ts";

/** The plan as Graphviz DOT: full arrows carry the datasets that are consumed, dashed ones are order alone. */
export function toDot(plan: Plan): string {
  const nodes = plan.runs.map(({ run }, position) => `  r${position} [label=${quote(run)}];`);
  const edges = listPlanEdges(plan.runs).map(formatEdge);
  const head = [`digraph ${quote(plan.workflow)} {`, "  rankdir=TB;", "  node [shape=box];"];
  return `${[...head, ...nodes, ...edges, "}"].join("\n")}\n`;
}

function formatEdge({ from, to, datasets }: PlanEdge): string {
  const attributes = datasets.length === 0 ? "style=dashed" : `label=${quote(datasets.join(", "))}`;
  return `  r${from} -> r${to} [${attributes}];`;
}

/** Graphviz reads backslashes and HTML entities in labels, so both are written as such. */
function quote(text: string): string {
  const escaped = cleanName(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("&", "&amp;");
  return `"${escaped}"`;
}
