import { listGroupMembers, residentBytes } from "./group.ts";

/** Watches how much memory process groups take. Its timer runs only while there is one to watch. */
export class MemorySampler {
  readonly #peaks = new Map<number, number>();
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs = 200) {
    this.#intervalMs = intervalMs;
  }

  watch(group: number): void {
    this.#peaks.set(group, 0);
    this.#timer ??= setInterval(() => this.sample(), this.#intervalMs).unref();
  }

  /** Ends the watch. The peak of the group's sum in bytes; null if it was never sampled. */
  unwatch(group: number): number | null {
    const peak = this.#peaks.get(group) ?? 0;
    this.#peaks.delete(group);
    if (this.#peaks.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    return peak === 0 ? null : peak;
  }

  /** One look at all watched groups, in a single walk through /proc. */
  sample(): void {
    for (const [group, pids] of listGroupMembers(new Set(this.#peaks.keys()))) {
      const bytes = pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
      this.#peaks.set(group, Math.max(bytes, this.#peaks.get(group) ?? 0));
    }
  }
}
