import type { ModuleTask } from "../../core/port/runner.ts";
import type { TaskKind } from "../../core/port/task-kind.ts";
import { fillVariablesOf, listSecrets, listVariables } from "../../core/variables.ts";
import { findFaultOf } from "../find-fault-of.ts";
import { fillPaths } from "../process/fill-paths.ts";
import type { ProcessKind } from "../process/process-kind.ts";
import { repeatProcess } from "../process/repeat-process.ts";
import { asMapping } from "../repeat-words.ts";
import { checkModule } from "./check-module.ts";
import { listModuleWords } from "./module-command.ts";
import { EXCEPTION_VARIABLE, PARAMS_VARIABLE, SECRETS_VARIABLE } from "./read-call.ts";
import { exceptionPath, readException } from "./read-exception.ts";

/** Modules: their process is runweave's own host, which imports the module and calls its function. */
export const MODULE_PROCESS: ProcessKind<ModuleTask> = {
  kind: "module",
  fill: ({ environment, module }, filling) => ({
    ...fillPaths({ argv: [], shell: false, environment }, filling),
    argv: listModuleWords(module),
  }),
  check: ({ module }) => checkModule(module.path),
  tell: (task, { base, attemptFolder }) => ({
    [PARAMS_VARIABLE]: JSON.stringify(fillVariablesOf(task.module.params, base)),
    [SECRETS_VARIABLE]: JSON.stringify(listSecrets(listVariables(task), base)),
    [EXCEPTION_VARIABLE]: exceptionPath(attemptFolder),
  }),
  describe: ({ module: { path, params } }) => ({ module: { path, params } }),
  readException,
};

export const MODULE_KIND: TaskKind<ModuleTask> = {
  sourcesOf: () => null,
  findFault: ({ module }) => findFaultOf(() => checkModule(module.path)),
  formatRepeat: (spec) => repeatProcess(spec, { [PARAMS_VARIABLE]: asMapping(asMapping(spec.module).params) }),
};
