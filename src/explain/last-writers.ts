import type { RunEvent } from "../core/event.ts";
import { isRunId, type RunId } from "../core/run-id.ts";

/** Which attempt wrote last at each path that runs share, as far as the log has been read. */
export interface LastWriters {
  note(event: RunEvent): void;
  /** Who wrote last at this path, at a folder above it, or at a file below it. */
  find(location: string): RunId | null;
}

/** Places of one attempt alone are left out: their run_id tells who wrote there. */
export function createLastWriters(): LastWriters {
  const at = new Map<string, Write>();
  const below = new Map<string, Write>();
  const commands = new Set<string>();
  let order = 0;
  const write = (location: string | null, runId: RunId): void => {
    if (location === null || location.split("/").some(isRunId)) return;
    const written = { runId, order: ++order };
    at.set(location, written);
    for (const folder of listFolders(location)) below.set(folder, written);
  };
  return {
    note: (event) => {
      switch (event.type) {
        case "runs.declared":
          for (const { run, kind } of event.runs) if (kind === "command") commands.add(keyOf(event.session_id, run));
          break;
        case "dataset.saved":
        case "dataset.published":
          write(event.location, event.run_id);
          break;
        case "run.succeeded":
          // A command writes where its output is captured from; a Kedro run has told each of its saves.
          if (!commands.has(keyOf(event.session_id, event.run))) break;
          for (const { plain_location } of Object.values(event.outputs)) write(plain_location, event.run_id);
          break;
      }
    },
    find: (location) => {
      const candidates = [at.get(location), below.get(location), ...listFolders(location).map((each) => at.get(each))];
      const found = candidates.filter((write) => write !== undefined).sort((a, b) => b.order - a.order);
      return found[0]?.runId ?? null;
    },
  };
}

interface Write {
  runId: RunId;
  /** Later ones have a higher number. */
  order: number;
}

/** Every folder above a path, the root left out. */
function listFolders(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) folders.push(path.slice(0, end));
  return folders;
}

function keyOf(session: string, run: string): string {
  return JSON.stringify([session, run]);
}
