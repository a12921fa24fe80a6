import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { checkState } from "../../src/compose/doctor/check-state.ts";
import { inFolder } from "../../src/compose/locate-state.ts";
import { discardAttempt } from "../../src/compose/trash/discard-attempt.ts";
import type { RunDiscarded } from "../../src/core/event/disposal-event.ts";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";
import { attemptFolder } from "../../src/versions/layout.ts";
import { History } from "../suites/history.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";
import { waitFor } from "./wait-for.ts";

export const NOW_MS = Date.UTC(2030, 0, 1);
/** The run_id of an attempt that no registry knows. */
export const STRANGE = "2026-11-23T21.04.54.666Z-0000d783fb92";

/** A state folder with one run of which everything is as it should be. */
export function makeState() {
  const state = inFolder(join(makeTemporaryFolder(), ".runweave"));
  const registry = openSqliteRegistry(state.registry);
  onTestFinished(() => registry.close());
  const history = new History((events) => registry.append(events));
  const sessionId = history.startSession();
  history.declare(sessionId, "train", "other");
  const attempt = history.complete(sessionId, "train", { saves: ["table"] });
  mkdirSync(attemptFolder(state, attempt.run_id), { recursive: true });
  const place = join(state.store, "table-12", attempt.run_id);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "table"), "x");
  const clock = { now: () => NOW_MS, after: () => () => {} };
  const noRemote = () => expect.fail("there are no remote data");
  const discard = async () => {
    const record = (event: RunDiscarded) => {
      registry.append([event]);
      return true;
    };
    const context = { folders: state, registry, clock, remote: noRemote, record };
    await discardAttempt(context, { attempt, cause: "gc", how: "trash", reason: "old" });
    return join(state.trash, `gc-${attempt.run_id}`);
  };
  const check = () => checkState(state, NOW_MS).map(({ what, level, detail, hint }) => ({ what, level, detail, hint }));
  return { state, registry, history, sessionId, attempt, place, discard, check };
}

export type World = ReturnType<typeof makeState>;

/** Ends the session, so that nothing is under way. */
export function finish({ history, sessionId }: World): void {
  const time = history.time;
  history.add({
    type: "run.cancelled",
    time,
    session_id: sessionId,
    run: "other",
    run_id: null,
    attempt: 0,
    duration_ms: null,
    reason: "",
  });
  history.add({ type: "session.finished", time, session_id: sessionId, status: "success", duration_ms: 1, runs: [] });
}

/** Waits until a process does nothing for a SIGSTOP that it was sent. */
export async function awaitStop(pid: number): Promise<void> {
  await waitFor(() => /\) T /.test(readFileSync(`/proc/${pid}/stat`, "utf8")));
}
