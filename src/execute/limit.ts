/** Runs work, at most so much of it at once; the rest waits in order. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

/** A limit of `slots` at once. */
export function createLimit(slots: number): Limit {
  let free = slots;
  const waiting: (() => void)[] = [];
  const enter = async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return async (work) => {
    await enter();
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
