import type { Json, JsonObject } from "../../core/run.ts";
import { quoteShell } from "../../core/text/quote-shell.ts";
import { PARAMS_VARIABLE } from "../module/read-call.ts";
import { asMapping, listTexts, quoteWithVariables } from "../repeat-words.ts";

/** Returns the command of an attempt, in its folder and with its variables. */
export function repeatCommand(spec: JsonObject): string {
  const words = [...formatEnvironment(spec), ...listTexts(spec.argv)];
  return `${quoteShell(["cd", String(spec.cwd)])} && ${quoteWithVariables(words)}`;
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
