import { expect, test } from "vitest";
import { createEventSink } from "../../../src/compose/session/record-events.ts";
import type { RunEvent } from "../../../src/core/event/event.ts";
import type { Registry } from "../../../src/core/port/registry.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { eventsAt } from "../../report/make-events.ts";
import { waitFor } from "../../rig/wait-for.ts";

const make = eventsAt(0);
const OPENING = [make.sessionStarted(), make.declared("a")] as const;

function open(registry: Registry = createMemoryRegistry()) {
  const shown: { event: RunEvent; stored: number }[] = [];
  const faults: unknown[] = [];
  const onEvent = (event: RunEvent) => shown.push({ event, stored: [...registry.events()].length });
  const sink = createEventSink({
    session: { session_id: OPENING[0].session_id, epoch: 0 },
    registry,
    reporters: [{ onEvent }],
    onFault: (error) => faults.push(error),
  });
  return { registry, sink, shown, faults };
}

test("what is shown has been stored", () => {
  const { sink, shown } = open();
  sink.emit(OPENING);
  expect(shown.map(({ event }) => event)).toEqual(OPENING);
  for (const [at, { stored }] of shown.entries()) expect(stored).toBeGreaterThan(at);
});

test("progress waits for company, and is stored in order before whatever ends a run", () => {
  const { sink, shown } = open();
  sink.emit(OPENING);
  sink.emit([make.resolved("a")]);
  sink.emit([make.started("a")]);
  expect(shown.at(-1)?.event.type).toBe("run.resolved");
  sink.emit([make.succeeded("a")]);
  expect(shown.slice(-2).map(({ event }) => event.type)).toEqual(["run.started", "run.succeeded"]);
});

test("progress is stored by itself after a while", async () => {
  const { sink, shown } = open();
  sink.emit([...OPENING, make.resolved("a")]);
  sink.emit([make.started("a")]);
  await waitFor(() => shown.at(-1)?.event.type === "run.started");
});

test("a registry that fails throws to whoever emits what is stored at once", () => {
  const { registry, sink, shown } = open();
  registry.close();
  registry.append = () => {
    throw new Error("disk full");
  };
  expect(() => sink.emit(OPENING)).toThrow("disk full");
  expect(shown).toEqual([]);
});

test("a registry that fails later on tells of it, and nothing is shown", async () => {
  const { registry, sink, shown, faults } = open();
  sink.emit([...OPENING, make.resolved("a")]);
  registry.append = () => {
    throw new Error("disk full");
  };
  sink.emit([make.started("a")]);
  await waitFor(() => faults.length > 0);
  expect(faults).toEqual([new Error("disk full")]);
  expect(shown.at(-1)?.event.type).toBe("run.resolved");
});

test("after one write that failed nothing more is stored, though it could be", async () => {
  const { registry, sink, shown, faults } = open();
  sink.emit([...OPENING, make.resolved("a")]);
  const { append } = registry;
  registry.append = () => {
    throw new Error("disk full");
  };
  sink.emit([make.started("a")]);
  await waitFor(() => faults.length > 0);
  registry.append = append;
  expect(() => sink.emit([make.succeeded("a")])).toThrow("disk full");
  expect(() => sink.flush()).toThrow("disk full");
  expect(shown.at(-1)?.event.type).toBe("run.resolved");
});
