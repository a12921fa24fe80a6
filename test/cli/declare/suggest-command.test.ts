import { expect, test } from "vitest";
import { suggestCommand } from "../../../src/cli/declare/suggest-command.ts";
import { createProgram } from "../../../src/cli/program.ts";
import { parseLine } from "../../rig/parse-line.ts";

const program = await createProgram(() => {});

test.each([
  ["ls", "`runweave sessions`"],
  ["status", "`runweave show`"],
  ["graph", "`runweave plan --mermaid`"],
  ["dag", "`runweave plan --mermaid`"],
  ["rm", "`runweave gc`"],
  ["compare", "`runweave diff A B`"],
  ["kill", "`runweave cancel`"],
  ["retry", "`runweave resume`"],
  ["import", "`runweave adopt`"],
  ["download", "`runweave path`"],
  ["workflow.yaml", "`runweave run workflow.yaml` runs a workflow file"],
  ["my flows/x.ts", "`runweave run 'my flows/x.ts'` runs"],
  ["sesions", 'did you mean "sessions"?'],
  ["unpuase", 'did you mean "unpause"?'],
])("%s, which is no command, is answered with %s", (word, answer) => {
  expect(suggestCommand(word, program)).toContain(`hint: ${answer}`);
});

test.each(["why_not", "contniue", "constructor", "xyzzy", ""])(
  "%j is answered with no command that is hidden",
  (word) => {
    expect(suggestCommand(word, program)).not.toMatch(/why-not|continue/);
  },
);

test("a word of another tool is no command of runweave", async () => {
  await expect(parseLine("runweave graph")).rejects.toThrow(
    /unknown command 'graph'\n {2}hint: `runweave plan --mermaid`/,
  );
});
