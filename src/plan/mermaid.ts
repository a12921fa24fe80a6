import { cleanName } from "./clean-name.ts";
import type { Plan } from "./plan.ts";
import { listPlanEdges, type PlanEdge } from "./plan-edges.ts";

/** The plan as a Mermaid flowchart: full arrows carry the datasets that are consumed, dotted ones are order alone. */
export function toMermaid(plan: Plan): string {
  const nodes = plan.runs.map(({ run }, position) => `  r${position}["${escapeLabel(run)}"]`);
  const edges = listPlanEdges(plan.runs).map(formatEdge);
  return `${["flowchart TD", ...nodes, ...edges].join("\n")}\n`;
}

function formatEdge({ from, to, datasets }: PlanEdge): string {
  if (datasets.length === 0) return `  r${from} -.-> r${to}`;
  return `  r${from} -->|"${escapeLabel(datasets.join(", "))}"| r${to}`;
}

/**
 * Letters and what can't mean anything to Mermaid stay; all else becomes a character code, quotes and `%%{` included.
 * Nothing at all becomes a space, for Mermaid takes no empty label.
 */
function escapeLabel(text: string): string {
  const label = cleanName(text) || " ";
  return label.replaceAll(/[^\p{L}\p{N}\p{M} _.,=:@/+[\]-]/gu, (character) => `#${character.codePointAt(0)};`);
}
