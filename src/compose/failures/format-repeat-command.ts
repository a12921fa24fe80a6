import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Json, JsonObject, RunRecord, SessionRecord } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import { listOption } from "../../core/text/option-values.ts";
import { PARAMS_VARIABLE } from "../../runners/module/read-call.ts";
import { findState, type StateLocation } from "../locate-state.ts";
import { quoteShell } from "./quote-shell.ts";
import { readSpec } from "./read-spec.ts";

/** Options of Kedro's command line for filters. */
const KEDRO_FLAGS: Readonly<Record<string, string>> = {
  tags: "--tags",
  node_names: "--nodes",
  from_nodes: "--from-nodes",
  to_nodes: "--to-nodes",
  from_inputs: "--from-inputs",
  to_outputs: "--to-outputs",
  namespaces: "--namespaces",
};

/** Words that YAML takes for another type than a text. */
const YAML_WORD = /^(?:true|false|yes|no|on|off|null|y|n|nan|inf)$/i;

/**
 * Returns a shell command that runs `run` again. For a workflow file: on the versions that its session gave it, or, if
 * these have changed, with all that it needs made anew. For a script: the command itself, or `kedro run`, which reads
 * from the project's catalog where a version can't be named. For a session that heals: the healing, as a run of its own
 * would replace no version. Null if the attempt is unknown.
 */
export function formatRepeatCommand(run: RunRecord, session: SessionRecord, state: StateLocation): string | null {
  if (session.replay_of?.heals === true) return healAgain(session.replay_of.session_id, state);
  if (session.workflow_file !== null) return reproduceByFile(run, { session, file: session.workflow_file, state });
  const spec = run.run_id === null ? null : readSpec(state, run.run_id);
  if (spec === null) return null;
  if (run.kind === "kedro") return runKedro(spec, run);
  const words = [...formatEnvironment(spec), ...listTexts(spec.argv)];
  return `${quoteShell(["cd", String(spec.cwd)])} && ${giveVariables(quoteShell(words))}`;
}

/** The run's own variables, and what it is told in its environment; what is empty is told to modules alone, which ask for it. */
function formatEnvironment({ module, environment, ...spec }: JsonObject): string[] {
  const isTold = (value: Json | undefined) => module !== undefined || Object.keys(asMapping(value)).length > 0;
  const texts = [
    ...Object.entries(asMapping(environment)),
    ["RUNWEAVE_RUN_ID", spec.run_id],
    ["RUNWEAVE_SESSION_ID", spec.session_id],
  ].filter((entry): entry is [string, string] => typeof entry[1] === "string");
  const mappings: [string, Json | undefined][] = [
    ["RUNWEAVE_INPUTS", spec.inputs],
    ["RUNWEAVE_OUTPUTS", spec.outputs],
    ["RUNWEAVE_LOAD_VERSIONS", spec.load_versions],
  ];
  const params = module === undefined ? [] : [`${PARAMS_VARIABLE}=${JSON.stringify(asMapping(module).params ?? {})}`];
  const told = [
    ...texts.map(([name, text]) => `${name}=${text}`),
    ...params,
    ...mappings.filter(([, value]) => isTold(value)).map(([name, value]) => `${name}=${JSON.stringify(value ?? {})}`),
  ];
  return told.length === 0 ? [] : ["env", ...told];
}

function reproduceByFile(
  { run, session_id, exception }: RunRecord,
  { session, file, state }: { session: SessionRecord; file: string; state: StateLocation },
): string {
  // The workflow file does not have them.
  const settings = listOption(session.command_line, "--set").flatMap(({ words }) => words);
  const registry = nameRegistry(state, dirname(file));
  // Versions that have changed since they were saved are not given to a run.
  const what = exception?.type === "InputChanged" ? [run] : ["--only", run, "--from", session_id];
  return quoteShell(["runweave", "run", file, ...what, ...settings, ...registry]);
}

function healAgain(healed: SessionId, state: StateLocation): string {
  return quoteShell(["runweave", "heal", healed, ...nameRegistry(state, process.cwd())]);
}

/** Returns the option that names a registry to a command that is typed in `from`; none where it is found anyway. */
export function nameRegistry(state: StateLocation, from: string): string[] {
  return findState({ environment: {}, from }).registry === state.registry ? [] : ["--registry", state.registry];
}

/** Leaves `${env:NAME}` for the shell to fill in; such a word is in single quotes. */
function giveVariables(line: string): string {
  return line.replaceAll(/\$\$\{|\$\{env:([A-Za-z_]\w*)\}/g, (_, name?: string) => {
    return name === undefined ? "${" : `'"$${name}"'`;
  });
}

function runKedro(spec: JsonObject, run: RunRecord): string {
  const { project_path, runtime_params } = spec;
  const params = asMapping(runtime_params);
  const words = listKedroWords(spec, run);
  const texts = listParams(params);
  const start = quoteShell(["cd", String(project_path)]);
  if (texts !== null) {
    return `${start} && ${giveVariables(quoteShell([...words, ...(texts.length === 0 ? [] : [`--params=${texts.join(",")}`])]))}`;
  }
  const file = join(tmpdir(), `runweave-${run.run_id}.yml`);
  const config = giveVariables(quoteShell(["printf", "%s", JSON.stringify({ run: { params } })]));
  return `${start} && ${config} > ${quoteShell([file])} && ${quoteShell([...words, `--config=${file}`])}`;
}

function listKedroWords(spec: JsonObject, { run_id }: RunRecord): string[] {
  const { pipeline_names, env, conf_source, load_versions, filters, runner, is_async } = spec;
  const given = Object.entries(asMapping(load_versions)).filter(([, version]) => version !== run_id);
  const flags: [string, string[]][] = [
    ["--pipelines", listTexts(pipeline_names)],
    ["--env", listTexts(env)],
    ["--conf-source", listTexts(conf_source)],
    ["--load-versions", given.map(([dataset, version]) => `${dataset}:${String(version)}`)],
    ...Object.entries(asMapping(filters)).map(([name, list]): [string, string[]] => {
      return [KEDRO_FLAGS[name] ?? name, listTexts(list)];
    }),
    ["--runner", runner === "SequentialRunner" ? [] : listTexts(runner)],
  ];
  const words = flags.flatMap(([flag, values]) => (values.length === 0 ? [] : [`${flag}=${values.join(",")}`]));
  return ["kedro", "run", ...words, ...(is_async === true ? ["--async"] : [])];
}

/** `model.seed=1`: Kedro reads each value as YAML. Null if one of them can't be said so: items end at any comma. */
function listParams(params: JsonObject, prefix = ""): string[] | null {
  const texts: string[] = [];
  for (const [key, value] of Object.entries(params)) {
    if (!/^\w+$/.test(key)) return null;
    const isNested = value !== null && typeof value === "object" && Object.keys(value).length > 0;
    const inner = isNested && !Array.isArray(value) ? listParams(value, `${prefix}${key}.`) : formatParam(value);
    if (inner === null) return null;
    texts.push(...(Array.isArray(inner) ? inner : [`${prefix}${key}=${inner}`]));
  }
  return texts;
}

function formatParam(value: Json): string | null {
  const isWord = typeof value === "string" && /^[A-Za-z_][\w./-]*$/.test(value) && !YAML_WORD.test(value);
  const text = isWord ? value : JSON.stringify(value);
  return text.includes(",") ? null : text;
}

function listTexts(value: Json | undefined): string[] {
  return (Array.isArray(value) ? value : [value]).filter((text) => typeof text === "string");
}

function asMapping(value: Json | undefined): JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
}
