import { resolve } from "node:path";
import { formatTime, systemClock } from "../../core/port/clock.ts";
import { AnchorError, addAnchor, placeOf } from "../anchor/anchor-places.ts";
import type { LogHead } from "../anchor/anchored-log.ts";
import { signHead } from "../anchor/log-head.ts";
import { makeSigningKey, ownKeyPath, readSigningKey } from "../anchor/signing-key.ts";
import { keysFolder } from "../consent/keys-folder.ts";
import { locateState } from "../locate-state.ts";
import { type ActionContext, completeAddress, readRegistryAsync, type StateAddress } from "./context.ts";

/** A log to be signed. */
export interface AnchorRequest {
  /** A file, to which a line is added, or `git-note`. Default: `runweave-anchors.jsonl` beside the state folder. */
  to?: string | undefined;
  /** File of the Ed25519 key. Default: the user's own. */
  key?: string | undefined;
}

/** A head that was signed, and where that is kept. */
export interface AnchoredLog extends LogHead {
  place: string;
  keyid: string;
}

/**
 * Signs the last hash of the log, which stands for all before it, and keeps that outside of the state folder. Throws KeyError, AnchorError,
 * ExplainError if there is no registry.
 */
export async function anchorLog(
  address: StateAddress,
  { to, key: keyFile }: AnchorRequest = {},
  context: ActionContext = {},
): Promise<AnchoredLog> {
  return await readRegistryAsync(address, context, async (reader, state) => {
    const key = readSigningKey(findKey(keyFile), state.root);
    const head = reader.chainHead();
    const [first] = reader.links({});
    if (head === null || first?.hash == null) {
      const hint = "run a workflow first; a log from before events had hashes can't be anchored";
      throw new AnchorError("nothing-to-anchor", "the log has no event with a hash", hint);
    }
    const place = placeOf(state, to);
    const anchored = { log: first.hash, ...head, time: formatTime(systemClock.now()) };
    await addAnchor(place, signHead(anchored, key), state);
    return { place, keyid: key.keyid, ...anchored };
  });
}

/** A pair of keys that was made. */
export interface MadeKey {
  key: string;
  public_key: string;
  keyid: string;
}

/** Makes the key to sign with, for the user alone and outside of the state folder. Throws KeyError. */
export function makeAnchorKey(address: StateAddress, { key }: Pick<AnchorRequest, "key"> = {}): MadeKey {
  const path = findKey(key);
  const { publicKey: public_key, keyid } = makeSigningKey(path, locateState(completeAddress(address)).root);
  return { key: path, public_key, keyid };
}

function findKey(said: string | undefined): string {
  return said === undefined ? ownKeyPath(keysFolder(process.env)) : resolve(said);
}
