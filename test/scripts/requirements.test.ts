import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const SCRIPTS = join(import.meta.dirname, "../../scripts");

function listPackages(file: string): string[] {
  const lines = readFileSync(join(SCRIPTS, file), "utf8").split("\n");
  return lines.map((line) => line.replace(/(==|#).*/, "").trim()).filter((name) => name !== "");
}

it("the demo installs a part of the packages of the tests, with their versions, and none that only tests need", () => {
  const [demo, all] = [listPackages("requirements-demo.txt"), listPackages("requirements.txt")];
  expect(all).toEqual(expect.arrayContaining(demo));
  for (const name of ["pytest", "ruff", "moto[s3]", "s3fs", "boto3"]) {
    expect(all).toContain(name);
    expect(demo).not.toContain(name);
  }
});
