import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryRegistry } from "../../record/memory-registry.ts";
import { createRunners } from "../../runners/index.ts";
import { inFolder } from "../locate-state.ts";
import { closeRunners } from "../workspace.ts";
import type { ProbeProject } from "./probe-runs.ts";

/** Asks projects about runs without a registry: planning leaves nothing behind, in a read-only folder too. */
export interface ProjectProbe {
  probe: ProbeProject;
  close(): Promise<void>;
}

/** `attempts` is where a registry keeps its attempts: what a failed one left behind is not taken for the newest version. */
export function openProbe({ attempts }: { attempts?: string } = {}): ProjectProbe {
  const root = mkdtempSync(join(tmpdir(), "runweave-probe-"));
  const own = inFolder(root);
  const folders = { ...own, attempts: attempts ?? own.attempts };
  const runners = createRunners({ folders, environment: process.env, holds: createMemoryRegistry().holds });
  const close = async () => {
    await closeRunners(runners);
    rmSync(root, { recursive: true, force: true });
  };
  return { probe: (task, request) => runners.kedro.probe(task, request), close };
}
