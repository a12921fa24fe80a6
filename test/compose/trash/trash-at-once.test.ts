import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { inFolder } from "../../../src/compose/locate-state.ts";
import { collect, planCollection } from "../../../src/compose/trash/collect-garbage.ts";
import { emptyTrash } from "../../../src/compose/trash/empty-trash.ts";
import { holdingTrash } from "../../../src/compose/trash/hold-trash.ts";
import { restoreEntry } from "../../../src/compose/trash/restore-trash.ts";
import { systemClock } from "../../../src/core/port/clock.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { listTrash, readEntry } from "../../../src/versions/trash/trash.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { waitFor } from "../../rig/wait-for.ts";
import { History, versionOf } from "../../suites/history.ts";

const OUTPUTS = 20;

/** Sessions of one run each, which saved many outputs in the store. */
function setUp() {
  const folders = inFolder(join(makeTemporaryFolder(), ".runweave"));
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const noRemote = () => expect.fail("there are no remote data");
  const context = { folders, registry, clock: systemClock, remote: noRemote };
  const retention = { keepLast: 1, since: null };
  const play = () => {
    const session = history.startSession();
    history.declare(session, "make");
    const ref = history.resolve(session, "make");
    history.start(ref);
    const outputs = Object.fromEntries(
      Array.from({ length: OUTPUTS }, (_, index) => {
        const location = join(folders.store, `o${index}-0a`, ref.run_id, "o");
        mkdirSync(dirname(location), { recursive: true });
        writeFileSync(location, `o${index}`);
        return [`o${index}`, { ...versionOf(ref.run_id, `o${index}`), location, plain_location: null }];
      }),
    );
    const end = { duration_ms: 1, outputs, outputs_location: null, peak_memory_bytes: null };
    history.add({ type: "run.succeeded", time: history.time, ...ref, ...end });
    history.finishSession(session);
    return { ...ref, locations: Object.values(outputs).map(({ location }) => location) };
  };
  const gc = async () => await collect(context, { ...(await planCollection(context, retention)), retention });
  const stateOf = (runId: RunId) => registry.discardsOf([runId])[0]?.state ?? "there";
  return { context, registry, history, folders, retention, play, gc, stateOf };
}

/** How many of the files are where they were, whole. */
function countThere(locations: readonly string[]): number {
  return locations.filter((path) => existsSync(path) && readFileSync(path, "utf8").startsWith("o")).length;
}

describe("acts on the trash that meet", () => {
  it.each([
    ["gc", async (own: ReturnType<typeof setUp>) => void (await own.gc())],
    [
      "trash empty",
      async ({ context }: ReturnType<typeof setUp>) => {
        await emptyTrash(context, listTrash(context.folders.trash).entries);
      },
    ],
    [
      "another restore",
      async ({ context }: ReturnType<typeof setUp>) => {
        const [entry] = listTrash(context.folders.trash).entries;
        if (entry !== undefined) await restoreEntry(context, entry.manifest.id).catch(() => {});
      },
    ],
  ])("restore and %s: the data are where the record says, all of them", async (_, act) => {
    for (let moved = 0; moved < OUTPUTS; moved += 4) {
      const own = setUp();
      const old = own.play();
      own.play();
      await own.gc();
      expect(countThere(old.locations)).toBe(0);
      const id = `gc-${old.run_id}`;
      const restoring = restoreEntry(own.context, id);
      // The other one begins when so many are back.
      await waitFor(() => countThere(old.locations) > moved);
      await Promise.allSettled([restoring, act(own), restoreEntry(own.context, id)]);
      const [entry] = listTrash(own.folders.trash).entries;
      const inTrash = entry === undefined ? 0 : OUTPUTS;
      const told = { there: OUTPUTS, trashed: 0, deleted: 0, restored: OUTPUTS }[own.stateOf(old.run_id)];
      expect(countThere(old.locations)).toBe(told);
      expect(inTrash).toBe(own.stateOf(old.run_id) === "trashed" ? OUTPUTS : 0);
    }
  });

  it("wait for each other, and say for whom", async () => {
    const { context, play, gc } = setUp();
    play();
    const told: string[] = [];
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const first = holdingTrash(context, { act: "trash empty" }, async () => {
      begun.resolve();
      await end.promise;
    });
    await begun.promise;
    const onWait = ({ act }: { act: string }) => {
      told.push(act);
      end.resolve();
    };
    await holdingTrash(context, { act: "gc", onWait }, gcNothing);
    await first;
    expect(told).toEqual(["trash empty"]);
    await gc();
  });
});

