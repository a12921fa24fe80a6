import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJson } from "../../rig/read-json.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { type KedroBench, makeBench, parentOf, start, startObeying } from "./kedro-bench.ts";

/** A bench whose project says how often it was imported, and has an environment `prod` beside `local`. */
function makeCounting(settings = ""): { bench: KedroBench; countImports(): number } {
  const imports = join(makeTemporaryFolder(), "imports");
  const bench = makeBench({ IMPORTS: imports });
  const nodes = join(bench.project, "src/demo/nodes.py");
  const counting = 'open(os.environ["IMPORTS"], "a").write("imported\\n")\n';
  const text = readFileSync(nodes, "utf8").replace("\ndef obey", `\n${counting}\ndef obey`);
  writeFileSync(
    nodes,
    text.replace("42}", '42, "worker": os.getppid(), "env": __import__("demo.settings").settings.ENV}'),
  );
  writeFileSync(join(bench.project, "src/demo/settings.py"), settings || "ENV = None\n");
  mkdirSync(join(bench.project, "conf/prod"));
  const countImports = () => readFileSync(imports, "utf8").split("\n").length - 1;
  return { bench, countImports };
}

const make = async (bench: KedroBench, env: string | null) => {
  const { status, outputs } = await start(bench, "make", { env }).result;
  expect(status).toBe("success");
  return readJson(outputs.table?.location ?? "");
};

test("a project is imported once for all of its environments, each with a worker of its own", async () => {
  const { bench, countImports } = makeCounting();
  const [base, prod] = await Promise.all([make(bench, null), make(bench, "prod")]);
  expect(prod.worker).not.toBe(base.worker);
  expect(parentOf(prod.worker)).toBe(base.worker);
  expect(countImports()).toBe(1);
  expect((await make(bench, "prod")).worker).toBe(prod.worker);
  expect(readdirSync(join(bench.folders.root, "workers")).sort()).toEqual(
    [base, prod].map(({ worker }) => `${worker}`).sort(),
  );
});

test("settings that read the environment off the command line are loaded for each of them", async () => {
  const reading = 'import sys\nENV = sys.argv[sys.argv.index("--env") + 1] if "--env" in sys.argv else "none"\n';
  const { bench, countImports } = makeCounting(reading);
  const [base, prod] = await Promise.all([make(bench, null), make(bench, "prod")]);
  expect([base.env, prod.env]).toEqual(["none", "prod"]);
  expect(countImports()).toBe(2);
});

test("sources that have changed since its elder was started are imported anew", async () => {
  const { bench, countImports } = makeCounting();
  await make(bench, null);
  writeFileSync(join(bench.project, "src/demo/settings.py"), "ENV = 'changed'\n");
  expect((await make(bench, "prod")).env).toBe("changed");
  expect(countImports()).toBe(2);
});

test("the death of one worker takes none of another environment with it, and their ends are told apart", async () => {
  const { bench } = makeCounting();
  const elder = startObeying(bench, "elder");
  const one = await bench.rig.child("elder");
  const younger = startObeying(bench, "younger", { env: "prod" });
  const other = await bench.rig.child("younger");
  expect(parentOf(parentOf(other.pid))).toBe(parentOf(one.pid));
  process.kill(parentOf(one.pid), "SIGKILL");
  expect(await elder.result).toMatchObject({ status: "failed", exception: { type: "WorkerDied" } });
  void other.tell({ do: "return", value: 1 });
  expect(await younger.result).toMatchObject({ status: "success" });
  const last = startObeying(bench, "last", { env: "prod" });
  const third = await bench.rig.child("last");
  process.kill(parentOf(third.pid), "SIGKILL");
  expect(await last.result).toMatchObject({ status: "failed", exception: { type: "WorkerDied" } });
  expect(await make(bench, "prod")).toMatchObject({ answer: 42 });
});

test("an elder that is told to end takes no more runs: the next one has a new worker at once, siblings go on", async () => {
  const { bench } = makeCounting();
  const elder = await make(bench, null);
  const younger = startObeying(bench, "younger", { env: "prod" });
  const child = await bench.rig.child("younger");
  expect(parentOf(parentOf(child.pid))).toBe(elder.worker);
  process.kill(elder.worker, "SIGTERM");
  const { status, cutOff, exception } = await start(bench, "make").result;
  expect({ status, cutOff }).toEqual({ status: "failed", cutOff: true });
  expect(exception).toMatchObject({ type: "WorkerDied", message: expect.stringContaining("before the run had begun") });
  expect((await make(bench, null)).worker).not.toBe(elder.worker);
  void child.tell({ do: "return", value: 1 });
  expect(await younger.result).toMatchObject({ status: "success" });
});

test("an elder that is told to end while it has a run of its own stops that, and says how it ended", async () => {
  const { bench } = makeCounting();
  const run = startObeying(bench, "run");
  const own = await bench.rig.child("run");
  const younger = startObeying(bench, "younger", { env: "prod" });
  const child = await bench.rig.child("younger");
  process.kill(parentOf(own.pid), "SIGTERM");
  const { cutOff, exception } = await run.result;
  expect(exception).toMatchObject({ type: "Interrupted" });
  expect(cutOff ?? false).toBe(false);
  void child.tell({ do: "return", value: 1 });
  expect(await younger.result).toMatchObject({ status: "success" });
});
