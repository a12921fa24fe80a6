import * as z from "zod";
import { CACHE_MODES } from "../core/fingerprint.ts";
import { CLEANUP_POLICIES } from "../core/trash.ts";
import { DURATION_PATTERN } from "./fields/duration.ts";

/** Pattern for names of runs, matrix axes and a workflow's own keys. */
export const NAME_PATTERN = /^[A-Za-z_][A-Za-z0-9_-]*$/;

const text = z.string().min(1);
/** One name stands for a list of it. */
const listOf = (list: z.ZodType<string[]>) => z.union([text, list]).transform((given) => [given].flat());
const names = listOf(z.array(text));
const byName = z.string().meta({ pattern: NAME_PATTERN.source });
const values = z.record(z.string(), z.unknown());

const duration = z
  .union([z.number(), z.string().meta({ pattern: `^(\\d+|${DURATION_PATTERN.source.slice(1, -1)})$` })])
  .describe("Seconds, or a string: 500ms, 30s, 30m, 1h30m, 7d.");

const readAs = z
  .enum(["upstream", "downstream"])
  .optional()
  .describe("Whose catalog entry reads it: the run's that saved it (default), or the one that this run's catalog has.");

const consumed = z.union([
  text.describe("The run that saves it, under the same name."),
  z.strictObject({
    run: text.describe("The run that saves it."),
    dataset: text.optional().describe("Its name there, if it is another one."),
    as: readAs,
    where: values.optional().describe("The variant of a run with a matrix: a value for each of its axes."),
  }),
  z.strictObject({
    file: text.describe("A file or folder, relative to this file: read as it is when the plan is made."),
  }),
  z.strictObject({
    value: z.unknown().describe("The data themselves: any JSON value."),
  }),
  z.strictObject({
    run_id: text.describe("An earlier run, of any session of the registry: its run_id, or an unambiguous beginning."),
    dataset: text.optional().describe("Its name there, if it is another one."),
    as: readAs,
  }),
  z.strictObject({
    alias: text.describe("A name for a version, as `runweave alias` sets it: read as it is when the plan is made."),
    dataset: text.optional().describe("Another dataset of the same run than the alias was set to."),
    as: readAs,
  }),
]);

const anyRun = {
  consumes: z
    .record(text, consumed)
    .optional()
    .describe("Datasets that come from another run, a file, or this file itself."),
  needs: names.optional().describe("Runs to wait for without consuming anything."),
  run_on: z
    .enum(["success", "failure", "always"])
    .optional()
    .describe("Run after what it needs has succeeded (default), if some of it has failed, or always."),
  on_rollback: z
    .array(z.string())
    .min(1)
    .optional()
    .describe("Program and arguments that take back what the run did elsewhere, for `runweave rollback`."),
  matrix: z
    .record(byName, z.array(z.unknown()))
    .optional()
    .describe(
      "Axes and their values: one variant of the run for each combination. `include` adds variants, `exclude` removes some.",
    ),
};

const wait = duration.optional();

const backoff = z.union([
  duration,
  z.strictObject({
    initial: duration.describe("The wait before the second attempt."),
    factor: z.number().optional().describe("What each further wait is multiplied by. Default: 2."),
    max: wait.describe("No wait is longer."),
    jitter: z.boolean().optional().describe("Wait a random time between half of the wait and all of it."),
  }),
]);

const retries = z.union([
  z.int().min(0),
  z.strictObject({
    max: z.int().min(0).describe("Attempts after the first."),
    backoff: backoff.optional().describe("The wait before each further attempt. Default: none."),
    on: listOf(z.array(text).min(1)).optional().describe("Types of exceptions, causes included. Default: any failure."),
    resume: z
      .boolean()
      .optional()
      .describe("Go on at the node that failed, instead of beginning afresh. Kedro runs only. Default: false."),
  }),
]);

const cleanup = z
  .enum(CLEANUP_POLICIES)
  .optional()
  .describe(
    "What failed attempts saved, once the session has ended: keep it (default), move it to the trash, delete it.",
  );

const amount = z.number().min(0);

const resources = z.strictObject({
  cpu: amount.optional().describe("CPUs; shares such as 0.5 too."),
  memory: z
    .union([amount, z.string().meta({ pattern: "^\\d+(\\.\\d+)? ?[kKMGT]?i?B$" })])
    .optional()
    .describe("500MB, 2GB (10^9 bytes) or 2GiB (2^30); a number alone is bytes."),
  gpu: z.int().min(0).optional().describe("GPUs."),
});

/** Fields that may stand in `defaults` too. */
const anyRunDefaults = {
  retries: retries.optional().describe("How often a failed run is tried again."),
  allow_failure: z
    .boolean()
    .optional()
    .describe("The session goes on, and can succeed, though this run fails. What failed is never consumed."),
  cache: z
    .union([z.enum(CACHE_MODES), z.boolean()])
    .optional()
    .describe("Reuse the result of an earlier run if nothing has changed: off (default), on, or only: never execute."),
  cleanup_on_error: cleanup,
  timeout: duration.optional().describe("How long the run may take: seconds, or 500ms, 30s, 30m, 1h30m, 7d."),
  resources: resources.optional().describe("What the run takes: it starts when that much is free. Default: nothing."),
};

const sources = names
  .optional()
  .describe("More files, folders and globs that the result depends on, relative to this file.");

const params = values.optional().describe("Parameters. In a Kedro run, mappings are merged into those of the project.");

