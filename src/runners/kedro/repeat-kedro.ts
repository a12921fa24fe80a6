import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json, JsonObject, RunRecord } from "../../core/run.ts";
import { quoteShell } from "../../core/text/quote-shell.ts";
import { asMapping, listTexts, quoteWithVariables } from "../repeat-words.ts";

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

/** Returns the `kedro run` that repeats an attempt; it reads from the project's catalog where a version can't be named. */
export function repeatKedro(spec: JsonObject, run: RunRecord): string {
  const { project_path, runtime_params } = spec;
  const params = asMapping(runtime_params);
  const words = listKedroWords(spec, run);
  const texts = listParams(params);
  const start = quoteShell(["cd", String(project_path)]);
  if (texts !== null) {
    return `${start} && ${quoteWithVariables([...words, ...(texts.length === 0 ? [] : [`--params=${texts.join(",")}`])])}`;
  }
  const file = join(tmpdir(), `runweave-${run.run_id}.yml`);
  const config = quoteWithVariables(["printf", "%s", JSON.stringify({ run: { params } })]);
  return `${start} && ${config} > ${quoteShell([file])} && ${quoteShell([...words, `--config=${file}`])}`;
}

function listKedroWords(spec: JsonObject, { run_id }: RunRecord): string[] {
  const { pipeline_names, env, conf_source, filters, runner, is_async } = spec;
  const given = listVersions(spec).filter(([, version]) => version !== run_id);
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

/** Lists the versions that a process was told to read; of data without a version, Kedro takes none. */
function listVersions({ reads, load_versions }: JsonObject): [dataset: string, version: Json][] {
  // An older runweave told the versions by themselves.
  if (load_versions !== undefined) return Object.entries(asMapping(load_versions));
  const told = Object.entries(asMapping(reads)).map(([dataset, read]) => [dataset, asMapping(read)] as const);
  return told.flatMap(([dataset, { rule, version = null }]) => (rule === "plain" ? [] : [[dataset, version]]));
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
