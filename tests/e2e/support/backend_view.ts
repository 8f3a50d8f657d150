/**
 * What the gateway itself holds, seen with the master key and past the proxy.
 * @module
 */

import { createHash } from "node:crypto";
import { type Header, signHeaders, uriEncode } from "../../support/signer.ts";
import type { ObjectName } from "./client.ts";
import type { Gateway } from "./gateway.ts";

type Body = string | Uint8Array<ArrayBuffer>;

/** The gateway, past the proxy. */
export class BackendView {
  readonly #gateway: Gateway;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  async makeBucket(bucket: string): Promise<void> {
    await this.#send("PUT", `/${bucket}`);
  }

  async put({ bucket, key }: ObjectName, body: Body): Promise<void> {
    await this.#send("PUT", `/${bucket}/${encodeKey(key)}`, body);
  }

  /** Has `bucket` keep versions. */
  async keepVersions(bucket: string): Promise<void> {
    const body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    await this.#send("PUT", `/${bucket}?versioning`, body);
  }

  /** `VERSION KEY` of each version, and `deleted` behind a marker; the newest of a key first. */
  async listVersions(bucket: string): Promise<string[]> {
    const xml = await this.#send("GET", `/${bucket}?versions`);
    return Array.from(
      xml.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs),
      ([, kind, content = ""]) =>
        [
          ...elements(content, "VersionId"),
          ...elements(content, "Key"),
          ...kind === "Version" ? [] : ["deleted"],
        ]
          .join(" "),
    );
  }

  async listBuckets(): Promise<string[]> {
    return elements(await this.#send("GET", "/"), "Name");
  }

  /** One line an object: ETag, size, date, key; of up to 1000 objects. */
  async listObjects(bucket: string): Promise<string[]> {
    const xml = await this.#send("GET", `/${bucket}?list-type=2`);
    return elements(xml, "Contents").map((object) =>
      ["ETag", "Size", "LastModified", "Key"].flatMap((name) => elements(object, name)).join(" ")
    );
  }

  /** SHA-256 of what is stored, in hexadecimal. */
  async digest({ bucket, key }: ObjectName): Promise<string> {
    const response = await this.#fetch("GET", `/${bucket}/${encodeKey(key)}`);
    const hash = createHash("sha256");
    for await (const bytes of response.body ?? []) hash.update(bytes);
    return hash.digest("hex");
  }

  async #send(method: string, target: string, body: Body = ""): Promise<string> {
    return await (await this.#fetch(method, target, body)).text();
  }

  async #fetch(method: string, target: string, body: Body = ""): Promise<Response> {
    const { accessKey, secretKey, endpoints } = this.#gateway;
    const url = `${endpoints.http}${target}`;
    const host: Header = ["host", new URL(url).host];
    const { headers } = signHeaders({
      method,
      target,
      headers: [host],
      accessKey,
      secretKey,
      date: new Date(),
      payloadHash: "UNSIGNED-PAYLOAD",
    });
    const sent = headers.filter((header) => header !== host).map((header): [string, string] => [
      ...header,
    ]);
    const response = await fetch(url, { method, headers: sent, body: body === "" ? null : body });
    if (response.ok) return response;
    const text = await response.text();
    throw new Error(`${method} ${target} on the gateway: ${response.status} ${text}`);
  }
}

function encodeKey(key: string): string {
  return key.split("/").map(uriEncode).join("/");
}

/** The contents of every element of this name; of plain text, unescaped. */
function elements(xml: string, name: string): string[] {
  const pattern = new RegExp(`<${name}>(.*?)</${name}>`, "gs");
  return Array.from(
    xml.matchAll(pattern),
    ([, content = ""]) => content.includes("<") ? content : unescapeXml(content),
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&quot;": '"',
  "&apos;": "'",
  "&#39;": "'",
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
};

function unescapeXml(text: string): string {
  return text.replace(/&[a-z0-9#]+;/g, (entity) => ENTITIES[entity] ?? entity);
}
