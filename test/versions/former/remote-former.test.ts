import { expect, test } from "vitest";
import type { KeptObject, PlainStorage, PublishedState } from "../../../src/core/port/plain-storage.ts";
import { keepRemoteFormer } from "../../../src/versions/former/remote-former.ts";
import { listTrash } from "../../../src/versions/trash/trash.ts";
import { runIdOf, SESSION_ID } from "../../report/make-events.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const RUN_ID = runIdOf(1);
const SOURCE = `s3://b/store/${RUN_ID}/d`;
const TARGET = "s3://b/plain";

/** A storage of texts, each its own checksum, that does as the Kedro worker does. */
class Texts implements PlainStorage {
  readonly held = new Map<string, string>();

  constructor(texts: Record<string, string>) {
    for (const [name, text] of Object.entries(texts)) this.held.set(`${TARGET}/${name}`, text);
    for (const name of ["a", "b"]) this.held.set(`${SOURCE}/${name}`, `new ${name}`);
  }

  async look() {
    return ["a", "b"].map((name) => {
      const path = `${TARGET}/${name}`;
      return { path, hash: `new ${name}`, former: this.held.get(path) ?? null };
    });
  }

  async keep(files: readonly { path: string; former: string | null; kept: string }[]) {
    for (const { path, former, kept } of files) {
      const now = this.held.get(path);
      if (now === former && !this.held.has(kept)) this.held.set(kept, now);
    }
  }

  async copy() {
    for (const name of ["a", "b"]) this.held.set(`${TARGET}/${name}`, `new ${name}`);
  }

  async judge(files: readonly KeptObject[]): Promise<PublishedState[]> {
    return files.map(({ path, hash, former }) => {
      const now = this.held.get(path) ?? null;
      return now === former ? "as-before" : now === hash ? "published" : "changed";
    });
  }

  async undo(files: readonly { path: string; kept: string | null }[]) {
    for (const { path, kept } of files) {
      if (kept === null) this.held.delete(path);
      else this.held.set(path, this.held.get(kept) ?? "lost");
    }
  }
}

function keep(trash: string, storage: PlainStorage) {
  const stamp = { time: "2026-11-23T21:04:54.666Z", session_id: SESSION_ID, run: "a", run_id: RUN_ID };
  const about = {
    id: `published-over-${SESSION_ID}-0a0a0a0a`,
    cause: "published-over" as const,
    ...stamp,
    reason: "r",
  };
  return keepRemoteFormer({ trash, about, source: SOURCE, target: TARGET, storage });
}

test("what a user has written between two tries is kept in a place of its own, beside what the first try kept", async () => {
  const trash = makeTemporaryFolder();
  const storage = new Texts({ a: "old a", b: "old b" });
  await keep(trash, storage);
  await storage.copy();
  storage.held.set(`${TARGET}/a`, "mine");
  const { entry, rewritten } = await keep(trash, storage);
  expect(rewritten).toEqual([`${TARGET}/a`]);
  await storage.copy();
  await storage.undo(
    (entry.manifest.published ?? []).map(({ path, remote }) => ({ path, kept: remote?.kept ?? null })),
  );
  expect([storage.held.get(`${TARGET}/a`), storage.held.get(`${TARGET}/b`)]).toEqual(["mine", "old b"]);
  expect([...storage.held.values()]).toContain("old a");
});

test("a further try goes on with the entry of the one before it, unless somebody wrote there", async () => {
  const trash = makeTemporaryFolder();
  const storage = new Texts({ a: "old a" });
  await keep(trash, storage);
  await keep(trash, storage);
  await storage.copy();
  expect((await keep(trash, storage)).rewritten).toEqual([]);
  expect(listTrash(trash).entries).toHaveLength(1);
});

test("what changes in the moment in which it is kept is refused, as it would be lost", async () => {
  const storage = new Texts({ a: "old a" });
  const keepAll = storage.keep.bind(storage);
  storage.keep = async (files) => {
    storage.held.set(`${TARGET}/a`, "mine");
    await keepAll(files);
  };
  await expect(keep(makeTemporaryFolder(), storage)).rejects.toThrow("/plain/a changed while it was");
});
