import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from "yaml";
import { type Location, type Problem, problemAt } from "../../core/error/problem.ts";
import { isInexact, problemOfDuplicate, problemOfNumber } from "./reader-problems.ts";
import { setOwn } from "./set-own.ts";
import { MAX_DEPTH } from "./source.ts";

/** Nodes that aliases may repeat in one file, all together: a "billion laughs" file stops here. */
const MAX_REPEATED = 100_000;

export type AliasTargets = ReadonlyMap<Alias, Node>;

/** A document's value; `isWhole` unless something could not be read at all. */
interface YamlValue {
  value: unknown;
  problems: Problem[];
  targets: AliasTargets;
  isWhole: boolean;
}

interface Reading {
  isWhole: boolean;
  anchors: Map<string, Node>;
  targets: Map<Alias, Node>;
  repeated: number;
  problems: Problem[];
  locateOffset: (offset: number) => Location;
}

interface Place {
  depth: number;
  inAlias: boolean;
  /** True if the keys of this mapping are names of runs. */
  holdsRuns: boolean;
}

/** The plain value of a document's node, with what aliases stand for and what is wrong in it. */
export function readYamlValue(root: Node | null, locateOffset: (offset: number) => Location): YamlValue {
  const reading: Reading = {
    anchors: new Map(),
    targets: new Map(),
    repeated: 0,
    problems: [],
    locateOffset,
    isWhole: true,
  };
  const value = root === null ? null : readNode(reading, root, { depth: 0, inAlias: false, holdsRuns: false });
  return { value, problems: reading.problems, targets: reading.targets, isWhole: reading.isWhole };
}

function readNode(reading: Reading, node: Node, place: Place): unknown {
  if (place.inAlias) reading.repeated += 1;
  if (isAlias(node)) return readAlias(reading, node, place);
  if (node.anchor !== undefined && !place.inAlias) reading.anchors.set(node.anchor, node);
  if (isScalar(node)) return readScalar(reading, node);
  if (place.depth === MAX_DEPTH) {
    reading.isWhole = false;
    complain(reading, node, "too-deep", `more than ${MAX_DEPTH} lists and mappings in one another`, null);
    return null;
  }
  const inside = { depth: place.depth + 1, inAlias: place.inAlias, holdsRuns: false };
  if (isMap(node)) return readMap(reading, node, place);
  if (isSeq(node)) return node.items.map((item) => readNode(reading, item as Node, inside));
  return null;
}

function readAlias(reading: Reading, alias: Alias, place: Place): unknown {
  const target = reading.targets.get(alias) ?? reading.anchors.get(alias.source);
  if (target === undefined) {
    reading.isWhole = false;
    complain(reading, alias, "unknown-anchor", `no anchor "&${alias.source}" before this`, null);
    return null;
  }
  reading.targets.set(alias, target);
  if (reading.repeated < MAX_REPEATED) return readNode(reading, target, { ...place, inAlias: true });
  if (reading.repeated !== Number.POSITIVE_INFINITY) {
    reading.isWhole = false;
    complain(reading, alias, "too-many-aliases", `the aliases of this file repeat over ${MAX_REPEATED} values`, null);
  }
  reading.repeated = Number.POSITIVE_INFINITY;
  return null;
}

function readScalar(reading: Reading, node: Scalar): unknown {
  if (isInexact(node.source, node.value))
    reading.problems.push(problemOfNumber(locateNode(reading, node), node.source));
  return node.value;
}

function readMap(reading: Reading, map: YAMLMap, place: Place): unknown {
  const value: Record<string, unknown> = {};
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    const key = readKey(pair.key);
    if (Object.hasOwn(value, key)) {
      reading.problems.push(problemOfDuplicate(locateNode(reading, pair.key), key, place.holdsRuns));
      continue;
    }
    if (key === "<<" && !isQuoted(pair.key)) {
      reading.isWhole = false;
      complain(
        reading,
        pair.key,
        "merge-key",
        "merge keys aren't part of YAML 1.2",
        "use `defaults:`, or spell it out",
      );
      continue;
    }
    const holdsRuns = place.depth === 0 && key === "runs";
    const inside = { depth: place.depth + 1, inAlias: place.inAlias, holdsRuns };
    setOwn(value, key, pair.value === null ? null : readNode(reading, pair.value, inside));
  }
  return value;
}

/** Composing with `stringKeys` leaves no other kind of key. */
function readKey(key: Node): string {
  return isScalar(key) ? String(key.value) : "";
}

function isQuoted(key: Node): boolean {
  return isScalar(key) && key.type !== "PLAIN";
}

function complain(reading: Reading, node: Node, code: string, message: string, hint: string | null): void {
  reading.problems.push(problemAt(locateNode(reading, node), code, message, hint));
}

function locateNode(reading: Reading, node: Node): Location {
  return reading.locateOffset(node.range?.[0] ?? 0);
}
