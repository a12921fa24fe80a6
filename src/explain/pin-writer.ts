import type { RegistryReader, RunHead } from "../core/port/registry.ts";
import type { Pin } from "../core/run.ts";
import { isRunId, type RunId } from "../core/run-id.ts";

/** Fields of a pin that tell who saved its version. */
export type WrittenPin = Pick<Pin, "rule" | "version" | "vouched_by">;

/**
 * Finds the attempt that saved a pin's version, or that took it over from an earlier one and succeeded; null if no run
 * of this registry did, or the reader itself. The run_id of an adopted run begins with its version; if two projects
 * saved versions in the same millisecond, no attempt is named.
 */
export function findPinWriter(registry: RegistryReader, pin: WrittenPin): RunHead | null {
  return findPinWriters(registry, [pin])(pin);
}

/** Looks up the writers of all these pins at once. */
export function findPinWriters(
  registry: RegistryReader,
  pins: readonly WrittenPin[],
): (pin: WrittenPin) => RunHead | null {
  const written = pins.filter(isWritten);
  const adopted = findAdopted(registry, written);
  const idOf = ({ version, vouched_by }: WrittenPin): RunId | null =>
    vouched_by ?? (isRunId(version) ? version : (adopted.get(version) ?? null));
  const ids = [...new Set(written.flatMap((pin) => idOf(pin) ?? []))];
  const heads = ids.length === 0 ? [] : registry.findHeads(ids);
  const byId = new Map(heads.map((head) => [head.run_id, head]));
  return (pin) => {
    const id = isWritten(pin) ? idOf(pin) : null;
    return id === null ? null : (byId.get(id) ?? null);
  };
}

function isWritten({ rule }: WrittenPin): boolean {
  return rule !== "own" && rule !== "file" && rule !== "plain" && rule !== "value";
}

/** Attempts that were adopted, by the versions that they stand for. */
function findAdopted(registry: RegistryReader, pins: readonly WrittenPin[]): ReadonlyMap<string, RunId> {
  const names = pins.flatMap(({ version, vouched_by }) =>
    vouched_by !== undefined || isRunId(version) ? [] : [version],
  );
  if (names.length === 0) return new Map();
  const found = Map.groupBy(registry.adoptedAs([...new Set(names)]), ({ version }) => version);
  return new Map(
    [...found].flatMap(([version, saved]): [string, RunId][] => {
      const [only, ...others] = new Set(saved.map(({ run_id }) => run_id));
      return only === undefined || others.length > 0 ? [] : [[version, only]];
    }),
  );
}
