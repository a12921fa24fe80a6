import type { Plan } from "../plan.ts";
import { escapeMermaid } from "./mermaid-label.ts";
import { listPlanEdges, type PlanEdge } from "./plan-edges.ts";

/** The plan as a Mermaid flowchart: full arrows carry the datasets that are consumed, dotted ones are order alone. */
export function toMermaid(plan: Plan): string {
  const nodes = plan.runs.map(({ run }, position) => `  r${position}["${escapeMermaid(run)}"]`);
  const edges = listPlanEdges(plan.runs).map(formatEdge);
  return `${["flowchart TD", ...nodes, ...edges].join("\n")}\n`;
}

function formatEdge({ from, to, datasets }: PlanEdge): string {
  if (datasets.length === 0) return `  r${from} -.-> r${to}`;
  return `  r${from} -->|"${escapeMermaid(datasets.join(", "))}"| r${to}`;
}
