import { hostname } from "node:os";
import type { SessionOwner } from "../core/ownership.ts";
import { identifySelf } from "./identity.ts";
import { readProcLink } from "./read-proc.ts";

/** The namespace of process ids that a machine starts with; containers have others. */
const INITIAL_NAMESPACE = "4026531836";

/**
 * Returns the name of the space in which a pid is valid: the machine's name, and in a container the id of its process
 * numbering.
 */
export function hostName(): string {
  const namespace = pidNamespace();
  return namespace === null || namespace === INITIAL_NAMESPACE ? hostname() : `${hostname()}/${namespace}`;
}

/** Identifies this process, so that others find it again. */
export function identifyOwner(): SessionOwner {
  return { ...identifySelf(), host: hostName() };
}

function pidNamespace(): string | null {
  return /\d+/.exec(readProcLink("/proc/self/ns/pid") ?? "")?.[0] ?? null;
}
