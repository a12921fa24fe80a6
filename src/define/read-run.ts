import type { Json, JsonObject } from "../core/run.ts";
import type { RunDefinition } from "./definition.ts";
import { atKey, atValue } from "./finding.ts";
import { readCommandRun } from "./read-command-run.ts";
import type { RunScope } from "./read-common.ts";
import { readKedroRun } from "./read-kedro-run.ts";
import { findKind, RUN_PARTS } from "./run-keys.ts";
import { commandRunSchema, kedroRunSchema, NAME_PATTERN } from "./schema.ts";
import { checkPart, describeValue } from "./schema-issues.ts";

/** A run of the file, as far as it is right. */
export interface ReadRun {
  definition: RunDefinition;
  /** Fields that are missing because they were wrong. */
  dropped: ReadonlySet<string>;
}

/** One declared run; null if nothing can be made of it. What is wrong in it is found. */
export function readRun(name: string, input: Json, scope: RunScope): ReadRun | null {
  const path = ["runs", name];
  const { findings } = scope;
  if (!NAME_PATTERN.test(name)) {
    const hint = "letters, digits, _ and -, and no digit first";
    findings.push(atKey(path, "invalid-name", `"${name}" can't be the name of a run`, hint));
  }
  if (input !== null && typeof input === "object" && !Array.isArray(input)) return readByKind(name, input, scope);
  const hint = "write { pipeline: NAME } or { command: [PROGRAM, ARGUMENT] }";
  findings.push(atValue(path, "wrong-type", `the run "${name}" must be a mapping, not ${describeValue(input)}`, hint));
  return null;
}

function readByKind(name: string, input: JsonObject, scope: RunScope): ReadRun | null {
  const path = ["runs", name];
  const kind = findKind(Object.keys(input));
  switch (kind) {
    case "kedro": {
      const read = checkPart(kedroRunSchema, { kind: RUN_PARTS[kind], path, value: input }, scope.findings);
      return read === null ? null : { definition: readKedroRun(name, read.data, scope), dropped: read.dropped };
    }
    case "command": {
      const read = checkPart(commandRunSchema, { kind: RUN_PARTS[kind], path, value: input }, scope.findings);
      return read === null ? null : { definition: readCommandRun(name, read.data, scope), dropped: read.dropped };
    }
    case "both":
      scope.findings.push(
        atKey([...path, "command"], "both-kinds", `"${name}" has both a pipeline and a command`, "make two runs of it"),
      );
      return null;
    case null:
      scope.findings.push(
        atKey(
          path,
          "missing-key",
          `"${name}" names neither a pipeline nor a command`,
          "add `pipeline: __default__`, or `command: [...]`",
        ),
      );
      return null;
    default:
      return kind satisfies never;
  }
}
