import { expect, test } from "vitest";
import { NO_RESOURCES } from "../../src/core/resources.ts";
import { createGate } from "../../src/execute/limit.ts";

const gpu = (count: number) => ({ ...NO_RESOURCES, gpu: count });

/** Work that begins and ends when the test says so. */
function makeWork(begun: string[]) {
  const ends = new Map<string, () => void>();
  const work = (run: string) => () => {
    begun.push(run);
    return new Promise<void>((resolve) => ends.set(run, resolve));
  };
  return { work, end: (run: string) => ends.get(run)?.() };
}

test("runs wait for what others take, in the order in which they came", async () => {
  const begun: string[] = [];
  const { work, end } = makeWork(begun);
  const gate = createGate({ maxParallel: 3, capacity: { cpu: 8, memory: 8, gpu: 2 } });
  const first = gate({ run: "first", resources: gpu(2) }, work("first"));
  const second = gate({ run: "second", resources: gpu(1) }, work("second"));
  const third = gate({ run: "third", resources: NO_RESOURCES }, work("third"));
  await Promise.resolve();
  expect(begun).toEqual(["first", "third"]);
  end("first");
  await first;
  await new Promise(setImmediate);
  expect(begun).toEqual(["first", "third", "second"]);
  end("second");
  end("third");
  await Promise.all([second, third]);
});

test("work that fails frees what it took", async () => {
  const gate = createGate({ maxParallel: 1, capacity: null });
  const failing = gate({ run: "a", resources: NO_RESOURCES }, () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  expect(await gate({ run: "b", resources: NO_RESOURCES }, () => Promise.resolve("done"))).toBe("done");
});
