import { describe, expect, it } from "vitest";
import {
  initialRun,
  type MachineEvent,
  type RunState,
  stateOf,
  statusOf,
  stepRun,
} from "../../src/execute/run-machine.ts";

type EventType = MachineEvent["type"];

/** The shortest way to each state. */
const WAYS: Record<RunState, EventType[]> = {
  pending: [],
  reconciling: ["restored"],
  resolving: ["ready"],
  queued: ["ready", "resolved"],
  starting: ["ready", "resolved", "admitted"],
  running: ["ready", "resolved", "admitted", "started"],
  stopping: ["ready", "resolved", "admitted", "started", "interrupted"],
  timingOut: ["ready", "resolved", "admitted", "started", "timedOut"],
  committing: ["ready", "resolved", "admitted", "started", "finished"],
  retrying: ["ready", "resolved", "admitted", "started", "faltered"],
  succeeded: ["ready", "resolved", "admitted", "started", "finished", "committed"],
  failed: ["ready", "rejected"],
  skipped: ["skipped"],
  cancelled: ["interrupted"],
  reused: ["ready", "reused"],
};

const EVENTS: EventType[] = [
  "ready",
  "restored",
  "resolved",
  "rejected",
  "admitted",
  "started",
  "finished",
  "broken",
  "committed",
  "refused",
  "timedOut",
  "graceOver",
  "interrupted",
  "killed",
  "skipped",
  "faltered",
  "due",
  "givenUp",
  "reused",
];

const MOVES: [RunState, EventType, RunState, string[]][] = [
  ["pending", "ready", "resolving", ["resolve"]],
  ["pending", "interrupted", "cancelled", ["announce"]],
  ["pending", "killed", "cancelled", ["announce"]],
  ["pending", "skipped", "skipped", ["announce"]],
  ["pending", "givenUp", "failed", ["announce"]],
  ["pending", "restored", "reconciling", ["reconcile"]],
  ["reconciling", "started", "running", ["watchTimeout"]],
  ["reconciling", "finished", "committing", ["commit"]],
  ["reconciling", "broken", "failed", ["announce"]],
  ["reconciling", "faltered", "retrying", ["wait"]],
  ["reconciling", "interrupted", "stopping", ["stop interrupt", "watchGrace"]],
  ["reconciling", "killed", "stopping", ["stop kill", "watchGrace"]],
  ["resolving", "resolved", "queued", ["enqueue"]],
  ["resolving", "rejected", "failed", ["announce"]],
  ["resolving", "reused", "reused", ["announce"]],
  ["resolving", "interrupted", "cancelled", ["announce"]],
  ["resolving", "killed", "cancelled", ["announce"]],
  ["resolving", "skipped", "skipped", ["announce"]],
  ["resolving", "givenUp", "failed", ["announce"]],
  ["queued", "admitted", "starting", ["start"]],
  ["queued", "interrupted", "cancelled", ["announce"]],
  ["queued", "killed", "cancelled", ["announce"]],
  ["queued", "skipped", "skipped", ["announce"]],
  ["queued", "givenUp", "failed", ["announce"]],
  ["starting", "started", "running", ["watchTimeout"]],
  ["starting", "finished", "committing", ["commit"]],
  ["starting", "broken", "failed", ["announce"]],
  ["starting", "faltered", "retrying", ["wait"]],
  ["starting", "interrupted", "stopping", ["stop interrupt", "watchGrace"]],
  ["starting", "killed", "stopping", ["stop kill", "watchGrace"]],
  ["running", "finished", "committing", ["commit"]],
  ["running", "broken", "failed", ["announce"]],
  ["running", "faltered", "retrying", ["wait"]],
  ["running", "timedOut", "timingOut", ["stop interrupt", "watchGrace"]],
  ["running", "interrupted", "stopping", ["stop interrupt", "watchGrace"]],
  ["running", "killed", "stopping", ["stop kill", "watchGrace"]],
  ["stopping", "finished", "committing", ["commit"]],
  ["stopping", "broken", "cancelled", ["announce"]],
  ["stopping", "faltered", "cancelled", ["announce"]],
  ["stopping", "graceOver", "stopping", ["stop kill"]],
  ["stopping", "killed", "stopping", ["stop kill"]],
  ["timingOut", "finished", "committing", ["commit"]],
  ["timingOut", "broken", "failed", ["announce"]],
  ["timingOut", "faltered", "retrying", ["wait"]],
  ["timingOut", "graceOver", "timingOut", ["stop kill"]],
  ["timingOut", "killed", "timingOut", ["stop kill"]],
  ["committing", "committed", "succeeded", ["announce"]],
  ["committing", "refused", "failed", ["announce"]],
  ["committing", "faltered", "retrying", ["wait"]],
  ["retrying", "due", "resolving", ["resolve"]],
  ["retrying", "interrupted", "cancelled", ["announce"]],
  ["retrying", "killed", "cancelled", ["announce"]],
  ["retrying", "skipped", "skipped", ["announce"]],
  ["retrying", "givenUp", "failed", ["announce"]],
];

function walkTo(state: RunState) {
  let snapshot = initialRun();
  for (const type of WAYS[state]) snapshot = stepRun(snapshot, { type }).snapshot;
  expect(stateOf(snapshot)).toBe(state);
  return snapshot;
}

describe("stepRun", () => {
  it.each(MOVES)("%s, %s -> %s", (state, type, next, effects) => {
    const step = stepRun(walkTo(state), { type });
    expect(stateOf(step.snapshot)).toBe(next);
    const told = step.effects.map((effect) =>
      [effect.type, ...Object.values("params" in effect ? effect.params : {})].join(" "),
    );
    expect(told).toEqual(effects);
  });

  it("ignores every other event in every state", () => {
    const known = new Set(MOVES.map(([state, type]) => `${state} ${type}`));
    for (const state of Object.keys(WAYS) as RunState[]) {
      for (const type of EVENTS.filter((event) => !known.has(`${state} ${event}`))) {
        const step = stepRun(walkTo(state), { type });
        expect([state, type, stateOf(step.snapshot), step.effects]).toEqual([state, type, state, []]);
      }
    }
  });

  it("keeps a snapshot unchanged, so that the same step can be taken twice", () => {
    const snapshot = walkTo("running");
    const once = stepRun(snapshot, { type: "finished" });
    const twice = stepRun(snapshot, { type: "finished" });
    expect(stateOf(snapshot)).toBe("running");
    expect(twice.effects).toEqual(once.effects);
  });
});

describe("statusOf", () => {
  it.each([
    ["pending", "pending"],
    ["resolving", "pending"],
    ["queued", "pending"],
    ["starting", "running"],
    ["running", "running"],
    ["stopping", "running"],
    ["timingOut", "running"],
    ["committing", "running"],
    ["retrying", "pending"],
    ["succeeded", "success"],
    ["failed", "failed"],
    ["skipped", "skipped"],
    ["cancelled", "cancelled"],
    ["reconciling", "running"],
    ["reused", "reused"],
  ] as const)("shows %s as %s", (state, status) => expect(statusOf(state)).toBe(status));
});
