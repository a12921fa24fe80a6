import { expect, it } from "vitest";
import { TRIAL_KINDS } from "../kinds/index.ts";
import { PLANTED_BUGS } from "./bugs.ts";
import { findBug, plantIn } from "./plant.ts";

const NAMES = Object.keys(PLANTED_BUGS);

it.each(NAMES.filter((name) => findBug(name).awaits === undefined))(
  "the line that this bug changes is there, once: %s",
  (name) => {
    expect(plantIn(findBug(name))).toContain(findBug(name).instead);
  },
);

it.each(NAMES)("the kind of trials that has to find this bug is one: %s", (name) => {
  expect(TRIAL_KINDS.map((kind) => kind.name)).toContain(findBug(name).kind);
});
