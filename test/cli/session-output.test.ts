import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { toSessionContext } from "../../src/cli/session-output.ts";
import type { SessionStart } from "../../src/compose/actions/context.ts";
import { inFolder } from "../../src/compose/locate-state.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

test.each([{ json: true }, {}])("a command that leads many sessions with %o adds no listener with each", (flags) => {
  const { signal: interrupt } = new AbortController();
  const { reporters } = toSessionContext(flags, { interrupt, kill: interrupt, close: () => {} });
  if (typeof reporters !== "function") throw new Error("there are no reporters");
  const state = inFolder(makeTemporaryFolder()) as SessionStart["state"];
  const plan = { runs: [] } as unknown as SessionStart["plan"];
  const listeners = () => [process.stdout, process.stderr].map((stream) => stream.listenerCount("error"));
  let first: number[] | undefined;
  for (let session = 0; session < 12; session += 1) {
    const made = reporters({ plan, maxParallel: 1, state, readRuns: () => [] });
    expect(getEventListeners(interrupt, "abort")).toHaveLength(1);
    for (const reporter of made) reporter.close?.();
    first ??= listeners();
    expect(listeners()).toEqual(first);
  }
  expect(getEventListeners(interrupt, "abort")).toEqual([]);
});
