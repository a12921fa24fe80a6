import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { readPlainFile } from "../../processes/read-record.ts";
import { sweepTemporaries, writeFileWhole } from "../../versions/write-file.ts";

/** The name of a kept file, and the key to its content. */
export interface Seal {
  /** 32 hexadecimal digits. */
  name: string;
  /** 32 bytes. */
  key: Buffer;
}

const MAX_FILES = 400;
const MAX_BYTES = 64_000_000;
const NAME = /^[0-9a-f]{32}$/;
const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FAST = { level: 1 };

/**
 * A folder of values that can be read only with their keys: they may tell of secrets. A file that is cut, foreign or
 * changed counts as missing. If there are too many files, those that were unused for longest go first.
 */
export class SealedFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined if it is not there, or is not what was written. */
  read({ name, key }: Seal): unknown {
    const path = join(this.#folder, name);
    try {
      const bytes = readPlainFile(path);
      if (bytes === null) return undefined;
      const value: unknown = JSON.parse(open(bytes, key));
      const now = new Date();
      utimesSync(path, now, now);
      return value;
    } catch {
      return undefined;
    }
  }

  /** True if there is such a file, valid or not. */
  has({ name }: Seal): boolean {
    return statSync(join(this.#folder, name), { throwIfNoEntry: false })?.isFile() ?? false;
  }

  /** An answer that can't be written is only asked for again. */
  write({ name, key }: Seal, value: unknown): void {
    try {
      // The state folder itself is not made: to ask a project is no reason for one.
      if (!existsSync(this.#folder)) mkdirSync(this.#folder, { mode: 0o700 });
      sweepTemporaries(this.#folder);
      writeFileWhole(join(this.#folder, name), seal(JSON.stringify(value), key));
      this.#prune();
    } catch {
      // A full or read-only disk.
    }
  }

  #prune(): void {
    const files = listSealed(this.#folder).toSorted((a, b) => b.usedMs - a.usedMs);
    let bytes = 0;
    for (const [index, file] of files.entries()) {
      bytes += file.bytes;
      if (index >= MAX_FILES || bytes > MAX_BYTES) rmSync(join(this.#folder, file.name), { force: true });
    }
  }
}

/** The kept files of a folder: none if there is no folder. */
export function listSealed(folder: string): { name: string; bytes: number; usedMs: number }[] {
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {}
  return names.flatMap((name) => {
    const found = NAME.test(name) ? statSync(join(folder, name), { throwIfNoEntry: false }) : undefined;
    return found?.isFile() ? [{ name, bytes: found.size, usedMs: found.mtimeMs }] : [];
  });
}

function seal(text: string, key: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce);
  const body = Buffer.concat([cipher.update(gzipSync(text, FAST)), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** Throws if a single bit is another one. */
function open(bytes: Buffer, key: Buffer): string {
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const body = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  return gunzipSync(body).toString("utf8");
}
