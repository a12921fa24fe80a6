import { problemAt } from "../../core/error/problem.ts";
import type { RunDefinition, WorkflowDefinition } from "../../define/definition.ts";
import type { Findings } from "../findings.ts";
import { countProduct, formatArmName, listArms } from "./matrix.ts";
import { type ArmFinder, createArmFinder, type NamedArm } from "./pick-arm.ts";

/** Largest number of arms; a larger one is taken for a slip. Runs without a matrix don't count. */
export const MAX_ARMS = 100_000;

/** A declared run and the runs that it stands for: itself, or the arms of its matrix. */
export interface ArmGroup {
  definition: RunDefinition;
  arms: readonly NamedArm[];
  find: ArmFinder;
  /** The matrix can't be expanded: that was reported, and who consumes from it is left in peace. */
  failed: boolean;
}

/** Expands each run to its arms, by name, in declaration order. */
export function expandGroups(workflow: WorkflowDefinition, findings: Findings): Map<string, ArmGroup> {
  const groups = new Map<string, ArmGroup>();
  let left = MAX_ARMS;
  for (const definition of workflow.runs) {
    const arms = nameArms({ workflow, definition, findings, left });
    if (definition.matrix !== null) left -= arms?.length ?? 0;
    const found = arms ?? [];
    groups.set(definition.name, { definition, arms: found, find: createArmFinder(found), failed: arms === null });
  }
  return groups;
}

interface Naming {
  workflow: WorkflowDefinition;
  definition: RunDefinition;
  findings: Findings;
  /** Number of arms that may still be made. */
  left: number;
}

function nameArms(naming: Naming): NamedArm[] | null {
  const { name, matrix } = naming.definition;
  if (matrix === null) return [{ run: name, arm: {} }];
  const count = countProduct(matrix) + matrix.include.length;
  if (count > naming.left) {
    return rejectMatrix(
      naming,
      "too-many-variants",
      `the matrix of "${name}" makes ${count} variants; at most ${MAX_ARMS} are allowed`,
    );
  }
  const arms = listArms(matrix).map((arm) => ({ run: formatArmName(name, arm), arm }));
  if (arms.length === 0) return rejectMatrix(naming, "empty-matrix", `the matrix of "${name}" has no variant`);
  const seen = new Set<string>();
  const twice = arms.find(({ run }) => seen.size === seen.add(run).size);
  if (twice === undefined) return arms;
  return rejectMatrix(naming, "equal-variants", `the matrix of "${name}" makes two variants named ${twice.run}`);
}

function rejectMatrix({ workflow, definition, findings }: Naming, code: string, message: string): null {
  const path = ["runs", definition.name, "matrix"];
  findings.add([code, definition.name], () => problemAt(workflow.locate(path), code, message));
  return null;
}
