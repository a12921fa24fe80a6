import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { rebuildEnvironment } from "../../../src/compose/reproduce/rebuild-environment.ts";
import { readEnvironment } from "../../../src/runners/kedro/read-environment.ts";
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
