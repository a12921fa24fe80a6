import type { Activity } from "../../../processes/activity.ts";

/** Time that a worker may be silent while something waits for it, in milliseconds. */
const PATIENCE_MS = 30_000;
/** Looks are counted, and not time: a process that was stopped itself finds the answers before its next look. */
const LOOKS = 3;
/** Numbers of looks for lengthy work: while the worker only waits, as storage may let it, and while it does something. */
const WAITING_LOOKS = 4 * LOOKS;
const BUSY_LOOKS = 20 * LOOKS;

/** `RUNWEAVE_WORKER_PATIENCE_MS` is for tests, which can't wait so long. */
function readPatienceMs(environment: NodeJS.ProcessEnv): number {
  const said = Number(environment.RUNWEAVE_WORKER_PATIENCE_MS);
  return Number.isSafeInteger(said) && said > 0 ? said : PATIENCE_MS;
}

/** Work that a worker does itself, so that it can't be asked meanwhile. */
interface LengthyWork {
  /** Another one after each part of it that has ended. */
  part: number;
  /** True if only a stopped worker is to be ended: a project may take any time for its import. */
  mayTakeForever: boolean;
}

interface WatchedWorker {
  environment: NodeJS.ProcessEnv;
  /** True if something waits for it that it has to be quick about. */
  isAwaited(): boolean;
  /** Settles when it has answered. */
  ask(): Promise<unknown>;
  /** Returns the lengthy work under way; null if there is none. */
  lengthyWork(): LengthyWork | null;
  /** Returns the process's activity; null if it can't be looked at. */
  readActivity(): Activity | null;
  /** Called when it no longer answers; `seconds` since it last could have. */
  onSilent(seconds: number): void;
}

/** Looks for signs of life of a worker for as long as it is awaited, until the returned function is called. */
export function watchWorker(worker: WatchedWorker): () => void {
  const { environment, onSilent } = worker;
  const intervalMs = readPatienceMs(environment) / LOOKS;
  const countUnanswered = watchAnswers(worker);
  const findStall = watchWork(worker);
  const look = () => {
    const unanswered = countUnanswered();
    const looks = findStall() ?? (unanswered >= LOOKS ? unanswered : null);
    if (looks === null) return;
    clearInterval(timer);
    onSilent((looks * intervalMs) / 1000);
  };
  const timer = setInterval(look, intervalMs).unref();
  return () => clearInterval(timer);
}

/** Asks, and counts the looks without an answer. */
function watchAnswers({ isAwaited, ask }: WatchedWorker): () => number {
  let isAsked = false;
  let looks = 0;
  const answered = () => {
    isAsked = false;
  };
  return () => {
    looks = isAsked && isAwaited() ? looks + 1 : 0;
    if (!isAsked && isAwaited()) {
      isAsked = true;
      ask().then(answered, answered);
    }
    return looks;
  };
}

/** Looks from outside at one that can't answer: after how many looks too many it is given up, null if it is not. */
function watchWork({ lengthyWork, readActivity }: WatchedWorker): () => number | null {
  const looks = { stopped: 0, waiting: 0, all: 0 };
  let last: (LengthyWork & { ticks: number }) | null = null;
  return () => {
    const work = lengthyWork();
    const activity = work === null ? null : readActivity();
    if (work === null || activity === null || last?.part !== work.part || last.mayTakeForever !== work.mayTakeForever) {
      Object.assign(looks, { stopped: 0, waiting: 0, all: 0 });
      last = work === null || activity === null ? null : { ...work, ticks: activity.ticks };
      return null;
    }
    looks.stopped = activity.isStopped ? looks.stopped + 1 : 0;
    looks.waiting = activity.ticks === last.ticks ? looks.waiting + 1 : 0;
    looks.all += 1;
    last = { ...work, ticks: activity.ticks };
    if (looks.stopped >= LOOKS) return looks.stopped;
    if (work.mayTakeForever) return null;
    if (looks.waiting >= WAITING_LOOKS) return looks.waiting;
    return looks.all >= BUSY_LOOKS ? looks.all : null;
  };
}
