import { basename } from "node:path";
import { listDescriptors, readProcText } from "./read-proc.ts";

/** Flag of a socket in `/proc/net/unix` that waits for connections. */
const LISTENS = "00010000";

/** Tells whether a process itself waits for connections at a socket of such a name. False where there is no /proc. */
export function listensAt(pid: number, isMeant: (name: string) => boolean): boolean {
  const lines = readProcText(`/proc/${pid}/net/unix`)?.split("\n") ?? [];
  const inodes = lines.flatMap((line) => {
    const [, , , flags, , , inode, ...path] = line.split(" ").filter(Boolean);
    return flags === LISTENS && isMeant(basename(path.join(" "))) ? [`socket:[${inode}]`] : [];
  });
  return inodes.length > 0 && listDescriptors(pid).some((target) => inodes.includes(target));
}
