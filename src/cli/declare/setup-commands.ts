import { type Command, Option } from "commander";
import type { ExitCode } from "../errors.ts";
import { formatExamples } from "./examples.ts";
import { json, registry } from "./options.ts";

type Done = (code: ExitCode) => void;

/** The machine and the shell. */
export function addSetupCommands(program: Command, done: Done): void {
  program
    .command("doctor")
    .summary("check this machine and the state folder")
    .description("check that this machine has what runs need, and that the state folder is complete")
    .argument("[file]", "a workflow file, to check what it needs too (default: the nearest, if there is one)")
    .option(
      "--settle",
      "accept a state folder that was copied or moved here, or a registry that is older than its data",
    )
    .addOption(
      new Option(
        "--rebuild <file>",
        "make the registry anew from its log, in this new file, and say where the old one differs",
      ).conflicts(["settle", "forgetCold"]),
    )
    .option("--forget-cold", "let projects that `run --verify-warm` keeps cold run warm again")
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(["runweave doctor"], ["runweave doctor churn.yaml", "also its project and its Python"]),
    )
    .action(async (file, flags) => done(await (await import("../commands/doctor.ts")).printDiagnosis(file, flags)));
  program
    .command("completion")
    .description("print a completion script for your shell")
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText(
      "after",
      formatExamples(
        ["source <(runweave completion bash)", "in bash, for this shell"],
        ["runweave completion fish > ~/.config/fish/completions/runweave.fish"],
      ),
    )
    .action(async (shell) => done((await import("../commands/completion.ts")).printCompletion(shell, program)));
}
