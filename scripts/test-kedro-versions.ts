import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureVenv, type Venv } from "./python/ensure-venv.ts";
import { reportScriptError, SetUpError } from "./python/set-up-error.ts";
import { REPOSITORY, setUpPython } from "./setup-python.ts";
import { addOutcomes, formatOutcome, judgeRunner, type TestOutcome } from "./testing/outcome.ts";
import { runPytest, runVitest, type TestRun } from "./testing/run-tests.ts";

const VERSIONS = ["1.4.0", "1.5.0", "1.6.0", "1.7.0"];
/** The last one that is to be refused. */
const TOO_OLD = "1.3.1";
/** What a version can't have as the newest Kedro has it. */
const PINS: Readonly<Record<string, readonly string[]>> = { [TOO_OLD]: ["rich==14.3.4"] };
const FOLDER = path.join(REPOSITORY, ".venv-kedro");
const PYTEST_FOLDER = "test/runners/kedro/worker";
const USAGE = `usage: npm run test:kedro-versions -- [--only 1.4.0,1.6.0] [--pytest]

Runs what touches Kedro with each version that runweave supports, in environments of their own below .venv-kedro/, and
checks that ${TOO_OLD} is refused. Prints a table.
  --only VERSIONS  these, separated by commas (${VERSIONS.join(", ")})
  --pytest         the worker's own tests alone`;

interface Row {
  version: string;
  pytest: TestOutcome;
  vitest: TestOutcome | null;
  complaints: string[];
}

/** Every vitest file that runs real Kedro: it asks for the Python of the tests. */
function listKedroTests(): string[] {
  const files = globSync("test/**/*.test.ts", { cwd: REPOSITORY });
  return files.filter((file) => readFileSync(path.join(REPOSITORY, file), "utf8").includes("findTestPython")).sort();
}

/** The pinned environment of the tests with another Kedro in it. */
function makeEnvironment(version: string): Promise<Venv> {
  mkdirSync(FOLDER, { recursive: true });
  const pinned = readFileSync(path.join(REPOSITORY, "scripts", "requirements.txt"), "utf8");
  const requirements = path.join(FOLDER, `requirements-${version}.txt`);
  writeFileSync(requirements, [`kedro==${version}`, ...(PINS[version] ?? [])].reduce(changePin, pinned));
  return ensureVenv({ folder: path.join(FOLDER, version), requirements });
}

function changePin(requirements: string, pin: string): string {
  const name = pin.replace(/==.*/, "");
  return requirements.replace(new RegExp(`^${name}==.*$`, "m"), pin);
}

async function testVersion(version: string, reports: string, isPytestOnly: boolean): Promise<Row> {
  console.log(`\n== Kedro ${version}`);
  const { python } = await makeEnvironment(version);
  const old = (await makeEnvironment(TOO_OLD)).python;
  const env = { RUNWEAVE_TEST_PYTHON: python, RUNWEAVE_TEST_OLD_PYTHON: old };
  const start = (kind: string, files: readonly string[]): TestRun => {
    return { root: REPOSITORY, report: path.join(reports, `${kind}-${version}`), files, env };
  };
  const pytest = judgeRunner(await runPytest({ ...start("pytest", [PYTEST_FOLDER]), python }));
  const vitest = isPytestOnly ? null : judgeRunner(await runVitest(start("vitest", listKedroTests())));
  const complaints = [pytest, vitest].flatMap((each) => each?.complaint ?? []);
  return { version, pytest: pytest.outcome, vitest: vitest?.outcome ?? null, complaints };
}

function printTable(rows: readonly Row[]): void {
  console.log(`\n${"KEDRO".padEnd(8)}${"WORKER (pytest)".padEnd(28)}COMMAND LINE AND API (vitest)`);
  for (const { version, pytest, vitest, complaints } of rows) {
    console.log(`${version.padEnd(8)}${formatOutcome(pytest).padEnd(28)}${vitest ? formatOutcome(vitest) : "-"}`);
    for (const complaint of complaints) console.log(`  ${complaint}`);
  }
}

function readVersions(): { versions: string[]; isPytestOnly: boolean } | null {
  const options = {
    only: { type: "string" },
    pytest: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  } as const;
  const { values } = parseArgs({ options });
  if (values.help) return null;
  const versions = values.only?.split(",") ?? VERSIONS;
  const unknown = versions.find((version) => !VERSIONS.includes(version));
  if (unknown !== undefined) throw new SetUpError(`there is no ${unknown} among ${VERSIONS.join(", ")}`, "see --help");
  return { versions, isPytestOnly: values.pytest ?? false };
}

async function testVersions(): Promise<number> {
  const wanted = readVersions();
  if (wanted === null) {
    console.log(USAGE);
    return 0;
  }
  const reports = mkdtempSync(path.join(tmpdir(), "runweave-versions-"));
  try {
    const rows: Row[] = [];
    await setUpPython();
    for (const version of wanted.versions) rows.push(await testVersion(version, reports, wanted.isPytestOnly));
    printTable(rows);
    const total = addOutcomes(rows.flatMap(({ pytest, vitest }) => (vitest ? [pytest, vitest] : [pytest])));
    console.log(`\n${formatOutcome(total)}`);
    return total.failed === 0 ? 0 : 1;
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await testVersions();
} catch (error) {
  process.exitCode = reportScriptError(error);
}
