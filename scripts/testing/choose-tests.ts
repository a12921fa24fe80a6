import path from "node:path";
import { type ImportGraph, measureDistances } from "./import-graph.ts";
import { LONGEST } from "./longest-first.ts";

const WORKER = "src/runners/kedro/worker/runweave_worker/";
const WORKER_TESTS = "test/runners/kedro/worker/";
const MIGRATIONS = /^src\/record\/sqlite\/migrations\//;
/** What shows soonest that the whole is broken: a workflow of commands, a chain of Kedro runs, one attempt of the worker. */
const SMOKE = { commands: "test/e2e/commands.test.ts", kedro: "test/e2e/kedro-chain.test.ts" };
const WORKER_SMOKE = `${WORKER_TESTS}test_run.py`;
/** About as many as two cores do in half a minute. */
export const MOST_FILES = 40;

export interface Repository {
  /** Of `src`, `scripts` and `test`. */
  graph: ImportGraph;
  /** The worker's tests: their text, by their paths. */
  pythonTests: ReadonlyMap<string, string>;
}

export interface ChosenTests {
  vitest: string[];
  pytest: string[];
  /** What is left to the whole suite, one line each. */
  leftOut: string[];
}

/** The tests that changes of these files touch soonest, and what that leaves out. */
export function chooseTests(changed: readonly string[], { graph, pythonTests }: Repository): ChosenTests {
  const sources = changed.map((file) => (MIGRATIONS.test(file) ? "src/record/sqlite/migrate.ts" : file));
  const distances = measureDistances(
    graph,
    sources.filter((file) => graph.has(file)),
  );
  const touched = [...distances.keys()].filter((file) => file.endsWith(".test.ts"));
  const own = new Set([...sources, ...sources.map(mirror)]);
  const isLong = (file: string) => LONGEST.some((beginning) => file.startsWith(beginning));
  const chosen = touched.filter((file) => own.has(file));
  const rest = touched.filter((file) => !own.has(file)).sort(byDistance(distances));
  const near = rest.filter((file) => !isEndToEnd(file) && !isLong(file));
  const within = near.slice(0, Math.max(0, MOST_FILES - chosen.length));
  const pytest = choosePytest(changed, pythonTests);
  return {
    vitest: [...new Set([...chosen, ...within, ...chooseSmoke(changed, touched.some(isEndToEnd))])],
    pytest,
    leftOut: [
      ...describeLeftOut("far from what has changed", near.slice(within.length)),
      ...describeLeftOut(
        "long",
        rest.filter((file) => isLong(file) && !isEndToEnd(file)),
      ),
      ...(changed.some(isProduct) || rest.some(isEndToEnd) ? ["the end-to-end tests but for the shortest"] : []),
      ...(pytest.length > 0 ? ["the worker's other tests"] : []),
      ...describeUnknown(changed, graph),
    ],
  };
}

/** `src/plan/graph.ts` is tested by `test/plan/graph.test.ts`, a script likewise below `test/scripts`. */
function mirror(file: string): string {
  const below = file.startsWith("src/") ? file.slice("src/".length) : file;
  return `test/${below.replace(/\.ts$/, ".test.ts")}`;
}

function byDistance(distances: ReadonlyMap<string, number>): (a: string, b: string) => number {
  return (a, b) => (distances.get(a) ?? 0) - (distances.get(b) ?? 0) || (a < b ? -1 : 1);
}

function isEndToEnd(file: string): boolean {
  return file.startsWith("test/e2e/");
}

function isProduct(file: string): boolean {
  return file.startsWith("src/");
}

function chooseSmoke(changed: readonly string[], isTouched: boolean): string[] {
  const isKedro = changed.some((file) => file.startsWith("src/runners/kedro/"));
  return [...(isTouched || changed.some(isProduct) ? [SMOKE.commands] : []), ...(isKedro ? [SMOKE.kedro] : [])];
}

function choosePytest(changed: readonly string[], tests: ReadonlyMap<string, string>): string[] {
  const own = changed.filter((file) => tests.has(file));
  const modules = changed
    .filter((file) => file.startsWith(WORKER) && file.endsWith(".py"))
    .map((file) => path.posix.basename(file, ".py"));
  const ofModules = modules.flatMap((name) => [
    ...[`${WORKER_TESTS}test_${name}.py`].filter((file) => tests.has(file)),
    ...[...tests].filter(([, text]) => imports(text, name)).map(([file]) => file),
  ]);
  const isShared = changed.some((file) => file.startsWith(WORKER_TESTS) && file.endsWith(".py") && !tests.has(file));
  const smoke = modules.length > 0 || isShared ? [WORKER_SMOKE] : [];
  return [...new Set([...own, ...ofModules, ...smoke])];
}

function imports(text: string, name: string): boolean {
  return new RegExp(`runweave_worker((?:\\.\\w+)*\\.${name}\\b|.* import .*\\b${name}\\b)`).test(text);
}

function describeLeftOut(why: string, files: readonly string[]): string[] {
  const named = files.length > 3 ? `${files.slice(0, 3).join(", ")}, …` : files.join(", ");
  return files.length === 0 ? [] : [`${files.length} test files that are ${why}: ${named}`];
}

function describeUnknown(changed: readonly string[], graph: ImportGraph): string[] {
  const isKnown = (file: string) => graph.has(file) || MIGRATIONS.test(file) || file.endsWith(".py");
  return changed.filter((file) => !isKnown(file)).map((file) => `whatever reads ${file}`);
}
