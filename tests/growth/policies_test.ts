/**
 * X1: the nastiest text in a policy, in what its conditions read, and in what is written to logs costs what it is long.
 * @module
 */

import { authorize } from "../../src/iam/authorize.ts";
import { Policy } from "../../src/iam/policy.ts";
import { parsePolicyDocument } from "../../src/iam/policy_document.ts";
import { PolicyError } from "../../src/iam/policy_error.ts";
import { LIMITS } from "../../src/limits.ts";
import { formatLogLine } from "../../src/observability/log_line.ts";
import { redactCanonicalRequest } from "../../src/observability/redact.ts";
import { testGrowth } from "../support/growth.ts";
import { buildContext, buildNeed, SAMPLE_DOCUMENT } from "../unit/iam/sample_request.ts";

const NOW_MS = Date.parse("2030-06-15T12:00:00Z");
const HEAD_CHARACTERS = LIMITS.maxHeaderBytes - 4096;

testGrowth("a line of the log", {
  lengthMax: LIMITS.logFieldCharactersMax,
  work: (text) => {
    const line = {
      level: "info",
      timestampMs: NOW_MS,
      message: "request",
      fields: { text },
    } as const;
    return [formatLogLine(line, "json"), formatLogLine(line, "text")];
  },
});
testGrowth("a canonical request that is shown", {
  lengthMax: HEAD_CHARACTERS,
  work: (text) => redactCanonicalRequest(`GET\n/\na=${text}\nx-amz-security-token:${text}\n`),
});

/** A policy with `text` wherever one can stand. */
function buildPolicy(text: string): Policy {
  const condition = {
    StringLike: { "aws:UserAgent": text, "s3:prefix": `*\${aws:UserAgent}${text}*` },
  };
  const document = {
    Version: "2012-10-17",
    Statement: [{
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:ListBucket"],
      Resource: [`arn:aws:s3:::bucket/*${text}*`, `arn:aws:s3:::*a${text}`, "arn:aws:s3:::bucket"],
      Condition: condition,
    }],
  };
  return new Policy(parsePolicyDocument(document, SAMPLE_DOCUMENT));
}
testGrowth("a policy's text", {
  lengthMax: LIMITS.policyPatternCharactersMax - 100,
  work: (text) => {
    const policy = tryPolicy(text);
    if (policy === undefined) return;
    const context = buildContext({ userAgent: "a/".repeat(128), prefix: "a/".repeat(128) });
    for (const resource of ["bucket", `bucket/${"a/".repeat(128)}a`]) {
      const action = resource === "bucket" ? "s3:ListBucket" : "s3:GetObject";
      authorize(policy, { needs: [buildNeed(action, resource)], context });
    }
  },
});

/** `undefined` for what no policy can have. */
function tryPolicy(text: string): Policy | undefined {
  try {
    return buildPolicy(text);
  } catch (error) {
    if (error instanceof PolicyError) return undefined;
    throw error;
  }
}

const POLICY = buildPolicy("a*b?c*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab*a");
const NEEDS = [buildNeed("s3:ListBucket", "bucket")];
testGrowth("what a policy's conditions read", {
  lengthMax: HEAD_CHARACTERS,
  work: (text) => {
    const half = text.slice(0, text.length / 2);
    return [half, `${half}b${half}`].map((userAgent) =>
      authorize(POLICY, { needs: NEEDS, context: buildContext({ userAgent, prefix: text }) })
    );
  },
});
