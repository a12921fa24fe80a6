import { Argument, type Command } from "commander";
import { workflowJsonSchema } from "../../../define/source/json-schema.ts";
import { answersJsonSchema } from "../../answers/answers.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, registry } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";

/** Declares `schema`. */
export function declareSchema(command: Command, done: Done): void {
  command
    .addArgument(
      new Argument("[what]", "workflow: the file, for editors; answers: all that --json prints")
        .choices(["workflow", "answers"])
        .default("workflow"),
    )
    .addOption(registry().hideHelp())
    .addOption(json().hideHelp())
    .addHelpText(
      "after",
      formatExamples(["runweave schema > workflow.schema.json"], ["runweave schema answers", "of what --json prints"]),
    )
    .action(async (what) => done(printSchema(what)));
}

/** `runweave schema [workflow|answers]`. */
export function printSchema(of: "workflow" | "answers"): ExitCode {
  const schema = of === "answers" ? answersJsonSchema() : workflowJsonSchema();
  process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
  return 0;
}
