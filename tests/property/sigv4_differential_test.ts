import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { SignatureV4 } from "@smithy/signature-v4";
import { AwsClient } from "aws4fetch";
import fc from "fast-check";
import assert from "node:assert/strict";
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { LIMITS } from "../../src/limits.ts";
import { S3Error } from "../../src/s3/error.ts";
import { SecretAccessKey } from "../../src/sigv4/secret_access_key.ts";
import { signRequest } from "../../src/sigv4/sign.ts";
import { type Header, uriEncode } from "../support/signer.ts";
import {
  ACCESS_KEY,
  sampleAccessKeyId,
  SECRET_KEY,
  SIGNED_AT,
  verifySample,
} from "../unit/sigv4/sample_signature.ts";

const HOST = "proxy.example";
const CREDENTIALS = { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY };
/** A failure prints its seed and path; put here, they repeat it. */
const PARAMETERS = { numRuns: 100, verbose: 1 } as const;

/** Any text that is a key here: no NUL, no dot segments. */
const key = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 })
  .map((text) => text.replaceAll("\0", "0"))
  .filter((text) => new TextEncoder().encode(text).length <= LIMITS.keyBytesMax)
  .filter((text) => !text.split("/").some((segment) => segment === "." || segment === ".."));
const text = fc.string({ unit: "grapheme", maxLength: 20 }).map((text) =>
  text.replaceAll("\0", "0")
);
const token = fc.string({
  unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789-"),
  minLength: 1,
  maxLength: 10,
});
const headerValue = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 30 });
const metadata = fc.dictionary(token.map((name) => `x-amz-meta-${name}`), headerValue, {
  maxKeys: 5,
});

