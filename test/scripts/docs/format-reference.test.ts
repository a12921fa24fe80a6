import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Argument, Command, Option } from "commander";
import { expect, it } from "vitest";
import { formatReference } from "../../../scripts/docs/format-reference.ts";
import { createProgram } from "../../../src/cli/program.ts";

const PAGE = join(import.meta.dirname, "../../../docs/commands-reference.md");

it("docs/commands-reference.md is current: `npm run docs` writes it again", async () => {
  expect(readFileSync(PAGE, "utf8")).toBe(formatReference(await createProgram(() => {})));
});

it("has each command with its arguments, options, choices and examples, and nothing that is hidden", () => {
  const program = new Command("tool");
  program
    .command("list")
    .description("list things")
    .addArgument(new Argument("<kind>", "which things").choices(["a", "b"]))
    .option("--all", "old | new ones")
    .addOption(new Option("--secret").hideHelp())
    .addHelpText("after", "\nExample:\n  $ tool list a\n");
  const page = formatReference(program);
  expect(page).toContain(`## list

list things

\`tool list [options] <kind>\`

| argument or option | meaning |
|---|---|
| \`kind\` | which things (choices: "a", "b") |
| \`--all\` | old \\| new ones |

\`\`\`text
Example:
  $ tool list a
\`\`\``);
  expect(page).not.toContain("secret");
});

it("has the groups that the program has", () => {
  const program = new Command("tool");
  program.commandsGroup("Look:").command("show");
  program.commandsGroup("Change:").command("set");
  const headings = formatReference(program).match(/^#+ .*$/gm);
  expect(headings).toEqual(["# Commands", "## Look", "### show", "## Change", "### set", "## Examples and exit codes"]);
});
