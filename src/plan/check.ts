import type { Problem } from "../core/problem.ts";
import { type CheckSubject, createMakerFinder } from "./check-context.ts";
import { checkPlaces } from "./check-places.ts";
import { checkSlice } from "./check-slice.ts";
import { gatherFindings } from "./findings.ts";

/**
 * Where the workflow and the project disagree. The project's own problems keep their codes. Errors of a run by itself:
 * `not-read`, `written-by-itself`, `sibling-conflict`, `not-written`, `no-version`; a warning: `no-source`. Errors between
 * runs: `write-conflict`, `not-consumed`, which is a warning where the runs can't get in each other's way.
 * Runs without facts, commands among them, are not checked.
 */
export function checkFacts(subject: CheckSubject): Problem[] {
  const findings = gatherFindings();
  const context = { ...subject, findings, findMaker: createMakerFinder(subject) };
  for (const run of subject.runs) checkSlice(context, run);
  checkPlaces(context);
  return findings.list();
}
