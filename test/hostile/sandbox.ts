import { createHash } from "node:crypto";
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { makeMemoryFolder } from "../rig/memory-folder.ts";
import { judgeSaid, type Said, sayCommand } from "./command-line.ts";

/** A folder to work in, and beside it everything that a path might lead out to. */
export class Sandbox {
  readonly root = makeMemoryFolder("runweave-hostile-");
  /** Workflow files, data and the registry: what runweave may touch. */
  readonly work = join(this.root, "deep/er/work");
  readonly state = join(this.work, ".runweave");
  /** A copy of the registry of one small session, before all that is done to it later makes it large. */
  readonly seed = join(this.work, "seed");
  /** What it must not. */
  readonly outside = join(this.root, "outside");

  constructor() {
    for (const folder of [this.work, this.outside]) mkdirSync(folder, { recursive: true });
    writeFileSync(join(this.outside, "victim"), "untouched\n");
  }

  path(...parts: string[]): string {
    return join(this.work, ...parts);
  }

  /** Writes a workflow file of JSON; returns its path. */
  workflow(name: string, content: unknown): string {
    const file = this.path(name);
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return file;
  }

  /** Runs a command line on this registry. */
  say(args: readonly string[]): Promise<Said> {
    return sayCommand([...args, "--registry", this.state]);
  }

  /** Copies the registry as it is now to `seed`. */
  keepSeed(): void {
    cpSync(this.state, this.seed, { recursive: true });
  }

  /** Everything that is wrong after a command line: what it said, and what it touched outside. */
  async judge(args: readonly string[]): Promise<string[]> {
    const before = this.fingerprintOutside();
    const complaints = judgeSaid(await this.say(args));
    return this.fingerprintOutside() === before ? complaints : [...complaints, "something outside was touched"];
  }

  /** All names, kinds and contents that are not below `work`. */
  fingerprintOutside(): string {
    const digest = createHash("sha256");
    for (const line of listTree(this.root, this.work)) digest.update(`${line}\n`);
    return digest.digest("hex");
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function listTree(folder: string, left: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (path === left) return [];
    const found = lstatSync(path);
    if (found.isDirectory()) return [path, ...listTree(path, left)];
    return [`${relative(folder, path)} ${found.mode} ${found.isFile() ? readFileSync(path, "hex") : "other"}`];
  });
}
