import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRunners } from "../runners/index.ts";
import { inFolder } from "./locate-state.ts";
import type { ProbeProject } from "./probe-runs.ts";
import { closeRunners } from "./workspace.ts";

/** Asks projects about runs without a registry: planning leaves nothing behind, in a read-only folder too. */
export interface ProjectProbe {
  probe: ProbeProject;
  close(): Promise<void>;
}

export function openProbe(environment: Readonly<Record<string, string | undefined>> = process.env): ProjectProbe {
  const root = mkdtempSync(join(tmpdir(), "runweave-probe-"));
  const runners = createRunners({ folders: inFolder(root), environment });
  const close = async () => {
    await closeRunners(runners);
    rmSync(root, { recursive: true, force: true });
  };
  return { probe: (task, request) => runners.kedro.probe(task, request), close };
}
