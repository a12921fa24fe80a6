let isActing = false;

/**
 * Marks that this process has begun to change or execute: from now on it goes on to its end, and to its own exit code,
 * even if the reader of its output goes away.
 */
export function outliveReader(): void {
  isActing = true;
}

/** False for a command that has only looked data up so far: it can end as soon as its output has no reader. */
export function outlivesReader(): boolean {
  return isActing;
}
