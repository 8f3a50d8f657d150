/**
 * What pages are told: preflights, and the headers of other answers, under rules of the bucket's own.
 * @module
 */

import { CREATED, otherHeaders, otherOutcome } from "./differences.ts";
import { type Difference, type Row, row, type Scene } from "./row.ts";

const ORIGIN = "https://a.example";
const OTHER = "https://b.example";
const TOLD = "CORS answers have all methods of the rule";
const ALLOWED = ["access-control-allow-origin", "access-control-allow-methods", "vary"];
const CREDENTIALS = "access-control-allow-credentials";
const EXPOSED = "access-control-expose-headers";

const FORBIDDEN = otherOutcome("A preflight that no rule allows", {
  gateway: "403 AccessDenied",
  proxy: "403 AccessForbidden",
});
const NO_PREFLIGHT = otherOutcome("one without `Origin` or for a method that no rule can have", {
  gateway: "400 InvalidArgument",
  proxy: "400 BadRequest",
});
const LATER_RULE = otherOutcome("The first rule for origin, method and headers counts", {
  gateway: "403 AccessDenied",
  proxy: "200",
});

interface Rule {
  readonly origin: string;
  readonly methods: readonly string[];
  readonly headers?: readonly string[];
  readonly exposed?: readonly string[];
}

function buildRules(...rules: readonly Rule[]): Row {
  const listed = rules.map(({ origin, methods, headers = [], exposed = [] }) =>
    "<CORSRule>" + [
      `<AllowedOrigin>${origin}</AllowedOrigin>`,
      ...methods.map((method) => `<AllowedMethod>${method}</AllowedMethod>`),
      ...headers.map((header) => `<AllowedHeader>${header}</AllowedHeader>`),
      "<MaxAgeSeconds>60</MaxAgeSeconds>",
      ...exposed.map((header) => `<ExposeHeader>${header}</ExposeHeader>`),
    ].join("") + "</CORSRule>"
  );
  return row("PUT /{b}?cors", {
    body: `<CORSConfiguration>${listed.join("")}</CORSConfiguration>`,
  });
}

/** A preflight: origin, method and headers that it asks for. */
function preflight(
  asked: readonly [origin: string, method: string, headers?: string],
  { differs, target = "/{b}/k" }: { differs: Difference | undefined; target?: string },
): Row {
  const [origin, method, headers] = asked;
  return row(`OPTIONS ${target}`, {
    signing: { kind: "none" },
    headers: {
      origin,
      "access-control-request-method": method,
      ...(headers === undefined ? {} : { "access-control-request-headers": headers }),
    },
    differs,
  });
}

/** Of what no rule allows, and of what is no preflight, whatever the rules are. */
const REFUSED: readonly Row[] = [
  preflight([ORIGIN, "get"], { differs: { ...NO_PREFLIGHT, gateway: "403 AccessDenied" } }),
  preflight([ORIGIN, "PATCH"], { differs: { ...NO_PREFLIGHT, gateway: "403 AccessDenied" } }),
  preflight([ORIGIN, "GET"], {
    target: "/{b}-none/k",
    differs: { ...FORBIDDEN, gateway: "404 NoSuchBucket" },
  }),
  row("OPTIONS /{b}/k", { signing: { kind: "none" }, differs: NO_PREFLIGHT }),
  row("OPTIONS /{b}/k", {
    signing: { kind: "none" },
    headers: { origin: ORIGIN },
    differs: NO_PREFLIGHT,
  }),
];

/** A request of a page at `origin`, and what differs where a rule fits. */
function ask(request: string, origin: string, differs?: Difference): Row {
  return row(request, { headers: { origin }, differs });
}

function corsScene(name: string, rules: readonly Rule[], rows: readonly Row[]): Scene {
  return {
    name,
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      row("PUT /{b}/k", { body: "x" }),
      buildRules(...rules),
      ...REFUSED,
      ...rows,
    ],
  };
}

/** A rule of one origin, with several methods. */
const OF_ONE = otherHeaders(TOLD, "access-control-allow-methods", "vary", EXPOSED, CREDENTIALS);
/** A rule of any origin. */
const OF_ANY = otherHeaders(TOLD, ...ALLOWED);
/** A rule of one method. */
const OF_SOME = otherHeaders(TOLD, "vary", CREDENTIALS);
/** Only the proxy finds a rule. */
const OF_LATER = otherHeaders(
  LATER_RULE.told,
  ...ALLOWED,
  CREDENTIALS,
  "access-control-max-age",
);

