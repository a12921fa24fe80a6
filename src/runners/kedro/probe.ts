import { accept, type Checked, problemAt } from "../../core/problem.ts";
import type { ProbeAnswer, ProbeRequest } from "../../core/project-facts.ts";
import { ChannelClosedError } from "./control-channel.ts";
import { isProbeAnswer } from "./control-messages.ts";
import { environmentError, ProjectError, toWorkerError } from "./worker-errors.ts";
import type { WorkerProcess } from "./worker-process.ts";

/**
 * Asks a worker about the slices of some runs. Asks a second one if the first goes away meanwhile: it may have become a run.
 * Throws EnvironmentError; what is wrong with the project is a problem.
 */
export async function probeProject(
  findWorker: () => WorkerProcess,
  request: ProbeRequest,
): Promise<Checked<ProbeAnswer>> {
  try {
    return accept(await ask(findWorker(), request).catch((error) => askAgain(error, findWorker, request)));
  } catch (error) {
    if (!(error instanceof ProjectError)) throw error;
    return { ok: false, problems: [problemAt(null, error.code, error.message, error.hint)] };
  }
}

async function ask(worker: WorkerProcess, request: ProbeRequest): Promise<ProbeAnswer> {
  await worker.ready;
  const reply = await worker.request("probe", { runtime_params: request.runtime_params, slices: request.slices });
  if (!reply.ok) throw toWorkerError(reply.error);
  if (isProbeAnswer(reply.facts)) return reply.facts;
  throw environmentError("WORKER_BROKEN", "the worker's answer to a probe is not in the protocol", "report this");
}

async function askAgain(error: unknown, findWorker: () => WorkerProcess, request: ProbeRequest): Promise<ProbeAnswer> {
  if (!(error instanceof ChannelClosedError)) throw error;
  try {
    return await ask(findWorker(), request);
  } catch (again) {
    if (!(again instanceof ChannelClosedError)) throw again;
    throw environmentError("WORKER_DIED", `the worker died twice during a probe: ${again.message}`, "see its log");
  }
}
