import * as z from "zod";
import type { LogHead } from "./anchored-log.ts";
import { type Envelope, openEnvelope, signEnvelope } from "./dsse.ts";
import type { SigningKey } from "./signing-key.ts";

/** https://github.com/in-toto/attestation/blob/main/spec/v1/envelope.md */
const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
const PREDICATE_TYPE = "urn:runweave:log-head:v1";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Further fields are ignored, as in-toto asks. */
const statement = z.looseObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.tuple([z.looseObject({ digest: z.looseObject({ sha256 }) })]),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.looseObject({ log: sha256, seq: z.number().int().positive(), time: z.iso.datetime() }),
});

/** Signs a head as an in-toto statement in a DSSE envelope. It has no name, path or user: it may be published. */
export function signHead({ log, seq, hash, time }: LogHead, key: SigningKey): Envelope {
  const document: z.infer<typeof statement> = {
    _type: STATEMENT_TYPE,
    subject: [{ name: "runweave log of events", digest: { sha256: hash } }],
    predicateType: PREDICATE_TYPE,
    predicate: { log, seq, time },
  };
  return signEnvelope({ type: PAYLOAD_TYPE, body: Buffer.from(JSON.stringify(document)) }, key);
}

/** Reads a head that was signed with `key`. Null for anything else. */
export function readSignedHead(envelope: unknown, { key }: Pick<SigningKey, "key">): LogHead | null {
  const body = openEnvelope(envelope, { type: PAYLOAD_TYPE, key });
  const read = statement.safeParse(body === null ? null : parseOrNull(body.toString("utf8")));
  if (!read.success) return null;
  const { subject, predicate } = read.data;
  return { ...predicate, hash: subject[0].digest.sha256 };
}

/** JSON, or null. */
export function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
