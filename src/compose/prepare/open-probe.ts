import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryRegistry } from "../../record/memory/registry.ts";
import { openRunners } from "../../runners/index.ts";
import { answersFolder, inFolder, type StateLocation } from "../locate-state.ts";
import type { ProbeProject } from "./probe-runs.ts";

/** Asks projects about runs without a registry: planning leaves no trace, in a read-only folder too. */
export interface ProjectProbe {
  probe: ProbeProject;
  close(): Promise<void>;
}

/**
 * `state` is a registry's folder: what a failed attempt in it left behind is not taken for the newest version, and what projects
 * have answered is kept there, if it exists. Without it they are asked anew.
 */
export function openProbe(
  state?: StateLocation,
  { asksAnew = false }: { asksAnew?: boolean | undefined } = {},
): ProjectProbe {
  const root = mkdtempSync(join(tmpdir(), "runweave-probe-"));
  const own = inFolder(root);
  const folders = { ...own, attempts: state?.attempts ?? own.attempts };
  const { holds } = createMemoryRegistry();
  const answers = state === undefined ? undefined : { folder: answersFolder(state.root), asksAnew };
  const opened = openRunners({ folders, environment: process.env, holds, answers });
  const close = async () => {
    await opened.close();
    rmSync(root, { recursive: true, force: true });
  };
  return { probe: (address, request) => opened.projects.probe(address, request), close };
}
