import { type Command, Option } from "commander";
import { readRegistryAsync } from "../../../compose/actions/context.ts";
import { ownerOf } from "../../../compose/session/session-lease.ts";
import type { RegistryReader } from "../../../core/port/registry.ts";
import type { SessionFilter, SessionSummary } from "../../../core/port/registry-lists.ts";
import { SESSION_STATUSES } from "../../../core/run.ts";
import { listPages } from "../../../explain/list-pages.ts";
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
    .action(async (flags) => done(await listSessions(flags)));
}

/** `runweave sessions`. */
export async function listSessions({
  json,
  registry,
  limit,
  ...filter
}: SessionFilter & RegistryFlag & { json?: boolean }): Promise<ExitCode> {
  await readRegistryAsync({ registry }, toContext({}), async (reader) => {
    const pages = listPages((page) => reader.sessionPage(filter, page), limit).map((page) => addOwners(reader, page));
    if (json) await writeList("sessions", pages);
    else {
      const sessions = pages.toArray().flat();
      writeLines(process.stdout, renderSessions(sessions, lookOf(process.stdout)));
      const abandoned = sessions.flatMap((session) => describeAbandoned(session, session.owner));
      if (abandoned.length > 0) writeLines(process.stdout, ["", ...abandoned]);
    }
  });
  return 0;
}

function addOwners(reader: RegistryReader, sessions: readonly SessionSummary[]) {
  return sessions.map((session) => ({ ...session, owner: ownerOf(reader, session) }));
}
