import * as z from "zod";
import { SCHEMA_VERSION } from "../../report/text/schema-version.ts";
import { EVENT_LINES } from "./event-lines.ts";
import { LOOKUP_ANSWERS } from "./lookup-answers.ts";
import { REPAIR_ANSWERS } from "./repair-answers.ts";
import { TRACE_ANSWERS } from "./trace-answers.ts";
import { WORKFLOW_ANSWERS } from "./workflow-answers.ts";

const ANSWERS = { ...WORKFLOW_ANSWERS, ...LOOKUP_ANSWERS, ...TRACE_ANSWERS, ...REPAIR_ANSWERS };

/** Types of answers that commands print with `--json`. An answer is one object; after events, it is the last line. */
export type AnswerType = keyof typeof ANSWERS;
/** An answer without its version and its type. */
export type AnswerBody<T extends AnswerType> = z.input<z.ZodObject<(typeof ANSWERS)[T]["body"]>>;

/** The command that gives an answer, and what it tells, by the answer's type. */
export const ANSWER_MEANINGS: Readonly<Record<string, { command: string; what: string }>> = ANSWERS;

/** The shape of each answer, by its type. */
export const ANSWER_SCHEMAS: Readonly<Record<string, z.ZodObject>> = Object.fromEntries(
  Object.entries(ANSWERS).map(([type, { what, body }]) => {
    const head = { schema_version: z.literal(SCHEMA_VERSION), type: z.literal(type) };
    return [type, z.strictObject({ ...head, ...body }).meta({ id: type, description: what })];
  }),
);

/** The JSON Schema (draft 7) of every line that is printed for scripts. */
export function answersJsonSchema(): object {
  const lines = z.union([...Object.values(ANSWER_SCHEMAS), EVENT_LINES["session.finished"], EVENT_LINES.event]);
  return { ...z.toJSONSchema(lines, { target: "draft-7" }), title: "What runweave prints with --json" };
}
