import { expect, test } from "vitest";
import { normalizePath } from "./point.ts";

test.each([
  ["state/data/join-1a2b3c4d/2026-11-29T15.30.07.957Z-00007545aae5/join", "state/data/join-HEX/ID/join"],
  // One hash of 8 digits in 2,500 is of letters alone, another one of figures alone.
  ["state/data/join-dcfddece/", "state/data/join-HEX/"],
  ["state/data/join-12345678/", "state/data/join-HEX/"],
  ["state/trash/.gone-facade00-dead-beef-cafe-facadefacade", "state/trash/.gone-UUID"],
  ["state/attempts/x/.exit.runweave-12-abcdefab", "state/attempts/x/.exit.runweave-N-HEX"],
  ["state/logs/feedback.log", "state/logs/feedback.log"],
])("of %s what differs from run to run is left out", (path, kind) => {
  expect(normalizePath(path)).toBe(kind);
});
