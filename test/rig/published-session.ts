import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { inFolder } from "../../src/compose/locate-state.ts";
import { rollBack } from "../../src/compose/rollback/roll-back.ts";
import { publishOutputs } from "../../src/compose/session/publish-outputs.ts";
import type { RunEvent } from "../../src/core/event/event.ts";
import { systemClock } from "../../src/core/port/clock.ts";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import { declaredRun, History, versionOf } from "../suites/history.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

export const openPlain = (): never => {
  throw new Error("nothing is remote");
};

type Versions = Record<string, Record<string, string> | string>;
type Emit = (events: readonly RunEvent[]) => void;

/** A session whose one run has saved versions, each a mapping of files or one file. Their plain paths hold what is given. */
export function makeSession(versions: Versions, before: Record<string, string> = {}) {
  const root = makeTemporaryFolder();
  const folders = inFolder(join(root, ".runweave"));
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const sessionId = history.startSession();
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries(before)) write(join("plain", path), text);
  history.declare(sessionId, declaredRun("save"));
  const ref = history.resolve(sessionId, "save");
  history.start(ref);
  const outputs = Object.fromEntries(
    Object.entries(versions).map(([name, content]) => {
      const location = join("store", name);
      if (typeof content === "string") write(location, content);
      else for (const [file, text] of Object.entries(content)) write(join(location, file), text);
      const places = { location: join(root, location), plain_location: join(root, "plain", name) };
      return [name, { ...versionOf(ref.run_id, name), ...places }];
    }),
  );
  const end = { duration_ms: 1, outputs, outputs_location: null, peak_memory_bytes: null };
  history.add({ type: "run.succeeded", time: history.time, ...ref, ...end });
  const append: Emit = (events) => registry.append(events);
  const notices: string[] = [];
  const publishAll = (emit = append) =>
    publishOutputs({
      targets: Object.keys(versions).map((dataset) => ({ run: "save", dataset })),
      ...{ session: { session_id: sessionId, epoch: 1 }, registry, clock: systemClock, folders },
      ...{ openPlain, emit, onNotice: (text: string) => notices.push(text) },
    });
  const events: RunEvent[] = [];
  const onEvent = (event: RunEvent) => events.push(event);
  const context = { registry, folders, openPlain, clock: systemClock, commandLine: [], onEvent };
  const find = () => registry.findSession(sessionId) ?? expect.fail();
  const undo = (force = false) => rollBack({ ...context, session: find(), force });
  const finish = () => history.finishSession(sessionId);
  const read = () => readTree(join(root, "plain"));
  return { root, folders, registry, events, notices, append, find, undo, finish, publishAll, write, read };
}

/** The same, once it has published them, and has ended. */
export async function publish(versions: Versions, before: Record<string, string> = {}) {
  const session = makeSession(versions, before);
  expect(await session.publishAll()).toEqual([]);
  session.finish();
  return session;
}

function readTree(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(files.map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]));
}
