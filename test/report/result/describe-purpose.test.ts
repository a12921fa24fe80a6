import { expect, test } from "vitest";
import type { SessionSummary } from "../../../src/core/port/registry-lists.ts";
import { describePurpose } from "../../../src/report/result/describe-purpose.ts";

const sessionOf = (about: Partial<SessionSummary>): SessionSummary =>
  ({ replay_of: null, rollback: null, command_line: ["run", "w.yaml"], ...about }) as SessionSummary;

test.each<[string, Partial<SessionSummary>]>([
  ["", {}],
  ["only train[seed=2]", { command_line: ["/bin/runweave", "run", "train[seed=2]"] }],
  ["only prep, train[k=0.5]", { command_line: ["run", "--max-parallel", "2", "w.yaml", "prep", "train[k=0.5]"] }],
  ["only prep", { command_line: ["run", "./w.yaml", "prep", "--fresh", "train", "--registry", "state"] }],
  ["", { command_line: ["tool.ts", "train"] }],
  ["only train", { command_line: ["run", "w.yaml", "--only", "train"] }],
  ["train k=1, prep x=2", { command_line: ["run", "--set", "train.params.k=1", "w.yaml", "--set=prep.params.x=2"] }],
  [
    "replay of 1: train k=1",
    { replay_of: { session_id: "1", changes: ["--set train.params.k=1"], heals: false } as never },
  ],
  [
    "healing of 1; rolled back",
    { replay_of: { session_id: "1", changes: [], heals: true } as never, rollback: {} as never },
  ],
  ["rolled back", { rollback: {} as never }],
])("a session was started for %j", (purpose, about) => {
  expect(describePurpose(sessionOf(about))).toBe(purpose);
});
