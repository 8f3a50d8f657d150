/**
 * Who answers: the gateway itself, or a proxy before it. Each has buckets of its own, with names of one length.
 * @module
 */

import { Buffer } from "node:buffer";
import { formatChunkedBody, signChunks } from "../../support/chunk_signer.ts";
import { buildForm } from "../../support/form_builder.ts";
import { type RawResponse, request } from "../../support/raw_client.ts";
import { type Header, presign, sha256, signHeaders } from "../../support/signer.ts";
import type { Row, Signing } from "./row.ts";

/** What {@linkcode Side} is made of. */
export interface SideOptions {
  readonly name: string;
  /** What its buckets' names begin with. */
  readonly prefix: string;
  readonly port: number;
  /** The authority to trust; plain HTTP without it. */
  readonly caCert: string | undefined;
  readonly accessKey: string;
  readonly secretKey: string;
  /** How it names who asks, as owner: id and display name. */
  readonly owner: { readonly id: string; readonly displayName: string };
}

const OLD_MS = 20 * 60_000;

/** One of those that answer. */
export class Side {
  readonly name: string;
  readonly prefix: string;
  readonly port: number;
  readonly #caCert: string | undefined;
  readonly owner: SideOptions["owner"];
  /** What rows have kept, by name. */
  readonly kept = new Map<string, string>();
  readonly #key: { readonly accessKey: string; readonly secretKey: string };

  constructor({ name, prefix, port, caCert, owner, accessKey, secretKey }: SideOptions) {
    this.name = name;
    this.prefix = prefix;
    this.port = port;
    this.#caCert = caCert;
    this.owner = owner;
    this.#key = { accessKey, secretKey };
  }

  /** Sends a row's request. */
  async send(row: Row): Promise<RawResponse> {
    const [method = "", written = ""] = row.request.split(/ (.*)/);
    const { host, target } = this.#address(this.fill(written, encodeURIComponent), row);
    const headers = this.#fillHeaders(row);
    const { signing = { kind: "header" } } = row;
    const takesBody = method === "PUT" || method === "POST";
    const given = row.body ?? (takesBody && row.isLengthless === undefined ? "" : undefined);
    const body = typeof given === "string" ? Buffer.from(this.fill(given)) : given;
    const signed = this.#sign({ method, target, headers: [["host", host], ...headers], body }, {
      signing,
      forged: row.forged,
    });
    const wire = signed.headers.map(([name, value]): Header => [name, toLatin1(value)]);
    const rest = signed.body === undefined ? {} : { body: signed.body };
    return await request({
      port: this.port,
      caCert: this.#caCert,
      method,
      target: signed.target,
      headers: wire,
      ...rest,
    });
  }

  /** `text` with what was kept in place of its names. */
  fill(text: string, encode = (value: string) => value): string {
    return text.replace(/\{([a-z]\w*)\}/g, (name, key) => {
      const value = this.kept.get(key);
      return value === undefined ? name : encode(value);
    });
  }

  #address(target: string, { isVirtual }: Row): { host: string; target: string } {
    if (isVirtual === undefined) return { host: `127.0.0.1:${this.port}`, target };
    const [, bucket = "", rest = ""] = /^\/([^/?]+)(.*)$/.exec(target) ?? [];
    const host = `${bucket}.localhost:${this.port}`;
    return { host, target: rest.startsWith("/") ? rest : `/${rest}` };
  }

  #fillHeaders({ headers = {} }: Row): Header[] {
    const list = isList(headers) ? headers : Object.entries(headers);
    return list.map(([name, value]) => [name, this.fill(value)]);
  }

  #sign(
    { body, ...head }: Unsigned,
    { signing, forged }: { signing: Signing; forged: Row["forged"] },
  ): Unsigned {
    const date = new Date(Date.now() - (forged === "old" ? OLD_MS : 0));
    const key = {
      accessKey: forged === "unknown key" ? "NOBODYSKEY" : this.#key.accessKey,
      secretKey: forged === "wrong secret" ? "another-secret-key" : this.#key.secretKey,
    };
    const input = { ...head, ...key, date };
    switch (signing.kind) {
      case "none":
        return { body, ...head };
      case "header": {
        const payloadHash = signing.hash ?? sha256(body ?? "");
        return { ...head, headers: signHeaders({ ...input, payloadHash }).headers, body };
      }
      case "unsigned":
        return {
          ...head,
          headers: signHeaders({ ...input, payloadHash: "UNSIGNED-PAYLOAD" }).headers,
          body,
        };
      case "presigned": {
        const signedHeaders = head.headers.map(([name]) => name.toLowerCase()).toSorted();
        const { target } = presign({
          ...input,
          signedHeaders,
          expires: signing.expires ?? (forged === "old" ? 60 : 600),
        });
        return { ...head, target, body };
      }
      case "chunks":
        return signInChunks({ ...head, body }, { input, signing });
      case "form": {
        const bucket = this.fill("{b}");
        const { conditions, ...given } = signing.form;
        const filled = conditions === undefined
          ? {}
          : { conditions: JSON.parse(this.fill(JSON.stringify(conditions))) };
        const form = buildForm({ bucket, key, date, ...given, ...filled });
        return { ...head, headers: [...head.headers, ...form.headers], body: form.body };
      }
    }
  }
}

interface Unsigned {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array | undefined;
}

function signInChunks(
  { body = new Uint8Array(), ...head }: Unsigned,
  { input, signing: { isSigned, trailer } }: {
    input: Parameters<typeof signHeaders>[0];
    signing: Extract<Signing, { kind: "chunks" }>;
  },
): Unsigned {
  const payloadHash = `STREAMING-${isSigned ? "AWS4-HMAC-SHA256" : "UNSIGNED"}-PAYLOAD` +
    (trailer === undefined ? "" : "-TRAILER");
  const headers: Header[] = [
    ...head.headers,
    ["content-encoding", "aws-chunked"],
    ["x-amz-decoded-content-length", String(body.length)],
    ...trailer === undefined ? [] : [["x-amz-trailer", trailer[0]] satisfies Header],
  ];
  const signed = signHeaders({ ...input, headers, payloadHash });
  const chunked = formatChunkedBody(signChunks({
    ...input,
    chunks: body.length === 0 ? [] : [body],
    seedSignature: isSigned ? signed.signature : undefined,
    ...(trailer === undefined ? {} : { trailers: [trailer] }),
  }));
  return { ...head, headers: signed.headers, body: chunked };
}

function isList(
  headers: NonNullable<Row["headers"]>,
): headers is readonly (readonly [string, string])[] {
  return Array.isArray(headers);
}

/** The bytes of `text` in UTF-8, one character each, as they go onto the wire. */
function toLatin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}
