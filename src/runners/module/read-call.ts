import { resolve } from "node:path";
import type { JsonObject } from "../../core/run.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import { ModuleError } from "./module-error.ts";

/** Order for the host, by its argument and its environment. */
export interface HostCall {
  path: string;
  params: JsonObject;
  inputs: Record<string, string>;
  outputs: Record<string, string>;
  loadVersions: Record<string, string>;
  runId: RunId;
  sessionId: SessionId;
  /** Values that no message of the host may hold. */
  secrets: string[];
  /** File for metrics; null for none. */
  metricsPath: string | null;
  /** File in which it says why it failed; null for its log alone. */
  exceptionPath: string | null;
}

/** The variable that holds the parameters, with the values of secrets. */
export const PARAMS_VARIABLE = "RUNWEAVE_PARAMS";
/** The variable that holds these values by themselves, so that they can be hidden. */
export const SECRETS_VARIABLE = "RUNWEAVE_SECRETS";
export const EXCEPTION_VARIABLE = "RUNWEAVE_EXCEPTION";

/** Takes both out of `environment`, so that no process that the module starts inherits them. Throws ModuleError. */
export function readCall(path: string | undefined, environment: NodeJS.ProcessEnv): HostCall {
  if (path === undefined) throw new ModuleError("InvalidModule", "no module is named: write its path");
  const params = readObject<JsonObject>(environment, PARAMS_VARIABLE);
  const secrets = JSON.parse(environment[SECRETS_VARIABLE] ?? "[]") as string[];
  for (const name of [PARAMS_VARIABLE, SECRETS_VARIABLE]) delete environment[name];
  return {
    path: resolve(path),
    params,
    secrets,
    inputs: readObject(environment, "RUNWEAVE_INPUTS"),
    outputs: readObject(environment, "RUNWEAVE_OUTPUTS"),
    loadVersions: readObject(environment, "RUNWEAVE_LOAD_VERSIONS"),
    runId: (environment.RUNWEAVE_RUN_ID ?? "") as RunId,
    sessionId: (environment.RUNWEAVE_SESSION_ID ?? "") as SessionId,
    metricsPath: environment.RUNWEAVE_METRICS ?? null,
    exceptionPath: environment[EXCEPTION_VARIABLE] ?? null,
  };
}

function readObject<T extends object = Record<string, string>>(environment: NodeJS.ProcessEnv, name: string): T {
  return JSON.parse(environment[name] ?? "{}") as T;
}
