import type { Problem } from "../../core/error/problem.ts";
import { gatherFindings } from "../findings.ts";
import { checkAppends } from "./check-appends.ts";
import { checkCheckpoints } from "./check-checkpoints.ts";
import { type CheckSubject, createMakerFinder } from "./check-context.ts";
import { checkFormats } from "./check-formats.ts";
import { checkInjects } from "./check-injects.ts";
import { checkFloating, checkPlaceless } from "./check-placeless.ts";
import { checkPlaces } from "./check-places.ts";
import { checkReadable } from "./check-readable.ts";
import { checkRedirected } from "./check-redirected.ts";
import { checkSlice } from "./check-slice.ts";
import { checkTwins } from "./check-twins.ts";

/**
 * Finds contradictions between the workflow and the project. The project's own problems keep their codes. Errors of a
 * run by itself: `not-read`, `written-by-itself`, `sibling-conflict`, `not-written`, `no-version`, `no-place`,
 * `no-version-of`, `unpinned`, `redirected`, and for injected data and outputs of commands `no-entry`, `no-path`;
 * warnings: `no-source`, `no-file`, `checkpoint-kept-apart`, `appends`, `one-file`, `unknown-floating`. Errors between
 * runs: `write-conflict`, `other-path`, `injected-and-written`, `not-consumed`, which is a warning where the runs can't
 * disturb each other; a warning: `two-formats`. Runs without facts, commands among them, are not checked.
 */
export function checkFacts(subject: CheckSubject): Problem[] {
  const findings = gatherFindings();
  const context = { ...subject, findings, findMaker: createMakerFinder(subject) };
  const runs = new Map(subject.runs.map((run) => [run.run, run]));
  for (const run of subject.runs) {
    checkSlice(context, run);
    checkPlaceless(context, run);
    checkReadable(context, runs, run);
    checkRedirected(context, run);
    checkCheckpoints(context, run);
    checkAppends(context, run);
    checkTwins(context, run);
  }
  checkFloating(context);
  checkInjects(context);
  checkFormats(context);
  checkPlaces(context);
  return findings.list();
}
