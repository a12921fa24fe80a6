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
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { planRollback } from "../../../src/compose/rollback/plan-rollback.ts";
import { NotRolledBackError } from "../../../src/compose/rollback/roll-back.ts";
import { takeOwnership } from "../../../src/compose/session/session-lease.ts";
import { formatTime, systemClock } from "../../../src/core/port/clock.ts";
import { describeUndoing } from "../../../src/report/result/describe-undoing.ts";
import { undoPublished } from "../../../src/versions/former/undo-published.ts";
import { hashPath } from "../../../src/versions/hash.ts";
import { stagingBeside } from "../../../src/versions/staging.ts";
import { listTrash, readEntry } from "../../../src/versions/trash/trash.ts";
import { makeSession, openPlain, publish } from "../../rig/published-session.ts";

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

  it("says of each file whether it was put back, removed, or was so already", async () => {
    const before = { old: "old", same: "same" };
    const { undo, root, events } = await publish({ old: "new", fresh: "new", same: "new" }, before);
    writeFileSync(join(root, "plain/same"), "same");
    await undo();
    const files = events.flatMap((event) => (event.type === "publication.undone" ? (event.files ?? []) : []));
    expect(Object.fromEntries(files.map(({ path, action }) => [basename(path), action]))).toEqual({
      old: "put-back",
      fresh: "removed",
      same: "as-before",
    });
  });

  it("says of a publication whose former is gone that it is left", async () => {
    const { undo, events, folders } = await publish({ old: "new" }, { old: "old" });
    rmSync(folders.trash, { recursive: true });
    await undo(true);
    const undone = events.find((event) => event.type === "publication.undone") ?? expect.fail();
    expect(describeUndoing(undone, "done")).toEqual([expect.stringMatching(/^left as it is: .*old/)]);
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
    await expect(undo()).rejects.toThrow("is no longer in the trash");
    expect(await undo(true)).toMatchObject({ status: "done" });
    expect(read()).toEqual({ a: "new a" });
  });

  it("a forged manifest whose digest its row has, and the log has not, makes it touch no file", async () => {
    const { undo, read, write, folders, registry } = await publish({ a: "new a" });
    write("plain/b", "mine");
    const [id = ""] = readdirSync(folders.trash);
    const path = join(folders.trash, id, "manifest.json");
    const { published, ...manifest } = JSON.parse(readFileSync(path, "utf8"));
    const file = { ...published[0], path: published[0].path.replace("/plain/a", "/plain/b") };
    const { hash } = await hashPath({ path: file.path });
    writeFileSync(path, JSON.stringify({ ...manifest, published: [{ ...file, hash }] }));
    const { digest } = readEntry(folders.trash, id);
    const { undoingsOf } = registry;
    registry.undoingsOf = (session) => {
      const { formers, ...others } = undoingsOf(session);
      return { formers: formers.map((former) => ({ ...former, manifest: digest })), ...others };
    };
    await expect(undo()).rejects.toMatchObject({ code: "former-lost" });
    await undo(true);
    expect(read()).toEqual({ a: "new a", b: "mine" });
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
    const epoch = registry.ownershipOf(find().session_id)?.epoch ?? 0;
    const ends = await Promise.allSettled([undo(), undo()]);
    expect(ends.map((end) => (end.status === "fulfilled" ? end.value.message : end.reason)).sort()).toEqual([
      "1 publication undone, 0 runs taken back",
      expect.stringMatching(/^session .* was rolled back at .*: nothing is left to do$/),
    ]);
    expect([read(), registry.ownershipOf(find().session_id)?.epoch]).toEqual([{ a: "old a" }, epoch + 1]);
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
    const claim = takeOwnership(systemClock, (registry.ownershipOf(session_id)?.epoch ?? 0) + 1);
    const time = formatTime(systemClock.now());
    registry.append([{ type: "rollback.started", time, session_id, claim, command_line: [], force: false }]);
    await expect(undo()).rejects.toMatchObject({ code: "session-owned" });
    expect([read(), registry.ownershipOf(session_id)?.epoch]).toEqual([{ a: "new a" }, claim.epoch]);
  });

  it("a publication that is repeated does not take itself for what stood there before", async () => {
    const { undo, read, publishAll } = await publish({ a: "new a" }, { a: "old a" });
    await publishAll();
    await undo();
    expect(read()).toEqual({ a: "old a" });
  });

  it("refuses a file in the place of a folder above what was published; by force, it goes to the trash", async () => {
    const { undo, read, write, root, folders } = await publish({ "deep/er/a": "new a" }, { "deep/er/a": "old a" });
    rmSync(join(root, "plain/deep/er"), { recursive: true });
    write("plain/deep/er", "mine");
    await expect(undo()).rejects.toMatchObject({ code: "published-file-changed" });
    expect(read()).toEqual({ "deep/er": "mine" });
    await undo(true);
    expect(read()).toEqual({ "deep/er/a": "old a" });
    const [entry] = listTrash(folders.trash).entries;
    expect(readFileSync(join(entry?.folder ?? "", "items/0"), "utf8")).toBe("mine");
  });

  it("puts back what stood in a folder that is gone since", async () => {
    const { undo, read, root } = await publish({ "deep/a": "new a" }, { "deep/a": "old a" });
    rmSync(join(root, "plain/deep"), { recursive: true });
    await undo(true);
    expect(read()).toEqual({ "deep/a": "old a" });
  });

  it("takes the folders away that were made for a publication, empty ones too, and no others", async () => {
    const session = makeSession(
      { "deep/d": { "s/f": "new f" }, none: {}, mine: { f: "new" } },
      { "mine/own": "of mine" },
    );
    for (const folder of ["store/deep/d/empty/est", "store/none", "store/mine/sub", "plain/mine/empty"])
      mkdirSync(join(session.root, folder), { recursive: true });
    expect(await session.publishAll()).toEqual([]);
    for (const folder of ["deep/d/empty/est", "none", "mine/sub"])
      expect(existsSync(join(session.root, "plain", folder))).toBe(true);
    session.finish();
    await session.undo();
    expect(readdirSync(join(session.root, "plain"), { recursive: true }).sort()).toEqual([
      "mine",
      "mine/empty",
      "mine/own",
    ]);
  });

  it("keeps the entry of what was kept by a link and written to since, as those bytes are nowhere else", async () => {
    const { undo, read, folders } = await publish({ a: "new a" }, { a: "old a" });
    const [entry] = listTrash(folders.trash).entries;
    writeFileSync(join(entry?.folder ?? "", "items/0"), "by a process that had it open");
    await undo(true);
    expect(read()).toEqual({ a: "new a" });
    expect(readFileSync(join(entry?.folder ?? "", "items/0"), "utf8")).toBe("by a process that had it open");
  });
});
