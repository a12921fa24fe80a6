import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { basename, dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { checkProcess, type ProcessIdentity } from "../../../processes/identity.ts";
import { signalGroup } from "../../../processes/signals.ts";
import type { WorkerExit, WorkerLink } from "./spawn-worker.ts";

const POLL_MS = 20;
/** First bytes of the connections, by which the worker knows what each is for. */
const ROLES = ["c", "b", "l"] as const;

/**
 * Reaches a worker that is no child of this process, by its socket. Rejects if that is not there, or in a folder that others may
 * enter; whether the worker answers is seen by its `ready` alone.
 */
export async function joinWorker(path: string, identity: ProcessIdentity): Promise<WorkerLink> {
  const folder = openOwnFolder(dirname(path));
  const sockets: Socket[] = [];
  try {
    // The way through the descriptor is short: the name of a socket has 107 bytes at most.
    for (const role of ROLES) sockets.push(await open(`/proc/self/fd/${folder}/${basename(path)}`, role));
  } catch (error) {
    for (const socket of sockets) socket.destroy();
    throw error;
  } finally {
    closeSync(folder);
  }
  const [control, bell, lifeline] = sockets as [Socket, Socket, Socket];
  lifeline.on("error", () => {});
  const unref = () => {
    for (const socket of sockets) socket.unref();
  };
  const exit = waitForEnd(control, identity).finally(() => {
    for (const socket of sockets) socket.destroy();
  });
  return { identity, control, bell, exit, signal: (signal) => void signalGroup(identity, signal), unref };
}

/** A descriptor of a folder that is for this user alone. Throws the error of the system, or one that says so. */
function openOwnFolder(path: string): number {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  const { uid, mode } = fstatSync(fd);
  if (uid === process.getuid?.() && (mode & 0o077) === 0) return fd;
  closeSync(fd);
  throw new Error(`${path} is not for this user alone`);
}

async function open(path: string, role: string): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(path);
  socket.once("error", reject);
  socket.once("connect", () => {
    socket.off("error", reject);
    socket.write(role);
    resolve(socket);
  });
  return await promise;
}

/** Another process waits for it, so that its exit code is not known. */
async function waitForEnd(control: Socket, identity: ProcessIdentity): Promise<WorkerExit> {
  const closed = Promise.withResolvers<void>();
  control.once("close", () => closed.resolve());
  await closed.promise;
  while (checkProcess(identity) === "alive") await delay(POLL_MS);
  return { exitCode: null, signal: null };
}
