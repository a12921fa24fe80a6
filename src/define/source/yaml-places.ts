import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from "yaml";
import type { Location } from "../../core/error/problem.ts";
import type { Locate, Part } from "./source.ts";
import type { AliasTargets } from "./yaml-value.ts";

interface Place {
  /** Null for the document and for items of lists. */
  key: Node | null;
  value: Node | null;
}

type Pairs = Map<string, Place>;

/** Pairs of smaller mappings are found again faster than they are kept. */
const KEPT_FROM = 32;

/** Locates parts of a document by walking its nodes, only when asked. */
export function createYamlPlaces(
  root: Node | null,
  targets: AliasTargets,
  locateOffset: (offset: number) => Location,
): Locate {
  const kept = new WeakMap<YAMLMap, Pairs>();
  const findStep = (node: Node | null, step: string | number): Place | undefined => {
    const target = isAlias(node) ? targets.get(node) : node;
    if (isSeq(target) && typeof step === "number") {
      const item = target.items[step];
      return item === undefined ? undefined : { key: null, value: item as Node };
    }
    return isMap(target) ? findPair(target, String(step), kept) : undefined;
  };
  return (path, part = "value") => {
    let place: Place = { key: null, value: root };
    for (const step of path) {
      const next = findStep(place.value, step);
      if (next === undefined) return locateOffset(offsetOf(place, "value"));
      place = next;
    }
    return locateOffset(offsetOf(place, part));
  };
}

function findPair(map: YAMLMap, key: string, kept: WeakMap<YAMLMap, Pairs>): Place | undefined {
  const items = map.items as Pair<Node, Node | null>[];
  if (items.length < KEPT_FROM) {
    const pair = items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    return pair === undefined ? undefined : { key: pair.key, value: pair.value };
  }
  let pairs = kept.get(map);
  if (pairs === undefined) {
    pairs = new Map();
    for (const pair of items) {
      const name = isScalar(pair.key) ? String(pair.key.value) : "";
      if (!pairs.has(name)) pairs.set(name, { key: pair.key, value: pair.value });
    }
    kept.set(map, pairs);
  }
  return pairs.get(key);
}

function offsetOf(place: Place, part: Part): number {
  const keyOffset = place.key?.range?.[0];
  const { value } = place;
  const valueOffset = value?.range?.[0];
  const isEmpty = isScalar(value) && value.range?.[0] === value.range?.[1];
  const standsAtKey = part === "key" || value === null || isEmpty || isMap(value) || isSeq(value);
  return (standsAtKey ? keyOffset : valueOffset) ?? valueOffset ?? 0;
}
