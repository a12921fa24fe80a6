import { workflowJsonSchema } from "../../define/source/json-schema.ts";
import { answersJsonSchema } from "../answers/answers.ts";
import type { ExitCode } from "../errors.ts";

/** `runweave schema [workflow|answers]`. */
export function printSchema(of: "workflow" | "answers"): ExitCode {
  const schema = of === "answers" ? answersJsonSchema() : workflowJsonSchema();
  process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
  return 0;
}
