import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest on a quiet machine, longest first, by the beginnings of their paths. */
export const LONGEST = [
  "test/e2e/chaos",
  "test/hostile/",
  "test/e2e/verify-warm",
  "test/e2e/registry-faults",
  "test/e2e/remote-",
  "test/e2e/exact-resume",
  "test/e2e/trace-a-number",
  "test/runners/kedro/silent-worker",
  "test/compose/trash/discard-remote",
  "test/e2e/reuse",
  "test/e2e/lock",
  "test/e2e/reproduce",
  "test/e2e/package",
  "test/e2e/diabetes",
  "test/e2e/plain-folders",
  "test/e2e/other-paths",
  "test/e2e/injection",
  "test/e2e/two-sessions",
  "test/compose/reuse/same-results",
  "test/compose/reproduce/rebuild-",
  "test/runners/kedro/workers/worker-pool",
  "test/runners/module/module-host",
  "test/scripts/python/ensure-venv",
];

/** Begins with what takes longest, also in a fresh clone, so that no worker is left alone with it at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root } = this.ctx.config;
    const byVitest = await super.sort(files);
    return byVitest.toSorted((a, b) => rankFile(a, root) - rankFile(b, root));
  }
}

/** Files that share a process come last, one after the other: they are short, and fill up whatever time is left. */
function rankFile({ moduleId, project }: TestSpecification, root: string): number {
  if (!project.config.isolate) return LONGEST.length + 1;
  const at = LONGEST.findIndex((path) => moduleId.startsWith(`${root}/${path}`));
  return at === -1 ? LONGEST.length : at;
}
