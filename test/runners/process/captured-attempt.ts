import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { collectOutputs, planOutputs, prepareOutputs } from "../../../src/runners/process/process-outputs.ts";
import { commandTask, makeRun, makeStateFolders } from "../../rig/resolved-run.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

/** An attempt that captures the file or folder `x`, whose command has written it. */
export async function makeCaptured(content: string | Record<string, string> = "text") {
  const cwd = makeTemporaryFolder();
  const folders = makeStateFolders(cwd);
  const run = makeRun({ task: commandTask(["true"], { cwd, outputs: { x: { path: "dist/x" } } }) });
  const runId = run.run_id;
  const outputs = planOutputs(run.task, folders.store, runId);
  const [output] = outputs;
  if (output === undefined) throw new Error("nothing is captured");
  await prepareOutputs(outputs, folders.store);
  const files = typeof content === "string" ? { "": content } : content;
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(output.written, name)), { recursive: true });
    writeFileSync(join(output.written, name), text);
  }
  const options = { folders, runId, assertOurs() {} };
  const capturing = join(folders.store, ".capturing", runId);
  const collect = () => collectOutputs(outputs, options);
  return { cwd, folders, run, outputs, output, options, capturing, collect, own: dirname(output.kept) };
}

export type Captured = Awaited<ReturnType<typeof makeCaptured>>;

/** Writes a file at a time that is later than the last change of another. */
export function endAfter(path: string, exit: string, text = ""): void {
  const { ctimeNs } = statSync(path, { bigint: true });
  do writeFileSync(exit, text);
  while (statSync(exit, { bigint: true }).mtimeNs <= ctimeNs);
}
