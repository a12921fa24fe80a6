import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeForSigning, openEnvelope, signEnvelope } from "../../../src/compose/anchor/dsse.ts";

const type = "application/vnd.in-toto+json";

/** https://github.com/secure-systems-lab/dsse/blob/master/protocol.md#test-vectors */
it("encodes as the specification's test vector, whose signature holds for it", () => {
  const encoded = encodeForSigning("http://example.com/HelloWorld", Buffer.from("hello world"));
  expect(encoded.toString()).toBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  const toText = (number: bigint) => Buffer.from(number.toString(16).padStart(64, "0"), "hex").toString("base64url");
  const x = toText(46950820868899156662930047687818585632848591499744589407958293238635476079160n);
  const y = toText(5640078356564379163099075877009565129882514886557779369047442380624545832820n);
  const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
  const sig = "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==";
  expect(verify("sha256", encoded, { key, dsaEncoding: "ieee-p1363" }, Buffer.from(sig, "base64"))).toBe(true);
});

it("counts bytes and not letters", () => {
  expect(encodeForSigning("ä", Buffer.from("€")).toString()).toBe("DSSEv1 2 ä 3 €");
});

const pair = generateKeyPairSync("ed25519");
const signing = { key: pair.privateKey, keyid: "mine" };
const opening = { type, key: pair.publicKey };

it("gives back what was signed, from either base64", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      const envelope = signEnvelope({ type, body: Buffer.from(bytes) }, signing);
      const toUrl = (text: string) => text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
      const signatures = envelope.signatures.map(({ sig }) => ({ sig: toUrl(sig) }));
      for (const each of [envelope, { ...envelope, payload: toUrl(envelope.payload), signatures }])
        expect(openEnvelope(JSON.parse(JSON.stringify(each)), opening)?.equals(bytes)).toBe(true);
    }),
  );
});

const good = signEnvelope({ type, body: Buffer.from("{}") }, signing);
const other = generateKeyPairSync("ed25519");
it.each([
  [
    "another key, though the same keyid",
    signEnvelope({ type, body: Buffer.from("{}") }, { ...signing, key: other.privateKey }),
  ],
  ["another type", signEnvelope({ type: "application/json", body: Buffer.from("{}") }, signing)],
  [
    "a type that was changed to the wanted one",
    { ...signEnvelope({ type: "x", body: Buffer.from("{}") }, signing), payloadType: type },
  ],
  ["another payload", { ...good, payload: Buffer.from("[]").toString("base64") }],
  ["a payload that is no base64", { ...good, payload: `${good.payload}!` }],
  ["a signature that is no base64", { ...good, signatures: [{ sig: "!" }] }],
  ["no signature", { ...good, signatures: [] }],
  ["a signature that is null", { ...good, signatures: [null] }],
  ["no payload", { payloadType: type, signatures: good.signatures }],
  ["null", null],
  ["text", "x"],
])("opens nothing with %s", (_, envelope) => {
  expect(openEnvelope(envelope, opening)).toBeNull();
});

it("needs one signature that holds, among several", () => {
  const foreign = signEnvelope({ type, body: Buffer.from("{}") }, { key: other.privateKey, keyid: "theirs" });
  const both = { ...good, signatures: [...foreign.signatures, ...good.signatures] };
  expect(openEnvelope(both, opening)?.toString()).toBe("{}");
});
