import { environmentError } from "../../../core/error/environment-error.ts";
import { ChannelClosedError } from "./control-channel.ts";
import { WorkerLostError } from "./worker-errors.ts";
import type { WorkerProcess } from "./worker-process.ts";

interface Question<T> {
  /** Name for people: `a probe`. */
  what: string;
  findWorker(): Promise<WorkerProcess>;
  ask(worker: WorkerProcess): Promise<T>;
}

/**
 * Asks a worker what it does itself. Asks a second one if the first goes away meanwhile: it may have become a run, or have hung.
 * Throws EnvironmentError, ProjectError.
 */
export async function askWorker<T>(question: Question<T>): Promise<T> {
  try {
    return await orAnother(() => askOnce(question));
  } catch (error) {
    if (!(error instanceof ChannelClosedError)) throw error;
    const message = `the worker died twice during ${question.what}: ${error.message}`;
    throw environmentError("worker-died", message, "see its log");
  }
}

/** Does work with one worker, or with a second one if the first is lost: it was killed, for example. */
export async function orAnother<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ChannelClosedError || error instanceof WorkerLostError)) throw error;
    return await work();
  }
}

async function askOnce<T>({ findWorker, ask }: Question<T>): Promise<T> {
  const worker = await findWorker();
  await worker.ready;
  return await ask(worker);
}
