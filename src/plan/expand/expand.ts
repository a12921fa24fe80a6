import { acceptUnless, type Checked, type Problem, problemAt } from "../../core/error/problem.ts";
import { hasCatalog } from "../../core/kinds.ts";
import type { KeyPath, RunDefinition, WorkflowDefinition } from "../../define/definition.ts";
import { gatherFindings } from "../findings.ts";
import type { ExpandedRun } from "../plan.ts";
import { expandGroups } from "./arm-groups.ts";
import { buildRollback, buildTask } from "./build-task.ts";
import { checkEnv } from "./check-env.ts";
import { type EdgeContext, expandConsumes, listNeeds, MAX_EDGES, reportTooManyEdges } from "./expand-edges.ts";
import { expandInjects } from "./expand-injects.ts";
import type { NamedArm } from "./pick-arm.ts";
import type { Reference, Scope } from "./substitute.ts";
import { waitForOthers } from "./wait-for-others.ts";

/** `process.env`, or what a test or another host says instead. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface Expansion extends EdgeContext {
  environment: Environment;
}

/**
 * Every run of the session, in declaration order: matrices spread into arms, references filled in from the arm and from
 * `environment`, and edges between single runs. A problem never repeats a value of the environment.
 */
export function expandRuns(workflow: WorkflowDefinition, environment: Environment): Checked<ExpandedRun[]> {
  const findings = gatherFindings();
  const groups = expandGroups(workflow, findings);
  const members = [...groups.values()].flatMap((group) => group.arms.map((arm) => ({ group, arm })));
  const positions = new Map(members.map(({ arm }, position) => [arm.run, position]));
  const expansion: Expansion = { workflow, environment, findings, groups, positions, edges: 0 };
  const runs = waitForOthers(members.map(({ group, arm }) => expandArm(expansion, group.definition, arm)));
  const edges = runs.reduce((count, { needs }) => count + needs.length, 0);
  if (edges > MAX_EDGES) reportTooManyEdges(expansion, ["runs"]);
  return acceptUnless(findings.list(), runs);
}

function expandArm(expansion: Expansion, definition: RunDefinition, { run, arm }: NamedArm): ExpandedRun {
  const { workflow, environment, findings } = expansion;
  const onMissing = (reference: Reference, path: KeyPath): void => {
    findings.add(["missing", reference.kind, reference.name, ...path], () =>
      describeMissing(workflow, { reference, path, run }),
    );
  };
  const scope: Scope = { arm, environment, onMissing };
  const consumes = expandConsumes(expansion, definition, scope);
  const task = buildTask(workflow, definition, scope);
  if (hasCatalog(task)) checkEnv(task.env, definition, expansion);
  return {
    run,
    definition,
    arm,
    task,
    needs: listNeeds(expansion, definition, consumes),
    consumes,
    injects: expandInjects(definition, scope, workflow.dir),
    timeoutMs: definition.timeoutMs,
    policy: definition.policy,
    onRollback: buildRollback(workflow, definition, scope),
    resources: definition.resources,
  };
}

interface Missing {
  reference: Reference;
  path: KeyPath;
  run: string;
}

function describeMissing(workflow: WorkflowDefinition, { reference, path, run }: Missing): Problem {
  const location = workflow.locate(path);
  const { kind, name } = reference;
  switch (kind) {
    case "env":
      return problemAt(location, "unset-variable", `the environment variable ${name} is not set`);
    case "matrix":
      return problemAt(location, "unknown-axis", `${run} has no value "${name}" in its matrix`);
    default:
      return kind satisfies never;
  }
}
