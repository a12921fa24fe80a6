import { expect, it } from "vitest";
import { PLANTED_BUGS } from "./bugs.ts";
import { findBug, plantIn } from "./plant.ts";

it.each(Object.keys(PLANTED_BUGS))("the line that this bug changes is there, once: %s", (name) => {
  expect(plantIn(findBug(name))).toContain(findBug(name).instead);
});
