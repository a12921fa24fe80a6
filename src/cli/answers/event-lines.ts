import * as z from "zod";
import { SCHEMA_VERSION } from "../../report/text/schema-version.ts";
import { runRecord } from "./session-shapes.ts";
import { text } from "./shapes.ts";

/** The keys that every event of a session has. Its type says which others it has. Only the first line has `schema_version`. */
const event = {
  schema_version: z.literal(SCHEMA_VERSION).optional(),
  type: text.regex(/^[a-z]+\.[a-z_]+$/),
  time: text,
  session_id: text,
};

const sessionEvent = z
  .looseObject(event)
  .meta({ id: "event", description: "an event of a session (run, resume, replay, heal, rollback)" });

const sessionFinished = z
  .strictObject({
    ...event,
    type: z.literal("session.finished"),
    status: z.enum(["success", "failed", "cancelled"]),
    duration_ms: z.number(),
    runs: z.array(runRecord),
  })
  .meta({ id: "session.finished", description: "the last event of a session, with the records of its runs" });

/** Shapes of the lines that a session prints with `--json` while it goes on. */
export const EVENT_LINES = { event: sessionEvent, "session.finished": sessionFinished };
