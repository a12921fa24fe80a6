import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FINGERPRINT_GROUPS, type FingerprintParts, type WorkDescription } from "../../src/core/fingerprint.ts";
import { describeDifference, fingerprintRun } from "../../src/resolve/fingerprint.ts";
import { versionOf } from "../rig/plans.ts";
import { commandTask, makeRun, type RigInput } from "../rig/resolved-run.ts";

const NOTHING: FingerprintParts = { task: {}, environment: {}, code: {}, parameters: {}, catalog: {}, inputs: {} };
const work = (over: Partial<WorkDescription> = {}): WorkDescription => ({
  mode: "on",
  fresh: false,
  parts: NOTHING,
  watched: [],
  sources: null,
  obstacles: [],
  ...over,
});
const input = (over: Partial<RigInput["version"]> = {}, as: RigInput["as"] = "upstream"): RigInput => ({
  from_run: "prep",
  from_dataset: "table",
  as,
  version: versionOf("v1", over),
});
const reading = (inputs: Record<string, RigInput>) => makeRun({ task: commandTask(["ls"], { cwd: "/" }), inputs });
const digestOf = (inputs: Record<string, RigInput>, described = work()) => {
  const found = fingerprintRun(described, reading(inputs), (text) => `<${text}>`);
  return found.ok ? found.fingerprint.digest : found.reason;
};
const entry = (config: Record<string, string>) => ({ config, versioned: false });

describe("fingerprintRun", () => {
  it("counts a consumed version by its content, not by its run_id or place", () => {
    const again = { ...input(), version: { ...versionOf("v2"), hash: "sha256:00" } };
    expect(digestOf({ table: again })).toBe(digestOf({ table: input() }));
    expect(digestOf({ table: input({ hash: "sha256:01" }) })).not.toBe(digestOf({ table: input() }));
    expect(digestOf({ other: input() })).not.toBe(digestOf({ table: input() }));
  });

  it("counts how the version is read, without the place of the data", () => {
    const at = (version: string, sep: string) =>
      input({ version, entry: entry({ type: "pandas.CSVDataset", filepath: `/store/t/${version}/t.csv`, sep }) });
    expect(digestOf({ table: at("v2", ",") })).toBe(digestOf({ table: at("v1", ",") }));
    expect(digestOf({ table: at("v1", ";") })).not.toBe(digestOf({ table: at("v1", ",") }));
    const asOwn = (sep: string) => ({ ...at("v1", sep), as: "downstream" as const });
    expect(digestOf({ table: asOwn(";") })).toBe(digestOf({ table: asOwn(",") }));
  });

  it.each([
    ["isolated", (root: string) => `${root}/.runweave/data/t-${root.length}/v1/t.csv`, (place: string) => place],
    ["of Kedro's own", (root: string) => `${root}/data/t.csv/v1/t.csv`, (place: string) => place.slice(0, -9)],
  ])(
    "is the same in a renamed project, though versions are %s; another name or argument counts",
    (_, placeIn, pathOf) => {
      const at = (root: string, over: Record<string, string> = {}) => {
        const location = placeIn(root);
        const config = { type: "pandas.CSVDataset", filepath: pathOf(location), schema: "/srv/schema", ...over };
        return digestOf({ table: input({ location, entry: entry(config) }) });
      };
      expect(at("/renamed")).toBe(at("/p"));
      expect(at("/p", { schema: "/srv/other" })).not.toBe(at("/p"));
      expect(at("/p", { filepath: "/p/t.csv.gz" })).not.toBe(at("/p"));
    },
  );

  it("says why there is none", () => {
    expect(digestOf({ table: input({ hash: null }) })).toBe("the content of 'table' is unknown");
    expect(digestOf({}, work({ obstacles: ["'sales' is floating", "x"] }))).toBe("'sales' is floating; x");
  });

  it("is equal exactly if all parts are", () => {
    const part = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2"));
    const parts = fc.record(Object.fromEntries(FINGERPRINT_GROUPS.map((group) => [group, part])));
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const [a, b] = [one, other] as unknown as [FingerprintParts, FingerprintParts];
        const isSame = digestOf({}, work({ parts: a })) === digestOf({}, work({ parts: b }));
        expect(isSame).toBe(describeDifference(a, b) === null);
      }),
    );
  });
});

describe("describeDifference", () => {
  const [one, two] = ["1", "2"].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
  it.each<[Partial<FingerprintParts>, Partial<FingerprintParts>, string | null]>([
    [{ environment: { Python: "3.11.6" } }, { environment: { Python: "3.11.7" } }, "3.11.6 -> 3.11.7"],
    [{ inputs: { t: `${one} upstream` } }, { inputs: { t: `${two} upstream` } }, "111111111111 -> 222222222222"],
    [{ code: { m: "a".repeat(16) } }, { code: {} }, "aaaaaaaaaaaa -> nothing"],
    [{ task: { program: one } }, { task: { program: two } }, "111111111111 -> 222222222222"],
    [{ task: { nodes: "a".repeat(16) } }, { task: { nodes: "b".repeat(16) } }, null],
    [{ parameters: { token: "a".repeat(16) } }, { parameters: { token: "b".repeat(16) } }, null],
    [{ environment: { TOKEN: "a".repeat(16) } }, { environment: { TOKEN: "b".repeat(16) } }, null],
  ])("%o, %o: before and after are %s", (before, after, expected) => {
    expect(describeDifference({ ...NOTHING, ...before }, { ...NOTHING, ...after })?.sides).toBe(expected);
  });

  it.each<[Partial<FingerprintParts>, Partial<FingerprintParts>, string]>([
    [{ task: { command: "a" } }, { task: { command: "b" } }, "its command has changed"],
    [{ environment: { packages: "1" } }, { environment: { packages: "2" } }, "an installed package has changed"],
    [{ code: {} }, { code: { "toy.nodes": "1" } }, "the code in toy.nodes is new"],
    [{ code: { "raw/in.csv": "1" } }, { code: { "raw/in.csv": "2" } }, "the file raw/in.csv has changed"],
    [{ code: { "raw/in.py": "1" } }, { code: {} }, "the code in raw/in.py is gone"],
    [{ parameters: { "model.seed": "1" } }, { parameters: {} }, "the parameter model.seed is gone"],
    [
      { parameters: { "conf:spark": "1" } },
      { parameters: { "conf:spark": "2" } },
      "the configuration of 'spark' has changed",
    ],
    [
      { parameters: { "conf:parameters": "1" } },
      { parameters: { "conf:parameters": "2" } },
      "a parameter that a hook of the project can read has changed",
    ],
    [{ catalog: { t: "1" } }, { catalog: { t: "2" } }, "the catalog entry of 't' has changed"],
    [{ inputs: { t: "1", u: "1" } }, { inputs: { t: "2" } }, "the content of 't' has changed (and 1 more)"],
    [
      { code: { m: "1" }, inputs: { t: "1" } },
      { code: { m: "2" }, inputs: { t: "2" } },
      "the code in m has changed (and 1 more)",
    ],
  ])("%o, %o: %s", (before, after, expected) => {
    expect(describeDifference({ ...NOTHING, ...before }, { ...NOTHING, ...after })?.what).toBe(expected);
  });
});
