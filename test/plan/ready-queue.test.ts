import fc from "fast-check";
import { expect, test } from "vitest";
import { createReadyQueue } from "../../src/plan/ready-queue.ts";

test("the lowest number leaves first, in any order of pushes and pops", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(50), fc.constant("pop" as const))), (steps) => {
      const queue = createReadyQueue();
      let model: number[] = [];
      for (const step of steps) {
        if (step === "pop") {
          const [lowest, ...rest] = [...model].sort((a, b) => a - b);
          expect(queue.pop()).toBe(lowest);
          model = rest;
        } else {
          queue.push(step);
          model.push(step);
        }
      }
    }),
  );
});
