import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { inFolder } from "../../../src/compose/locate-state.ts";
import { planRollback } from "../../../src/compose/rollback/plan-rollback.ts";
import { NotRolledBackError, rollBack } from "../../../src/compose/rollback/roll-back.ts";
import { claimSession } from "../../../src/compose/session/hold-session.ts";
import { publishOutputs } from "../../../src/compose/session/publish-outputs.ts";
import { formatTime, systemClock } from "../../../src/core/clock.ts";
import type { RunEvent } from "../../../src/core/event.ts";
import { createMemoryRegistry } from "../../../src/record/memory-registry.ts";
import { undoPublished } from "../../../src/versions/former.ts";
import { stagingBeside } from "../../../src/versions/staging.ts";
import { listTrash } from "../../../src/versions/trash.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { declaredRun, History, versionOf } from "../../suites/history.ts";

const openPlain = (): never => {
  throw new Error("nothing is remote");
};

/** A session that has published versions, each a mapping of files or one file, over what was there. */
async function publish(versions: Record<string, Record<string, string> | string>, before: Record<string, string> = {}) {
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
  const publishAll = () =>
    publishOutputs({
      targets: Object.keys(versions).map((dataset) => ({ run: "save", dataset })),
      ...{ session: { session_id: sessionId, epoch: 1 }, registry, clock: systemClock, folders },
      openPlain,
      emit: (events) => registry.append(events),
    });
  expect(await publishAll()).toEqual([]);
  history.finishSession(sessionId);
  const events: RunEvent[] = [];
  const context = {
    registry,
    folders,
    openPlain,
    clock: systemClock,
    commandLine: [],
    onEvent: (e: RunEvent) => events.push(e),
  };
  const find = () => registry.findSession(sessionId) ?? expect.fail();
  const undo = (force = false) => rollBack({ ...context, session: find(), force });
  return { root, folders, registry, events, find, undo, publishAll, write, read: () => readTree(join(root, "plain")) };
}

function readTree(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(files.map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]));
}

