import type { RunFilter, TagFilter } from "../../core/registry.ts";
import { type ListedRun, renderRuns } from "../../report/tables.ts";
import type { ExitCode } from "../errors.ts";
import { type RegistryFlag, readRegistryAsync } from "../open-registry.ts";
import { lookOf, writeLines } from "../terminal.ts";
import { writeList } from "../write-answer.ts";

/** `runweave runs`. The list may be long: of each record, no more is kept than what is shown. */
export async function listRuns({
  json,
  registry,
  tag = [],
  ...rest
}: Omit<RunFilter, "tags"> & RegistryFlag & { json?: boolean; tag?: TagFilter[] }): Promise<ExitCode> {
  const filter = { ...rest, tags: tag };
  await readRegistryAsync({ registry }, async (reader) => {
    const pages = reader.runPages(filter);
    if (json) await writeList("runs", pages);
    else writeLines(process.stdout, renderRuns(keepListed(pages), lookOf(process.stdout)));
  });
  return 0;
}

function keepListed(pages: Iterable<readonly ListedRun[]>): ListedRun[] {
  return Array.from(pages, (page) =>
    page.map(({ run_id, run, status, duration_ms, workflow, session_id }) => {
      return { run_id, run, status, duration_ms, workflow, session_id };
    }),
  ).flat();
}
