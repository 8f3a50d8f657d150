import assert from "node:assert/strict";
import { parseActions, type S3Action } from "../../../src/iam/actions.ts";
import { authorize } from "../../../src/iam/authorize.ts";
import { Policy } from "../../../src/iam/policy.ts";
import { parsePolicyDocument } from "../../../src/iam/policy_document.ts";
import { PolicyError, PolicyPlace } from "../../../src/iam/policy_error.ts";
import { loadVectors } from "../../support/vectors.ts";
import {
  buildContext,
  parseSampleResource,
  SAMPLE_DOCUMENT,
  type SampleContext,
} from "./sample_request.ts";

/** A policy in a shape that the page at `source` shows, with requests and what comes of them. */
interface PolicyVector {
  readonly name: string;
  readonly source: string;
  readonly policy: unknown;
  readonly requests: readonly {
    readonly action: string;
    readonly resource: string;
    readonly context?: SampleContext;
    readonly expected: "allow" | "explicit_deny" | "evaluation_error" | "no_allow";
  }[];
}

/** A policy that is refused, where, and a part of what is said. */
interface RefusedVector {
  readonly name: string;
  readonly policy: unknown;
  readonly path: readonly (string | number)[];
  readonly says: string;
}

for (const { name, policy, path, says } of await loadVectors<RefusedVector>("iam/refused.json")) {
  Deno.test(`parsePolicyDocument() rejects ${name}`, () => {
    assert.throws(() => parsePolicyDocument(policy, SAMPLE_DOCUMENT), (error) => {
      assert.ok(error instanceof PolicyError);
      const [problem, ...others] = error.problems;
      assert.deepEqual(problem?.path, path);
      assert.ok(problem?.message.includes(says), problem?.message);
      assert.deepEqual(others, [], "one mistake is told once");
      return true;
    });
  });
}

for (const file of ["resources", "conditions", "denies"]) {
  for (const { name, policy, requests } of await loadVectors<PolicyVector>(`iam/${file}.json`)) {
    Deno.test(`authorize() decides ${file}: ${name}`, () => {
      const parsed = new Policy(parsePolicyDocument(policy, SAMPLE_DOCUMENT));
      for (const request of requests) {
        const need = {
          action: parseAction(request.action),
          resource: parseSampleResource(request.resource),
        };
        const decision = authorize(parsed, {
          needs: [need],
          context: buildContext(request.context),
        });
        const outcome = decision.allowed ? "allow" : decision.reason;
        assert.equal(outcome, request.expected, JSON.stringify(request));
      }
    });
  }
}

function parseAction(text: string): S3Action {
  const [action, ...others] = parseActions(text, new PolicyPlace([]));
  assert.ok(action !== undefined && others.length === 0, text);
  return action;
}
