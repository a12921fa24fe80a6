import { statfsSync } from "node:fs";
import { RegistryError } from "../../core/error/registry-error.ts";

/** Linux `f_type` of file systems whose shared memory does not reach other machines, which WAL needs (statfs(2)). */
const NETWORK_TYPES: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x5346414f, "AFS"],
  [0x73757245, "Coda"],
  [0x564c, "NCP"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd3, "Lustre"],
]);

/** The name of the network file system with this `f_type`; null for a local one. */
export function nameNetworkFileSystem(type: number): string | null {
  return NETWORK_TYPES.get(type >>> 0) ?? null;
}

/** Throws RegistryError if `folder` is on another machine: two writers there could damage the registry. */
export function assertLocal(folder: string): void {
  const name = nameNetworkFileSystem(statfsSync(folder).type);
  if (name === null) return;
  throw new RegistryError(
    "registry-unusable",
    `the registry can't be in ${folder}, which is on a network file system (${name}): SQLite would lose data there`,
    "choose a file on a local disk with --registry",
  );
}
