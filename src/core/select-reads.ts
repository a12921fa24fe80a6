import type {
  ConsumedRead,
  ConsumedVersion,
  FrozenRead,
  GivenData,
  GivenRead,
  GivenValue,
  PlainFile,
  Read,
  Reads,
  ResolvedRead,
  ResolvedReads,
} from "./read.ts";

interface Planned {
  readonly reads: Reads;
}

interface Resolved {
  readonly reads: ResolvedReads;
}

/** Reads of one kind, each with the name of its dataset. */
type Named<T> = [dataset: string, read: T][];

/** Lists the datasets that a run consumes from other runs of its session. */
export function listConsumed({ reads }: Planned): Named<ConsumedRead> {
  return select(reads, (read) => read.rule === "consumed");
}

/** Lists the names of other runs that a run consumes from, each once. */
export function listUpstream(run: Planned): string[] {
  return [...new Set(listConsumed(run).map(([, read]) => read.run))];
}

/** Lists the datasets that a run is given from outside its session. */
export function listGiven({ reads }: Planned): Named<GivenRead> {
  return select(reads, isGiven);
}

/** Lists the datasets of which a run is given a version that an earlier run saved. */
export function listEarlier({ reads }: Planned): Named<GivenData> {
  return select(reads, (read): read is GivenData => read.rule === "run_id" || read.rule === "alias");
}

/** Lists the datasets that come from another run or from outside the session. */
export function listSupplied({ reads }: Planned): Named<ConsumedRead | GivenRead> {
  return select(reads, isSuppliedRead);
}

/** Lists the datasets of which a run reads a version that the project itself had. */
export function listFrozen({ reads }: Planned): Named<FrozenRead> {
  return select(reads, (read) => read.rule === "frozen");
}

/** Lists the project's own files that a run reads, with and without a version, as far as planning looked at them. */
export function listFiles({ reads }: Planned | Resolved): Named<PlainFile> {
  return Object.entries(reads).flatMap(([dataset, read]): Named<PlainFile> => {
    return "file" in read && read.file !== undefined ? [[dataset, read.file]] : [];
  });
}

/** Lists the data that a run is given, by another run or from outside the session. */
export function listInputs({ reads }: Resolved): Named<ConsumedVersion | GivenData> {
  return select(reads, (read): read is ConsumedVersion | GivenData => "from_run" in read);
}

/** Lists the values that a run is given by its workflow. */
export function listValues({ reads }: Resolved): Named<GivenValue> {
  return select(reads, (read) => read.rule === "value");
}

/** True if a dataset comes from another run or from outside the session. */
export function isSupplied(reads: Reads, dataset: string): boolean {
  const read = findRead(reads, dataset);
  return read !== undefined && isSuppliedRead(read);
}

/** Finds a read; undefined for a name that has none, `constructor` too. */
export function findRead(reads: Reads, dataset: string): Read | undefined {
  return Object.hasOwn(reads, dataset) ? reads[dataset] : undefined;
}

/** Returns the reads of a run as they were before planning looked at the project's files. */
export function dropFiles({ reads }: Planned): Reads {
  const bare = Object.entries(reads).flatMap(([dataset, read]): Named<Read> => {
    if (read.rule === "plain") return [];
    if (read.rule !== "frozen") return [[dataset, read]];
    const { file: _, ...version } = read;
    return [[dataset, version]];
  });
  return Object.fromEntries(bare);
}

/** Puts a read in the place of another one of the same dataset: it passes over the same version of the project. */
export function takePlace<T extends GivenRead>(now: T, then: Read | undefined): T {
  const passed_over = then !== undefined && "passed_over" in then ? then.passed_over : undefined;
  return passed_over === undefined ? now : { ...now, passed_over };
}

function isGiven(read: Read): read is GivenRead {
  return "source" in read;
}

function isSuppliedRead(read: Read): read is ConsumedRead | GivenRead {
  return read.rule === "consumed" || isGiven(read);
}

function select<R extends Read | ResolvedRead, T extends R>(
  reads: Readonly<Record<string, R>>,
  is: (read: R) => read is T,
): Named<T> {
  return Object.entries(reads).filter((entry): entry is [string, T] => is(entry[1]));
}
