import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Simulation } from "../../src/core/answer/simulation.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const WORKFLOW = `
name: churn
max_parallel: 2
runs:
  prep: { command: ["true"], outputs: [table] }
  train:
    matrix: { seed: [1, 2] }
    command: ["false"]
    consumes: { table: prep }
    retries: 1
  report: { command: ["true"], needs: [train] }
`;

const folder = makeSuiteFolder();
beforeAll(() => writeFileSync(join(folder, "churn.yaml"), WORKFLOW));
const simulate = (...args: string[]) => runCli(["simulate", "churn.yaml", ...args], { cwd: folder });

describe("runweave simulate", () => {
  test("says what becomes of each run if one fails, without running anything", async () => {
    const { exitCode, stdout, stderr } = await simulate("--faults", "train[seed=1] fails twice", "--trials", "3");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^train\[seed=1\] +failed +2 /m);
    expect(stdout).toMatch(/^train\[seed=2\] +success /m);
    expect(stdout).toMatch(/^report +skipped /m);
    expect(stdout).toMatch(/^continue, retries: 2 +success /m);
    expect((await runCli(["sessions"], { cwd: folder })).exitCode).toBe(2);
  });

  test("prints the same as JSON, the same for the same seed", async () => {
    const args = ["simulate", "churn.yaml", "--faults", "* fails 30% of the time; prep takes 1s..1h", "--trials", "20"];
    const first = await runJson<Simulation>([...args, "--seed", "7"], { cwd: folder });
    const second = await runJson<Simulation>([...args, "--seed", "7"], { cwd: folder });
    const other = await runJson<Simulation>([...args, "--seed", "8"], { cwd: folder });
    expect(first.exitCode).toBe(0);
    expect(first.value).toMatchObject({ workflow: "churn", seed: "7", trials: 20, forecast: { declared: true } });
    expect(first.value.faults).toEqual(["* fails 30% of the time", "prep takes 1s..1h"]);
    expect(second.value).toEqual(first.value);
    expect(other.value).not.toEqual(first.value);
  });

  test("reads a fault script, and tells all that is wrong with it by line and column", async () => {
    writeFileSync(join(folder, "faults.txt"), "# what if\nprep hangs\ntrian fails\ntrain fails tiwce\n");
    const { exitCode, stderr } = await simulate("--faults", "faults.txt");
    expect(exitCode).toBe(2);
    expect(stderr).toContain('faults.txt:3:1  error[unknown-run]  there is no run "trian"');
    expect(stderr).toContain('did you mean "train"?');
    expect(stderr).toContain("faults.txt:4:13  error[unknown-fault]");
    expect((await simulate("--faults", "no-such-file")).stderr).toContain("error[file-missing]");
  });

  test("a run that hangs is said to need a timeout", async () => {
    const { exitCode, stdout } = await simulate("--faults", "prep hangs", "--trials", "1");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("the session: hung");
    expect(stdout).toContain("a `timeout` ends them");
  });

  test("takes durations from what earlier sessions took", async () => {
    writeFileSync(join(folder, "quick.yaml"), 'name: quick\nruns: { a: { command: ["true"] } }\n');
    const options = { cwd: folder };
    await runEvents("quick.yaml", { ...options, args: ["--registry", "past"] });
    const args = ["simulate", "quick.yaml", "--registry", "past"];
    const { value } = await runJson<Simulation>(args, options);
    expect(value.runs).toMatchObject([{ run: "a", duration_from: "history" }]);
    expect(value.forecast.makespan_ms.p50).toBeLessThan(60_000);
  });
});
