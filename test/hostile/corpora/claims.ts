import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { RunId } from "../../../src/core/run-id.ts";
import { exitPath, readExit, writeManifest } from "../../../src/runners/attempt-files.ts";
import { readSealedManifest } from "../../../src/runners/attempt-manifest.ts";
import { judgeOutputs } from "../../../src/runners/kedro/claims/judge-outputs.ts";
import { makeClaim } from "../../rig/claimed-output.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import type { Corpus, HostileCase } from "../corpus.ts";
import { INJECTIONS, listTraversals } from "../hostile-texts.ts";
import type { Sandbox } from "../sandbox.ts";

const FIELDS = ["version", "location", "bytes", "hash", "beside", "entry", "plain_location"] as const;
const ODD = [null, true, -1, 0.5, 1e300, "", [], {}, [[]], { config: {} }, { config: null, versioned: true }];
const CLASSES = ["pickle.PickleDataset", "builtins.eval", "os.system", "../x.Dataset", "\u001b[2J"];
const SEAL = "sealed";

/** What a process may say of the outputs of a run: nothing that is not so is recorded. */
export function claimsCorpus(sandbox: Sandbox): Corpus {
  const texts = [...listTraversals(sandbox.outside), ...INJECTIONS];
  const forged = (name: string, forge: Forge): HostileCase => ({ name, check: () => judge(forge) });
  const fields = FIELDS.flatMap((field) =>
    [...texts, ...ODD].map((value) =>
      forged(`${field}: ${JSON.stringify(value)}`, ({ table }) => ({ table: { ...table, [field]: value } })),
    ),
  );
  const names = [...texts, "__proto__", "constructor"].map((name) =>
    forged(`name: ${JSON.stringify(name)}`, ({ table }) =>
      Object.fromEntries([
        ["table", table],
        [name, table],
      ]),
    ),
  );
  const classes = CLASSES.flatMap((type) =>
    ["type", "dataset", "inner"].map((key) =>
      forged(`class ${type} as ${key}`, ({ table }) => {
        const value = key === "inner" ? { type } : type;
        return { table: { ...table, entry: { config: { ...table?.entry?.config, [key]: value }, versioned: false } } };
      }),
    ),
  );
  return {
    name: "claims",
    what: "what a run says of its outputs, field by field: places, versions, sizes, hashes, entries and names",
    cases: [...fields, ...names, ...classes],
  };
}

type Told = Parameters<typeof judgeOutputs>[0];
type Forge = (told: Told) => Record<string, unknown>;

async function judge(forge: Forge): Promise<string[]> {
  const { folder, folders, run, told } = await makeClaim();
  const outputs = forge({ table: told }) as Told;
  const manifest = {
    run_id: run.run_id,
    status: "success" as const,
    outputs,
    exception: null,
    peak_memory_bytes: null,
  };
  const before = readFileSync(told.location, "utf8");
  await writeManifest(folder, manifest, SEAL);
  try {
    const read = readSealedManifest(folder, { runId: run.run_id, seal: SEAL });
    const recorded = await judgeOutputs(read?.outputs ?? {}, { run, folders });
    const honest = [told, { ...told, entry: null }];
    const isHonest = Object.values(recorded).every((version) =>
      honest.some((each) => isDeepStrictEqual(version, each)),
    );
    return isHonest && isDeepStrictEqual(Object.keys(recorded), ["table"])
      ? []
      : [`recorded: ${JSON.stringify(recorded)}`];
  } catch (error) {
    const { message } = error as Error;
    return message === "" || readFileSync(told.location, "utf8") !== before ? ["it is refused without a word"] : [];
  }
}

/** Ends that were told by others: none of them is one. */
export function endsCorpus(): Corpus {
  const seals = [undefined, null, "", 0, true, [SEAL], { seal: SEAL }, `${SEAL} `, SEAL.slice(1), SEAL.toUpperCase()];
  const ends = [{ exit_code: 0 }, { exit_code: null, signal: "SIGKILL" }, { exit_code: 0, signal: null, time: "x" }];
  const cases = seals.flatMap((seal) =>
    ends.map((end) => ({
      name: JSON.stringify({ ...end, seal }),
      check: () => {
        const folder = makeTemporaryFolder();
        writeFileSync(exitPath(folder), JSON.stringify({ ...end, seal }));
        const isEnd = readExit(folder, SEAL) !== null;
        const isManifest = isRead(folder, { ...end, seal });
        return isEnd || isManifest ? ["it counts"] : [];
      },
    })),
  );
  return { name: "ends", what: "ends and outcomes of attempts without their seal", cases };
}

function isRead(folder: string, told: object): boolean {
  const run_id = "2026-11-23T21.04.54.666Z-0000d783fb92" as RunId;
  const manifest = { run_id, status: "success", outputs: {}, exception: null, peak_memory_bytes: null, ...told };
  writeFileSync(join(folder, "manifest"), JSON.stringify(manifest));
  try {
    return readSealedManifest(folder, { runId: run_id, seal: SEAL }) !== null;
  } catch {
    return false;
  }
}
