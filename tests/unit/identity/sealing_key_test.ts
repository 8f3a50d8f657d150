import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { SealingKey } from "../../../src/identity/sealing_key.ts";
import { SessionSealer } from "../../../src/identity/session_sealer.ts";
import type { Session } from "../../../src/identity/session.ts";
import { LIMITS } from "../../../src/limits.ts";

const KEY = "a-sealing-key-of-the-tests-that-is-long-enough";
const SESSION: Session = {
  role: "builder",
  name: "job-17",
  principal: {
    kind: "web",
    issuer: "https://issuer.test",
    audiences: ["s3-proxy"],
    subject: "repo:example/app:ref:refs/heads/main",
    claims: { repository_id: ["42"] },
  },
  issuedAtSeconds: 1_800_000_000,
  expiresAtSeconds: 1_800_003_600,
  policy: undefined,
};

/** A token, which is open to its own sealer. */
function seal(sealer: SessionSealer): string {
  const token = sealer.seal(SESSION)?.sessionToken ?? assert.fail();
  const { accessKeyId: _, secretAccessKey: __, ...session } = sealer.open(token) ?? assert.fail();
  assert.deepEqual(session, SESSION);
  return token;
}

Deno.test("SessionSealer opens no token of which any bit of any byte was flipped", () => {
  const sealer = new SessionSealer([new SealingKey(KEY)]);
  const bytes = Buffer.from(seal(sealer), "base64url");
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1 << bit;
      assert.equal(sealer.open(changed.toString("base64url")), undefined, `byte ${at}, bit ${bit}`);
    }
  }
});

Deno.test("SessionSealer opens no token of which any character is another, is missing, or is followed by one", () => {
  const sealer = new SessionSealer([new SealingKey(KEY)]);
  const token = seal(sealer);
  for (let at = 0; at < token.length; at++) {
    const rest = token.slice(at + 1);
    for (const character of ["A", "B", "-", "=", "+", "/", " ", "\u0100", ""]) {
      if (character === token[at]) continue;
      const changed = `${token.slice(0, at)}${character}${rest}`;
      assert.equal(sealer.open(changed), undefined, `${at}: "${character}"`);
    }
    assert.equal(sealer.open(`${token.slice(0, at)}A${token.slice(at)}`), undefined);
    assert.equal(sealer.open(token.slice(0, at)), undefined);
  }
});

Deno.test("SessionSealer opens no other spelling of a token: bits of its last character stand for nothing", () => {
  const sealer = new SessionSealer([new SealingKey(KEY)]);
  const bytesMod3 = new Set<number>();
  for (const name of ["a", "bc", "def", "ghij"]) {
    const token = sealer.seal({ ...SESSION, name })?.sessionToken ?? assert.fail();
    bytesMod3.add(token.length % 4);
    for (const last of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
      const changed = token.slice(0, -1) + last;
      if (changed !== token) assert.equal(sealer.open(changed), undefined, changed);
    }
  }
  assert.ok([...bytesMod3].some((rest) => rest !== 0), "some token has such bits");
});

Deno.test("SessionSealer opens no token of another key, nor one whose parts are of two", () => {
  const [own, other] = [KEY, `${KEY}-2`].map((text) => new SessionSealer([new SealingKey(text)]));
  assert.ok(own !== undefined && other !== undefined);
  const [one, two] = [seal(own), seal(own)].map((token) => Buffer.from(token, "base64url"));
  assert.ok(one !== undefined && two !== undefined);
  assert.equal(other.open(one.toString("base64url")), undefined);
  assert.equal(one.length, two.length);
  for (let cut = 1; cut < one.length; cut++) {
    const mixed = Buffer.concat([one.subarray(0, cut), two.subarray(cut)]);
    if (mixed.equals(one) || mixed.equals(two)) continue;
    assert.equal(own.open(mixed.toString("base64url")), undefined, `${cut}`);
  }
});

Deno.test("SessionSealer makes no token longer than sessionTokenCharactersMax, and keeps openSessionsMax of them open", () => {
  const sealer = new SessionSealer([new SealingKey(KEY)]);
  const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(1600))).toString("base64url");
  assert.equal(sealer.seal({ ...SESSION, policy: noise }), undefined);
  const first = seal(sealer);
  const open = sealer.open(first);
  assert.equal(sealer.open(first), open, "not deciphered again");
  for (let count = 0; count < LIMITS.openSessionsMax; count++) sealer.open(seal(sealer));
  assert.notEqual(sealer.open(first), open);
  assert.deepEqual(sealer.open(first), open);
});
