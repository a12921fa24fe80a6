import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

/** Flag of a socket in `/proc/net/unix` that waits for connections. */
const LISTENS = "00010000";

/** Tells whether a process itself waits for connections at a socket of this name. False where there is no /proc. */
export function listensAt(pid: number, socket: string): boolean {
  try {
    const sockets = readFileSync(`/proc/${pid}/net/unix`, "utf8")
      .split("\n")
      .map((line) => line.split(" ").filter(Boolean));
    const inodes = sockets.flatMap(([, , , flags, , , inode, ...path]) =>
      flags === LISTENS && basename(path.join(" ")) === basename(socket) ? [`socket:[${inode}]`] : [],
    );
    if (inodes.length === 0) return false;
    return readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.includes(readDescriptor(pid, fd)));
  } catch {
    // The process has ended, or belongs to another user.
    return false;
  }
}

/** Empty for one that was closed meanwhile. */
function readDescriptor(pid: number, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return "";
  }
}
