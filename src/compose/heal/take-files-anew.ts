import { type Problem, problemAt, type RunsProblem, warningAt } from "../../core/error/problem.ts";
import type { GivenRead } from "../../core/read.ts";
import { listFiles, listGiven, takePlace } from "../../core/select-reads.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { freezeFile } from "../freeze/freeze-file.ts";

/**
 * Lets runs read the files that they name as these are now: what a file held may be what was wrong. Warnings: `file-changed`;
 * problems: those of a file that can't be had.
 */
export async function takeFilesAnew(
  runs: readonly PlannedRun[],
  anew: ReadonlySet<string>,
): Promise<{ runs: PlannedRun[]; warnings: Problem[]; problems: RunsProblem[] }> {
  const warnings: Problem[] = [];
  const problems: RunsProblem[] = [];
  const renewed: PlannedRun[] = [];
  for (const planned of runs) {
    const { run, reads } = planned;
    const files = anew.has(run) ? listGiven(planned).filter(([, { rule }]) => rule === "file") : [];
    const now: Record<string, GivenRead> = {};
    for (const [dataset, then] of files) {
      if (then.rule !== "file") continue;
      const shown = then.source.replace(/^the file /, "");
      const freezing = await freezeFile(then.version.location, shown);
      if (freezing.ok) {
        now[dataset] = takePlace(freezing.input, then);
        warnings.push(...formatChange(run, then, freezing.input));
      } else problems.push({ runs: [run], problem: refuse(run, freezing.fault) });
    }
    renewed.push(files.length === 0 ? planned : { ...planned, reads: { ...reads, ...now } });
  }
  return { runs: renewed, warnings, problems };
}

/** Warns of changes of the project's own files, which runs read by their catalog. */
export function describeChangedFiles(
  runs: readonly PlannedRun[],
  { before, anew }: { before: readonly PlannedRun[]; anew: ReadonlySet<string> },
): Problem[] {
  const then = new Map(before.map((planned) => [planned.run, new Map(listFiles(planned))]));
  return runs
    .filter(({ run }) => anew.has(run))
    .flatMap((planned) =>
      listFiles(planned).flatMap(([dataset, now]) => {
        const was = then.get(planned.run)?.get(dataset);
        const isSame = was === undefined || (was.hash === now.hash && was.bytes === now.bytes);
        return isSame ? [] : [warnOf(planned.run, `the file ${now.path}`, { before: was.hash, after: now.hash })];
      }),
    );
}

function formatChange(run: string, then: GivenRead, now: GivenRead): Problem[] {
  const [before = null, after = null] = [then, now].map((input) =>
    input.rule === "value" ? null : input.version.hash,
  );
  return before === after ? [] : [warnOf(run, now.source, { before, after })];
}

function warnOf(run: string, file: string, { before, after }: Record<"before" | "after", string | null>): Problem {
  const unknown = "of unknown content";
  const message = `${run} reads ${file} as it is now, ${after ?? unknown}; it was ${before ?? unknown}`;
  const hint = "what it saved is tainted, so it is made again from what is there now";
  return warningAt(null, "file-changed", message, hint);
}

function refuse(run: string, { code, message, hint }: { code: string; message: string; hint: string }): Problem {
  const why = `${run} can't be executed again: ${message}`;
  return problemAt(null, code, why, `${hint}; or replace what it saved: --with DATASET@RUN=RUN_ID`);
}
