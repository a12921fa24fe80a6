const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Where the trial with this seed strikes, of so many places: seeds that follow each other go through all of them, and any few of
 * them are spread evenly over the whole. A fixed step would go through them one by one where their number happens to fit it.
 */
export function spread(seed: number, count: number): number {
  let step = Math.max(1, Math.round(count * GOLDEN));
  while (findDivisor(step, count) !== 1) step += 1;
  return (seed * step) % count;
}

function findDivisor(a: number, b: number): number {
  return b === 0 ? a : findDivisor(b, a % b);
}
