import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { RefusalError } from "../../core/error/refusal-error.ts";
import { isAtOrBelow } from "../../core/place.ts";
import { readPlainFile } from "../../processes/read-record.ts";
import { resolveExisting } from "../../versions/layout.ts";
import { isPrivate } from "../consent/keys-folder.ts";

/** A key can't be made or used. */
export class KeyError extends RefusalError<"key-exists" | "key-missing" | "key-not-private" | "key-unusable"> {}

/** A key, and the name by which people tell it from others. */
export interface SigningKey {
  key: KeyObject;
  /** SHA-256 of the public key as SPKI, in hex. */
  keyid: string;
}

/** Returns the path of the user's own key, which is used if no other is named. */
export function ownKeyPath(folder: string): string {
  return join(folder, "signing-key.pem");
}

/** Returns the path of a public key: beside its private key. */
export function publicPathOf(key: string): string {
  return key.endsWith(".pem") ? `${key.slice(0, -".pem".length)}.pub.pem` : `${key}.pub.pem`;
}

/**
 * Makes an Ed25519 key at `path` (PKCS #8, mode 0600) and its public key beside it (SPKI). Throws KeyError if one of them exists,
 * or if `path` is in the state folder: every process that can write the registry could use a key there.
 */
export function makeSigningKey(path: string, stateFolder: string | null): { publicKey: string; keyid: string } {
  refuseInside(path, stateFolder);
  const publicKey = publicPathOf(path);
  for (const each of [path, publicKey])
    if (existsSync(each)) throw new KeyError("key-exists", `${each} is there already`, "name another file with --key");
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const pair = generateKeyPairSync("ed25519");
  writeFileSync(path, pair.privateKey.export({ type: "pkcs8", format: "pem" }), { flag: "wx", mode: 0o600 });
  writeFileSync(publicKey, pair.publicKey.export({ type: "spki", format: "pem" }), { flag: "wx", mode: 0o644 });
  chmodSync(publicKey, 0o644);
  return { publicKey, keyid: identify(pair.publicKey) };
}

/** Reads the private key to sign with. Throws KeyError if it is missing, no Ed25519 key, in the state folder, or can be read or written by others. */
export function readSigningKey(path: string, stateFolder: string): SigningKey {
  refuseInside(path, stateFolder);
  const pem = readPem(path, "`runweave anchor --new-key` makes one");
  if (!isPrivate(path, 0o077)) {
    const hint = `\`chmod 600 ${path}\`, and make a new key if somebody else may have read it`;
    throw new KeyError("key-not-private", `other users may read or write the key ${path}, or it is not yours`, hint);
  }
  const key = parse(path, () => createPrivateKey(pem));
  return { key, keyid: identify(createPublicKey(key)) };
}

/** Reads a public key. Throws KeyError. */
export function readPublicKey(path: string): SigningKey {
  const pem = readPem(path, "name it with --public-key");
  const key = parse(path, () => createPublicKey(pem));
  return { key, keyid: identify(key) };
}

function identify(key: KeyObject): string {
  return hash("sha256", key.export({ type: "spki", format: "der" }), "hex");
}

function refuseInside(path: string, stateFolder: string | null): void {
  if (stateFolder === null || !existsSync(stateFolder)) return;
  if (!isAtOrBelow(resolveExisting(path), realpathSync(stateFolder))) return;
  const message = `${path} lies in the state folder: who can write the registry could sign another one with it`;
  throw new KeyError("key-not-private", message, "name a file elsewhere with --key");
}

function readPem(path: string, hint: string): Buffer {
  try {
    const pem = readPlainFile(path);
    if (pem !== null) return pem;
  } catch (error) {
    throw new KeyError("key-unusable", (error as Error).message, null, { cause: error });
  }
  throw new KeyError("key-missing", `there is no key at ${path}`, hint);
}

function parse(path: string, read: () => KeyObject): KeyObject {
  try {
    const key = read();
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // The reason is OpenSSL's, and names no file.
  }
  throw new KeyError("key-unusable", `${path} is no Ed25519 key in PEM`, "`runweave anchor --new-key` makes one");
}
