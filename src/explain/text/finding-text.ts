import type { Finding } from "../certificate.ts";
import { showName } from "./show-name.ts";

const UNKNOWN_SHOWN = 3;

/** The first of each kind: after `trash empty`, hundreds of versions may be gone on purpose. */
export function listUnknown(unknown: readonly Finding[]): string[] {
  return [...Map.groupBy(unknown, ({ code }) => code)].flatMap(([code, found]) => {
    const lines = [...new Set(found.map((finding) => `unknown  ${formatFinding(finding)}`))];
    const more = lines.length - UNKNOWN_SHOWN;
    const rest = more > 0 ? [`unknown  ${code}: and ${more} more; \`--json\` lists them all`] : [];
    return [...lines.slice(0, UNKNOWN_SHOWN), ...rest];
  });
}

/** `deleted: "it" of make ... (RUN_ID)`. */
export function formatFinding({ code, run_id, message }: Finding): string {
  return `${code}: ${showName(message)}${run_id === null ? "" : ` (${showName(run_id)})`}`;
}
