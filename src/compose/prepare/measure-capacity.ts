import { readdirSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import type { Resources } from "../../core/resources.ts";

/**
 * Measures the resources for a session: those of the workflow, else those of this machine for this process: its CPUs
 * and memory within the limits of its control group, and the GPUs of `CUDA_VISIBLE_DEVICES`, else those in /dev.
 */
export function measureCapacity(said: Partial<Resources>, environment: NodeJS.ProcessEnv = process.env): Resources {
  return {
    cpu: said.cpu ?? availableParallelism(),
    memory: said.memory ?? measureMemory(),
    gpu: said.gpu ?? countGpus(environment.CUDA_VISIBLE_DEVICES),
  };
}

function measureMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** An empty list, or one that begins with -1, hides them all. */
function countGpus(visible: string | undefined): number {
  if (visible === undefined) return listDevices().filter((name) => /^nvidia\d+$/.test(name)).length;
  const devices = visible.split(",").map((device) => device.trim());
  const hidden = devices.findIndex((device) => device === "" || device.startsWith("-"));
  return hidden === -1 ? devices.length : hidden;
}

function listDevices(): string[] {
  try {
    return readdirSync("/dev");
  } catch {
    return [];
  }
}
