const BUCKETS = 1024;

/**
 * A map that is never changed: adding to it gives a new one, which shares all but the touched buckets with the old.
 * A session of 100,000 runs could not copy a plain Map for each event.
 */
export interface PersistentMap<V> {
  readonly size: number;
  readonly buckets: readonly (ReadonlyMap<string, V> | undefined)[];
}

export function createMap<V>(): PersistentMap<V> {
  return { size: 0, buckets: new Array<undefined>(BUCKETS).fill(undefined) };
}

export function getFrom<V>(map: PersistentMap<V>, key: string): V | undefined {
  return map.buckets[bucketOf(key)]?.get(key);
}

/** `map` with these entries added or replaced. */
export function addTo<V>(map: PersistentMap<V>, entries: Iterable<readonly [string, V]>): PersistentMap<V> {
  const buckets = [...map.buckets];
  const touched = new Map<number, Map<string, V>>();
  let size = map.size;
  for (const [key, value] of entries) {
    const index = bucketOf(key);
    const bucket = touched.get(index) ?? new Map(buckets[index]);
    if (!bucket.has(key)) size += 1;
    bucket.set(key, value);
    touched.set(index, bucket);
    buckets[index] = bucket;
  }
  return { size, buckets };
}

/** Yields the values in no particular order. */
export function* valuesOf<V>(map: PersistentMap<V>): Generator<V> {
  for (const bucket of map.buckets) if (bucket !== undefined) yield* bucket.values();
}

/** FNV-1a. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % BUCKETS;
}
