import { basename, extname } from "node:path";
import { accept, type Problem } from "../core/error/problem.ts";
import { isMapping } from "../core/json.ts";
import { hasCatalog } from "../core/kinds.ts";
import type { Json, JsonObject } from "../core/run.ts";
import { findNearest } from "../core/text/suggest.ts";
import { checkReferences } from "./check/references.ts";
import { checkSubstitutions, hasReference } from "./check/substitutions.ts";
import type { CheckedDefinition, RunDefinition, WorkflowDefinition } from "./definition.ts";
import { checkEnvironment } from "./fields/read-command-run.ts";
import { type RunScope, resolvePath } from "./fields/read-common.ts";
import { readDuration, readKeepWorker } from "./fields/read-duration.ts";
import { readRetries } from "./fields/read-policy.ts";
import { readAmounts } from "./fields/read-resources.ts";
import { type ReadRun, readRun } from "./fields/read-run.ts";
import { readStore } from "./fields/read-store.ts";
import { DEFAULTS_PART, HEADER_PART } from "./fields/run-keys.ts";
import { atKey, atValue, type Finding, toProblems } from "./finding.ts";
import { readLiteralTexts } from "./literal-texts.ts";
import { type DefaultsInput, defaultsSchema, type Header, headerSchema } from "./schema.ts";
import { checkPart, describeValue, type ReadPart } from "./schema-issues.ts";
import { copyJson } from "./source/copy-json.ts";
import type { Locate } from "./source/source.ts";

/** Source of a declaration. */
export interface ParseContext {
  /** Absolute; null for one made by a script. */
  file: string | null;
  /** Absolute: what relative paths are relative to. */
  dir: string;
  locate: Locate;
  /** Problems that the declaration's reader has found already. */
  problems?: readonly Problem[];
  /** Environment in which each `${env:NAME}` has to be set, if it is given. */
  env?: NodeJS.ProcessEnv;
  /** Texts of code are literal: of a workflow, or of a run of a session. Default: those of a file, in which `${env:NAME}` is a reference. */
  literal?: "workflow" | "session";
}

/** Checks a declaration and spells out its short forms. Everything that is wrong is found at once. Pure. */
export function parseWorkflow(input: unknown, context: ParseContext): CheckedDefinition {
  const findings: Finding[] = [];
  const json = readTexts(copyJson(input, findings), context.literal);
  const definition = isMapping(json) ? readWorkflow(json, context, findings) : refuseTop(json, findings);
  const problems = toProblems(findings, context.problems ?? [], context.locate);
  if (definition !== null && problems.length === 0) return accept(definition);
  const isReadable = definition !== null && (context.problems ?? []).length === 0;
  return { ok: false, problems, sound: isReadable ? leaveOutFaulty(definition, findings) : undefined };
}

/**
 * Leaves out the runs that have findings, those that need them, and what is published. Undefined if no run is left, or if a finding is
 * not of one run alone, as it may be about any.
 */
function leaveOutFaulty(definition: WorkflowDefinition, findings: readonly Finding[]): WorkflowDefinition | undefined {
  const isOfOne = ({ path, isOfOthers = false }: Finding) => path[0] === "runs" && path.length > 1 && !isOfOthers;
  if (!findings.every(isOfOne)) return undefined;
  const faulty = new Set(findings.map(({ path }) => path[1]));
  const isSound = ({ name, needs, consumes }: RunDefinition) =>
    ![name, ...needs, ...Object.values(consumes).map(({ run }) => run)].some((each) => faulty.has(each));
  let runs = definition.runs;
  for (let before = Number.POSITIVE_INFINITY; runs.length < before; ) {
    before = runs.length;
    for (const run of runs) if (!isSound(run)) faulty.add(run.name);
    runs = runs.filter(isSound);
  }
  return runs.length === 0 ? undefined : { ...definition, runs, publish: [] };
}

function readTexts(json: Json, literal: ParseContext["literal"]): Json {
  return literal === undefined || !isMapping(json) || !hasReference(json)
    ? json
    : readLiteralTexts(json, { hasMatrix: literal === "workflow" });
}

