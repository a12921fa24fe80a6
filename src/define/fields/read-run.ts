import { isMapping } from "../../core/json.ts";
import type { Json, JsonObject } from "../../core/run.ts";
import type { RunDefinition } from "../definition.ts";
import { atKey, atValue } from "../finding.ts";
import { commandRunSchema, kedroRunSchema, moduleRunSchema, NAME_PATTERN } from "../schema.ts";
import { checkPart, describeValue } from "../schema-issues.ts";
import { readCommandRun } from "./read-command-run.ts";
import type { RunScope } from "./read-common.ts";
import { readKedroRun } from "./read-kedro-run.ts";
import { readModuleRun } from "./read-module-run.ts";
import { findKinds, nameKind, RUN_PARTS } from "./run-keys.ts";

/** A run of the file, as far as it is right. */
export interface ReadRun {
  definition: RunDefinition;
  /** Fields that are missing because they were wrong. */
  dropped: ReadonlySet<string>;
}

/** Reads one declared run; null if that is impossible. Its faults are found. */
export function readRun(name: string, input: Json, scope: RunScope): ReadRun | null {
  const path = ["runs", name];
  const { findings } = scope;
  if (!NAME_PATTERN.test(name)) {
    const hint = "letters, digits, _ and -, and no digit first";
    findings.push(atKey(path, "invalid-name", `"${name}" can't be the name of a run`, hint));
  }
  if (isMapping(input)) return readByKind(name, input, scope);
  const hint = "write { pipeline: NAME }, { command: [PROGRAM, ARGUMENT] } or { module: FILE }";
  findings.push(atValue(path, "wrong-type", `the run "${name}" must be a mapping, not ${describeValue(input)}`, hint));
  return null;
}

function readByKind(name: string, input: JsonObject, scope: RunScope): ReadRun | null {
  const path = ["runs", name];
  const keys = Object.keys(input);
  const [kind, other] = findKinds(keys);
  if (kind === undefined) {
    const message = `"${name}" names no pipeline, no command and no module`;
    const hint = "add `pipeline: __default__`, `command: [...]` or `module: ./FILE.ts`";
    scope.findings.push(atKey(path, "missing-key", message, hint));
    return null;
  }
  if (other !== undefined) {
    const [one, two] = [nameKind(kind, keys), nameKind(other, keys)];
    const message = `"${name}" has both ${one.words} and ${two.words}`;
    scope.findings.push(atKey([...path, two.key], "both-kinds", message, "make two runs of it"));
    return null;
  }
  const part = { kind: RUN_PARTS[kind], path, value: input };
  switch (kind) {
    case "kedro": {
      const read = checkPart(kedroRunSchema, part, scope.findings);
      return read === null ? null : { definition: readKedroRun(name, read.data, scope), dropped: read.dropped };
    }
    case "command": {
      const read = checkPart(commandRunSchema, part, scope.findings);
      return read === null ? null : { definition: readCommandRun(name, read.data, scope), dropped: read.dropped };
    }
    case "module": {
      const read = checkPart(moduleRunSchema, part, scope.findings);
      return read === null ? null : { definition: readModuleRun(name, read.data, scope), dropped: read.dropped };
    }
    default:
      return kind satisfies never;
  }
}
