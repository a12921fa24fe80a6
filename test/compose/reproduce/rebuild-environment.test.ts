import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { rebuildEnvironment } from "../../../src/compose/reproduce/rebuild-environment.ts";
import { readEnvironment } from "../../../src/runners/interpreters/read-environment.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";

const WRITE_WHEEL = `
import sys, zipfile
info = "have_it-1.0.dist-info/"
with zipfile.ZipFile(sys.argv[1] + "/have_it-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("have_it.py", "")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: have-it\\nVersion: 1.0\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", "have_it.py,,\\n%sMETADATA,,\\n%sWHEEL,,\\n%sRECORD,,\\n" % (info, info, info))
`;

it("installs the recorded packages that can be had, and goes on without the others", { timeout: 120_000 }, async () => {
  const [wheels, folder] = [makeTemporaryFolder(), join(makeTemporaryFolder(), "venv")];
  execFileSync(findTestPython(), ["-c", WRITE_WHEEL, wheels]);
  // The test's own index, and no other.
  const environment = { PATH: process.env.PATH, PIP_NO_INDEX: "1", PIP_FIND_LINKS: wheels };
  const packages = { "gone-one": "2.0", "have-it": "1.0", "gone-two": "3.0" };
  const facts = { python: "3", kedro: "", platform: "", packages };
  const python = await rebuildEnvironment(facts, { base: findTestPython(), folder, environment });
  expect(python).toBe(join(folder, "bin/python"));
  const { packages: found } = await readEnvironment(python, environment);
  expect(found).toMatchObject({ "have-it": "1.0" });
  expect(Object.keys(found)).not.toContain("gone-one");
  expect(Object.keys(found)).not.toContain("kedro");
});

it.each(["evil @ file:///tmp/evil ; python_version", "--index-url=http://127.0.0.1", "-e", "a b", ""])(
  "gives pip names alone: %j is refused before anything is made",
  async (name) => {
    const [folder, environment] = [join(makeTemporaryFolder(), "venv"), { PATH: process.env.PATH, PIP_NO_INDEX: "1" }];
    const facts = { python: "3", kedro: "", platform: "", packages: { [name]: "1.0" } };
    const rebuilt = rebuildEnvironment(facts, { base: findTestPython(), folder, environment });
    await expect(rebuilt).rejects.toMatchObject({ message: expect.stringContaining("can't be one") });
    expect(existsSync(folder)).toBe(false);
  },
);

it("asks pip for exact versions as wheels, and starts Python so that it imports nothing from the working folder", async () => {
  const [folder, asked] = [makeTemporaryFolder(), join(makeTemporaryFolder(), "asked")];
  // A Python that says what it is asked for, and makes itself the environment's.
  const base = join(folder, "python");
  writeFileSync(
    base,
    `#!/bin/sh\necho "$@" >> ${asked}\nmkdir -p ${folder}/venv/bin && ln -sf ${base} ${folder}/venv/bin/python\n`,
  );
  chmodSync(base, 0o755);
  const packages = {
    ...{ a: "1.0", b: "1!2.0.post1", c: "0.0.1a3", d: "2024.1rc1", e: "1.0.dev4+local.7", f: "1.0-1" },
    ...{ g: "*", h: "1.0 --pre", i: "1.0 ; os_name", j: "", k: "1.0 @ file:///x" },
  };
  const facts = { python: "3", kedro: "", platform: "", packages };
  await rebuildEnvironment(facts, { base, folder: join(folder, "venv"), environment: { PATH: process.env.PATH } });
  const pins = "a==1.0 b==1!2.0.post1 c==0.0.1a3 d==2024.1rc1 e==1.0.dev4+local.7 f==1.0-1";
  expect(readFileSync(asked, "utf8").trim().split("\n")).toEqual([
    `-I -m venv ${join(folder, "venv")}`,
    `-I -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: -- ${pins}`,
  ]);
});
