import type { Documents } from "./documents.ts";

/** Values of the wrong kind in every field. */
export const WRONG_VALUES: readonly string[] = [
  "null",
  "true",
  "0",
  "-1",
  "1.5",
  "1e308",
  '""',
  '" "',
  '"x"',
  "[]",
  "[null]",
  "[[]]",
  "{}",
  '{"x": null}',
  '"\\u0000"',
  '"\\ud800"',
  '"${env:NONE}"',
  '"${matrix.none}"',
];
const TOP_FIELDS = [
  "$schema",
  "name",
  "project",
  "python",
  "max_parallel",
  "on_failure",
  "isolate",
  "floating",
  "publish",
  "store",
  "resources",
  "defaults",
  "runs",
  "cleanup_on_error",
];
const RUN_FIELDS = [
  "command",
  "module",
  "shell",
  "sources",
  "consumes",
  "needs",
  "run_on",
  "matrix",
  "outputs",
  "cwd",
  "environment",
  "retries",
  "allow_failure",
  "cache",
  "timeout",
  "resources",
  "pipeline",
  "pipelines",
  "params",
  "env",
  "conf_source",
  "runner",
  "async",
  "tags",
  "nodes",
  "from_nodes",
  "namespaces",
];

/** Each of them in each field. */
export const WRONG_TYPES: Documents = Object.fromEntries(
  WRONG_VALUES.flatMap((value, at) => [
    ...TOP_FIELDS.map((field) => [
      `${field}-${at}.json`,
      `{"runs": {"a": {"command": ["ls"]}}, "${field}": ${value}}`.replace(/^(.*)"runs".*, "runs"/, '$1"runs"'),
    ]),
    ...RUN_FIELDS.map((field) => [
      `run-${field}-${at}.json`,
      `{"runs": {"a": {${["command", "module"].includes(field) ? "" : '"command": ["ls"], '}"${field}": ${value}}}}`,
    ]),
  ]),
);
