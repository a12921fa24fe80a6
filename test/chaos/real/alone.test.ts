import { expect, test } from "vitest";
import { uniteKinds } from "./alone.ts";

const HEALED = ["state/data/", "state/data/sick-HEX/ID/", "state/data/sick-HEX/ID/sick"];
const COLLECTED = ["state/trash/gc-ID/items/N/one"];
const both = [{ kinds: new Set(HEALED) }, { kinds: new Set(COLLECTED) }];

test("two acts may leave what each leaves alone", () => {
  expect([...uniteKinds(both, { collects: false })]).toEqual([...HEALED, ...COLLECTED]);
});

test("a collection may also take what the other act has made old", () => {
  const kinds = uniteKinds(both, { collects: true });
  expect([...kinds]).toEqual([...HEALED, ...COLLECTED, "state/trash/gc-ID/items/N/sick"]);
});
