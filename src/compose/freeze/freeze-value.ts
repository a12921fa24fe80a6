import { createHash } from "node:crypto";
import type { GivenRead } from "../../core/read.ts";
import type { Json } from "../../core/run.ts";
import { formatCanonical } from "../../plan/canonical-json.ts";

const MAX_SHOWN = 60;

/** Freezes a value of the workflow file as a version: equal values have the same one, in any order of their keys. */
export function freezeValue(value: Json, shown: string): GivenRead {
  const digest = createHash("sha256").update(formatCanonical(value)).digest("hex");
  const short = shown.length <= MAX_SHOWN ? shown : `${shown.slice(0, MAX_SHOWN).toWellFormed()}…`;
  return {
    rule: "value",
    version: `value-${digest.slice(0, 16)}`,
    value,
    source: `the value ${short}`,
    reason: `the value that the workflow gives: ${short}`,
  };
}
