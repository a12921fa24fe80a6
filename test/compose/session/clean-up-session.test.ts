import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { inFolder } from "../../../src/compose/locate-state.ts";
import { cleanUpSession } from "../../../src/compose/session/clean-up-session.ts";
import type { RunEvent } from "../../../src/core/event/event.ts";
import type { CleanupPolicy } from "../../../src/core/trash.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { type AttemptRef, consumedPin, History } from "../../suites/history.ts";

/** A session of one run, whose attempts leave something in the store and among the project's versions. */
function setUp() {
  const root = makeTemporaryFolder();
  const folders = inFolder(join(root, ".runweave"));
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const sessionId = history.startSession();
  history.declare(sessionId, "train");
  const write = (...parts: string[]) => {
    const path = join(root, ...parts);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "data"), "x");
    return path;
  };
  const attempt = (number: number, pins: Parameters<History["resolve"]>[2] = {}) => {
    const ref = history.resolve(sessionId, "train", { attempt: number, ...pins });
    history.start(ref);
    const places = [
      write(".runweave/data/model-1234", ref.run_id),
      write("project/data/model.pkl", ref.run_id),
      write("project/data/shared"),
    ];
    const folder = write(".runweave/attempts", ref.run_id);
    const settled = Object.fromEntries(places.map((location, index) => [`d${index}`, { version: "v", location }]));
    writeFileSync(join(folder, "settled.json"), JSON.stringify(settled));
    return { ref, places };
  };
  const events: RunEvent[] = [];
  const emit = (told: readonly RunEvent[]) => {
    events.push(...told);
    registry.append(told);
  };
  const clock = { now: () => Date.UTC(2026, 10, 24), after: () => () => {} };
  const cleanUp = (policy: CleanupPolicy) =>
    cleanUpSession(
      { folders, registry, clock, emit, remote: noRemoteStorage },
      { sessionId, epoch: 1, policies: new Map([["train", policy]]) },
    );
  return { root, folders, registry, history, attempt, cleanUp, events, write };
}

/** Nothing here is remote: whoever asks is wrong. */
const noRemoteStorage = () => expect.fail("there are no remote data");

const areThere = (places: readonly string[]) => places.map((place) => existsSync(place));

describe("cleaning up after a session", () => {
  it("takes what is an attempt's own, in the store and among the project's versions, and nothing that others share", async () => {
    const { attempt, history, cleanUp, folders, events } = setUp();
    const { ref, places } = attempt(1);
    history.fail(ref);
    await cleanUp("trash");
    expect(areThere(places)).toEqual([false, false, true]);
    expect(events).toMatchObject([{ type: "run.discarded", run_id: ref.run_id, state: "trashed", bytes: 2 }]);
    await cleanUp("trash");
    expect(events).toHaveLength(1);
    expect(readdirSync(folders.trash)).toEqual([`cleanup-${ref.run_id}`]);
  });

  it("keeps what a later attempt took over and succeeded with", async () => {
    const { attempt, history, cleanUp, events } = setUp();
    const first = attempt(1);
    history.fail(first.ref, "boom", { again: true });
    const second = attempt(2, { pins: [consumedPin("model", first.ref as AttemptRef)] });
    history.succeed(second.ref, "model");
    await cleanUp("delete");
    expect([...areThere(first.places), ...areThere(second.places)]).toEqual([true, true, true, true, true, true]);
    expect(events).toEqual([]);
  });

  it("deletes without a detour that anybody sees, and says so once it is done", async () => {
    const { attempt, history, cleanUp, folders, events, registry } = setUp();
    const { ref, places } = attempt(1);
    history.cancel(ref);
    await cleanUp("delete");
    expect(areThere(places)).toEqual([false, false, true]);
    expect(readdirSync(folders.trash)).toEqual([]);
    expect(events).toMatchObject([{ state: "deleted", reason: "attempt 1 was cancelled" }]);
    expect(registry.findRun(ref.run_id)?.discarded).toMatchObject({ state: "deleted" });
  });

  it("looks at nothing where all is kept", async () => {
    const { attempt, history, cleanUp, events } = setUp();
    const { ref, places } = attempt(1);
    history.fail(ref);
    await cleanUp("keep");
    expect([areThere(places), events]).toEqual([[true, true, true], []]);
  });

  it("leaves alone what somebody has restored", async () => {
    const { attempt, history, cleanUp, events, write } = setUp();
    const { ref, places } = attempt(1);
    history.fail(ref);
    await cleanUp("trash");
    const { session_id, run, run_id } = ref;
    history.add({ type: "run.restored", time: history.time, session_id, run, run_id, entry: `cleanup-${run_id}` });
    write(".runweave/data/model-1234", run_id);
    await cleanUp("trash");
    expect([events.length, existsSync(places[0] ?? "")]).toEqual([1, true]);
  });
});

describe("a trash that is spoilt keeps no session from its end", () => {
  const put: Readonly<Record<string, (path: string) => void>> = {
    "a file": (path) => writeFileSync(path, ""),
    "a pipe": (path) => execFileSync("mkfifo", [path]),
    "a link to a device": (path) => symlinkSync("/dev/zero", path),
    "a link to itself": (path) => symlinkSync(path, path),
    "a link to nothing": (path) => symlinkSync("nowhere", path),
    "a folder with a manifest that is cut": (path) => {
      mkdirSync(join(path, "items"), { recursive: true });
      writeFileSync(join(path, "manifest.json"), '{"format":1,');
    },
    "a folder with a folder as its manifest": (path) => mkdirSync(join(path, "manifest.json"), { recursive: true }),
  };

  test.each(Object.keys(put))("%s in an entry's place: one sentence says so, and everything stays", async (thing) => {
    for (const policy of ["trash", "delete"] as const) {
      const { attempt, history, cleanUp, folders, events } = setUp();
      const { ref, places } = attempt(1);
      history.fail(ref);
      mkdirSync(folders.trash, { recursive: true });
      put[thing]?.(join(folders.trash, `cleanup-${ref.run_id}`));
      const [fault, ...more] = await cleanUp(policy);
      expect(fault).toMatch(/^data of train \(.*\) were not cleaned up: .*cleanup-.*; they stay where they are/);
      expect([more, events, areThere(places)]).toEqual([[], [], [true, true, true]]);
    }
  });

  test.each(Object.keys(put).filter((thing) => !thing.startsWith("a folder")))("%s in its own place", async (thing) => {
    const { root, attempt, history, cleanUp, folders, events } = setUp();
    const { ref, places } = attempt(1);
    history.fail(ref);
    mkdirSync(join(root, ".runweave"), { recursive: true });
    put[thing]?.(folders.trash);
    expect(await cleanUp("trash")).toEqual([expect.stringContaining(`${folders.trash} is not a folder; they stay`)]);
    expect([events, areThere(places)]).toEqual([[], [true, true, true]]);
  });
});
