import { type KeyObject, sign, verify } from "node:crypto";

/** A signed document: https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
export interface Envelope {
  /** Base64. */
  payload: string;
  payloadType: string;
  signatures: { keyid?: string; sig: string }[];
}

/** Returns the bytes to sign: type and body with their lengths in bytes, so that no signature fits another type or body. */
export function encodeForSigning(type: string, body: Buffer): Buffer {
  const typeBytes = Buffer.from(type, "utf8");
  return Buffer.concat([Buffer.from(`DSSEv1 ${typeBytes.length} `), typeBytes, Buffer.from(` ${body.length} `), body]);
}

/** Signs with an Ed25519 key. `keyid` is a hint for people alone. */
export function signEnvelope(
  { type, body }: { type: string; body: Buffer },
  { key, keyid }: { key: KeyObject; keyid: string },
): Envelope {
  const sig = sign(null, encodeForSigning(type, body), key).toString("base64");
  return { payload: body.toString("base64"), payloadType: type, signatures: [{ keyid, sig }] };
}

/**
 * Returns the signed body of an envelope if one of its signatures was made with `key`. Null otherwise, and for a value that is
 * no envelope or has another type. Only this body may be believed: other parts of the envelope are not signed.
 */
export function openEnvelope(envelope: unknown, { type, key }: { type: string; key: KeyObject }): Buffer | null {
  if (!isEnvelope(envelope) || envelope.payloadType !== type) return null;
  const body = decode(envelope.payload);
  if (body === null) return null;
  const signed = encodeForSigning(type, body);
  const isSigned = envelope.signatures.some(({ sig }) => {
    const signature = decode(sig);
    return signature !== null && verify(null, signed, key, signature);
  });
  return isSigned ? body : null;
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== "object" || value === null) return false;
  const { payload, payloadType, signatures } = value as Partial<Record<keyof Envelope, unknown>>;
  const isSignature = (each: unknown) => typeof (each as { sig?: unknown } | null)?.sig === "string";
  const isText = typeof payload === "string" && typeof payloadType === "string";
  return isText && Array.isArray(signatures) && signatures.every(isSignature);
}

/** Standard and URL-safe base64 alike, with or without padding. Null for anything else. */
function decode(text: string): Buffer | null {
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(text) ? Buffer.from(text, "base64") : null;
}