const gcNothing = async () => {};

describe("collecting what has come to be needed since the plan was made", () => {
  it("leaves the data of a run that a session under way has reused", async () => {
    const { context, history, retention, play, stateOf } = setUp();
    const old = play();
    play();
    const plan = await planCollection(context, retention);
    expect(plan.goes.map(({ run_id }) => run_id)).toEqual([old.run_id]);
    const session = history.startSession();
    history.declare(session, "make");
    const { run_id } = old;
    const reused = { run: "make", run_id, fingerprint: null, load_versions: {}, reason: "same" };
    history.add({ type: "run.reused", time: history.time, session_id: session, ...reused });
    const done = await collect(context, { ...plan, retention });
    expect(done).toEqual({ unreachable: [], kept: [expect.objectContaining({ run_id, rule: "session-running" })] });
    expect([countThere(old.locations), stateOf(run_id)]).toEqual([OUTPUTS, "there"]);
    expect(listTrash(context.folders.trash).entries).toEqual([]);
  });

  it("leaves what an alias stands for now", async () => {
    const { context, history, retention, play } = setUp();
    const old = play();
    play();
    const plan = await planCollection(context, retention);
    const { session_id, run, run_id } = old;
    history.add({ type: "alias.set", time: history.time, session_id, run, run_id, alias: "champion", dataset: "o0" });
    expect((await collect(context, { ...plan, retention })).kept).toMatchObject([{ run_id, rule: "aliased" }]);
    expect(countThere(old.locations)).toBe(OUTPUTS);
  });
});

it("an entry whose forged manifest its row has, and the log has not, is not put back", async () => {
  const { context, play, gc } = setUp();
  play();
  play();
  await gc();
  const [entry] = listTrash(context.folders.trash).entries;
  if (entry === undefined) return expect.fail("nothing was collected");
  const { id } = entry.manifest;
  const path = join(entry.folder, "manifest.json");
  const elsewhere = join(makeTemporaryFolder(), "elsewhere");
  const items = entry.manifest.items.map((item) => ({
    ...item,
    original: item.original.replace(context.folders.root, elsewhere),
  }));
  writeFileSync(path, JSON.stringify({ ...entry.manifest, items }));
  const { digest } = readEntry(context.folders.trash, id);
  const { discardsOf } = context.registry;
  context.registry.discardsOf = (runs) => discardsOf(runs).map((discard) => ({ ...discard, manifest: digest }));
  await expect(restoreEntry(context, id)).rejects.toMatchObject({ code: "trash-tampered" });
  expect(existsSync(elsewhere)).toBe(false);
});

it("what is restored is on record only once all of it is back", async () => {
  const { context, play, gc, stateOf } = setUp();
  const old = play();
  play();
  await gc();
  const [entry] = listTrash(context.folders.trash).entries;
  if (entry === undefined) return expect.fail("nothing was collected");
  rmSync(join(entry.folder, "items", "3"), { recursive: true });
  await expect(restoreEntry(context, entry.manifest.id)).rejects.toMatchObject({ code: "trash-tampered" });
  expect(stateOf(old.run_id)).toBe("trashed");
  expect(listTrash(context.folders.trash).entries).toHaveLength(1);
});
