import { type Location, problemAt, warningAt } from "../../core/error/problem.ts";
import { isMapping } from "../../core/json.ts";
import { hasCatalog } from "../../core/kinds.ts";
import type { FactProblem } from "../../core/project-facts.ts";
import type { Json, JsonObject } from "../../core/run.ts";
import type { KedroDefinition } from "../../define/definition.ts";
import { locateKey } from "../locate-key.ts";
import type { PlannedRun } from "../plan.ts";
import type { CheckContext } from "./check-context.ts";

/** Parameters that are given in vain: nowhere known though something like it is, nowhere known at all, or not read. */
export const VAIN_PARAMETER_CODES: readonly string[] = ["unknown-parameter", "unread-parameter", "unused-parameter"];

/**
 * Checks the parameters of a run that its nodes do not read. An axis of a matrix that changes no parameter, filter or
 * environment is an error: its arms would all have the same result. So is a parameter with a name like one of the
 * project's.
 */
export function checkParameters(context: CheckContext, run: PlannedRun, problems: readonly FactProblem[]): void {
  const { definition } = run;
  if (!hasCatalog(definition)) return;
  const vain = problems.filter(({ code }) => VAIN_PARAMETER_CODES.includes(code));
  const idle = listIdleAxes(definition, vain);
  for (const problem of vain) {
    const axis = idle.find((each) => findReferences(valueAt(definition.params, problem.parameter)).has(each));
    if (axis !== undefined) reportAxis(context, run, { axis, problem });
    else if (!isShared(context, definition, problem)) report(context, run, problem);
  }
}

/** The axes that stand in these parameters, and nowhere else in the run. */
function listIdleAxes(definition: KedroDefinition, vain: readonly FactProblem[]): string[] {
  const { matrix, params, ...rest } = definition;
  if (matrix === null || vain.length === 0) return [];
  const used = findReferences(omitPaths(params, new Set(vain.map(({ parameter }) => parameter)), ""));
  for (const axis of findReferences(rest as unknown as Json)) used.add(axis);
  return Object.keys(matrix.axes).filter((axis) => !used.has(axis));
}

function reportAxis(
  { definition, findings }: CheckContext,
  { definition: { name } }: PlannedRun,
  { axis, problem: { code, message, hint } }: { axis: string; problem: FactProblem },
): void {
  findings.add([code, name, axis], () => {
    const place = definition.locate(["runs", name, "matrix", axis]);
    return problemAt(place, code, `${name}: the axis "${axis}" changes nothing: ${message}`, hint);
  });
}

function report(context: CheckContext, run: PlannedRun, { code, message, hint, parameter }: FactProblem): void {
  const { definition, findings } = context;
  const { name } = run.definition;
  const way = ["params", ...(parameter?.split(".") ?? [])];
  const locate = (): Location | null => locateKey(definition, name, [way, "params"]);
  const text = `${run.run}: ${message}`;
  if (code === "unknown-parameter") findings.add([code, name, message], () => problemAt(locate(), code, text, hint));
  else findings.warn([code, name, message], () => warningAt(locate(), code, text, hint));
}

/** Tells whether a parameter that the project has is given to all runs, of which some other may read it. */
function isShared(
  { definition }: CheckContext,
  { name, params }: KedroDefinition,
  { code, parameter = "" }: FactProblem,
): boolean {
  const [first = ""] = parameter.split(".");
  // The command line gives it to this run, as the file does not.
  if (!Object.keys(params).some((key) => parameter === key || parameter.startsWith(`${key}.`))) return false;
  const around = definition.locate(["runs", name]);
  const own = definition.locate(["runs", name, "params", first]);
  const isOwn = own?.line !== around?.line || own?.column !== around?.column;
  return code === "unused-parameter" && !isOwn;
}

/** The value at a path such as `model.alpha`; undefined where there is none. */
function valueAt(params: JsonObject, path = ""): Json | undefined {
  let value: Json | undefined = params;
  for (const key of path.split(".")) value = isMapping(value) ? value[key] : undefined;
  return value;
}

function omitPaths(params: JsonObject, paths: ReadonlySet<string | undefined>, prefix: string): JsonObject {
  const kept = Object.entries(params).flatMap(([key, value]): [string, Json][] => {
    if (paths.has(`${prefix}${key}`)) return [];
    return [[key, isMapping(value) ? omitPaths(value, paths, `${prefix}${key}.`) : value]];
  });
  return Object.fromEntries(kept);
}

/** The axes that a value refers to, in keys and texts at any depth. */
function findReferences(value: Json | undefined): Set<string> {
  const found = JSON.stringify(value ?? null).matchAll(/\$\{matrix\.([^{}]*)\}/g);
  return new Set(Array.from(found, ([, axis = ""]) => axis.trim()));
}
