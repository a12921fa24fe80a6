import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionFilter, SessionSummary } from "../../core/port/registry-lists.ts";
import { listPages } from "../../explain/list-pages.ts";
import { renderSessions } from "../../report/result/tables.ts";
import type { ExitCode } from "../errors.ts";
import { type RegistryFlag, readRegistryAsync } from "../open-registry.ts";
import { ownerOf, tellAbandoned } from "../tell-owner.ts";
import { lookOf, writeLines } from "../terminal.ts";
import { writeList } from "../write-answer.ts";

/** `runweave sessions`. */
export async function listSessions({
  json,
  registry,
  limit,
  ...filter
}: SessionFilter & RegistryFlag & { json?: boolean }): Promise<ExitCode> {
  await readRegistryAsync({ registry }, async (reader) => {
    const pages = listPages((page) => reader.sessionPage(filter, page), limit).map((page) => addOwners(reader, page));
    if (json) await writeList("sessions", pages);
    else {
      const sessions = pages.toArray().flat();
      writeLines(process.stdout, renderSessions(sessions, lookOf(process.stdout)));
      const abandoned = sessions.flatMap((session) => tellAbandoned(session, session.owner));
      if (abandoned.length > 0) writeLines(process.stdout, ["", ...abandoned]);
    }
  });
  return 0;
}

function addOwners(reader: RegistryReader, sessions: readonly SessionSummary[]) {
  return sessions.map((session) => ({ ...session, owner: ownerOf(reader, session) }));
}
