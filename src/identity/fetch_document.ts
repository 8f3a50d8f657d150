/**
 * Gets a small document from an identity provider: within a time, up to a length, from where the configuration
 * allows it, following no redirect. `fetch` can be held to none but the first: it looks names up by itself, and whoever
 * answers for a name could answer with another address the second time.
 * @module
 */

import { lookup, type LookupAddress } from "node:dns";
import { type ClientRequest, type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { concatBytes, decodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import type { IdentityProvider } from "./identity_provider.ts";
import { isPublicAddress } from "./public_address.ts";

/** How a document is got; rejects with why not, in words for the log. */
export type FetchDocument = (
  uri: string,
  provider: Pick<IdentityProvider, "authorities" | "allowsPrivateAddresses">,
) => Promise<string>;

/** A status, and the body to it. */
export interface ProviderAnswer {
  readonly status: number;
  readonly text: string;
}

/** Over the network, by GET. */
export const fetchDocument: FetchDocument = async (uri, provider) => {
  const { status, text } = await askProvider(uri, provider);
  if (status !== 200) throw new Error(`it answers ${status}`);
  return text;
};

/** GET, or POST of `form`. Rejects as {@linkcode FetchDocument} does; the answer's status does not matter. */
export async function askProvider(
  uri: string,
  { authorities, allowsPrivateAddresses, form }: Parameters<FetchDocument>[1] & {
    readonly form?: URLSearchParams | undefined;
  },
): Promise<ProviderAnswer> {
  const target = splitUri(uri);
  if (target === undefined) throw new Error("its address is none");
  const { isSecure, hostname } = target;
  if (!isSecure && !allowsPrivateAddresses) throw new Error("its address is not https");
  // An address in place of a name is never looked up.
  if (isIP(hostname) !== 0 && !allowsPrivateAddresses && !isPublicAddress(hostname)) {
    throw new Error("its address is private");
  }
  const request = (isSecure ? requestTls : requestPlain)({
    method: form === undefined ? "GET" : "POST",
    host: hostname,
    port: target.port,
    path: target.path,
    headers: {
      accept: "application/json",
      "accept-encoding": "identity",
      ...(form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
    },
    agent: false,
    ...(allowsPrivateAddresses ? {} : { lookup: lookupPublic }),
    ...(authorities === undefined ? {} : { ca: authorities }),
  });
  const timer = setTimeout(
    () => request.destroy(new Error("it does not answer in time")),
    LIMITS.keySetTimeoutMs,
  );
  try {
    return await readAnswer(await send(request, form));
  } finally {
    clearTimeout(timer);
    request.destroy();
  }
}

interface Target {
  readonly isSecure: boolean;
  readonly hostname: string;
  readonly port: string | undefined;
  readonly path: string;
}

/** An URL without userinfo and fragment; the configuration has already read those it has itself. */
function splitUri(uri: string): Target | undefined {
  const [, scheme, ipv6, name, port, path] =
    /^(https?):\/\/(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+))(?::(\d{1,5}))?(\/[!-~]*)?$/
      .exec(uri) ?? [];
  const hostname = ipv6 ?? name;
  if (scheme === undefined || hostname === undefined || path?.includes("#")) return undefined;
  return { isSecure: scheme === "https", hostname, port, path: path ?? "/" };
}

const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const [first] = addresses ?? [];
    if (error !== null) return callback(error, "", 0);
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
      return callback(new Error("its address is private"), "", 0);
    }
    if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

function send(
  request: ClientRequest,
  form: URLSearchParams | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.on("error", reject);
    request.end(form?.toString());
  });
}

async function readAnswer(response: IncomingMessage): Promise<ProviderAnswer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response) {
    bytes += piece.length;
    if (bytes > LIMITS.keySetBytesMax) throw new Error("its document is too long");
    pieces.push(piece);
  }
  const text = decodeUtf8(concatBytes(pieces));
  if (text === undefined) throw new Error("its document is not UTF-8");
  return { status: response.statusCode ?? 0, text };
}