function refuseTop(json: Json, findings: Finding[]): null {
  const hint = "begin with `runs:`, and a run below it";
  findings.push(atValue([], "wrong-type", `a workflow must be a mapping, not ${describeValue(json)}`, hint));
  return null;
}

function readWorkflow(json: JsonObject, context: ParseContext, findings: Finding[]): WorkflowDefinition {
  const { file, dir, locate } = context;
  const { data: header, dropped } = readHeader(json, findings);
  const defaults = readDefaults(json.defaults, findings);
  const read = readRuns(json, { dir, header, defaults, findings });
  if (!dropped.has("project") && findNearest("project", dropped) === null) checkProjects(json, read, findings);
  checkReferences(json, read, findings);
  checkSubstitutions(json, read, { findings, env: context.env });
  const runs = read.map(({ definition }) => definition);
  return {
    name: header.name ?? (file === null ? "workflow" : basename(file, extname(file))),
    file,
    dir,
    project: header.project === undefined ? findProject(runs) : resolvePath(dir, header.project),
    max_parallel: header.max_parallel ?? null,
    on_failure: header.on_failure ?? "fail-fast",
    isolate: header.isolate ?? "all",
    floating: header.floating ?? [],
    publish: header.publish ?? [],
    capture: header.capture ?? "all",
    ...readStore(dir, header.store, findings),
    resources: readAmounts(header.resources, ["resources"], findings),
    runs,
    locate: (path) => locate(path),
  };
}

function readHeader(json: JsonObject, findings: Finding[]): ReadPart<Header> {
  return (
    checkPart(headerSchema, { kind: HEADER_PART, path: [], value: json }, findings) ?? { data: {}, dropped: new Set() }
  );
}

function readDefaults(value: Json | undefined, findings: Finding[]): DefaultsInput {
  if (value === undefined) return {};
  const path = ["defaults"];
  const defaults = checkPart(defaultsSchema, { kind: DEFAULTS_PART, path, value }, findings)?.data ?? {};
  readDuration(defaults.timeout, [...path, "timeout"], findings);
  readKeepWorker(defaults.keep_worker, [...path, "keep_worker"], findings);
  readRetries(defaults.retries, [...path, "retries"], findings);
  readAmounts(defaults.resources, [...path, "resources"], findings);
  checkEnvironment(defaults.environment ?? {}, [...path, "environment"], findings);
  return defaults;
}

function readRuns(json: JsonObject, scope: RunScope): ReadRun[] {
  const { runs } = json;
  if (runs === undefined) {
    scope.findings.push(atKey([], "missing-key", "the workflow has no `runs`", "add `runs:`, and a run below it"));
    return [];
  }
  if (!isMapping(runs)) {
    const hint = "write each run's name as a key: `NAME: { pipeline: PIPELINE }`";
    scope.findings.push(atValue(["runs"], "wrong-type", `runs must be a mapping, not ${describeValue(runs)}`, hint));
    return [];
  }
  const entries = Object.entries(runs);
  if (entries.length === 0)
    scope.findings.push(atValue(["runs"], "no-runs", "there is no run", "add a run below `runs:`"));
  const read: ReadRun[] = [];
  for (const [name, input] of entries) {
    const run = readRun(name, input, scope);
    if (run !== null) read.push(run);
  }
  return read;
}

/** One problem for all runs that lack one: the cure is one line. */
function checkProjects(json: JsonObject, read: readonly ReadRun[], findings: Finding[]): void {
  const isNamed = (part: Json | undefined): boolean => part !== undefined && isMapping(part) && "project" in part;
  if (isNamed(json) || isNamed(json.defaults)) return;
  const runs = (json.runs ?? {}) as JsonObject;
  const [first, ...others] = read.filter(({ definition }) => hasCatalog(definition) && !isNamed(runs[definition.name]));
  if (first === undefined) return;
  const { name } = first.definition;
  const message =
    others.length === 0 ? `"${name}" has no project` : `"${name}" and ${others.length} more have no project`;
  const found = atKey(["runs", name], "missing-key", message, "add `project: .` at the top of the file");
  findings.push({ ...found, isOfOthers: others.length > 0 });
}

function findProject(runs: readonly RunDefinition[]): string | null {
  return runs.find((run) => hasCatalog(run))?.project ?? null;
}
