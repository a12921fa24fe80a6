/** How long a worker may be silent while something waits for it, in milliseconds. */
const PATIENCE_MS = 30_000;
/** Looks are counted, and not time: a process that was stopped itself finds the answers before its next look. */
const LOOKS = 3;

/** `RUNWEAVE_WORKER_PATIENCE_MS` is for tests, which can't wait so long. */
function readPatienceMs(environment: NodeJS.ProcessEnv): number {
  const said = Number(environment.RUNWEAVE_WORKER_PATIENCE_MS);
  return Number.isSafeInteger(said) && said > 0 ? said : PATIENCE_MS;
}

export interface WatchedWorker {
  environment: NodeJS.ProcessEnv;
  /** Whether something waits for it that it has to be quick about. */
  isAwaited(): boolean;
  /** Settles when it has answered. */
  ask(): Promise<unknown>;
  /** It no longer answers; `seconds` since it last could have. */
  onSilent(seconds: number): void;
}

/** Asks a worker for signs of life for as long as it is awaited, until the returned function is called. */
export function watchWorker({ environment, isAwaited, ask, onSilent }: WatchedWorker): () => void {
  const patienceMs = readPatienceMs(environment);
  let isAsked = false;
  let looks = 0;
  const answered = () => {
    isAsked = false;
  };
  const look = () => {
    looks = isAsked && isAwaited() ? looks + 1 : 0;
    if (looks >= LOOKS) {
      clearInterval(timer);
      onSilent(patienceMs / 1000);
    } else if (!isAsked && isAwaited()) {
      isAsked = true;
      ask().then(answered, answered);
    }
  };
  const timer = setInterval(look, patienceMs / LOOKS).unref();
  return () => clearInterval(timer);
}
