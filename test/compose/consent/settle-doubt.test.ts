import { expect, it } from "vitest";
import { listLines, settleDoubt } from "../../../src/compose/consent/settle-doubt.ts";

const doubt = {
  reasons: ["why", "and why"],
  lines: ["session x:"],
  files: ["would remove a", "would remove b", "would put back c"],
};

it("names the first files and counts the others, or names all", () => {
  expect(listLines(doubt, 2)).toEqual([
    "session x:",
    "3 published files:",
    "  would remove a",
    "  would remove b",
    "  and 1 more: --json lists them",
  ]);
  expect(listLines(doubt).slice(2)).toEqual(["  would remove a", "  would remove b", "  would put back c"]);
  expect(listLines({ ...doubt, files: [] })).toEqual(["session x:"]);
});

it("only a yes is consent; else all lines are told", async () => {
  await settleDoubt(null, {});
  await settleDoubt(doubt, { onDoubt: async () => true });
  const refusal = {
    code: "not-confirmed",
    message: expect.stringMatching(/^why; and why, and .*\nsession x:\n3 .*\n {2}would put back c$/s),
  };
  for (const context of [{}, { onDoubt: async () => false }])
    await expect(settleDoubt(doubt, context)).rejects.toMatchObject(refusal);
});
