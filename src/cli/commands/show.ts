import { renderSession } from "../../report/tables.ts";
import type { ExitCode } from "../errors.ts";
import { foundOrThrow, type RegistryFlag, readRegistry } from "../open-registry.ts";
import { showPath } from "../show-path.ts";
import { lookOf, writeJson, writeLines } from "../terminal.ts";

/** `runweave show [SESSION]`. A run_id shows the session that it belongs to. */
export function showSession(id: string, flags: RegistryFlag & { json?: boolean }): ExitCode {
  const { session, logsFolder } = readRegistry(flags, (reader, state) => {
    const owner = reader.findSession(id) ?? reader.findSession(reader.findRun(id)?.session_id ?? id);
    return { session: foundOrThrow(owner, "session", id), logsFolder: showPath(state.logs) };
  });
  if (flags.json) writeJson(session);
  else writeLines(process.stdout, renderSession(session, { ...lookOf(process.stdout), logsFolder }));
  return 0;
}
