import { rename, rm } from "node:fs/promises";
import { copyTree } from "../move-path.ts";
import { movingBeside } from "../staging.ts";

/** Copies a file durably: it appears whole, by a rename. What an earlier try left beside it goes first. */
export async function copyWhole(from: string, to: string): Promise<void> {
  const staging = movingBeside(to);
  await rm(staging, { force: true });
  await copyTree(from, staging);
  await rename(staging, to);
}
