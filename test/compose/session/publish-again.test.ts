import { linkSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../../src/core/event/event.ts";
import { listTrash } from "../../../src/versions/trash/trash.ts";
import { itemPath } from "../../../src/versions/trash/trash-manifest.ts";
import { makeSession } from "../../rig/published-session.ts";

type Session = ReturnType<typeof makeSession>;

/** Ways in which a user's own program writes to a path. */
const WRITES: Readonly<Record<string, (path: string) => void>> = {
  "saved by a rename": (path) => {
    writeFileSync(`${path}~`, "mine");
    renameSync(`${path}~`, path);
  },
  "written in place": (path) => writeFileSync(path, "mine"),
};

/** A publication that is cut off once an event was recorded. */
async function cutOffAfter(session: Session, type: RunEvent["type"]): Promise<void> {
  const emit = (events: readonly RunEvent[]) => {
    session.append(events);
    if (events[0]?.type === type) throw new Error("cut off");
  };
  await session.publishAll(emit).catch(() => {});
}

/** Cuts it off before the event is recorded. */
async function cutOffBefore(session: Session, type: RunEvent["type"]): Promise<void> {
  const emit = (events: readonly RunEvent[]) => {
    if (events[0]?.type === type) throw new Error("cut off");
    session.append(events);
  };
  await session.publishAll(emit).catch(() => {});
}

/** The text of every file in the trash. */
function readTrash({ folders }: Session): string[] {
  const { entries } = listTrash(folders.trash);
  return entries
    .flatMap(({ folder, manifest, held }) =>
      manifest.items
        .filter(({ name }) => held.includes(name))
        .map((item) => readFileSync(itemPath(folder, item), "utf8")),
    )
    .sort();
}

const OLD = { a: "old a", b: "old b" };
const NEW = { a: "new a", b: "new b" };

describe.each(Object.keys(WRITES))("a user's file that was %s between two tries of a publication", (how) => {
  const save = ({ root }: Session, path: string) => WRITES[how]?.(join(root, "plain", path));

  test("before anything was replaced: it is kept, said so, and given back by a rollback", async () => {
    const session = makeSession(NEW, OLD);
    await cutOffAfter(session, "publication.prepared");
    save(session, "a");
    expect(await session.publishAll()).toEqual([]);
    expect([session.read(), readTrash(session)]).toEqual([NEW, expect.arrayContaining(["mine"])]);
    expect(session.notices).toEqual([
      expect.stringContaining("/plain/a has changed since this session began to publish"),
    ]);
    session.finish();
    await session.undo();
    expect(session.read()).toEqual({ a: "mine", b: "old b" });
  });

  test("after it was replaced, with that not on record: likewise, and what stood there first is kept still", async () => {
    const session = makeSession(NEW, OLD);
    await cutOffBefore(session, "dataset.published");
    save(session, "a");
    expect(await session.publishAll()).toEqual([]);
    expect(session.read()).toEqual(NEW);
    session.finish();
    await session.undo();
    expect(session.read()).toEqual({ a: "mine", b: "old b" });
    expect(readTrash(session)).toEqual(["old a"]);
  });

  test("after it was published, with that on record: it is the user's, and is left", async () => {
    const session = makeSession(NEW, OLD);
    await cutOffAfter(session, "dataset.published");
    save(session, "a");
    expect(await session.publishAll()).toEqual([]);
    expect(session.read()).toEqual({ ...NEW, a: "mine" });
    expect(session.notices).toEqual([expect.stringContaining("/plain/a is left as it is: it has changed since")]);
    session.finish();
    await expect(session.undo()).rejects.toMatchObject({ code: "published-file-changed" });
    await session.undo(true);
    expect([session.read(), readTrash(session)]).toEqual([OLD, ["mine"]]);
  });
});

describe("a publication that is tried again", () => {
  test("of a folder, gives back of each file what stood there before this session, or what a user wrote since", async () => {
    const before = { "d/a": "old a", "d/b": "old b", "d/c": "old c" };
    const session = makeSession({ d: { a: "new a", b: "new b", c: "new c", e: "new e" } }, before);
    await cutOffBefore(session, "dataset.published");
    session.write("plain/d/b", "mine");
    rmSync(join(session.root, "plain/d/c"));
    expect(await session.publishAll()).toEqual([]);
    expect(session.read()).toEqual({ "d/a": "new a", "d/b": "new b", "d/c": "new c", "d/e": "new e" });
    session.finish();
    await session.undo();
    expect(session.read()).toEqual({ "d/a": "old a", "d/b": "mine" });
    expect(readTrash(session)).toEqual(["old a", "old b", "old c"]);
  });

  test("again and again, as often as a user writes there", async () => {
    const session = makeSession(NEW, OLD);
    for (const text of ["first", "second", "third"]) {
      await cutOffBefore(session, "dataset.published");
      session.write("plain/a", text);
    }
    expect(await session.publishAll()).toEqual([]);
    expect(readTrash(session)).toEqual(["first", "old a", "old b", "second", "third"]);
    session.finish();
    await session.undo();
    expect(session.read()).toEqual({ a: "third", b: "old b" });
  });

  test("leaves no second entry where nobody wrote, or all of the first one is in it", async () => {
    const session = makeSession(NEW, OLD);
    for (const type of ["publication.prepared", "dataset.published"] as const) await cutOffBefore(session, type);
    expect(await session.publishAll()).toEqual([]);
    expect(readTrash(session)).toEqual(["old a", "old b"]);
    const other = makeSession({ a: "new a" }, { a: "old a" });
    await cutOffAfter(other, "publication.prepared");
    writeFileSync(join(other.root, "plain/a"), "mine");
    expect(await other.publishAll()).toEqual([]);
    // Both names of it in the trash held what was written in place.
    expect(readTrash(other)).toEqual(["mine"]);
  });

  test("does not touch what stands there as it was published", async () => {
    const session = makeSession(NEW, OLD);
    await cutOffAfter(session, "dataset.published");
    const before = statSync(join(session.root, "plain/a"), { bigint: true });
    expect(await session.publishAll()).toEqual([]);
    const { ino, ctimeNs } = statSync(join(session.root, "plain/a"), { bigint: true });
    expect([ino, ctimeNs, session.notices]).toEqual([before.ino, before.ctimeNs, []]);
  });

  test("is refused if a file changes in the moment before it is replaced, and keeps that the next time", async () => {
    const session = makeSession({ a: "new a" }, { a: "old a" });
    const emit = (events: readonly RunEvent[]) => {
      session.append(events);
      session.write("plain/a", "mine");
    };
    expect(await session.publishAll(emit)).toMatchObject([
      { message: expect.stringContaining("changed while it was") },
    ]);
    expect(session.read()).toEqual({ a: "mine" });
    await session.publishAll();
    expect([session.read(), readTrash(session)]).toEqual([{ a: "new a" }, ["mine"]]);
  });

  test("keeps a copy of a file that has another name, so that who writes to that changes nothing", async () => {
    const session = makeSession({ a: "new a" }, { a: "old a" });
    linkSync(join(session.root, "plain/a"), join(session.root, "another"));
    await session.publishAll();
    session.write("another", "changed by that name");
    session.finish();
    await session.undo();
    expect(session.read()).toEqual({ a: "old a" });
  });

  test("refuses a link that was put there since, and leaves it", async () => {
    const session = makeSession({ a: "new a" }, { a: "old a" });
    await cutOffBefore(session, "dataset.published");
    rmSync(join(session.root, "plain/a"));
    symlinkSync("b", join(session.root, "plain/a"));
    expect(await session.publishAll()).toMatchObject([{ message: expect.stringContaining("is a symbolic link") }]);
  });

  test("refuses a file where a folder has to be, with nothing on record", async () => {
    const session = makeSession({ "deep/a": "new a" });
    session.write("plain/deep", "mine");
    expect(await session.publishAll()).toMatchObject([
      { message: expect.stringContaining("/plain/deep is not a folder") },
    ]);
    expect([session.read(), listTrash(session.folders.trash).entries]).toEqual([{ deep: "mine" }, []]);
  });
});
