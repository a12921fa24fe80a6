import type { FingerprintParts, WatchedFile } from "../../core/fingerprint.ts";
import type { ContentCache } from "./content-cache.ts";

export interface DescribeOptions {
  /** What the paths of commands are shown relative to: the folder of the workflow file. */
  dir: string;
  environment: Readonly<Record<string, string | undefined>>;
  content: ContentCache;
  /** Folder of what Pythons have answered. */
  answers?: string;
  /** Keyed, as values may be secrets: without the key of this registry, nobody can try out what they were. */
  digest: (text: string) => string;
}

export interface DescribedWork {
  parts: FingerprintParts;
  watched: WatchedFile[];
  /** What the sources of its project looked like, so that a later change is noticed; null without a project. */
  sources: string | null;
  obstacles: string[];
}
