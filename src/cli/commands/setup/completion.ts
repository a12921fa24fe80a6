import type { Command } from "commander";
import { formatExamples } from "../../declare/examples.ts";
import type { Done } from "../../declare/options.ts";
import { CliError, type ExitCode } from "../../errors.ts";

/** Declares `completion`. */
export function declareCompletion(command: Command, done: Done): void {
  command
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText(
      "after",
      formatExamples(
        ["source <(runweave completion bash)", "in bash, for this shell"],
        ["runweave completion fish > ~/.config/fish/completions/runweave.fish"],
      ),
    )
    .action(async (shell) => done(printCompletion(shell, command.parent ?? command)));
}

interface Words {
  command: string;
  options: string[];
}

const SCRIPTS: Readonly<Record<string, (commands: readonly Words[]) => string>> = {
  bash: forBash,
  zsh: forZsh,
  fish: forFish,
};

/** `runweave completion SHELL`: commands and their options; everything else completes as a file. */
export function printCompletion(shell: string, program: Command): ExitCode {
  const write = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (write === undefined) {
    throw new CliError("unknown-shell", `no completion for "${shell}"`, {
      hint: `one of ${Object.keys(SCRIPTS).join(", ")}`,
    });
  }
  process.stdout.write(write(listCommands(program).map((command) => readWords(command, program))));
  return 0;
}

/** Lists the commands, except hidden ones: these are earlier forms. */
function listCommands(program: Command): readonly Command[] {
  return program.createHelp().visibleCommands(program);
}

function readWords(command: Command, program: Command): Words {
  const always = program.options.filter(({ long }) => long === "--full-ids");
  const options = [...command.options, ...always]
    .filter(({ hidden }) => !hidden)
    .flatMap(({ long }) => (long ? [long] : []));
  return { command: command.name(), options: [...options, "--help"] };
}

function forBash(commands: readonly Words[]): string {
  const cases = commands.map(({ command, options }) => `    ${command}) words="${options.join(" ")}" ;;`);
  return `_runweave() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    *) words="${commands.map(({ command }) => command).join(" ")} --help --version" ;;
  esac
  if [ "$COMP_CWORD" -gt 1 ] && [ "\${current#-}" = "$current" ]; then
    COMPREPLY=($(compgen -f -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o filenames -F _runweave runweave
`;
}

function forZsh(commands: readonly Words[]): string {
  return `autoload -U +X bashcompinit && bashcompinit\n${forBash(commands)}`;
}

function forFish(commands: readonly Words[]): string {
  const lines = commands.flatMap(({ command, options }) => [
    `complete -c runweave -n __fish_use_subcommand -a ${command}`,
    ...options.map(
      (option) => `complete -c runweave -n "__fish_seen_subcommand_from ${command}" -l ${option.slice(2)}`,
    ),
  ]);
  return `${lines.join("\n")}\n`;
}
