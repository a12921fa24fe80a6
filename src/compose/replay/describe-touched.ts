import { dirname } from "node:path";
import type { ProjectFacts } from "../../core/project-facts.ts";
import { dropFiles, listFiles } from "../../core/select-reads.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { openKeyedDigest } from "../../runners/keyed-digest.ts";
import { freezePlainFiles } from "../freeze/freeze-plain-files.ts";
import type { RegistrySource } from "../registry-source.ts";
import { contentCachePath, openContentCache } from "../reuse/content-cache.ts";
import { describeWork } from "../reuse/describe-work.ts";

interface Describing {
  touched: ReadonlySet<string>;
  facts: ProjectFacts;
  environment: Readonly<Record<string, string | undefined>>;
  source: Pick<RegistrySource, "path">;
  /** Runs, or names of matrices, whose results are not looked up. */
  fresh: readonly string[];
  /** Runs that read the project's files as they are now; the others read those of then. */
  anew?: ReadonlySet<string>;
  /** Folder to which relative paths refer. */
  folder: string;
}

/** Describes the dependencies of runs that may be executed, and those that runweave can't see. */
export async function describeTouched(
  runs: readonly PlannedRun[],
  { touched, facts, environment, source, fresh, folder, anew = new Set() }: Describing,
): Promise<{ runs: PlannedRun[]; obstacles: Map<string, string> }> {
  const stateFolder = dirname(source.path);
  const content = openContentCache(contentCachePath(stateFolder), Date.now);
  const options = { dir: folder, environment, facts, content, digest: openKeyedDigest(stateFolder) };
  // Linked runs keep the files that they read: a replay of this replay compares with them.
  const bare = runs.map((run) => (touched.has(run.run) ? { ...run, reads: dropFiles(run) } : run));
  const now = await freezePlainFiles(
    bare.map((run) => ({ ...run, work: null })),
    { facts, content, stateFolder },
  );
  const open = now.map((run, at) => (anew.has(run.run) ? run : keepFiles(run, runs[at])));
  const described = await describeWork(
    open.filter(({ run }) => touched.has(run)),
    { ...options, choice: { mode: "on", fresh } },
  );
  const byName = new Map(described.map((run) => [run.run, run]));
  const obstacles = described.flatMap(({ run, work }): [string, string][] =>
    work === null || work.obstacles.length === 0 ? [] : [[run, work.obstacles.join("; ")]],
  );
  return { runs: open.map((run) => keepMode(byName.get(run.run) ?? run)), obstacles: new Map(obstacles) };
}

/** A replay reads what the session read; what its runs did not read then is taken as it is now. */
function keepFiles(run: PlannedRun, then: PlannedRun = run): PlannedRun {
  const before = new Map(listFiles(then));
  const reads = Object.entries(run.reads).map(([dataset, read]) => {
    const file = before.get(dataset);
    const isSame = "file" in read && file !== undefined && read.file?.path === file.path;
    return [dataset, isSame ? { ...read, file } : read] as const;
  });
  return { ...run, reads: Object.fromEntries(reads) };
}

/** The session's own words on reuse go for what is executed: without them, no result of another session is looked for. */
function keepMode(run: PlannedRun): PlannedRun {
  const { cache } = run.definition;
  if (run.work === null || cache === "off") return { ...run, work: null };
  // A changed run has no earlier result: `only` would refuse it.
  return run;
}
