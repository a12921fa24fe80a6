import { escapeMermaid } from "../../plan/show/mermaid-label.ts";
import { type Lineage, type LineageEdge, type LineageVersion, versionKey } from "../lineage.ts";

/** The graph as Mermaid, for a page that draws it: boxes are runs, cylinders are versions. Ends with a line feed. */
export function toLineageMermaid(lineage: Lineage): string {
  const runs = new Map(lineage.runs.map((run, index) => [run.run_id as string, `r${index}`]));
  const versions = new Map(lineage.versions.map((version, index) => [versionKey(version), `v${index}`]));
  const lines = [
    "flowchart LR",
    ...lineage.runs.map((run) => `  ${runs.get(run.run_id)}["${escapeMermaid(run.run)}<br/>${run.run_id}"]`),
    ...lineage.versions.map((version) => `  ${versions.get(versionKey(version))}[("${labelVersion(version)}")]`),
    ...lineage.edges.map((edge) => drawEdge(edge, runs.get(edge.run_id), versions.get(versionKey(edge)))),
  ];
  return `${lines.join("\n")}\n`;
}

function labelVersion({ dataset, version, format, tainted }: LineageVersion): string {
  const mark = tainted === undefined ? [] : ["tainted"];
  return [dataset, ...(format === null ? [] : [format]), version, ...mark].map(escapeMermaid).join("<br/>");
}

function drawEdge(edge: LineageEdge, run: string | undefined, version: string | undefined): string {
  switch (edge.kind) {
    case "wrote":
      return `  ${run} --> ${version}`;
    case "resumed":
      return `  ${version} -. "taken over" .-> ${run}`;
    case "read":
      return edge.as === edge.dataset
        ? `  ${version} --> ${run}`
        : `  ${version} -- "as ${escapeMermaid(edge.as)}" --> ${run}`;
  }
}
