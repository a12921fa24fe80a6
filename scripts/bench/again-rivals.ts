import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { installProgram } from "./rival.ts";
import type { Launch } from "./time-commands.ts";

/** A tool that knows what need not be done again. */
export interface AgainRival {
  readonly name: string;
  /** Takes minutes to install, or to do all of it for the first time. */
  readonly isSlow?: boolean;
  /** Installs it if need be, and gives the command for so many tasks, which the first time does them all. */
  prepare(folder: string, tasks: number): Promise<Launch>;
}

/** All tasks copy what the first one has made, as in runweave's workflow. */
const doit: AgainRival = {
  name: "doit",
  async prepare(folder, tasks) {
    const dodo = `
def task_copy():
    yield {"name": "first", "actions": ["echo 1 > first.txt"], "targets": ["first.txt"], "file_dep": ["dodo.py"]}
    for index in range(${tasks - 1}):
        target = f"copy_{index}.txt"
        yield {"name": target, "actions": [f"cp first.txt {target}"], "targets": [target], "file_dep": ["first.txt"]}
`;
    const program = await installProgram("tools", "doit");
    return { argv: [program, "--verbosity", "0", "-n", "2"], cwd: writeFiles(folder, { "dodo.py": dodo }) };
  },
};

const snakemake: AgainRival = {
  name: "snakemake",
  isSlow: true,
  async prepare(folder, tasks) {
    const snakefile = `
rule all:
    input: expand("copy_{index}.txt", index=range(${tasks - 1}))

rule first:
    output: "first.txt"
    shell: "echo 1 > {output}"

rule copy:
    input: "first.txt"
    output: "copy_{index}.txt"
    shell: "cp {input} {output}"
`;
    const program = await installProgram("snakemake", "snakemake");
    const cwd = writeFiles(folder, { Snakefile: snakefile });
    return { argv: [program, "--quiet", "all", "--cores", "2"], cwd };
  },
};

const redun: AgainRival = {
  name: "redun",
  isSlow: true,
  async prepare(folder, tasks) {
    const graph = `
from redun import File, task

redun_namespace = "bench"


@task()
def first():
    file = File("first.txt")
    file.write("1")
    return file


@task()
def copy(source, index):
    return source.copy_to(File(f"copy_{index}.txt"))


@task()
def main():
    source = first()
    return [copy(source, index) for index in range(${tasks - 1})]
`;
    const program = await installProgram("redun", "redun");
    return { argv: [program, "run", "graph.py", "main"], cwd: writeFiles(folder, { "graph.py": graph }) };
  },
};

export const AGAIN_RIVALS: readonly AgainRival[] = [doit, snakemake, redun];

function writeFiles(folder: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return folder;
}
