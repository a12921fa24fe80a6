import { type Command, Option } from "commander";
import { readRegistryAsync } from "../../../compose/actions/context.ts";
import type { RunFilter, TagFilter } from "../../../core/port/registry-lists.ts";
import { RUN_STATUSES } from "../../../core/run.ts";
import { listPages } from "../../../explain/list-pages.ts";
import { renderRuns } from "../../../report/result/tables.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, limit, registry, session, since, tag } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { lookOf, writeLines } from "../../terminal.ts";
import { writeList } from "../../write-answer.ts";

/** Declares `runs`. */
export function declareRuns(command: Command, done: Done): void {
  command
    .option("--workflow <name>", "only of this workflow")
    .addOption(session())
    .addOption(new Option("--status <status>", "only in this state").choices(RUN_STATUSES))
    .addOption(tag())
    .addOption(since())
    .addOption(limit())
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(
        ["runweave runs --session latest", "the runs of the newest session"],
        ["runweave runs --status failed --since 12h"],
        ["runweave runs --tag team=pricing", "those that were tagged so"],
      ),
    )
    .action(async (flags) => done(await listRuns(flags)));
}

/** `runweave runs`. The list may be long: whole records are read only for `--json`, and never all at once. */
export async function listRuns({
  json,
  registry,
  tag = [],
  limit,
  ...rest
}: Omit<RunFilter, "tags"> & RegistryFlag & { json?: boolean; tag?: TagFilter[] }): Promise<ExitCode> {
  const filter = { ...rest, tags: tag };
  await readRegistryAsync({ registry }, toContext({}), async (reader) => {
    if (json) await writeList("runs", reader.runPages({ ...filter, ...(limit === undefined ? {} : { limit }) }));
    else {
      const pages = () => [...listPages((page) => reader.runPage(filter, page), limit)];
      writeLines(process.stdout, renderRuns(reader.together(pages).flat(), lookOf(process.stdout)));
    }
  });
  return 0;
}
