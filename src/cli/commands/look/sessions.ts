import { type Command, Option } from "commander";
import { type ListedSession, listSessions } from "../../../compose/actions/look/list-sessions.ts";
import type { SessionFilter } from "../../../core/port/registry-lists.ts";
import { SESSION_STATUSES } from "../../../core/run.ts";
import { renderSessions } from "../../../report/result/tables.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, limit, registry, since } from "../../declare/options.ts";
import { describeAbandoned } from "../../describe-owner.ts";
import type { ExitCode } from "../../errors.ts";
import { lookOf, writeLines } from "../../terminal.ts";
import { writeList } from "../../write-answer.ts";

/** Declares `sessions`. */
export function declareSessions(command: Command, done: Done): void {
  command
    .option("--workflow <name>", "only of this workflow")
    .addOption(new Option("--status <status>", "only in this state").choices(SESSION_STATUSES))
    .addOption(since())
    .addOption(limit())
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(
        ["runweave sessions --since 7d", "the sessions of a week"],
        ["runweave sessions --status running", "those that still run"],
      ),
    )
    .action(async (flags) => done(await printSessions(flags)));
}

interface SessionsFlags extends SessionFilter, RegistryFlag {
  json?: boolean;
}

/** `runweave sessions`. */
async function printSessions({ json, registry, ...filter }: SessionsFlags): Promise<ExitCode> {
  const write = json ? (pages: Iterable<ListedSession[]>) => writeList("sessions", pages) : writeTable;
  await listSessions({ registry }, filter, write, toContext({}));
  return 0;
}

function writeTable(pages: IteratorObject<ListedSession[]>): void {
  const sessions = pages.toArray().flat();
  writeLines(process.stdout, renderSessions(sessions, lookOf(process.stdout)));
  const abandoned = sessions.flatMap((session) => describeAbandoned(session, session.owner));
  if (abandoned.length > 0) writeLines(process.stdout, ["", ...abandoned]);
}
