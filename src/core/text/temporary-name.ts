/** Characters of a file's name that its temporary file has in its own: at most 4 bytes each, of 255. */
const KEPT_CHARACTERS = 40;
const TEMPORARY = /^\..*\.runweave-(\d{1,10})-[0-9A-Za-z_]{8}$/s;

/** The hidden name of a temporary file until it takes its place, with its maker's pid. `digits` are 8, and random. */
export function nameTemporary(name: string, { pid, digits }: { pid: number; digits: string }): string {
  return `.${name.slice(-KEPT_CHARACTERS)}.runweave-${pid}-${digits}`;
}

/** The pid of the process that made a temporary file; null of any other name. The Python worker's have the same form. */
export function makerOfTemporary(name: string): number | null {
  const maker = TEMPORARY.exec(name)?.[1];
  return maker === undefined ? null : Number(maker);
}
