import { spawnSync } from "node:child_process";
import { pythonRivals } from "./python-rivals.ts";
import { installProgram, type Rival, runAnew } from "./rival.ts";

/** Runs the commands one after the other and knows no graph: the least that anything could cost. */
const shellLoop: Rival = {
  name: "shell loop",
  async prepare({ folder, tasks }) {
    const script = `i=0; while [ $i -lt ${tasks.length} ]; do /bin/true || exit 1; i=$((i+1)); done`;
    return runAnew("shell loop", { folder, argv: () => ["sh", "-c", script] });
  },
};

const make: Rival = {
  name: "make",
  isAvailable: () => spawnSync("make", ["--version"]).status === 0,
  async prepare({ folder, tasks, jobs }) {
    const names = tasks.map(({ name }) => name).join(" ");
    const rules = tasks.map(({ name, needs }) => `${name}: ${needs.join(" ")}\n\t@/bin/true\n`);
    const files = { Makefile: `.PHONY: all ${names}\nall: ${names}\n${rules.join("")}` };
    return runAnew("make", { folder, files, argv: () => ["make", "-s", `-j${jobs}`, "all"] });
  },
};

const ninja: Rival = {
  name: "ninja",
  async prepare({ folder, tasks, jobs }) {
    const edges = tasks.map(({ name, needs }) => `build ${name}: noop ${needs.join(" ")}\n`);
    const files = { "build.ninja": `rule noop\n  command = /bin/true\n${edges.join("")}` };
    const program = await installProgram("tools", "ninja");
    return runAnew("ninja", { folder, files, argv: () => [program, "--quiet", `-j${jobs}`] });
  },
};

/** What to compare with, the leanest first. */
export const RIVALS: readonly Rival[] = [shellLoop, make, ninja, ...pythonRivals];
