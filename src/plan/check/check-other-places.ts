import { type Problem, problemAt } from "../../core/error/problem.ts";
import { locateKey } from "../locate-key.ts";
import { listOtherPlaces, type OtherAccess } from "../places/other-places.ts";
import type { PlaceIndex } from "../places/place-index.ts";
import { type Access, createPlaceMap, type PlaceMap } from "../places/place-map.ts";
import type { PlannedRun } from "../plan.ts";
import type { CheckContext } from "./check-context.ts";
import { PIPELINE_KEYS } from "./check-slice.ts";
import { ARM_PATHS, areArms, type ToldPairs } from "./told-pairs.ts";

interface Named {
  run: PlannedRun;
  other: OtherAccess;
}

/**
 * Checks the places that datasets name besides their own: such data can't be pinned, or get a place per run. Two runs
 * that may run at the same time must not both use one of them if one writes, and no run may read there what an earlier
 * one wrote. `told` are the pairs that a write conflict reports already.
 */
export function checkOtherPlaces(context: CheckContext, index: PlaceIndex, told: ToldPairs): void {
  const named = context.runs.flatMap((run) =>
    listOtherPlaces(run, run.reads, context.facts.get(run.run)).map((other): Named => ({ run, other })),
  );
  if (named.length === 0) return;
  const writes = createPlaceMap();
  for (const { run, other } of named)
    if (other.access === "write" && (other.is_there || isPlaceOf(index, other.path)))
      writes.add({ path: other.path, suffix: null }, { run, dataset: other.dataset, lacksVersion: false });
  for (const each of named) checkNamed(context, each, { index, writes, told });
}

/** A string that is no path of anything is no path at all. */
function isPlaceOf({ plainWrites, ownWrites, reads }: PlaceIndex, path: string): boolean {
  return [plainWrites, ownWrites, reads].some((map) => map.findAtOrAbove({ path, suffix: null }).length > 0);
}

function checkNamed(
  context: CheckContext,
  named: Named,
  { index, writes, told }: { index: PlaceIndex; writes: PlaceMap; told: ToldPairs },
): void {
  const { run, other } = named;
  // A folder with other runs' data does not tell which of them are read.
  const find = (map: PlaceMap) => map.findAtOrAbove({ path: other.path, suffix: null });
  const writers = [...find(index.plainWrites), ...find(index.ownWrites), ...find(writes)];
  for (const writer of writers)
    if (isUnsettled(context, named, writer) && !(other.access === "write" && told.has({ run, ...other }, writer)))
      report(context, named, { access: writer, verb: "writes" });
  if (other.access === "read" || (!other.is_there && writers.every((writer) => writer.run === run))) return;
  for (const reader of find(index.reads))
    if (isUnsettled(context, { run: reader.run, other: { ...other, access: "read" } }, { ...reader, run }))
      report(context, named, { access: reader, verb: "reads" });
}

/** Two writers only have to be in order; a reader has to come first, as it is to read what the plan saw. */
function isUnsettled({ graph }: CheckContext, { run, other }: Named, writer: Access): boolean {
  if (writer.run === run) return false;
  if (graph.reaches(run.run, writer.run.run)) return false;
  return other.access === "read" || !graph.reaches(writer.run.run, run.run);
}

function report(
  context: CheckContext,
  { run, other }: Named,
  { access, verb }: { access: Access; verb: "reads" | "writes" },
): void {
  const { name } = run.definition;
  const second = access.run.definition.name;
  // A pair that does the same to each other is reported once, for the later run.
  if (verb === "writes" && other.access === "write" && access.run.index > run.index) return;
  context.findings.add(["other-path", name, second, other.dataset, other.argument], (): Problem => {
    const location = locateKey(context.definition, name, PIPELINE_KEYS);
    const message = `${run.run}: "${other.dataset}" is at ${other.path} too (${other.argument}), which ${access.run.run} ${verb} as "${access.dataset}"`;
    const names = [...new Set([other.dataset, access.dataset])].map((dataset) => `"${dataset}"`).join(" and ");
    const float = `list ${names} under \`floating\``;
    const hint = areArms({ run }, access)
      ? `${float}, or ${ARM_PATHS}`
      : `let one need the other, the reader first; or ${float}`;
    return problemAt(location, "other-path", message, hint);
  });
}
