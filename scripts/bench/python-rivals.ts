import { installProgram, type Rival, runAnew } from "./rival.ts";
import type { Task } from "./task-graph.ts";

function embedTasks(tasks: readonly Task[]): string {
  return `import json\n\nTASKS = json.loads('''${JSON.stringify(tasks)}''')\n`;
}

const doit: Rival = {
  name: "doit",
  async prepare({ folder, tasks, jobs }) {
    const dodo = `${embedTasks(tasks)}

def task_graph():
    for task in TASKS:
        needs = [f"graph:{name}" for name in task["needs"]]
        yield {"name": task["name"], "actions": [["/bin/true"]], "task_dep": needs}
`;
    const program = await installProgram("tools", "doit");
    const files = { "dodo.py": dodo };
    return runAnew("doit", { folder, files, argv: () => [program, "--verbosity", "0", "-n", String(jobs)] });
  },
};

const luigi: Rival = {
  name: "luigi",
  isSlow: true,
  async prepare({ folder, tasks, jobs }) {
    const graph = `import subprocess
from pathlib import Path

import luigi
${embedTasks(tasks)}
NEEDS = {task["name"]: task["needs"] for task in TASKS}


class Command(luigi.Task):
    name = luigi.Parameter()

    def requires(self):
        return [Command(name) for name in NEEDS[self.name]]

    def output(self):
        return luigi.LocalTarget(f"{self.name}.done")

    def run(self):
        subprocess.run(["/bin/true"], check=True)
        Path(self.output().path).touch()


class All(luigi.WrapperTask):
    def requires(self):
        return [Command(name) for name in NEEDS]
`;
    const program = await installProgram("tools", "luigi");
    const args = ["--module", "graph", "All", "--local-scheduler", "--workers", String(jobs), "--log-level", "WARNING"];
    const files = { "graph.py": graph };
    return runAnew("luigi", { folder, files, argv: () => ["env", "PYTHONPATH=.", program, ...args] });
  },
};

const snakemake: Rival = {
  name: "snakemake",
  isSlow: true,
  async prepare({ folder, tasks, jobs }) {
    const done = (names: readonly string[]) => names.map((name) => `"${name}.done"`).join(", ");
    const rules = tasks.map(
      ({ name, needs }) => `rule ${name}:
    input: ${done(needs)}
    output: touch("${name}.done")
    shell: "/bin/true"
`,
    );
    const all = `rule all:\n    input: ${done(tasks.map(({ name }) => name))}\n`;
    const program = await installProgram("snakemake", "snakemake");
    const files = { Snakefile: [all, ...rules].join("\n") };
    return runAnew("snakemake", { folder, files, argv: () => [program, "--quiet", "all", "--cores", String(jobs)] });
  },
};

const dagster: Rival = {
  name: "dagster",
  isSlow: true,
  async prepare({ folder, tasks }) {
    // In one process, which suits it best: its default starts a Python process per step.
    const graph = `import subprocess

from dagster import In, Nothing, Out, in_process_executor, job, op
${embedTasks(tasks)}

def make_op(name, needs):
    @op(name=name, ins={need: In(Nothing) for need in needs}, out=Out(Nothing))
    def command():
        subprocess.run(["/bin/true"], check=True)

    return command


@job(executor_def=in_process_executor)
def graph():
    done = {}
    for task in TASKS:
        needs = task["needs"]
        done[task["name"]] = make_op(task["name"], needs)(**{need: done[need] for need in needs})
`;
    const program = await installProgram("dagster", "dagster");
    const files = { "graph.py": graph, "dagster.yaml": "telemetry: { enabled: false }\n" };
    const args = [program, "job", "execute", "-f", "graph.py", "-j", "graph"];
    return runAnew("dagster", { folder, files, argv: (cwd) => ["env", `DAGSTER_HOME=${cwd}`, ...args] });
  },
};

const redun: Rival = {
  name: "redun",
  isSlow: true,
  async prepare({ folder, tasks }) {
    const graph = `import subprocess

from redun import task
${embedTasks(tasks)}
redun_namespace = "bench"


@task()
def command(name, needs):
    subprocess.run(["/bin/true"], check=True)
    return name


@task()
def main():
    done = {}
    for each in TASKS:
        done[each["name"]] = command(each["name"], [done[need] for need in each["needs"]])
    return list(done.values())
`;
    const program = await installProgram("redun", "redun");
    const files = { "graph.py": graph };
    return runAnew("redun", { folder, files, argv: () => [program, "run", "graph.py", "main"] });
  },
};

/** The tools that Python users would take. */
export const pythonRivals: readonly Rival[] = [doit, luigi, snakemake, dagster, redun];
