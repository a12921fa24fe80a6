const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Returns a signal that is aborted when the process is asked to stop. Until the module has asked for it, and at a
 * second request to stop, the process ends by the signal it was sent, as any other program would.
 */
export function createStopSignal(): () => AbortSignal {
  const stop = new AbortController();
  let isWatched = false;
  for (const name of STOP_SIGNALS) {
    const onSignal = () => {
      const isHandled = (isWatched && !stop.signal.aborted) || process.listenerCount(name) > 1;
      stop.abort();
      if (isHandled) return;
      process.off(name, onSignal);
      process.kill(process.pid, name);
    };
    process.on(name, onSignal);
  }
  return () => {
    isWatched = true;
    return stop.signal;
  };
}
