import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeState } from "../../rig/checked-state.ts";

test("how much is kept of what projects have answered is told, other files there left out", () => {
  const { state, check } = makeState();
  const findings = () => check().filter(({ what }) => what === "answers");
  expect(findings()).toEqual([]);
  const folder = join(state.root, "probes");
  mkdirSync(folder);
  expect(findings()).toEqual([]);
  writeFileSync(join(folder, "0123456789abcdef0123456789abcdef"), "a".repeat(1_000));
  writeFileSync(join(folder, "notes.txt"), "of a user");
  expect(findings()).toMatchObject([
    { level: "ok", detail: "1 kept answer of Kedro projects about their pipelines, 1.0 kB" },
  ]);
});
