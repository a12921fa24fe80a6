import fc from "fast-check";
import { expect, test } from "vitest";
import { addTo, createMap, getFrom, type PersistentMap, valuesOf } from "../../../src/report/live/persistent-map.ts";

const entries = fc.array(fc.tuple(fc.string({ maxLength: 2 }), fc.integer()));

test("answers like a Map, whatever was added in whatever portions", () => {
  fc.assert(
    fc.property(fc.array(entries), (portions) => {
      const map = portions.reduce(addTo, createMap<number>() as PersistentMap<number>);
      const model = new Map(portions.flat());
      expect(map.size).toBe(model.size);
      expect([...valuesOf(map)].sort()).toEqual([...model.values()].sort());
      for (const [key, value] of model) expect(getFrom(map, key)).toBe(value);
    }),
  );
});

test("an older map does not change", () => {
  fc.assert(
    fc.property(entries, entries, (first, second) => {
      const old = addTo(createMap<number>(), first);
      addTo(old, second);
      const model = new Map(first);
      expect(old.size).toBe(model.size);
      for (const [key] of second) expect(getFrom(old, key)).toBe(model.get(key));
    }),
  );
});