describe("rolling back what a session published", () => {
  it("gives a plain path the very file back that stood there, and takes away what stood nowhere", async () => {
    const before = { "table.csv": "old", "other.csv": "other" };
    const { undo, read, events, folders, root } = await publish({ "table.csv": "new", "deep/er/model": "m" }, before);
    expect(read()).toEqual({ ...before, "table.csv": "new", "deep/er/model": "m" });
    expect(await undo()).toEqual({ status: "done", message: "2 publications undone, 0 runs taken back", stays: [] });
    expect(read()).toEqual(before);
    expect(existsSync(join(root, "plain/deep"))).toBe(false);
    expect(readdirSync(folders.trash)).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual([
      "rollback.started",
      "publication.undone",
      "publication.undone",
      "rollback.ended",
    ]);
  });

  it("of a folder that others share, gives back each file by itself", async () => {
    const before = { "parts/a": "old a", "parts/z": "of others" };
    const { undo, read } = await publish({ parts: { a: "new a", b: "new b" } }, before);
    expect(read()).toEqual({ "parts/a": "new a", "parts/b": "new b", "parts/z": "of others" });
    await undo();
    expect(read()).toEqual(before);
  });

  it("takes what a publication that was cut off had begun to copy away with it, and nobody else's", async () => {
    const { undo, root, find } = await publish({ "deep/parts": { a: "new a" }, "deep/b": "new b" });
    const other = "2026-11-23T21.04.54.666Z-0000d783fb92";
    const target = join(root, "plain/deep/b");
    const ours = stagingBeside(join(root, "plain/deep/parts"), find().session_id);
    for (const path of [ours, stagingBeside(target, find().session_id), stagingBeside(target, other)]) mkdirSync(path);
    await undo();
    expect(readdirSync(join(root, "plain/deep"))).toEqual([basename(stagingBeside(target, other))]);
  });

  it.each(["a pipe", "a link to nothing"])(
    "refuses %s in the place of what was published, by force too",
    async (what) => {
      const { undo, root, read } = await publish({ a: "new a", b: "new b" }, { a: "old a", b: "old b" });
      const path = join(root, "plain/b");
      rmSync(path);
      if (what === "a pipe") execFileSync("mkfifo", [path]);
      else symlinkSync("nowhere", path);
      await expect(undo(true)).rejects.toThrow(`${path} is neither a file nor a folder now`);
      expect(read()).toEqual({ a: "new a" });
    },
  );

  it("does nothing at all if one file has changed since; by force, what is there now goes to the trash", async () => {
    const { undo, read, write, folders, find } = await publish({ a: "new a", b: "new b" }, { a: "old a", b: "old b" });
    write("plain/b", "mine");
    await expect(undo()).rejects.toThrow(NotRolledBackError);
    expect([read(), find().rollback]).toEqual([{ a: "new a", b: "mine" }, null]);
    await undo(true);
    expect(read()).toEqual({ a: "old a", b: "old b" });
    const [entry = ""] = readdirSync(folders.trash);
    expect(readFileSync(join(folders.trash, entry, "items/0"), "utf8")).toBe("mine");
  });

  it("says so if what stood there is in the trash no more, and leaves that path alone by force", async () => {
    const { undo, read, folders } = await publish({ a: "new a" }, { a: "old a" });
    rmSync(folders.trash, { recursive: true });
    await expect(undo()).rejects.toThrow("is in the trash no more");
    expect(await undo(true)).toMatchObject({ status: "done" });
    expect(read()).toEqual({ a: "new a" });
  });

  it("what was changed in the trash is not put anywhere", async () => {
    const { undo, read, folders } = await publish({ a: "new a" }, { a: "old a" });
    const [entry = ""] = readdirSync(folders.trash);
    writeFileSync(join(folders.trash, entry, "items/0"), "forged");
    await expect(undo()).rejects.toThrow("was changed there");
    const manifest = join(folders.trash, entry, "manifest.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replaceAll("/plain/a", "/plain/b"));
    await expect(undo()).rejects.toThrow("was changed there");
    expect(read()).toEqual({ a: "new a" });
  });

  it("goes on after an interruption between putting a file back and saying so", async () => {
    const { undo, read, registry, folders, find } = await publish({ a: "new a" }, { a: "old a" });
    const { publications } = await planRollback({ registry, folders, openPlain }, find());
    for (const { entry, files } of publications) {
      for (const { file } of files) if (entry !== null) await undoPublished(entry, file);
    }
    expect(await undo()).toMatchObject({ status: "done" });
    expect(read()).toEqual({ a: "old a" });
  });

  it("of two at once one has the places until its end, and the other finds nothing left to do", async () => {
    const { undo, read, registry, find } = await publish({ a: "new a" }, { a: "old a" });
    const epoch = registry.claimOf(find().session_id)?.epoch ?? 0;
    const ends = await Promise.allSettled([undo(), undo()]);
    expect(ends.map((end) => (end.status === "fulfilled" ? end.value.message : end.reason)).sort()).toEqual([
      "1 publication undone, 0 runs taken back",
      expect.stringMatching(/^session .* was rolled back at .*: nothing is left to do$/),
    ]);
    expect([read(), registry.claimOf(find().session_id)?.epoch]).toEqual([{ a: "old a" }, epoch + 1]);
  });

  it("leaves a link alone that stands in the place of what was published, though it leads to the same bytes", async () => {
    const { undo, write, root, folders } = await publish({ a: "new a" }, { a: "old a" });
    write("shared/file", "new a");
    const path = join(root, "plain/a");
    rmSync(path);
    symlinkSync("../shared/file", path);
    for (const force of [false, true]) {
      await expect(undo(force)).rejects.toThrow(`${path} is neither a file nor a folder now`);
      expect(lstatSync(path).isSymbolicLink()).toBe(true);
    }
    rmSync(path);
    await undo(true);
    expect(readFileSync(path, "utf8")).toBe("old a");
    expect(listTrash(folders.trash).entries).toEqual([]);
  });

  it("one that is under way elsewhere is left alone", async () => {
    const { undo, read, registry, find } = await publish({ a: "new a" }, { a: "old a" });
    const { session_id } = find();
    const claim = claimSession(systemClock, (registry.claimOf(session_id)?.epoch ?? 0) + 1);
    const time = formatTime(systemClock.now());
    registry.append([{ type: "rollback.started", time, session_id, claim, command_line: [], force: false }]);
    await expect(undo()).rejects.toMatchObject({ code: "session-owned" });
    expect([read(), registry.claimOf(session_id)?.epoch]).toEqual([{ a: "new a" }, claim.epoch]);
  });

  it("a publication that is repeated does not take itself for what stood there before", async () => {
    const { undo, read, publishAll } = await publish({ a: "new a" }, { a: "old a" });
    await publishAll();
    await undo();
    expect(read()).toEqual({ a: "old a" });
  });
});
