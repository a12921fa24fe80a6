import { writeFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import type { ModuleContext } from "../../core/module-function.ts";
import { hideSecrets } from "../../core/secrets/hide-secrets.ts";
import { describeThrown } from "./describe-thrown.ts";
import { importFunction } from "./import-function.ts";
import { mapPackage } from "./map-package.ts";
import { ModuleError } from "./module-error.ts";
import { type HostCall, readCall } from "./read-call.ts";
import { createMetricsReporter } from "./report-metrics.ts";
import { makeOutputFolders, saveResult } from "./save-result.ts";
import { createStopSignal } from "./stop-signal.ts";

/**
 * The program of a run that is a module: `node module-host.js PATH`, with what a command is told in its environment. Imports
 * the module, calls its default export, saves what that returns, and ends, though timers or sockets be open.
 */
const OWN_FOLDER = new URL(".", import.meta.url).href;

enableCompileCache();
const call = readCall(process.argv[2], process.env);
let isOver = false;

process.on("uncaughtException", fail);
process.once("beforeExit", () => {
  fail(new ModuleError("NeverSettled", "nothing is left to wait for, and the function has not come to an end"));
});
process.on("exit", (code) => {
  if (isOver) return;
  tell(new ModuleError("ProcessExited", `it called process.exit(${code}) before the function had come to an end`));
  if (code === 0) process.exitCode = 1;
});

runModule(call).then(() => {
  isOver = true;
  process.exit();
}, fail);

async function runModule({ path, outputs, metricsPath, ...about }: HostCall): Promise<void> {
  mapPackage();
  const getSignal = createStopSignal();
  const run = await importFunction(path);
  const context: ModuleContext<object, string, string> = {
    inputs: about.inputs,
    outputs,
    params: about.params,
    runId: about.runId,
    sessionId: about.sessionId,
    loadVersions: about.loadVersions,
    get signal() {
      return getSignal();
    },
    reportMetrics: createMetricsReporter(metricsPath),
  };
  await makeOutputFolders(outputs);
  await saveResult(await run(context), outputs);
}

function fail(thrown: unknown): never {
  tell(thrown);
  process.exit(process.exitCode || 1);
}

/**
 * Reports a failure in the log, as Node itself would, and in the file that the orchestrator reads. The first failure
 * counts.
 */
function tell(thrown: unknown): void {
  if (isOver) return;
  isOver = true;
  const exception = describeThrown(thrown, { ownFolder: OWN_FOLDER, hide: hideSecrets(call.secrets) });
  process.stderr.write(`${exception.traceback ?? `${exception.type}: ${exception.message}`}\n`);
  if (call.exceptionPath !== null) writeNew(call.exceptionPath, JSON.stringify(exception));
}

/** A file that the module put there is left: a pipe would be waited for. */
function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: "wx" });
  } catch {
    // Its log has it.
  }
}
