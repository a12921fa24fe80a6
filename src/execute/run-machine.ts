import { type AnyMachineSnapshot, initialTransition, setup, transition } from "xstate";
import type { RunStatus } from "../core/run.ts";

/** Events of a run. */
export type MachineEvent =
  | { type: "ready" }
  /** Another process had begun its attempt. */
  | { type: "restored" }
  | { type: "resolved" }
  | { type: "rejected" }
  /** Its result is known already. */
  | { type: "reused" }
  | { type: "admitted" }
  | { type: "started" }
  | { type: "finished" }
  | { type: "broken" }
  /** As `broken` or `refused`, but there is to be another attempt. */
  | { type: "faltered" }
  | { type: "due" }
  | { type: "givenUp" }
  | { type: "committed" }
  | { type: "refused" }
  | { type: "timedOut" }
  | { type: "graceOver" }
  | { type: "interrupted" }
  | { type: "killed" }
  | { type: "skipped" };

/** Effects that the loop carries out. The machine itself has no side effects. */
export type MachineEffect =
  | { type: "resolve" }
  | { type: "reconcile" }
  | { type: "enqueue" }
  | { type: "start" }
  | { type: "watchTimeout" }
  | { type: "watchGrace" }
  | { type: "stop"; params: { how: "interrupt" | "kill" } }
  | { type: "commit" }
  | { type: "wait" }
  | { type: "announce" };

export type RunState =
  | "pending"
  | "reconciling"
  | "resolving"
  | "queued"
  | "starting"
  | "running"
  | "stopping"
  | "timingOut"
  | "committing"
  | "retrying"
  | "succeeded"
  | "failed"
  | "skipped"
  | "cancelled"
  | "reused";

/** The state of one run's life: plain data, safe to keep and to restore. */
export type RunSnapshot = AnyMachineSnapshot;

const interrupt = { type: "stop", params: { how: "interrupt" } } as const;
const kill = { type: "stop", params: { how: "kill" } } as const;

const stopOn = {
  interrupted: { target: "stopping", actions: interrupt },
  killed: { target: "stopping", actions: kill },
} as const;

const killOn = { graceOver: { actions: kill }, killed: { actions: kill } } as const;

/** A run without a process is stopped at once; one that was tried before has failed. */
const dropOn = { interrupted: "cancelled", killed: "cancelled", skipped: "skipped", givenUp: "failed" } as const;

const machine = setup({
  types: { events: {} as MachineEvent },
  actions: {
    resolve: () => {},
    reconcile: () => {},
    enqueue: () => {},
    start: () => {},
    watchTimeout: () => {},
    watchGrace: () => {},
    stop: (_, _params: { how: "interrupt" | "kill" }) => {},
    commit: () => {},
    wait: () => {},
    announce: () => {},
  },
}).createMachine({
  id: "run",
  initial: "pending",
  states: {
    pending: { on: { ready: "resolving", restored: "reconciling", ...dropOn } },
    // The attempt was begun by a process that is gone: what became of it is found out, never assumed.
    reconciling: {
      entry: "reconcile",
      on: { started: "running", finished: "committing", broken: "failed", faltered: "retrying", ...stopOn },
    },
    resolving: { entry: "resolve", on: { resolved: "queued", rejected: "failed", reused: "reused", ...dropOn } },
    queued: { entry: "enqueue", on: { admitted: "starting", ...dropOn } },
    starting: {
      entry: "start",
      on: { started: "running", finished: "committing", broken: "failed", faltered: "retrying", ...stopOn },
    },
    running: {
      entry: "watchTimeout",
      on: {
        finished: "committing",
        broken: "failed",
        faltered: "retrying",
        timedOut: { target: "timingOut", actions: interrupt },
        ...stopOn,
      },
    },
    // A run that was asked to stop may still come to its end first: then it has succeeded.
    stopping: {
      entry: "watchGrace",
      on: { finished: "committing", broken: "cancelled", faltered: "cancelled", ...killOn },
    },
    timingOut: {
      entry: "watchGrace",
      on: { finished: "committing", broken: "failed", faltered: "retrying", ...killOn },
    },
    committing: { entry: "commit", on: { committed: "succeeded", refused: "failed", faltered: "retrying" } },
    retrying: { entry: "wait", on: { due: "resolving", ...dropOn } },
    succeeded: { type: "final", entry: "announce" },
    failed: { type: "final", entry: "announce" },
    skipped: { type: "final", entry: "announce" },
    cancelled: { type: "final", entry: "announce" },
    reused: { type: "final", entry: "announce" },
  },
});

let beginning: RunSnapshot | undefined;

/** The beginning of a run's life. */
export function initialRun(): RunSnapshot {
  beginning ??= initialTransition(machine)[0];
  return beginning;
}

interface Step {
  snapshot: RunSnapshot;
  effects: readonly MachineEffect[];
}

/** The machine has no context and its events carry no data, so each of its steps is worked out once: XState takes 0.06 ms. */
const steps = new Map<string, Step>();

/**
 * Takes one step: (state, event) -> (state, effects). Pure: XState's actions are reduced to data at once, because an
 * actor that is restored would run its promise again. An event that a state does not know changes no state.
 */
export function stepRun(snapshot: RunSnapshot, event: MachineEvent): Step {
  const key = `${stateOf(snapshot)} ${event.type}`;
  const step = steps.get(key) ?? takeStep(snapshot, event);
  steps.set(key, step);
  return step;
}

function takeStep(snapshot: RunSnapshot, event: MachineEvent): Step {
  const [next, actions] = transition(machine, snapshot as never, event);
  const effects = actions.map(({ type, params }) => (params === undefined ? { type } : { type, params }));
  return { snapshot: next, effects: effects as MachineEffect[] };
}

export function stateOf(snapshot: RunSnapshot): RunState {
  return snapshot.value as RunState;
}

/** Returns the status that people and scripts see of a state. */
export function statusOf(state: RunState): RunStatus {
  switch (state) {
    case "pending":
    case "resolving":
    case "queued":
    case "retrying":
      return "pending";
    case "reconciling":
    case "starting":
    case "running":
    case "stopping":
    case "timingOut":
    case "committing":
      return "running";
    case "succeeded":
      return "success";
    case "failed":
    case "skipped":
    case "cancelled":
    case "reused":
      return state;
    default:
      return state satisfies never;
  }
}
