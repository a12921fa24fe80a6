import type { FingerprintParts, WatchedFile } from "../../core/fingerprint.ts";
import type { ContentCache } from "./content-cache.ts";

export interface DescribeOptions {
  /** Folder that the paths of commands are shown relative to: that of the workflow file. */
  dir: string;
  environment: Readonly<Record<string, string | undefined>>;
  content: ContentCache;
  /** Folder of what Pythons have answered. */
  answers?: string;
  /** Keyed digest, as values may be secrets: they can't be guessed without the key of this registry. */
  digest: (text: string) => string;
}

export interface DescribedWork {
  parts: FingerprintParts;
  watched: WatchedFile[];
  /** State of the sources of its project, so that a later change is noticed; null without a project. */
  sources: string | null;
  obstacles: string[];
}
