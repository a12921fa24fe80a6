import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RegistryReader } from "../../../src/core/port/registry.ts";
import { type Violation, violate } from "../violation.ts";

const EDITED = "edited\n";

/** Who wrote what stands at a plain path, by the log. */
interface Writer {
  session: string;
  /** A later run of the same session captured it, edited. */
  isEdited: boolean;
}

/** What stands at each plain path of the stage is one session's alone, and that of the session which wrote there last by the registry. */
export function judgePublished(folder: string, registry: RegistryReader): Violation[] {
  return ["plain/one", "plain/many"].flatMap((path) => {
    const location = join(folder, path);
    const texts = new Set(readParts(location));
    const shown = [...texts].map((text) => JSON.stringify(text)).join(", ");
    if (texts.size > 1) return [violate("published-by-one", `${path} is a mixture: ${shown}`)];
    const writer = findWriter(registry, location);
    const wanted = writer === null ? "" : `${writer.isEdited ? EDITED : ""}${writer.session}\n`;
    if (writer === null || texts.has(wanted)) return [];
    return [violate("published-by-one", `${path} holds ${shown}, and by the log ${JSON.stringify(wanted)}`)];
  });
}

/** Without the name of each part. */
function readParts(location: string): string[] {
  if (!existsSync(location)) return ["nothing"];
  const files = statSync(location).isDirectory()
    ? readdirSync(location).map((name) => join(location, name))
    : [location];
  return files.map((file) => readFileSync(file, "utf8").replace(/^(one|[a-e]) /m, ""));
}

/** Null while somebody may still write there. */
function findWriter(registry: RegistryReader, location: string): Writer | null {
  let writer: Writer | null = null;
  for (const event of registry.events()) {
    const session = event.session_id;
    if (event.type === "dataset.published" && event.location === location) writer = { session, isEdited: false };
    if (event.type === "publication.undone" && event.location === location) writer = { session, isEdited: true };
    if (event.type !== "run.succeeded") continue;
    const captures = Object.values(event.outputs).some(({ plain_location }) => plain_location === location);
    if (captures) writer = { session, isEdited: event.run === "edit" };
  }
  return writer;
}
