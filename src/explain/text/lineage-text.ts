import type { RunId } from "../../core/run-id.ts";
import { formatLocalTime } from "../../core/text/local-time.ts";
import { formatDiscard } from "../../core/trash.ts";
import { type Lineage, type LineageEdge, type LineageRun, type LineageVersion, versionKey } from "../lineage.ts";
import { showName } from "./show-name.ts";

/** One line below a run: a version, and the run beyond it if there is one. */
interface Branch {
  label: string;
  run: LineageRun | null;
}

interface Line extends Branch {
  /** Lines that the branches above left open. */
  indent: string;
  joint: string;
}

/** Finds a run's branches, in one of the two directions. */
type FindBranches = (runId: RunId) => Branch[];

/**
 * A tree for people: from the run up to what its inputs were made of, or down to what was made of its outputs. What
 * stands there already is not repeated. Ends with a line feed.
 */
export function toLineageText(lineage: Lineage): string {
  const runs = new Map(lineage.runs.map((run) => [run.run_id, run]));
  const up = drawTree(lineage.root, runs, findInputs(lineage, runs));
  const down = drawTree(lineage.root, runs, findOutputs(lineage, runs));
  switch (lineage.direction) {
    case "up":
      return up;
    case "down":
      return down;
    case "both":
      return `Made of\n${up}\nMade into\n${down}`;
  }
}

function drawTree(root: RunId, runs: ReadonlyMap<RunId, LineageRun>, findBranches: FindBranches): string {
  const drawn = new Set<RunId>();
  const lines: string[] = [];
  // A stack and no recursion, so that a chain may be of any length.
  const stack: Line[] = [{ label: "", run: runs.get(root) ?? null, indent: "", joint: "" }];
  for (let line = stack.pop(); line !== undefined; line = stack.pop()) {
    const isRepeated = line.run !== null && drawn.has(line.run.run_id);
    lines.push(`${line.indent}${line.joint}${describe(line)}${isRepeated ? "  (see above)" : ""}`);
    if (line.run === null || isRepeated) continue;
    drawn.add(line.run.run_id);
    stack.push(...toLines(findBranches(line.run.run_id), line).reverse());
  }
  return `${lines.join("\n")}\n`;
}

function toLines(branches: readonly Branch[], above: Line): Line[] {
  const indent = above.indent + continueJoint(above.joint);
  return branches.map((branch, index) => ({ ...branch, indent, joint: index < branches.length - 1 ? "├─ " : "└─ " }));
}

function continueJoint(joint: string): string {
  if (joint === "") return "";
  return joint === "├─ " ? "│  " : "   ";
}

function describe({ label, run }: Branch): string {
  if (run === null) return label;
  const { status, start_time, run_id, session_id, workflow, discarded } = run;
  const time = start_time === null ? "never started" : formatLocalTime(start_time);
  const parts = [`${label}${showName(run.run)}`, status, time, `run ${run_id}`];
  const data = discarded === null ? [] : [`its data ${formatDiscard(discarded).replace("was", "were")}`];
  return [...parts, `session ${session_id} of ${showName(workflow)}`, ...data].join("  ");
}

function findInputs(lineage: Lineage, runs: ReadonlyMap<RunId, LineageRun>): FindBranches {
  const reads = Map.groupBy(ofKind(lineage, "read"), (edge) => edge.run_id);
  const resumed = Map.groupBy(ofKind(lineage, "resumed"), (edge) => edge.run_id);
  const versions = indexVersions(lineage);
  return (runId) => [
    ...groupResumed(resumed.get(runId) ?? [], runs),
    ...(reads.get(runId) ?? []).map((edge) => {
      const version = versions.get(versionKey(edge));
      const run = version?.writer == null ? null : (runs.get(version.writer) ?? null);
      const origin = run === null ? describeOrigin(edge, version) : "";
      return { label: `${nameRead(edge)}${showFormat(version)} <- ${origin}`, run };
    }),
  ];
}

/** One line for each earlier attempt, however much of it was taken over. */
function groupResumed(edges: readonly LineageEdge[], runs: ReadonlyMap<RunId, LineageRun>): Branch[] {
  const byAttempt = Map.groupBy(edges, ({ version }) => version);
  return [...byAttempt].map(([version, [first, ...others]]) => {
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    return {
      label: `${showName(first?.dataset ?? "")}${more}, taken over <- `,
      run: runs.get(version as RunId) ?? null,
    };
  });
}

function findOutputs(lineage: Lineage, runs: ReadonlyMap<RunId, LineageRun>): FindBranches {
  const written = Map.groupBy(ofKind(lineage, "wrote"), (edge) => edge.run_id);
  const reads = Map.groupBy(ofKind(lineage, "read"), versionKey);
  const versions = indexVersions(lineage);
  return (runId) =>
    (written.get(runId) ?? []).flatMap((edge): Branch[] => {
      const readers = reads.get(versionKey(edge)) ?? [];
      const format = showFormat(versions.get(versionKey(edge)));
      if (readers.length === 0) return [{ label: `${showName(edge.dataset)}${format} -> no run`, run: null }];
      return readers.map((read) => ({ label: `${nameRead(read)}${format} -> `, run: runs.get(read.run_id) ?? null }));
    });
}

function indexVersions({ versions }: Lineage): ReadonlyMap<string, LineageVersion> {
  return new Map(versions.map((version) => [versionKey(version), version]));
}

function showFormat(version: LineageVersion | undefined): string {
  const format = version?.format == null ? "" : ` [${showName(version.format)}]`;
  return version?.tainted === undefined ? format : `${format} (${showName(version.tainted)})`;
}

/** Describes the origin of a version that no run wrote. */
function describeOrigin(edge: LineageEdge, version: LineageVersion | undefined): string {
  const name = showName(edge.version);
  const origin = version?.origin ?? "project";
  switch (origin) {
    case "file":
      return `a file, ${name}`;
    case "value":
      return `a value of the workflow, ${name}`;
    case "project":
    case "run":
      return `version ${name}, from before runweave`;
    default:
      return origin satisfies never;
  }
}

function ofKind(lineage: Lineage, kind: LineageEdge["kind"]): LineageEdge[] {
  return lineage.edges.filter((edge) => edge.kind === kind);
}

function nameRead(edge: LineageEdge): string {
  const as = edge.as === edge.dataset ? "" : ` (as ${showName(edge.as)})`;
  return `${showName(edge.dataset)}${as}`;
}
