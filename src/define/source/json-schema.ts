import { toJSONSchema } from "zod";
import { workflowSchema } from "../schema.ts";

/** The JSON Schema (draft 7, which editors know best) of a workflow file, made from what checks it. */
export function workflowJsonSchema(): object {
  const schema = toJSONSchema(workflowSchema, { target: "draft-7", io: "input" });
  return { ...schema, title: "A runweave workflow" };
}
