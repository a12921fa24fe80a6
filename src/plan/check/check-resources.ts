import { type Problem, problemAt } from "../../core/error/problem.ts";
import {
  describeResources,
  NO_RESOURCES,
  RESOURCE_KINDS,
  type ResourceKind,
  type Resources,
} from "../../core/resources.ts";
import type { KeyPath, WorkflowDefinition } from "../../define/definition.ts";
import { gatherFindings } from "../findings.ts";
import type { ExpandedRun } from "../plan.ts";

/** Runs that take more than there is, and so could never start. Problems: `resources-exceeded`. */
export function checkResources(
  definition: WorkflowDefinition,
  runs: readonly ExpandedRun[],
  capacity: Resources,
): Problem[] {
  const findings = gatherFindings();
  for (const { run, definition: declared, resources } of runs) {
    for (const kind of RESOURCE_KINDS) {
      if (resources[kind] <= capacity[kind]) continue;
      findings.add(["resources-exceeded", declared.name, kind], () => {
        const message = `${run} takes ${tell(kind, resources)}, and ${describeOwner(definition, kind)} ${tell(kind, capacity)}`;
        const hint = "ask for less, or write at the top of the file, under `resources`, how much there is";
        return problemAt(
          definition.locate(findPlace(definition, declared.name, kind)),
          "resources-exceeded",
          message,
          hint,
        );
      });
    }
  }
  return findings.list();
}

function tell(kind: ResourceKind, resources: Resources): string {
  return (
    describeResources({ ...NO_RESOURCES, [kind]: resources[kind] }) ||
    `no ${kind === "memory" ? kind : kind.toUpperCase()}`
  );
}

function describeOwner({ resources }: WorkflowDefinition, kind: ResourceKind): string {
  return resources[kind] === undefined ? "this machine has" : "`resources` at the top of the file says";
}

/** A run that does not say it itself has it from the defaults. */
function findPlace({ locate }: WorkflowDefinition, run: string, kind: ResourceKind): KeyPath {
  const own: KeyPath = ["runs", run, "resources", kind];
  const [here, above] = [locate(own), locate(own.slice(0, -1))];
  const isOwn = here !== null && (here.line !== above?.line || here.column !== above.column);
  return isOwn ? own : ["defaults", "resources", kind];
}
