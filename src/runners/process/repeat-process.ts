import type { Json, JsonObject } from "../../core/run.ts";
import { quoteShell } from "../../core/text/quote-shell.ts";
import { asMapping, listTexts, quoteWithVariables } from "../repeat-words.ts";

/** Returns the command of an attempt, in its folder and with its variables; `told` are those of its program alone. */
export function repeatProcess(spec: JsonObject, told?: Readonly<Record<string, Json>>): string {
  const words = [...formatEnvironment(spec, told), ...listTexts(spec.argv)];
  return `${quoteShell(["cd", String(spec.cwd)])} && ${quoteWithVariables(words)}`;
}

/** Formats the variables of a run; empty lists of paths are left out, unless its program is told more than commands are. */
function formatEnvironment({ environment, ...spec }: JsonObject, told?: Readonly<Record<string, Json>>): string[] {
  const isTold = (value: Json | undefined) => told !== undefined || Object.keys(asMapping(value)).length > 0;
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
  const formatted = [
    ...texts.map(([name, text]) => `${name}=${text}`),
    ...Object.entries(told ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`),
    ...mappings.filter(([, value]) => isTold(value)).map(([name, value]) => `${name}=${JSON.stringify(value ?? {})}`),
  ];
  return formatted.length === 0 ? [] : ["env", ...formatted];
}
