const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** `12ms`, `1.2s`, `1m 05s`, `2h 03m`: for what has ended. A dash for what never ran. */
export function formatDuration(durationMs: number | null): string {
  if (durationMs === null) return "-";
  const ms = Math.max(0, durationMs);
  if (Math.round(ms) < SECOND) return `${Math.round(ms)}ms`;
  if (Math.round(ms / 100) < 600) return `${(ms / SECOND).toFixed(1)}s`;
  const seconds = Math.round(ms / SECOND);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
}

/** `0:12`, `1:02:03`: for what goes on. */
export function formatElapsed(elapsedMs: number): string {
  const ms = Math.max(0, elapsedMs);
  const minutes = pad(Math.floor((ms % HOUR) / MINUTE));
  const seconds = pad(Math.floor((ms % MINUTE) / SECOND));
  return ms >= HOUR ? `${Math.floor(ms / HOUR)}:${minutes}:${seconds}` : `${Number(minutes)}:${seconds}`;
}

/** `1.5 GB`, of 10^9 bytes; a dash for what was never measured. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return "-";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

function pad(count: number): string {
  return String(count).padStart(2, "0");
}
