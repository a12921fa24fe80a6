import { workflowJsonSchema } from "../../define/json-schema.ts";
import type { ExitCode } from "../errors.ts";

/** `runweave schema`. */
export function printSchema(): ExitCode {
  process.stdout.write(`${JSON.stringify(workflowJsonSchema(), null, 2)}\n`);
  return 0;
}
