/** `2026-11-24 05:01:55`, in the reader's time zone; the text itself if it is no time. */
export function formatLocalTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(pad).join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(":")}`;
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}
