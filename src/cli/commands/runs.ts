import type { RunFilter, TagFilter } from "../../core/port/registry-lists.ts";
import { listPages } from "../../explain/list-pages.ts";
import { renderRuns } from "../../report/result/tables.ts";
import type { ExitCode } from "../errors.ts";
import { type RegistryFlag, readRegistryAsync } from "../open-registry.ts";
import { lookOf, writeLines } from "../terminal.ts";
import { writeList } from "../write-answer.ts";

/** `runweave runs`. The list may be long: whole records are read only for those who want them, and never all at once. */
export async function listRuns({
  json,
  registry,
  tag = [],
  limit,
  ...rest
}: Omit<RunFilter, "tags"> & RegistryFlag & { json?: boolean; tag?: TagFilter[] }): Promise<ExitCode> {
  const filter = { ...rest, tags: tag };
  await readRegistryAsync({ registry }, async (reader) => {
    if (json) await writeList("runs", reader.runPages({ ...filter, ...(limit === undefined ? {} : { limit }) }));
    else {
      const pages = () => [...listPages((page) => reader.runPage(filter, page), limit)];
      writeLines(process.stdout, renderRuns(reader.together(pages).flat(), lookOf(process.stdout)));
    }
  });
  return 0;
}
