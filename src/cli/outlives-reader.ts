let isActing = false;

/**
 * Says that this process has begun to change or execute something: from now on it goes on to its end, and to its own exit code,
 * though nobody reads its output any more.
 */
export function outliveReader(): void {
  isActing = true;
}

/** False for a command that has only looked something up so far: without a reader it has nothing left to do. */
export function outlivesReader(): boolean {
  return isActing;
}
