import { describe, expect, test } from "vitest";
import { readStore } from "../../../src/define/fields/read-store.ts";
import type { Finding } from "../../../src/define/finding.ts";

function read(store: string | Record<string, string>) {
  const findings: Finding[] = [];
  return { ...readStore("/w", store, findings), codes: findings.map(({ code, path }) => `${code} ${path.join(".")}`) };
}

describe("store", () => {
  test.each([
    ["a folder", "kept", { store: "/w/kept", remote_stores: {} }],
    ["a prefix, which takes only remote data", "s3://b/p/", { store: null, remote_stores: { s3: "s3://b/p" } }],
    [
      "both",
      { local: "/d", s3: "s3://b", gs: "gs://c" },
      { store: "/d", remote_stores: { s3: "s3://b", gs: "gs://c" } },
    ],
  ])("%s", (_, store, expected) => {
    expect(read(store)).toEqual({ ...expected, codes: [] });
  });

  test.each([
    ["a prefix as local folder", { local: "s3://b" }, "invalid-store store.local"],
    ["a prefix of another protocol", { s3: "gs://b" }, "invalid-store store.s3"],
    ["a folder as prefix", { s3: "data" }, "invalid-store store.s3"],
  ])("%s is a problem", (_, store, code) => {
    expect(read(store)).toEqual({ store: null, remote_stores: {}, codes: [code] });
  });
});
