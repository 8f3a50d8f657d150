/**
 * What can be wrong with the backend, in words for an operator: what it is, which setting, and what to change. The runtime
 * tells most of it in the text of an error alone.
 * @module
 */

import { S3Error } from "../s3/error.ts";

/** What a finding is about, in the order in which a request meets them. */
export type Subject = "name" | "address" | "TLS" | "S3" | "key" | "clock" | "region" | "rights";

/** One thing that was found out about the backend. */
export interface Finding {
  /** `error`: it cannot be used so. */
  readonly level: "ok" | "warn" | "error";
  readonly subject: Subject;
  /** The setting to change; `undefined` where nothing is wrong, or it is none. */
  readonly setting: string | undefined;
  /** What was found, and what to do about it. */
  readonly message: string;
}

const ENDPOINT = "master_credentials.endpoint";
const CA_FILE = "backend.ca_file";
const CLIENT_FILE = "backend.client_cert_file";

/** What the runtime's error says, and what that means. */
const FAILURES: readonly (readonly [
  says: readonly string[],
  subject: Subject,
  setting: string,
  message: string,
])[] = [
  [
    ["failed to lookup address", "dns error"],
    "name",
    ENDPOINT,
    "the name cannot be resolved: correct it, or this machine's DNS",
  ],
  [
    ["CaUsedAsEndEntity"],
    "TLS",
    CA_FILE,
    "the backend's certificate is an authority's own (self-signed, CA:TRUE), which this program's TLS does not take for a " +
    "server's, though OpenSSL and curl do: have it made with basicConstraints=CA:FALSE and a subjectAltName, see docs/recipes/private_ca.md",
  ],
  [
    ["UnknownIssuer"],
    "TLS",
    CA_FILE,
    "the backend's certificate is from an authority that is not trusted: name that authority's PEM file",
  ],
  [
    ["not valid for name", "NotValidForName"],
    "TLS",
    ENDPOINT,
    "the backend's certificate is for another name: use one that it has, or have it made with this one as subjectAltName",
  ],
  [
    ["certificate expired", "Expired"],
    "TLS",
    ENDPOINT,
    "the backend's certificate has expired: renew it there (or this machine's clock is wrong)",
  ],
  [
    ["not valid yet", "NotValidYet"],
    "TLS",
    ENDPOINT,
    "the backend's certificate is not valid yet: this machine's clock is wrong, or that one's was",
  ],
  [
    ["CertificateRequired", "certificate required"],
    "TLS",
    CLIENT_FILE,
    "the backend wants a certificate of the proxy: set client_cert_file and client_key_file",
  ],
  [
    ["fatal alert: BadCertificate", "fatal alert: UnknownCA", "fatal alert: CertificateUnknown"],
    "TLS",
    CLIENT_FILE,
    "the backend refuses the certificate that the proxy shows: set one of an authority that it trusts",
  ],
  [
    ["InvalidContentType"],
    "TLS",
    ENDPOINT,
    "no TLS is spoken at this port: write http://, or the port where TLS is",
  ],
  [
    ["invalid peer certificate", "HandshakeFailure", "peer is incompatible", "fatal alert"],
    "TLS",
    CA_FILE,
    "no TLS connection is made",
  ],
  [
    ["Connection refused"],
    "address",
    ENDPOINT,
    "nobody listens there: correct host and port, or start the backend",
  ],
  [
    ["unreachable", "No route to host"],
    "address",
    ENDPOINT,
    "it cannot be reached from here: look at routes and firewalls",
  ],
];

/** The codes with which a backend refuses a signature by the master key, and what each means. */
const REFUSALS: ReadonlyMap<string, Omit<Finding, "level">> = new Map([
  ["InvalidAccessKeyId", {
    subject: "key",
    setting: "master_credentials.access_key",
    message: "the backend does not know this access key: correct it",
  }],
  ["SignatureDoesNotMatch", {
    subject: "key",
    setting: "master_credentials.secret_key",
    message: "is not the secret of this access key: correct it " +
      "(or something between here and the backend changes host, path or headers)",
  }],
  ["RequestTimeTooSkewed", {
    subject: "clock",
    setting: undefined,
    message:
      "this machine's clock is too far off for the backend: set it (timedatectl set-ntp true)",
  }],
  ["AuthorizationHeaderMalformed", {
    subject: "region",
    setting: "master_credentials.region",
    message: "the backend wants requests signed for another region: set the one it names",
  }],
]);

/** A port that speaks TLS was asked in plain HTTP. */
export const PLAIN_HTTP_TO_TLS: Finding = {
  level: "error",
  subject: "TLS",
  setting: ENDPOINT,
  message: "TLS is spoken at this port: write https://",
};

/** Why `error`, of connecting or of a request that got no answer of S3, came about; `undefined` where nothing more can be said. */
export function explainFailure(error: unknown): Finding | undefined {
  if (error instanceof S3Error && error.reason === "backend_refused_signature") {
    return explainRefusal(String(error.cause));
  }
  if (error instanceof S3Error && error.reason === "backend_is_not_s3") {
    return describeForeigner("");
  }
  const said = listMessages(error);
  for (const [texts, subject, setting, message] of FAILURES) {
    const found = said.find((text) => texts.some((one) => text.includes(one)));
    if (found !== undefined) {
      return { level: "error", subject, setting, message: `${message} (${found})` };
    }
  }
}

/** What the code of a refused signature means; `undefined` for any other code. */
export function explainRefusal(code: string): Finding | undefined {
  const refusal = REFUSALS.get(code);
  return refusal && { level: "error", ...refusal, message: `${refusal.message} (${code})` };
}

/** The program that answers is not an S3 store; `how` says what it answered. */
export function describeForeigner(how: string): Finding {
  return {
    level: "error",
    subject: "S3",
    setting: ENDPOINT,
    message: `what answers there${how} is not S3: expected the host and port of the store's S3 API`,
  };
}

/** Nothing is wrong. */
export function ok(subject: Subject, message: string): Finding {
  return { level: "ok", subject, setting: undefined, message };
}

/** The backend can be used, and something is not quite right. */
export function warn(
  subject: Subject,
  { setting, message }: { setting: string | undefined; message: string },
): Finding {
  return { level: "warn", subject, setting, message };
}

/** The messages of an error and of its causes, the innermost first. */
function listMessages(error: unknown): string[] {
  const messages: string[] = [];
  for (let one = error; one instanceof Error; one = one.cause) messages.unshift(one.message);
  return messages;
}
