import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { sayCommand } from "../../hostile/command-line.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

afterEach(() => {
  delete process.env.KEPT_TOKEN;
});

test("a session is resumed only where the variables that its runs refer to are what they were", async () => {
  const folder = makeTemporaryFolder();
  const file = join(folder, "workflow.json");
  const command = ["sh", "-c", 'test -e there && test "$1" = first', "sh", "${env:KEPT_TOKEN}"];
  writeFileSync(file, JSON.stringify({ runs: { a: { command } } }));
  const say = (...words: string[]) => sayCommand([...words, "--registry", join(folder, "state")]);
  process.env.KEPT_TOKEN = "first";
  expect(await say("run", file)).toMatchObject({ exitCode: 1 });
  writeFileSync(join(folder, "there"), "");
  process.env.KEPT_TOKEN = "second";
  const refused = await say("resume");
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("error[variables-changed]") });
  expect(refused.stderr).toContain("other values of KEPT_TOKEN");
  process.env.KEPT_TOKEN = "first";
  expect(await say("resume")).toMatchObject({ exitCode: 0 });
});

test.each<[what: string, change: (key: string) => void]>([
  ["empty", (key) => writeFileSync(key, "")],
  ["another one", (key) => writeFileSync(key, Buffer.alloc(32, 1))],
  ["gone", (key) => rmSync(key)],
])("where the key is %s, resume names it, and not the variables, which are the same", async (_, change) => {
  const folder = makeTemporaryFolder();
  const [file, state] = [join(folder, "workflow.json"), join(folder, "state")];
  writeFileSync(file, JSON.stringify({ runs: { a: { command: ["false", "${env:KEPT_TOKEN}"] } } }));
  process.env.KEPT_TOKEN = "first";
  expect(await sayCommand(["run", file, "--registry", state])).toMatchObject({ exitCode: 1 });
  change(join(state, "key"));
  const refused = await sayCommand(["resume", "--registry", state]);
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("error[variables-key]") });
  expect(refused.stderr).toContain(`${join(state, "key")} is not the key`);
});