/** One request as a client means it: decoded. */
interface Meant {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Others are of no store, and refused before any signature is looked at. */
const versionId = fc.stringMatching(/^[A-Za-z0-9._~+=-]{1,64}$/).filter((id) => !/^\.+$/.test(id));
const reading = fc.record({
  method: fc.constantFrom("GET", "HEAD"),
  path: key.map((key) => `/bucket/${key}`),
  query: fc.record({
    versionId,
    "response-content-disposition": headerValue,
    "response-expires": headerValue,
  }, { requiredKeys: [] }),
  headers: fc.record({ range: headerValue, "if-match": headerValue }, { requiredKeys: [] }),
});
const writing = fc.record({
  method: fc.constant("PUT"),
  path: key.map((key) => `/bucket/${key}`),
  query: fc.constant({}),
  headers: metadata,
});
const listing = fc.record({
  method: fc.constant("GET"),
  path: fc.constantFrom("/bucket", "/bucket/"),
  query: fc.record({
    "list-type": fc.constant("2"),
    prefix: text,
    delimiter: text,
    "start-after": text,
    "max-keys": fc.nat().map(String),
  }, { requiredKeys: ["list-type"] }),
  headers: fc.constant({}),
});
const deleting = fc.record({
  method: fc.constant("DELETE"),
  path: key.map((key) => `/bucket/${key}`),
  query: fc.record({ versionId }, { requiredKeys: [] }),
  headers: fc.constant({}),
});
const meant: fc.Arbitrary<Meant> = fc.oneof(reading, writing, listing, deleting);

type SourceData = string | ArrayBuffer | ArrayBufferView;

/** What smithy's signer wants for a digest: SHA-256, or HMAC with a secret, on `node:crypto`. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: SourceData) {
    this.#hash = secret === undefined
      ? createHash("sha256")
      : createHmac("sha256", toBytes(secret));
  }

  update(data: SourceData): void {
    this.#hash.update(toBytes(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    throw new Error("A digest is used once");
  }
}

function toBytes(data: SourceData): Uint8Array {
  if (typeof data === "string") return new TextEncoder().encode(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

const smithy = new SignatureV4({
  credentials: CREDENTIALS,
  region: "us-east-1",
  service: "s3",
  sha256: Sha256,
  uriEscapePath: false, // as S3's clients set it
});
const aws4fetch = new AwsClient({ ...CREDENTIALS, region: "us-east-1", service: "s3" });
const sdk = new S3Client({
  credentials: CREDENTIALS,
  region: "us-east-1",
  endpoint: `http://${HOST}`,
  forcePathStyle: true,
});

function formatPath(path: string): string {
  return path.split("/").map(uriEncode).join("/");
}

function formatTarget({ path, query }: Pick<Meant, "path" | "query">): string {
  const pairs = Object.entries(query).map((pair) => pair.map(uriEncode).join("="));
  return pairs.length === 0 ? formatPath(path) : `${formatPath(path)}?${pairs.join("&")}`;
}

function buildSmithyRequest({ method, path, query, headers }: Meant): Parameters<
  typeof smithy.sign
>[0] {
  return {
    method,
    protocol: "http:",
    hostname: HOST,
    path: formatPath(path),
    query: { ...query },
    headers: { host: HOST, ...headers },
  };
}

/** A request as it goes onto the wire. */
interface Sent {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
}

async function signWithSmithy(meant: Meant): Promise<Sent> {
  const { method, headers } = await smithy.sign(buildSmithyRequest(meant), {
    signingDate: SIGNED_AT,
  });
  return { method, target: formatTarget(meant), headers: Object.entries(headers) };
}

async function presignWithSmithy(meant: Meant): Promise<Sent> {
  // As S3's presigner does; smithy alone would promise an empty body.
  const headers = { ...meant.headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
  const presigned = await smithy.presign(buildSmithyRequest({ ...meant, headers }), {
    signingDate: SIGNED_AT,
    expiresIn: 60,
  });
  // smithy types values as lists too, which it was not given.
  const query = Object.fromEntries(
    Object.entries(presigned.query ?? {}).map(([name, value]) => [name, String(value)]),
  );
  return {
    method: meant.method,
    target: formatTarget({ path: meant.path, query }),
    headers: Object.entries(presigned.headers),
  };
}

async function signWithAws4fetch(
  meant: Meant,
  { signQuery }: { signQuery: boolean },
): Promise<Sent> {
  const signed = await aws4fetch.sign(`http://${HOST}${formatTarget(meant)}`, {
    method: meant.method,
    headers: meant.headers,
    aws: { datetime: "20130524T000000Z", signQuery, allHeaders: true },
  });
  return {
    method: meant.method,
    target: signed.url.slice(`http://${HOST}`.length),
    headers: [["host", HOST], ...signed.headers],
  };
}

for (
  const [client, sign] of [
    ["@smithy/signature-v4 signs", signWithSmithy],
    ["@smithy/signature-v4 presigns", presignWithSmithy],
    ["aws4fetch signs", (meant: Meant) => signWithAws4fetch(meant, { signQuery: false })],
    ["aws4fetch presigns", (meant: Meant) => signWithAws4fetch(meant, { signQuery: true })],
  ] as const
) {
  Deno.test(`verifySignature() accepts what ${client}`, async () => {
    await fc.assert(
      fc.asyncProperty(meant, async (meant) => {
        const { identity } = await verifySample(await sign(meant));
        assert.equal(identity, "alice");
      }),
      PARAMETERS,
    );
  });

  Deno.test(`verifySignature() refuses what ${client} with one byte flipped`, async () => {
    await fc.assert(
      fc.asyncProperty(meant, fc.nat(), async (meant, seed) => {
        const sent = await sign(meant);
        const flipped = flipByte(sent, seed);
        await assert.rejects(verifySample(flipped), S3Error, JSON.stringify(flipped));
      }),
      PARAMETERS,
    );
  });
}

/** Flips the lowest bit of one byte of the target or a header's value; `seed` chooses which. */
function flipByte({ method, target, headers }: Sent, seed: number): Sent {
  const texts = [target, ...headers.map(([, value]) => value)];
  let at = seed % texts.join("").length;
  const index = texts.findIndex((text) => at < text.length || (at -= text.length, false));
  const flipped = texts.map((text, textIndex) => {
    if (textIndex !== index) return text;
    const code = text.charCodeAt(at) ^ 1;
    return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
  });
  const [flippedTarget = "", ...values] = flipped;
  return {
    method,
    target: flippedTarget,
    headers: headers.map(([name], position) => [name, values[position] ?? ""]),
  };
}

Deno.test("verifySignature() refuses another method than was signed", async () => {
  const other = fc.constantFrom("GET", "HEAD", "PUT", "POST", "DELETE");
  await fc.assert(
    fc.asyncProperty(meant, other, async (meant, method) => {
      fc.pre(method !== meant.method);
      await assert.rejects(verifySample({ ...await signWithSmithy(meant), method }), S3Error);
    }),
    PARAMETERS,
  );
});

const presigning = fc.record({
  key,
  versionId: fc.option(versionId, { nil: undefined }),
  disposition: fc.option(headerValue, { nil: undefined }),
  metadata: fc.dictionary(token, headerValue, { maxKeys: 5 }),
});

Deno.test("verifySignature() accepts what @aws-sdk/s3-request-presigner presigns", async () => {
  await fc.assert(
    fc.asyncProperty(presigning, async ({ key, versionId, disposition, metadata }) => {
      const options = { signingDate: SIGNED_AT, expiresIn: 3600 };
      const resource = { Bucket: "bucket", Key: key };
      const get = new GetObjectCommand({
        ...resource,
        ...(versionId !== undefined && { VersionId: versionId }),
        ...(disposition !== undefined && { ResponseContentDisposition: disposition }),
      });
      const put = new PutObjectCommand({ ...resource, Metadata: metadata });
      for (
        const [method, url] of [
          ["GET", await getSignedUrl(sdk, get, options)],
          ["PUT", await getSignedUrl(sdk, put, options)],
        ] as const
      ) {
        const target = url.slice(`http://${HOST}`.length);
        const sample = { method, target, headers: [["host", HOST]] } as const;
        assert.equal((await verifySample(sample, { ageSeconds: 3600 })).mechanism, "presigned");
      }
    }),
    { ...PARAMETERS, numRuns: 50 },
  );
});

function signHere({ method, path, query, headers }: Meant): Map<string, string> {
  return signRequest({
    method,
    path,
    query: new Map(Object.entries(query)),
    host: HOST,
    headers: new Map(Object.entries(headers)),
    payloadHash: "UNSIGNED-PAYLOAD",
  }, {
    credentials: {
      accessKeyId: sampleAccessKeyId(ACCESS_KEY),
      secretAccessKey: new SecretAccessKey(SECRET_KEY),
      region: "us-east-1",
    },
    now: SIGNED_AT,
  });
}

for (
  const [client, sign] of [
    ["@smithy/signature-v4", signWithSmithy],
    ["aws4fetch", (meant: Meant) => signWithAws4fetch(meant, { signQuery: false })],
  ] as const
) {
  Deno.test(`signRequest() signs as ${client} does`, async () => {
    await fc.assert(
      fc.asyncProperty(meant, async (meant) => {
        const here = signHere(meant);
        const hash = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
        const there = await sign({ ...meant, headers: { ...meant.headers, ...hash } });
        const expected = there.headers.find(([name]) => name.toLowerCase() === "authorization");
        assert.equal(here.get("authorization"), expected?.[1]);
        assert.equal(here.get("x-amz-date"), "20130524T000000Z");
        assert.ok(!here.has("host"));
      }),
      PARAMETERS,
    );
  });
}

Deno.test("verifySignature() accepts what signRequest() signs", async () => {
  await fc.assert(
    fc.asyncProperty(meant, async (meant) => {
      const headers: Header[] = [["host", HOST], ...signHere(meant)];
      await verifySample({ method: meant.method, target: formatTarget(meant), headers });
    }),
    PARAMETERS,
  );
});
