import { isAbsolute } from "node:path";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { RunRecord, VersionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { formatDiscard } from "../../core/trash.ts";
import { type Certificate, certifyRun, type Finding } from "../../explain/certificate.ts";
import { readManifest } from "../../runners/attempt-files.ts";
import { hashPath } from "../../versions/hash.ts";
import { attemptFolder } from "../../versions/layout.ts";
import { partitionSuffix } from "../../versions/partition-suffix.ts";
import type { StateLocation } from "../locate-state.ts";

/** A run's certificate, compared with what its process wrote down and with what is on the disk now. */
export interface VerifiedRun {
  certificate: Certificate;
  findings: Finding[];
}

/** Reads every byte of the run's outputs. */
export async function verifyRun(
  registry: RegistryReader,
  record: RunRecord & { run_id: RunId },
  { state, patch }: { state: StateLocation; patch: string | null },
): Promise<VerifiedRun> {
  const { certificate, findings } = certifyRun(registry, record, patch);
  const saved = Object.entries(certificate.outputs);
  const onDisk: Finding[] = [];
  for (const [dataset, version] of saved) onDisk.push(...(await checkVersion(record, dataset, version)));
  return { certificate, findings: [...findings, ...checkManifest(certificate, state), ...onDisk] };
}

async function checkVersion(record: RunRecord, dataset: string, version: VersionRecord): Promise<Finding[]> {
  const { run_id, run, discarded } = record;
  const { location, hash, bytes } = version;
  const about = { run_id, dataset, seq: null };
  if (discarded !== null && run_id !== null) {
    const message = `"${dataset}" of ${run} ${formatDiscard({ run_id, ...discarded })}`;
    return [{ verdict: "unknown", code: discarded.state === "deleted" ? "deleted" : "collected", ...about, message }];
  }
  if (!isAbsolute(location) || hash === null) {
    const message = `"${dataset}" of ${run} is at ${location}, which can't be read from here`;
    return [{ verdict: "unknown", code: "out-of-reach", ...about, message }];
  }
  try {
    const now = await hashPath({ path: location, suffix: partitionSuffix(version.entry), beside: version.beside });
    if (now.hash === hash) return [];
    const message = `"${dataset}" of ${run} was saved as ${hash} (${bytes} bytes), and ${location} is ${now.hash} (${now.bytes} bytes) now`;
    return [{ verdict: "broken", code: "content-changed", ...about, message }];
  } catch (error) {
    const { code, message: why, path = location } = error as NodeJS.ErrnoException;
    const isGone = code === "ENOENT" || code === "ENOTDIR";
    const message = `"${dataset}" of ${run}: ${isGone ? `${path} is gone` : why}`;
    return [{ verdict: "broken", code: isGone ? "content-missing" : "content-unreadable", ...about, message }];
  }
}

/** Compares the certificate with the manifest that the run's own process wrote at its end, if the manifest still exists. */
function checkManifest({ run_id, run, outputs, status }: Certificate, state: StateLocation): Finding[] {
  // A command without outputs leaves no manifest.
  if (status !== "success" || Object.keys(outputs).length === 0) return [];
  const about = { run_id, dataset: null, seq: null };
  const path = attemptFolder(state, run_id);
  const broken = (why: string): Finding[] => {
    return [
      { verdict: "broken", code: "manifest-differs", ...about, message: `the manifest of ${run} in ${path} ${why}` },
    ];
  };
  try {
    const manifest = readManifest(path) as { outputs?: Record<string, VersionRecord> } | null;
    if (manifest === null) {
      const message = `the manifest of ${run} is gone: what its process saw can't be compared`;
      return [{ verdict: "unknown", code: "no-manifest", ...about, message }];
    }
    const differing = Object.keys(outputs).filter((name) => manifest.outputs?.[name]?.hash !== outputs[name]?.hash);
    return differing.length === 0 ? [] : broken(`records other content: ${differing.join(", ")}`);
  } catch (error) {
    return broken(`can't be read: ${(error as Error).message}`);
  }
}
