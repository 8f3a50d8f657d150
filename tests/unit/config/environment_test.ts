import assert from "node:assert/strict";
import { expandEnvironment } from "../../../src/config/environment.ts";
import { LIMITS } from "../../../src/limits.ts";

const VARIABLES = new Map([["NAME", "value"], ["_N2", "two"], ["EMPTY", ""], [
  "NESTED",
  "${NAME}",
]]);

function expand(data: unknown): { data: unknown; problems: string[] } {
  const expanded = expandEnvironment(data, (name) => VARIABLES.get(name));
  return {
    data: expanded.data,
    problems: expanded.problems.map(({ path, message }) => `${path.join(".")}: ${message}`),
  };
}

Deno.test("expandEnvironment() names every variable that is not set", () => {
  const { problems } = expand({ a: "${MISSING}", b: ["x${OTHER}y${MISSING}"] });
  assert.deepEqual(problems, [
    'a: environment variable "MISSING" is not set',
    'b.0: environment variable "OTHER" is not set',
    'b.0: environment variable "MISSING" is not set',
  ]);
});

for (const text of ["${name}", "${Name}", "${}", "${2}", "${aws:username}", "${A-B}", "${ A }"]) {
  Deno.test(`expandEnvironment() refuses "${text}", but not where policies have variables`, () => {
    const { problems } = expand({ endpoint: text });
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /^endpoint: .* no name of an environment variable/);
    for (const key of ["allowed_buckets", "grants", "policy"]) {
      const data = { users: [{ [key]: [text] }] };
      assert.deepEqual(expand(data), { data, problems: [] });
    }
  });
}

const EXPANDED: readonly (readonly [text: string, expected: string])[] = [
  ["${NAME}", "value"],
  ["a-${NAME}-${_N2}", "a-value-two"],
  ["${EMPTY}", ""],
  ["${NESTED}", "${NAME}"],
  ["$${NAME}", "${NAME}"],
  ["$${", "${"],
  ["$${lower}", "${lower}"],
  ["$NAME", "$NAME"],
  ["${NAME", "${NAME"],
  ["$", "$"],
  ["{NAME}", "{NAME}"],
];

for (const [text, expected] of EXPANDED) {
  Deno.test(`expandEnvironment() makes "${expected}" of "${text}"`, () => {
    assert.deepEqual(expand([text]), { data: [expected], problems: [] });
  });
}

Deno.test("expandEnvironment() copies what is no text, and expands no key", () => {
  const data = { "${NAME}": 1, list: [true, null, 1.5], __proto: {} };
  const expanded = expand(data);
  assert.deepEqual(expanded, { data, problems: [] });
  assert.notEqual(expanded.data, data);
});

Deno.test("expandEnvironment() keeps a key named __proto__ a key", () => {
  const { data } = expand(JSON.parse('{"__proto__": {"polluted": "${NAME}"}}'));
  assert.equal(JSON.stringify(data), '{"__proto__":{"polluted":"value"}}');
});

Deno.test("expandEnvironment() refuses what YAML makes of tags", () => {
  for (const value of [new Map([["a", 1]]), new Set(), new Date(0), new Uint8Array(1)]) {
    assert.deepEqual(expand({ server: value }), {
      data: { server: undefined },
      problems: ["server: has a tag (!!) that no setting has"],
    });
  }
});

Deno.test("expandEnvironment() ends where data stands in itself", () => {
  const data: unknown[] = [];
  data.push(data, data, data);
  assert.equal(expand(data).problems.length, 3);
});

Deno.test("expandEnvironment() has a bound on depth", () => {
  assert.deepEqual(expand(nest(LIMITS.configDepthMax)).problems, []);
  assert.equal(expand(nest(LIMITS.configDepthMax + 1)).problems.length, 1);
});

function nest(depth: number): unknown {
  return depth === 0 ? "x" : [nest(depth - 1)];
}

Deno.test("expandEnvironment() hides in messages what may be a secret, and nothing shorter", () => {
  const values = new Map([["SECRET", "x".repeat(LIMITS.secretCharactersMin)], ["SHORT", "act"]]);
  const { hideValues } = expandEnvironment(["a ${SECRET}", "${SHORT}"], (name) => values.get(name));
  const message = `Unknown action "${values.get("SECRET")}" and "${values.get("SECRET")}"`;
  assert.equal(hideValues(message), 'Unknown action "${SECRET}" and "${SECRET}"');
});

Deno.test("expandEnvironment() hides all of a value that begins with another one", () => {
  const short = "x".repeat(LIMITS.secretCharactersMin);
  const values = new Map([["SHORT", short], ["LONG", `${short}-and-more`]]);
  const { hideValues } = expandEnvironment(["${SHORT}${LONG}"], (name) => values.get(name));
  assert.equal(hideValues(`got ${short}-and-more, ${short}`), "got ${LONG}, ${SHORT}");
});
