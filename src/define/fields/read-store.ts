import { atKey, atValue, type Finding } from "../finding.ts";
import type { Header } from "../schema.ts";
import { resolvePath } from "./read-common.ts";

/** Stores of isolated data: a folder for local ones, a prefix of their own storage for remote ones. */
export interface StoreDefinition {
  /** Absolute; null for `data/` beside the registry. */
  store: string | null;
  /** Prefixes by protocol. Data of other protocols stay beside the place in the catalog. */
  remote_stores: Record<string, string>;
}

const URL_PREFIX = /^([a-z][a-z0-9+.-]+):\/\//i;

/** A folder, a URL prefix, or a mapping of `local` and protocols to them. */
export function readStore(dir: string, store: Header["store"], findings: Finding[]): StoreDefinition {
  const entries =
    typeof store === "string" ? [[protocolOf(store) ?? "local", store] as const] : Object.entries(store ?? {});
  const read: StoreDefinition = { store: null, remote_stores: {} };
  for (const [kind, place] of entries) {
    if (kind === "local" && protocolOf(place) === null) read.store = resolvePath(dir, place);
    else if (kind !== "local" && protocolOf(place) === kind) read.remote_stores[kind] = place.replace(/\/+$/, "");
    else findings.push(refuse(kind, place));
  }
  return read;
}

function protocolOf(place: string): string | null {
  return URL_PREFIX.exec(place)?.[1] ?? null;
}

function refuse(kind: string, place: string): Finding {
  const path = ["store", kind];
  if (kind === "local") {
    const hint = `name the prefix by its protocol: \`${protocolOf(place)}: ${place}\``;
    return atValue(path, "invalid-store", `"${place}" is not a folder of this machine`, hint);
  }
  const hint = `it is \`local\`, or a protocol with a prefix of it: \`${kind}: ${kind}://...\``;
  return atKey(path, "invalid-store", `"${place}" is not a prefix of ${kind}://`, hint);
}
