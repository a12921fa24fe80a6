import { expect, test } from "vitest";
import { measureCapacity } from "../../../src/compose/prepare/measure-capacity.ts";

test("what the workflow says counts, whatever the machine has", () => {
  expect(measureCapacity({ cpu: 64, memory: 1e12, gpu: 8 }, {})).toEqual({ cpu: 64, memory: 1e12, gpu: 8 });
});

test("else the machine's CPUs and memory count, within this process's limits", () => {
  const { cpu, memory } = measureCapacity({}, {});
  expect(cpu).toBeGreaterThanOrEqual(1);
  expect(memory).toBeGreaterThan(1e6);
});

test.each([
  ["0,1", 2],
  ["GPU-1234", 1],
  ["", 0],
  ["-1", 0],
  ["0,-1,1", 1],
])("CUDA_VISIBLE_DEVICES=%s leaves %d", (CUDA_VISIBLE_DEVICES, gpu) => {
  expect(measureCapacity({}, { CUDA_VISIBLE_DEVICES }).gpu).toBe(gpu);
});
