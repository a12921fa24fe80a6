import { basename, isAbsolute } from "node:path";
import type { KedroTask } from "../../core/port/runner.ts";
import type { SliceFacts, WorkFacts } from "../../core/project-facts.ts";
import { findRead, isSupplied } from "../../core/select-reads.ts";
import { formatCanonical } from "../../plan/canonical-json.ts";
import { listOtherPlaces, nameOther } from "../../plan/places/other-places.ts";
import { findFacts, isMemory } from "../../plan/places/places.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { kindOf } from "../../runners/task-kinds.ts";
import type { DescribedWork, DescribeOptions } from "./described-work.ts";

/**
 * Describes the dependencies of a Kedro run's result: the project's own answer, and the data that it reads from
 * outside.
 */
export async function describeKedro(
  planned: PlannedRun & { task: KedroTask },
  { facts, content, digest }: DescribeOptions & { facts: SliceFacts & { work: WorkFacts } },
): Promise<DescribedWork> {
  const { task } = planned;
  const { work } = facts;
  const external = await readExternal(planned, facts, content);
  return {
    parts: {
      task: {
        nodes: digest(formatCanonical(work.nodes)),
        runner: `${task.runner}${task.is_async ? ", async" : ""}`,
        outputs: task.outputs.toSorted().join(", "),
      },
      environment: { env: task.env ?? "", ...work.environment },
      code: work.code,
      parameters: Object.fromEntries(Object.entries(work.parameters).map(([name, value]) => [name, digest(value)])),
      catalog: Object.fromEntries(Object.entries(work.catalog).map(([name, value]) => [name, digest(value)])),
      inputs: external.inputs,
    },
    watched: external.watched,
    sources: kindOf(task).sourcesOf(task)?.fingerprint() ?? null,
    obstacles: [...work.obstacles, ...external.obstacles, ...findUnseenOutputs(task, facts)],
  };
}

type External = Pick<DescribedWork, "watched" | "obstacles"> & { inputs: Record<string, string> };

/** Reads the slice's inputs that come neither from another run nor from the workflow file. */
async function readExternal(
  { reads, task }: PlannedRun & { task: KedroTask },
  facts: SliceFacts,
  content: DescribeOptions["content"],
): Promise<External> {
  const found: External = { inputs: {}, watched: [], obstacles: [] };
  for (const dataset of facts.inputs) {
    if (isSupplied(reads, dataset)) continue;
    const known = findFacts(facts, dataset);
    const location = known?.location ?? null;
    const read = findRead(reads, dataset);
    const version = read?.rule === "frozen" ? read.version : null;
    const path = location === null || version === null ? location : `${location}/${version}/${basename(location)}`;
    if (read?.rule === "floating") found.obstacles.push(`'${dataset}' is floating`);
    else if (known?.content !== undefined && known.content.path === path) found.inputs[dataset] = known.content.hash;
    else if (path === null || !isAbsolute(path)) found.obstacles.push(describeUnseen(dataset, known?.type));
    else {
      try {
        const { hash, ...watched } = await content.look(path);
        found.inputs[dataset] = hash;
        found.watched.push(watched);
      } catch (error) {
        found.obstacles.push(`'${dataset}' can't be read: ${(error as Error).message}`);
      }
    }
  }
  for (const other of listOtherPlaces({ task }, reads, facts)) {
    if (other.access === "write" || !other.is_there) continue;
    const { hash, ...watched } = await content.look(other.path);
    found.inputs[nameOther(other)] = hash;
    found.watched.push(watched);
  }
  return found;
}

/** A run that is not executed does not write to a database again. */
function findUnseenOutputs(task: KedroTask, facts: SliceFacts): string[] {
  return facts.outputs.flatMap((dataset) => {
    const known = findFacts(facts, dataset);
    if (known === null || known === undefined || !known.in_catalog || isMemory(known)) return [];
    if (task.floating.includes(dataset)) return [`'${dataset}' is floating`];
    return known.location === null ? [describeUnseen(dataset, known.type)] : [];
  });
}

function describeUnseen(dataset: string, type = "a dataset that is in no catalog"): string {
  return `'${dataset}' (${type}) is where runweave can't look`;
}
