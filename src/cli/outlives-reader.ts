let isActing = false;

/**
 * Marks that this process has begun to change or execute: from now on it goes on to its end, and to its own exit code,
 * even if the reader of its output goes away.
 */
export function outliveReader(): void {
  isActing = true;
}

/** False for a command that has only looked data up so far: without a reader its work is over. */
export function outlivesReader(): boolean {
  return isActing;
}