function withHeaders(differs: Difference, ...more: readonly string[]): Difference {
  return { ...differs, headers: [...differs.headers ?? [], ...more] };
}

const READS = ["GET /{b}/k", "HEAD /{b}/k", "GET /{b}/none", "GET /{b}", "GET /{b}?acl"];

/** See the module. */
export const CORS_SCENES: readonly Scene[] = [
  corsScene("cors of one origin", [{
    origin: ORIGIN,
    methods: ["GET", "PUT", "HEAD", "DELETE"],
    headers: ["content-type", "x-amz-*"],
    exposed: ["ETag", "x-amz-version-id"],
  }], [
    ...["GET", "PUT", "DELETE"].map((method) => preflight([ORIGIN, method], { differs: OF_ONE })),
    preflight([ORIGIN, "GET"], { target: "/{b}", differs: OF_ONE }),
    preflight([ORIGIN, "PUT", "content-type"], { differs: OF_ONE }),
    preflight([ORIGIN, "PUT", ""], { differs: OF_ONE }),
    preflight([ORIGIN, "PUT", "Content-Type, X-Amz-Date"], {
      differs: withHeaders(OF_ONE, "access-control-allow-headers"),
    }),
    preflight([ORIGIN, "PUT", "x-other"], { differs: FORBIDDEN }),
    ...[OTHER, "HTTPS://A.example", "null"].map((origin) =>
      preflight([origin, "GET"], { differs: FORBIDDEN })
    ),
    ...READS.map((request) => ask(request, ORIGIN, OF_ONE)),
    ...READS.flatMap((request) => [ask(request, OTHER), ask(request, "")]),
    ask("PUT /{b}/new", ORIGIN, OF_ONE),
    ask("DELETE /{b}/new", ORIGIN, OF_ONE),
    row("GET /{b}/k", {
      headers: { origin: ORIGIN },
      forged: "wrong secret",
      differs: withHeaders(OF_ONE, "access-control-allow-origin", "access-control-max-age"),
    }),
  ]),
  corsScene("cors of any origin", [{ origin: "*", methods: ["GET", "PUT"], headers: ["*"] }], [
    ...[ORIGIN, OTHER, "HTTPS://A.example", "null"].map((origin) =>
      preflight([origin, "GET"], { differs: OF_ANY })
    ),
    preflight([ORIGIN, "PUT", "x-other"], { differs: OF_ANY }),
    preflight([ORIGIN, "DELETE"], { differs: FORBIDDEN }),
    ...READS.filter((request) => !request.startsWith("HEAD")).map((request) =>
      ask(request, ORIGIN, OF_ANY)
    ),
    ask("HEAD /{b}/k", ORIGIN),
    ask("GET /{b}/k", ""),
    ask("PUT /{b}/new", OTHER, OF_ANY),
    ask("DELETE /{b}/new", OTHER),
  ]),
  corsScene("cors of some origins", [
    { origin: OTHER, methods: ["DELETE"] },
    { origin: "https://*.example", methods: ["GET"], headers: ["*"] },
    { origin: ORIGIN, methods: ["PUT"], headers: ["Content-*"], exposed: ["ETag"] },
  ], [
    preflight([ORIGIN, "GET"], { differs: OF_SOME }),
    preflight([OTHER, "DELETE"], { differs: OF_SOME }),
    preflight([OTHER, "GET"], { differs: LATER_RULE }),
    preflight([ORIGIN, "PUT"], { differs: LATER_RULE }),
    preflight([ORIGIN, "PUT", "content-type"], { differs: LATER_RULE }),
    preflight([ORIGIN, "PUT", "x-other"], { differs: FORBIDDEN }),
    ask("GET /{b}/k", ORIGIN, OF_SOME),
    ask("DELETE /{b}/new", OTHER, OF_SOME),
    ask("GET /{b}/k", OTHER, OF_LATER),
    ask("PUT /{b}/new", ORIGIN, withHeaders(OF_LATER, EXPOSED)),
  ]),
];