const kedroDefaults = {
  project: text.optional().describe("Folder of the Kedro project, relative to this file."),
  python: text.optional().describe("Python interpreter of the project. Default: its .venv, the active one, python3."),
  env: text.optional().describe("Kedro's environment: a folder below conf/."),
  conf_source: text.optional().describe("Folder or archive of the configuration, instead of the project's conf/."),
  params,
  runner: text.optional().describe("SequentialRunner (default), ThreadRunner, ParallelRunner or a dotted class."),
  async: z.boolean().optional().describe("Load and save datasets in threads."),
  tags: names.optional().describe("Only nodes with one of these tags."),
  nodes: names.optional().describe("Only the nodes with these names."),
  from_nodes: names.optional().describe("Only these nodes and those after them."),
  to_nodes: names.optional().describe("Only these nodes and those before them."),
  from_inputs: names.optional().describe("Only nodes that depend on these datasets."),
  to_outputs: names.optional().describe("Only nodes that these datasets depend on."),
  namespaces: names.optional().describe("Only nodes of these namespaces."),
  keep_worker: duration
    .optional()
    .describe("How long the worker of the project waits for the next session: 90 (seconds), 10m; at most 24h."),
};

const commandDefaults = {
  cwd: text.optional().describe("Working folder, relative to this file. Default: the folder of this file."),
  environment: z
    .record(text, z.string())
    .optional()
    .describe("Environment variables, on top of those that runweave was started with."),
};

export const kedroRunSchema = z
  .strictObject({
    pipeline: text.optional().describe("A registered pipeline of the project."),
    pipelines: listOf(z.array(text).min(1)).optional().describe("Registered pipelines, run as one."),
    ...anyRun,
    outputs: names.optional().describe("Datasets that other runs may consume."),
    ...kedroDefaults,
    ...anyRunDefaults,
  })
  .describe("A pipeline of a Kedro project.");

export const commandRunSchema = z
  .strictObject({
    command: z
      .union([z.array(z.string()).min(1), text])
      .optional()
      .describe("Program and arguments. One string for the shell, with `shell: true`."),
    shell: z.boolean().optional().describe("Pass `command`, which is one string, to the shell."),
    sources,
    ...anyRun,
    outputs: z
      .union([text, z.array(text), z.record(text, text)])
      .transform((given) => (typeof given === "string" ? [given] : given))
      .optional()
      .describe(`Names of files that the command writes where \${outputs.NAME.path} says, or names and their paths.`),
    ...commandDefaults,
    ...anyRunDefaults,
  })
  .describe("A command.");

export const moduleRunSchema = z
  .strictObject({
    module: text
      .optional()
      .describe("A TypeScript or JavaScript file, relative to this file. Its default export is the function to run."),
    params,
    sources,
    ...anyRun,
    outputs: z
      .union([text, z.array(text), z.record(text, text)])
      .transform((given) => (typeof given === "string" ? [given] : given))
      .optional()
      .describe("Names of what the function returns or writes, or names and paths of files to capture."),
    ...commandDefaults,
    ...anyRunDefaults,
  })
  .describe("A function of a TypeScript or JavaScript module.");

export const defaultsSchema = z
  .strictObject({ ...kedroDefaults, ...commandDefaults, ...anyRunDefaults })
  .describe("Fields for every run that does not say them itself.");

/** The workflow without its runs and defaults, which are checked one by one. */
export const headerSchema = z.strictObject({
  $schema: text.optional().describe("For editors."),
  name: text.max(200).optional().describe("Default: the file's name."),
  project: kedroDefaults.project,
  python: kedroDefaults.python,
  max_parallel: z.int().min(1).optional().describe("Runs at the same time. Default: the number of CPUs."),
  on_failure: z
    .enum(["fail-fast", "continue"])
    .optional()
    .describe("When a run fails: start no other (default), or run all that do not depend on it."),
  cleanup_on_error: cleanup,
  isolate: z
    .enum(["all", "declared", "none"])
    .optional()
    .describe("Datasets that get their own path in each run: all (default), the declared outputs, none."),
  floating: names.optional().describe("Datasets that may change while the session runs, such as SQL tables."),
  publish: names.optional().describe("Outputs to copy to their paths in the catalog after the session's success."),
  store: z
    .union([text, z.record(text, text)])
    .optional()
    .describe("Where isolated data live: a folder, a URL prefix, or both: `local: ...` and `s3: s3://...`."),
  capture: z
    .enum(["all", "tracked"])
    .optional()
    .describe("Changes of the code that are kept: new files too (default), or only those of files that git tracks."),
  resources: resources.optional().describe("What all runs together may take. Default: what the machine has."),
  defaults: z.unknown().optional(),
  runs: z.unknown().optional(),
});

export type Header = z.infer<typeof headerSchema>;
export type KedroRunInput = z.infer<typeof kedroRunSchema>;
export type CommandRunInput = z.infer<typeof commandRunSchema>;
export type ModuleRunInput = z.infer<typeof moduleRunSchema>;
export type DefaultsInput = z.infer<typeof defaultsSchema>;
export type RetriesInput = z.infer<typeof retries>;
export type ResourcesInput = z.infer<typeof resources>;
export type ConsumedInput = z.infer<typeof consumed>;

/** The whole file, for editors. */
export const workflowSchema = headerSchema.extend({
  defaults: defaultsSchema.optional(),
  runs: z
    .record(
      byName,
      z.union([
        kedroRunSchema.omit({ pipelines: true }).required({ pipeline: true }),
        kedroRunSchema.omit({ pipeline: true }).required({ pipelines: true }),
        commandRunSchema.required({ command: true }),
        moduleRunSchema.required({ module: true }),
      ]),
    )
    .describe("The runs by name."),
});
