import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findRegistry } from "../../src/compose/find-registry.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

test.each(["nowhere", "registry.sqlite"])("a link to %s in the registry's place is named to who reads it", (target) => {
  const root = makeTemporaryFolder();
  const find = () => findRegistry({ registry: root, environment: {}, from: root });
  expect(find).toThrow(expect.objectContaining({ code: "no-registry" }));
  symlinkSync(target, join(root, "registry.sqlite"));
  expect(find).toThrow(
    expect.objectContaining({ code: "registry-unusable", message: expect.stringContaining(target) }),
  );
});
