import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { closeSession } from "../../../src/compose/resume/close-session.ts";
import { resumeSession } from "../../../src/compose/resume/resume-session.ts";
import { openWorkspace } from "../../../src/compose/workspace.ts";
import type { Registry } from "../../../src/core/port/registry.ts";
import { planOf } from "../../rig/plans.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { History } from "../../suites/history.ts";

/** A session that its process has left, and that another process finishes in the moment in which this one has looked at it. */
function prepare() {
  const folder = makeTemporaryFolder();
  const workspace = openWorkspace({ registry: join(folder, ".runweave"), from: folder });
  onTestFinished(() => workspace.close());
  const history = new History((events) => workspace.registry.append(events));
  const sessionId = history.startSession();
  const finishAfter = <Name extends "ownershipOf" | "findSession">(name: Name): Registry => {
    let isFinished = false;
    const ask = (id: never) => {
      const found = workspace.registry[name](id);
      if (!isFinished) history.finishSession(sessionId, "success");
      isFinished = true;
      return found;
    };
    return { ...workspace.registry, [name]: ask };
  };
  return { workspace, sessionId, finishAfter, count: () => [...workspace.registry.events()].length };
}

test("a session that another process has finished meanwhile is not taken over: that is no fault", async () => {
  const { workspace, sessionId, finishAfter, count } = prepare();
  const kept = {
    session_id: sessionId,
    store: workspace.folders.store,
    max_parallel: 1,
    variables: {},
    plan: planOf([]),
  };
  const options = { kept, commandLine: [], endsLive: false, afresh: false };
  const resuming = resumeSession({ ...options, workspace: { ...workspace, registry: finishAfter("findSession") } });
  await expect(resuming).rejects.toMatchObject({ code: "session-succeeded" });
  expect(count()).toBe(2);
});

test("nor is the session of a script closed a second time", async () => {
  const { workspace, sessionId, finishAfter, count } = prepare();
  const options = { sessionId, commandLine: [], reason: "cut off" };
  const closing = closeSession({ ...options, workspace: { ...workspace, registry: finishAfter("ownershipOf") } });
  await expect(closing).rejects.toMatchObject({ code: "session-over" });
  expect(count()).toBe(2);
});

const HOUR_MS = 3_600_000;

test.each(["resumed", "closed"])("the time of a session that is %s days later has not these days", async (how) => {
  const { workspace, sessionId } = prepare();
  const common = { workspace, commandLine: [] };
  const { store } = workspace.folders;
  const kept = { session_id: sessionId, store, max_parallel: 1, variables: {}, plan: planOf([]) };
  const { record } =
    how === "resumed"
      ? await resumeSession({ ...common, kept, endsLive: false, afresh: false })
      : await closeSession({ ...common, sessionId, reason: "cut off" });
  expect(Date.parse(record.end_time ?? "") - Date.parse(record.start_time)).toBeGreaterThan(24 * HOUR_MS);
  expect(record.duration_ms).toBeLessThan(HOUR_MS);
});
