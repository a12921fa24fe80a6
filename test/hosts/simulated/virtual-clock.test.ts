import fc from "fast-check";
import { expect, it } from "vitest";
import { VirtualClock } from "../../../src/hosts/simulated/virtual-clock.ts";

it("fires timers by their time, those of one moment in the order in which they were set", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1, max: 5 })), (delays) => {
      const clock = new VirtualClock(0);
      const fired: number[] = [];
      delays.forEach((delay, index) => {
        clock.after(delay, () => fired.push(index));
      });
      while (clock.fireNext());
      const wanted = delays.map((delay, index) => ({ at: Math.max(0, delay), index }));
      expect(fired).toEqual(wanted.sort((a, b) => a.at - b.at || a.index - b.index).map(({ index }) => index));
    }),
  );
});

it("does not fire what was taken back, nor let time pass for it", () => {
  const clock = new VirtualClock(1000);
  clock.after(5, () => expect.unreachable())();
  clock.after(2, () => {});
  expect(clock.fireNext()).toBe(true);
  expect(clock.fireNext()).toBe(false);
  expect(clock.now()).toBe(1002);
});

it("keeps its timers when its wall clock is set", () => {
  const clock = new VirtualClock(1000);
  clock.after(5, () => {});
  clock.setBy(-900);
  clock.fireNext();
  expect([clock.now(), clock.elapsedMs]).toEqual([105, 5]);
});
