const RECORDED = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g;

/** `2026-11-24 05:01:55`, in the reader's time zone; the text itself if it is no time. */
export function formatLocalTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(pad).join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(":")}`;
}

/** `2026-11-24`, likewise. */
export function formatLocalDay(time: string): string {
  return formatLocalTime(time).slice(0, "2026-11-24".length);
}

/** The same text with the times that runweave recorded in it, ISO and UTC, in the reader's time zone. */
export function showLocalTimes(text: string): string {
  return text.replaceAll(RECORDED, formatLocalTime);
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}
