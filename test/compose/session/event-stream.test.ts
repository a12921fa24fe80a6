import fc from "fast-check";
import { expect, test } from "vitest";
import { createEventStream } from "../../../src/compose/session/event-stream.ts";
import type { RunEvent } from "../../../src/core/event/event.ts";
import { eventsAt } from "../../report/make-events.ts";

const event = (at: number): RunEvent => eventsAt(at).started("a");

async function take(stream: ReturnType<typeof createEventStream>): Promise<RunEvent[]> {
  const taken: RunEvent[] = [];
  for await (const each of { [Symbol.asyncIterator]: stream.iterate }) taken.push(each);
  return taken;
}

test("whoever reads, whenever they begin, gets every event once and in order", async () => {
  const property = fc.asyncProperty(fc.nat({ max: 20 }), fc.nat({ max: 20 }), async (before, after) => {
    const stream = createEventStream();
    const events = Array.from({ length: before + after }, (_, at) => event(at));
    for (const each of events.slice(0, before)) stream.push(each);
    const early = take(stream);
    for (const each of events.slice(before)) {
      stream.push(each);
      await Promise.resolve();
    }
    stream.end();
    expect(await early).toEqual(events);
    expect(await take(stream)).toEqual(events);
  });
  await fc.assert(property);
});

test("a failure is thrown to readers after what came before it", async () => {
  const stream = createEventStream();
  stream.push(event(1));
  const reader = stream.iterate();
  expect((await reader.next()).value).toEqual(event(1));
  stream.fail(new Error("broken"));
  await expect(reader.next()).rejects.toThrow("broken");
});
