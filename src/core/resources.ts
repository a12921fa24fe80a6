/** Resources of a machine, or those that a run takes. */
export interface Resources {
  /** CPUs, to the thousandth. */
  cpu: number;
  /** Bytes. */
  memory: number;
  /** GPUs. */
  gpu: number;
}

export type ResourceKind = keyof Resources;

export const RESOURCE_KINDS: readonly ResourceKind[] = ["cpu", "memory", "gpu"];

/** Resources of a run that names none: only `max_parallel` holds it back. */
export const NO_RESOURCES: Readonly<Resources> = { cpu: 0, memory: 0, gpu: 0 };

const UNITS: readonly (readonly [unit: string, bytes: number])[] = [
  ["TB", 1e12],
  ["TiB", 2 ** 40],
  ["GB", 1e9],
  ["GiB", 2 ** 30],
  ["MB", 1e6],
  ["MiB", 2 ** 20],
  ["kB", 1e3],
  ["KiB", 2 ** 10],
];

/** Bytes of `2GB` (10^9), `512 MiB` (2^20) and so on; null if it is no such amount. */
export function parseBytes(text: string): number | null {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?) ?([kKMGT]?i?B)$/.exec(text) ?? [];
  if (amount === undefined) return null;
  const found = UNITS.find(([name]) => name.toLowerCase() === unit.toLowerCase());
  return unit === "B" || found !== undefined ? Math.round(Number(amount) * (found?.[1] ?? 1)) : null;
}

/** `2 GB`, `512 MiB`: in the unit that needs the fewest digits. */
export function formatMemory(bytes: number): string {
  const forms = UNITS.filter(([, size]) => bytes >= size).map(([unit, size]) => {
    return `${Number((bytes / size).toFixed(2))} ${unit}`;
  });
  const [first = `${bytes} B`, ...rest] = forms;
  return rest.reduce((shortest, form) => (form.length < shortest.length ? form : shortest), first);
}

/** `2 CPUs, 4 GB of memory, 1 GPU`; kinds of which there is none are left out. */
export function describeResources({ cpu, memory, gpu }: Resources): string {
  const parts = [
    ...(cpu > 0 ? [`${cpu} CPU${cpu === 1 ? "" : "s"}`] : []),
    ...(memory > 0 ? [`${formatMemory(memory)} of memory`] : []),
    ...(gpu > 0 ? [`${gpu} GPU${gpu === 1 ? "" : "s"}`] : []),
  ];
  return parts.join(", ");
}
