import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { restoreEntry } from "../../../src/compose/trash/restore-trash.ts";
import { systemClock } from "../../../src/core/port/clock.ts";
import type { TrashCause } from "../../../src/core/trash.ts";
import { listTrash } from "../../../src/versions/trash/trash.ts";
import { manifestPath } from "../../../src/versions/trash/trash-manifest.ts";
import { makeSession, publish } from "../../rig/published-session.ts";

type Session = ReturnType<typeof makeSession>;

const listIds = ({ folders }: Session, cause: TrashCause) =>
  listTrash(folders.trash).entries.flatMap(({ manifest }) => (manifest.cause === cause ? [manifest.id] : []));

function restore({ registry, folders }: Session, id = "") {
  const remote = () => expect.fail("nothing is remote");
  return restoreEntry({ registry, folders, clock: systemClock, remote }, id);
}

/** A session that was rolled back by force over what a user had written. */
async function rollBackOver(text: string): Promise<Session> {
  const session = await publish({ a: "new a" });
  session.write("plain/a", text);
  await session.undo(true);
  expect(session.read()).toEqual({});
  return session;
}

describe("restoring what a rollback put into the trash", () => {
  test("puts it back where it stood, once", async () => {
    const session = await rollBackOver("mine");
    const [id] = listIds(session, "rollback");
    await restore(session, id);
    expect([session.read(), listTrash(session.folders.trash).entries]).toEqual([{ a: "mine" }, []]);
  });

  test("puts a folder back that was set aside as a file was to go there", async () => {
    const session = await publish({ a: "new a" }, { a: "old a" });
    rmSync(join(session.root, "plain/a"));
    mkdirSync(join(session.root, "plain/a"));
    session.write("plain/a/b", "mine");
    await session.undo(true);
    const [id] = listIds(session, "rollback");
    await expect(restore(session, id)).rejects.toMatchObject({ code: "trash-taken" });
    rmSync(join(session.root, "plain/a"));
    await restore(session, id);
    expect(session.read()).toEqual({ "a/b": "mine" });
  });

  test("is refused if something stands there now, with nothing moved", async () => {
    const session = await rollBackOver("mine");
    session.write("plain/a", "newer");
    const ids = listIds(session, "rollback");
    await expect(restore(session, ids[0])).rejects.toMatchObject({ code: "trash-taken" });
    expect([session.read(), listIds(session, "rollback")]).toEqual([{ a: "newer" }, ids]);
  });

  test("is refused if its manifest is not the one on record", async () => {
    const session = await rollBackOver("mine");
    const [entry] = listTrash(session.folders.trash).entries;
    const path = manifestPath(entry?.folder ?? "");
    writeFileSync(path, readFileSync(path, "utf8").replaceAll("/plain/a", "/plain/b"));
    await expect(restore(session, entry?.manifest.id)).rejects.toMatchObject({ code: "trash-tampered" });
    expect(session.read()).toEqual({});
  });
});

describe("restoring what a publication replaced", () => {
  test("is the rollback's, as long as the publication stands", async () => {
    const session = await publish({ a: "new a" }, { a: "old a" });
    rmSync(join(session.root, "plain/a"));
    const [id] = listIds(session, "published-over");
    const hint = `\`runweave rollback ${session.find().session_id}\` takes the publication back, and puts it back`;
    await expect(restore(session, id)).rejects.toMatchObject({ code: "not-restorable", hint });
  });

  test("is possible of an earlier try, over whose file a user has written", async () => {
    const session = makeSession({ a: "new a" }, { a: "old a" });
    await session
      .publishAll((events) => {
        if (events[0]?.type === "dataset.published") throw new Error("cut off");
        session.append(events);
      })
      .catch(() => {});
    session.write("plain/a", "mine");
    await session.publishAll();
    session.finish();
    await session.undo();
    expect(session.read()).toEqual({ a: "mine" });
    const [id] = listIds(session, "published-over");
    await expect(restore(session, id)).rejects.toMatchObject({ code: "trash-taken" });
    rmSync(join(session.root, "plain/a"));
    await restore(session, id);
    expect([session.read(), listTrash(session.folders.trash).entries]).toEqual([{ a: "old a" }, []]);
  });
});
