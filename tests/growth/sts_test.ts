/** X1: every text of a request to STS costs what it is long: its form, its parameters, a token that proves nothing yet, keys of a provider. */

import { IdentityError } from "../../src/identity/identity_error.ts";
import { parseKeySet } from "../../src/identity/key_set.ts";
import { SealingKey } from "../../src/identity/sealing_key.ts";
import { SessionSealer } from "../../src/identity/session_sealer.ts";
import { WebIdentityVerifier } from "../../src/identity/web_identity.ts";
import { LIMITS } from "../../src/limits.ts";
import {
  readDuration,
  readRoleName,
  readSessionName,
  readSessionPolicy,
} from "../../src/sts/session_parameters.ts";
import { formatStsError } from "../../src/sts/sts_document.ts";
import { StsError } from "../../src/sts/sts_error.ts";
import { parseStsForm } from "../../src/sts/sts_request.ts";
import { NASTY, type Piece, testGrowth } from "../support/growth.ts";

const ISSUER = "https://issuer.test";
const VERIFIER = new WebIdentityVerifier([{
  issuer: ISSUER,
  audiences: ["s3-proxy"],
  keysAt: { kind: "uri", uri: `${ISSUER}/keys` },
  authorities: undefined,
  clockSkewMs: 60_000,
  allowsPrivateAddresses: false,
  defaultRole: undefined,
}], { monotonicMs: () => 0, fetchDocument: () => Promise.reject(new Error("not there")) });
const SEALER = new SessionSealer([new SealingKey("a-sealing-key-of-the-tests-that-is-long")]);
const NOW = new Date("2030-06-15T12:00:00Z");

/** A refusal is answered, so writing it is part of the work. */
function ignoringRefusals(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (error instanceof StsError) formatStsError(error, "r");
    else if (!(error instanceof IdentityError)) throw error;
  }
}

testGrowth("a form for STS", {
  lengthMax: LIMITS.stsBodyBytesMax,
  work: (text) => ignoringRefusals(() => parseStsForm(text)),
  pieces: [...NASTY, ["a&"], ["%"], ["&"], ["="], ["+"], ["Action=x&"]],
});

const PARAMETERS = {
  RoleArn: readRoleName,
  RoleSessionName: readSessionName,
  DurationSeconds: readDuration,
} as const;
for (const [name, read] of Object.entries(PARAMETERS)) {
  testGrowth(`the parameter ${name} of STS`, {
    lengthMax: LIMITS.stsBodyBytesMax,
    work: (text) => ignoringRefusals(() => read(new Map([[name, text]]), "123456789012")),
    pieces: [...NASTY, ["a", "arn:aws:iam::123456789012:role/", "!"], ["1"], ["="]],
  });
}

const POLICY_PIECES: readonly Piece[] = [
  ["[", "", ""],
  ['{"a":', "", ""],
  [
    '"s3:*",',
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":[',
    '"a"]}]}',
  ],
  ["*", '{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"', '"}]}'],
  ["${a}", '{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/', '"}]}'],
];
testGrowth("a session's policy", {
  lengthMax: LIMITS.sessionPolicyCharactersMax,
  work: (text) =>
    ignoringRefusals(() => readSessionPolicy(new Map([["Policy", text]]), { relaxed: false })),
  pieces: [...NASTY, ...POLICY_PIECES],
});

const TOKEN_PIECES: readonly Piece[] = [
  ["."],
  ["A"],
  ["-_"],
  ["a.", "eyJhbGciOiJSUzI1NiJ9."],
  ["A", "eyJhbGciOiJSUzI1NiJ9.", ".c2ln"],
  ["W1tb", "eyJhbGciOiJSUzI1NiJ9.", ".c2ln"],
];
testGrowth("a web identity token", {
  lengthMax: LIMITS.webIdentityTokenCharactersMax,
  // What it does before its first await is all that a token without a known issuer meets.
  work: (text) => void VERIFIER.verify(text, { now: NOW }).catch(() => {}),
  pieces: [...NASTY, ...TOKEN_PIECES],
});
testGrowth("a session token", {
  lengthMax: LIMITS.sessionTokenCharactersMax,
  work: (text) => SEALER.open(text),
  pieces: [...NASTY, ...TOKEN_PIECES],
});
testGrowth("a provider's keys", {
  lengthMax: LIMITS.keySetBytesMax,
  work: (text) => {
    try {
      parseKeySet(text);
    } catch {
      // Whatever is no set of keys is refused.
    }
  },
  pieces: [...NASTY, ["["], ['{"kty":"RSA"},', '{"keys":[', '{"kty":"RSA"}]}']],
});
