import type { Command, Help } from "commander";

const FIRST_LINES = `# Commands

Every command of the command line, with its arguments and options. This page is written by \`npm run docs\` from what
\`runweave COMMAND --help\` prints; a test fails when it is not current. [The map](index.md) leads to pages by task. Every command
also takes \`--full-ids\`: ids are [shown whole](names.md#how-ids-are-shown), and not by their last digits.
`;
/** Commander's own heading for commands that are in no group. */
const NO_GROUP = "Commands";

/** The reference of all commands as Markdown: a heading for each group that the program has, and each command below it. */
export function formatReference(program: Command): string {
  const help = program.createHelp();
  const commands = help.visibleCommands(program).filter((command) => command.name() !== "help");
  const groups = Map.groupBy(commands, (command) => (command.helpGroup() || NO_GROUP).replace(/:$/, ""));
  const isGrouped = groups.size > 1;
  const parts = [...groups].flatMap(([group, members]) => [
    ...(isGrouped ? [`## ${group}\n`] : []),
    ...members.map((command) => formatCommand(command, help, isGrouped ? "###" : "##")),
  ]);
  return [FIRST_LINES, ...parts, formatBlock("## Examples and exit codes", readTextAfter(program))].join("\n");
}

function formatCommand(command: Command, help: Help, heading: string): string {
  const ofArguments = help.visibleArguments(command).map((each) => [each.name(), help.argumentDescription(each)]);
  const ofOptions = help.visibleOptions(command).map((each) => [each.flags, help.optionDescription(each)]);
  const rows = [...ofArguments, ...ofOptions].filter(([name]) => name !== "-h, --help");
  const table = ["| argument or option | meaning |", "|---|---|", ...rows.map(formatRow)].join("\n");
  const usage = `\`${help.commandUsage(command)}\``;
  const whole = [`${heading} ${command.name()}`, help.commandDescription(command), usage, table].join("\n\n");
  return formatBlock(whole, readTextAfter(command));
}

function formatRow([name = "", meaning = ""]: string[]): string {
  return `| \`${name.replaceAll("|", "\\|")}\` | ${meaning.replaceAll("|", "\\|")} |`;
}

function formatBlock(before: string, text: string): string {
  return text === "" ? `${before}\n` : `${before}\n\n\`\`\`text\n${text}\n\`\`\`\n`;
}

/** What the command's help has below its options. */
function readTextAfter(command: Command): string {
  let printed = "";
  command.configureOutput({
    writeOut: (text) => {
      printed += text;
    },
  });
  command.outputHelp();
  return printed.slice(command.helpInformation().length).replace(/^\n+|\s+$/g, "");
}
