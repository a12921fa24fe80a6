import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { listBlocks, PAGES } from "../rig/page-blocks.ts";
import { parseLine } from "../rig/parse-line.ts";

const program = await createProgram(() => {});
const help = program.createHelp();
const visible = help.visibleCommands(program).filter((command) => command.name() !== "help");

/** All that `--help` prints, what stands after the options included. */
function printHelp(command: Command): string {
  let printed = "";
  command.configureOutput({
    writeOut: (text) => {
      printed += text;
    },
  });
  command.outputHelp();
  return printed;
}

function listExamples(text: string): string[] {
  return [...text.matchAll(/^ {2}\$ (.+)$/gm)].map(([, line = ""]) => line);
}

describe("the help of the program", () => {
  test("names each command once, below the heading of its group", () => {
    const groups = Map.groupBy(visible, (command) => command.helpGroup());
    expect([...groups].map(([heading, members]) => [heading, members.map((command) => command.name())])).toEqual([
      ["Write and run workflows:", ["run", "plan", "validate", "simulate", "lock", "schema"]],
      ["Finish, stop or repeat sessions:", ["resume", "replay", "cancel", "pause", "unpause", "rollback"]],
      ["Look at what ran:", ["sessions", "runs", "show", "errors", "logs", "diff"]],
      ["Ask where a result comes from:", ["lineage", "why", "verify", "anchor", "reproduce"]],
      [
        "Use and care for data:",
        ["path", "cat", "export", "alias", "tag", "note", "taint", "heal", "gc", "trash", "adopt"],
      ],
      ["Set up:", ["doctor", "completion"]],
    ]);
  });

  test("says what each command does on one line of 80 columns", () => {
    const lines = printHelp(program).split("\n");
    for (const command of visible) {
      const line = lines.find((text) => text.startsWith(`  ${command.name()} `));
      expect(line).toContain(help.subcommandDescription(command));
      expect(line?.length).toBeLessThanOrEqual(80);
    }
  });
});

test.each(visible.map((command) => [command.name(), command] as const))(
  "the help of %s ends with examples of it that can be typed",
  async (name, command) => {
    const text = printHelp(command);
    const examples = listExamples(text.slice(text.search(/^Examples?:$/m)));
    expect(examples.length).toBeGreaterThan(0);
    const called = await Promise.all(examples.map(parseLine));
    expect(called).toContain(name);
    expect(called).not.toContain(null);
  },
);

test.each(visible.map((command) => [command.name(), command] as const))(
  "the help of %s fits into 80 columns, but for examples",
  (_, command) => {
    const lines = printHelp(command).split("\n");
    expect(lines.filter((line) => line.length > 80 && !line.startsWith("  $ "))).toEqual([]);
  },
);

test("the examples of the program can be typed", async () => {
  const examples = listExamples(printHelp(program));
  expect(examples.length).toBeGreaterThan(3);
  expect(await Promise.all(examples.map(parseLine))).not.toContain(null);
});

const lines = PAGES.flatMap((page) =>
  listBlocks(page).flatMap(({ language, text }) =>
    language !== "console"
      ? []
      : [...text.matchAll(/^\$ (.*runweave .+)$/gm)].map(([, line = ""]) => [page, line] as const),
  ),
);

test.each(lines)("%s: `%s` can be typed", async (_, line) => {
  expect(await parseLine(line)).not.toBeNull();
});

test.each([
  ["why-not 0000d783fb92 table@train", "why-not"],
  ["why-not 0000d783fb92 table train", "why-not"],
  ["continue latest --no-wait", "continue"],
])("runweave %s, which earlier versions had, is taken and shown nowhere", async (line, name) => {
  expect(await parseLine(`runweave ${line}`)).toBe(name);
  expect(visible.map((command) => command.name())).not.toContain(name);
});

test.each(["why metrics@report --not 0000d783fb92 --all", "whyy metrics@report", "plan --mermaid --dot", "pause"])(
  "runweave %s is refused",
  async (line) => {
    await expect(parseLine(`runweave ${line}`)).rejects.toThrow(/error: /);
  },
);
