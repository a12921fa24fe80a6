import { environmentError } from "../../core/error/environment-error.ts";
import { accept, type Checked, problemAt } from "../../core/error/problem.ts";
import type { ProbeAnswer, ProbeRequest } from "../../core/project-facts.ts";
import { isToldReads, type ToldReads, WorkerReads } from "../answers/told-reads.ts";
import type { ToldAnswer } from "./look-at-data.ts";
import { askWorker } from "./workers/ask-worker.ts";
import { isToldAnswer } from "./workers/control-messages.ts";
import { ProjectError, toWorkerError } from "./workers/worker-errors.ts";
import type { WorkerProcess } from "./workers/worker-process.ts";

/** Question, and the folder of the attempts whose versions count only if they succeeded. */
export interface ProbeQuestion extends ProbeRequest {
  attempts: string;
}

/** Answer of a worker, and what it came from. */
export interface ProbeReply {
  answer: ToldAnswer;
  reads: ToldReads;
}

/** A worker tells only what is not known yet. */
const readsOfWorkers = new WeakMap<WorkerProcess, WorkerReads>();

/**
 * Asks a worker about the slices of some runs. Throws EnvironmentError; what is wrong with the project is a problem.
 */
export async function probeProject(
  findWorker: () => Promise<WorkerProcess>,
  request: ProbeQuestion,
): Promise<Checked<ProbeReply>> {
  try {
    return accept(await askWorker({ what: "a probe", findWorker, ask: (worker) => ask(worker, request) }));
  } catch (error) {
    if (!(error instanceof ProjectError)) throw error;
    const { code, message, hint, traceback } = error;
    return { ok: false, problems: [problemAt(null, code, message + describeOrigin(traceback ?? ""), hint)] };
  }
}

/** ` (settings.py:12)`: the last line of the user's own code in a traceback; empty if there is none. */
function describeOrigin(traceback: string): string {
  const frames = Array.from(traceback.matchAll(/^ {2}File "(.+)", line (\d+)/gm), ([, file = "", line]) => ({
    file,
    line,
  }));
  const own = frames.findLast(({ file }) => !/site-packages|^<|\/lib\/python\d/.test(file));
  return own === undefined ? "" : ` (${own.file}:${own.line})`;
}

/** All that a worker has read until now. Throws as `probeProject` does, ProjectError too. */
export async function askReads(worker: WorkerProcess, attempts: string): Promise<ToldReads> {
  const { reads } = await ask(worker, { runtime_params: {}, slices: {}, attempts });
  return reads;
}

async function ask(worker: WorkerProcess, request: ProbeQuestion): Promise<ProbeReply> {
  const reads = readsOfWorkers.get(worker) ?? new WorkerReads();
  readsOfWorkers.set(worker, reads);
  return await reads.ask((known) => askOnce(worker, request, known));
}

async function askOnce(worker: WorkerProcess, request: ProbeQuestion, reads_known: number): Promise<ProbeReply> {
  const { runtime_params, slices, attempts, work = false } = request;
  const reply = await worker.request("probe", { runtime_params, slices, attempts, work, reads_known });
  if (!reply.ok) throw toWorkerError(reply.error);
  if (isToldAnswer(reply.facts) && isToldReads(reply.reads)) return { answer: reply.facts, reads: reply.reads };
  throw environmentError("worker-broken", "the worker's answer to a probe is not in the protocol", "report this");
}

/** Replaces the values of variables that were filled into the parameters: a class may repeat its arguments. */
export function hideInProblems(answer: ProbeAnswer, hide: (text: string) => string): ProbeAnswer {
  const slices = Object.entries(answer.slices).map(([run, slice]) => {
    const problems = slice.problems.map((problem) => ({
      ...problem,
      message: hide(problem.message),
      hint: problem.hint === null ? null : hide(problem.hint),
    }));
    return [run, { ...slice, problems }] as const;
  });
  return { ...answer, slices: Object.fromEntries(slices) };
}
