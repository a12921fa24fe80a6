/** Returns a number from 0 to below 1. */
export type Draw = () => number;

/**
 * Numbers that follow from a seed and a name alone: what one run draws does not depend on what happened to others, so two
 * policies are compared under the same luck. Mulberry32 over an FNV-1a hash; enough for a model, not for secrets.
 */
export function drawFrom(seed: string, name: string): Draw {
  let state = hashText(`${seed}\0${name}`);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash | 0;
}

/** Returns so many hex digits. */
export function drawHex(draw: Draw, digits: number): string {
  let text = "";
  while (text.length < digits) text += Math.floor(draw() * 16).toString(16);
  return text;
}
