import type { SliceFacts } from "../../core/project-facts.ts";
import type { ConsumedRead, GivenRead, ReadAs } from "../../core/read.ts";
import { findRead, listFrozen, listSupplied } from "../../core/select-reads.ts";
import { findFacts } from "../../plan/places/places.ts";
import type { ExpandedRun, Injection, PlannedRun } from "../../plan/plan.ts";
import { findWritten } from "../../plan/transcoding.ts";
import type { LockedPin } from "../../resolve/lock/lock.ts";
import { namesVariable } from "./hide-values.ts";
import type { WritePath } from "./portable-path.ts";

const SHOWN_LENGTH = 60;

interface PinSources {
  /** The same run with references to variables as they are written. */
  hidden: ExpandedRun;
  slice: SliceFacts | undefined;
  /** Dataset -> content of what it reads from outside. */
  external: Readonly<Record<string, string>>;
  write: WritePath;
}

/** Describes the sources of all reads of a run. */
export function describePins(planned: PlannedRun, sources: PinSources): Record<string, LockedPin> {
  const supplied = listSupplied(planned).map(([name, read]): [string, LockedPin] => [
    name,
    describeSupplied(name, read, sources),
  ]);
  const outside = new Set([...listFrozen(planned).map(([name]) => name), ...Object.keys(sources.external)]);
  const own = Array.from(outside, (name): [string, LockedPin] => [name, describeOutside(planned, name, sources)]);
  return Object.fromEntries([...own, ...supplied]);
}

function describeSupplied(name: string, read: ConsumedRead | GivenRead, { hidden, write }: PinSources): LockedPin {
  if (read.rule !== "consumed") return describeGiven(read, findInjection(hidden, name), write);
  const { rule, run, dataset, as } = read;
  return { rule, run, dataset, ...readAs(as) };
}

/** Under its own name, or that of a transcoded sibling. */
function findInjection({ injects }: ExpandedRun, dataset: string): Injection | null {
  const declared = findWritten(Object.keys(injects), dataset);
  return declared === null ? null : (injects[declared] ?? null);
}

function describeGiven(input: GivenRead, injection: Injection | null, write: WritePath): LockedPin {
  const { rule } = input;
  const shown = injection?.shown ?? "";
  if (rule === "value") {
    if (namesVariable(shown)) return { rule, value: shown };
    return JSON.stringify(input.value).length <= SHOWN_LENGTH
      ? { rule, value: input.value }
      : { rule, version: input.version };
  }
  const { version, from_run, from_dataset, as } = input;
  const content = version.hash === null ? {} : { hash: version.hash };
  if (rule === "file") return { rule, path: namesVariable(shown) ? shown : write(from_dataset), ...content };
  const writer = { run_id: version.version, run: from_run ?? "", dataset: from_dataset };
  return { rule, ...(rule === "alias" ? { alias: shown } : {}), ...writer, ...readAs(as), ...content };
}

function describeOutside({ reads }: PlannedRun, dataset: string, { slice, external, write }: PinSources): LockedPin {
  const read = findRead(reads, dataset);
  const version = read?.rule === "frozen" ? read.version : undefined;
  const location = slice === undefined ? null : (findFacts(slice, dataset)?.location ?? null);
  const hash = Object.hasOwn(external, dataset) ? external[dataset] : undefined;
  return {
    rule: version === undefined ? "external" : "frozen",
    ...(version === undefined ? {} : { version }),
    ...(location === null ? {} : { path: write(location) }),
    ...(hash === undefined ? {} : { hash }),
  };
}

function readAs(as: ReadAs): Pick<LockedPin, "as"> {
  return as === "downstream" ? { as } : {};
}
