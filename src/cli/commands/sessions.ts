import type { SessionFilter } from "../../core/registry.ts";
import { renderSessions } from "../../report/tables.ts";
import type { ExitCode } from "../errors.ts";
import { type RegistryFlag, readRegistry } from "../open-registry.ts";
import { ownerOf, tellAbandoned } from "../tell-owner.ts";
import { lookOf, writeJson, writeLines } from "../terminal.ts";

/** `runweave sessions`. */
export function listSessions({
  json,
  registry,
  ...filter
}: SessionFilter & RegistryFlag & { json?: boolean }): ExitCode {
  const sessions = readRegistry({ registry }, (reader) =>
    reader.listSessions(filter).map((session) => ({ ...session, owner: ownerOf(reader, session) })),
  );
  if (json) writeJson(sessions);
  else {
    writeLines(process.stdout, renderSessions(sessions, lookOf(process.stdout)));
    const abandoned = sessions.flatMap((session) => tellAbandoned(session, session.owner));
    if (abandoned.length > 0) writeLines(process.stdout, ["", ...abandoned]);
  }
  return 0;
}
