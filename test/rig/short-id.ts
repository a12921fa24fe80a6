/** An id, as text for people shows it. */
export function shortId(id: string | null | undefined): string {
  return (id ?? "").slice(-8);
}
