/** Makes a point of every call of node:fs that changes something below a folder, in each of its forms. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join, relative, resolve } from "node:path";
import { callOf, type FileCall, HANDLE_CALLS } from "./file-calls.ts";
import { findHalf } from "./half-calls.ts";
import { normalizePath } from "./point.ts";
import { pass } from "./points.ts";

type Callable = (...args: unknown[]) => unknown;

const WRITING = fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_TRUNC;
/** What each open file of the folder is. */
const opened = new Map<number, string>();
const handles = new WeakMap<object, string>();
let root = "";

export async function interceptFiles(folder: string): Promise<void> {
  root = folder;
  replaceHandleMethods(await findHandlePrototype());
  for (const owner of [fs, fs.promises]) {
    for (const name of Object.keys(owner)) replace(owner, name);
  }
  syncBuiltinESMExports();
}

function replace(owner: object, name: string): void {
  const original = Reflect.get(owner, name) as Callable | undefined;
  const call = callOf(name);
  const isChanging = call !== undefined && call !== "reads" && call !== "delegates";
  if (typeof original !== "function" || !isChanging) return;
  const form = { name, call, isPromise: owner === fs.promises };
  Reflect.set(owner, name, (...args: unknown[]) => passOn(form, args, () => original.apply(owner, args)));
}

interface Form {
  name: string;
  call: FileCall;
  isPromise: boolean;
}

function passOn({ name, call, isPromise }: Form, args: unknown[], work: () => unknown): unknown {
  const paths = pathsOf(call, args);
  const open = call === "opens" ? () => remember(args, work()) : work;
  if (paths.length === 0) return open();
  const plain = name.replace(/Sync$/, "");
  const isCallback = !isPromise && !name.endsWith("Sync");
  const half = isCallback ? null : findHalf({ name: plain, args, work });
  const settled = half === null ? null : (strike: () => void) => settle(isPromise, () => half(strike));
  return pass({ name: `${plain} ${paths.map(describe).join(" -> ")}`, work: open, half: settled });
}

/** What half of a call gives: a promise, as the whole call does, or nothing. */
function settle(isPromise: boolean, work: () => unknown): unknown {
  const result = work();
  return isPromise && !(result instanceof Promise) ? Promise.resolve(result) : result;
}

/** The paths below the folder that a call changes: as they were given, made absolute. */
function pathsOf(call: FileCall, args: readonly unknown[]): string[] {
  if (call === "reads" || call === "delegates") return [];
  if (call === "descriptor") return [args[0]].flatMap(toOurs);
  if (call === "opens") return isForWriting(args[1]) ? [args[0]].flatMap(toOurs) : [];
  const ours = call.flatMap((place) => toOurs(args[place]));
  // A rename has two names, of which one may be elsewhere.
  return ours.length > 0 && call.length > 1 ? call.map((place) => toPath(args[place])) : ours;
}

function toOurs(value: unknown): string[] {
  if (typeof value === "number") return [opened.get(value)].flatMap((path) => path ?? []);
  if (typeof value === "object" && value !== null && handles.has(value)) return [handles.get(value) ?? ""];
  const path = toPath(value);
  return path === root || path.startsWith(`${root}/`) ? [path] : [];
}

function toPath(value: unknown): string {
  if (value instanceof URL) return value.pathname;
  return typeof value === "string" || Buffer.isBuffer(value) ? resolve(value.toString()) : "";
}

function isForWriting(flags: unknown): boolean {
  return typeof flags === "number" ? (flags & WRITING) !== 0 : typeof flags === "string" && /[wa+]/.test(flags);
}

/** Which file a descriptor or handle is of, once it is open, be it for reading: folders are opened so to be flushed. */
function remember([path]: readonly unknown[], result: unknown): unknown {
  if (typeof result === "number") note(result, path);
  if (!(result instanceof Promise)) return result;
  return result.then((handle: { fd: number }) => {
    note(handle.fd, path);
    for (const ours of toOurs(path)) handles.set(handle, ours);
    return handle;
  });
}

function note(fd: number, path: unknown): void {
  const [ours] = toOurs(path);
  if (ours === undefined) opened.delete(fd);
  else opened.set(fd, ours);
}

function describe(path: string): string {
  const below = path === root ? "." : path.startsWith(`${root}/`) ? relative(root, path) : join("elsewhere", path);
  return normalizePath(below);
}

/** All handles share one prototype, which only a handle shows. */
async function findHandlePrototype(): Promise<object> {
  await using handle = await fs.promises.open("/dev/null");
  return Object.getPrototypeOf(handle);
}

function replaceHandleMethods(prototype: object): void {
  for (const [name, does] of Object.entries(HANDLE_CALLS)) {
    const original = Reflect.get(prototype, name) as Callable | undefined;
    if (does !== "changes" || typeof original !== "function") continue;
    const replacement = function call(this: object, ...args: unknown[]): unknown {
      const path = handles.get(this);
      const work = () => original.apply(this, args);
      return path === undefined ? work() : pass({ name: `handle.${name} ${describe(path)}`, work });
    };
    Reflect.set(prototype, name, replacement);
  }
}
