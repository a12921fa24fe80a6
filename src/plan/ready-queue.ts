/** Numbers, the lowest first: a binary heap. */
export interface ReadyQueue {
  push(position: number): void;
  /** Undefined when there is none. */
  pop(): number | undefined;
}

export function createReadyQueue(): ReadyQueue {
  const heap: number[] = [];
  const at = (index: number): number => heap[index] ?? Number.POSITIVE_INFINITY;
  const swap = (a: number, b: number): void => {
    [heap[a], heap[b]] = [at(b), at(a)];
  };
  const rise = (start: number): void => {
    for (let index = start; index > 0; ) {
      const parent = (index - 1) >> 1;
      if (at(parent) <= at(index)) return;
      swap(parent, index);
      index = parent;
    }
  };
  const sink = (): void => {
    for (let index = 0; ; ) {
      const left = 2 * index + 1;
      const least = at(left) < at(left + 1) ? left : left + 1;
      if (at(index) <= at(least)) return;
      swap(index, least);
      index = least;
    }
  };
  return {
    push: (position) => rise(heap.push(position) - 1),
    pop() {
      const last = heap.pop();
      const first = heap[0];
      if (last === undefined || first === undefined) return last;
      heap[0] = last;
      sink();
      return first;
    },
  };
}
