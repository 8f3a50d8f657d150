/**
 * Where a browser goes after its upload: `success_action_redirect`, to origins that the operator has named only.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html} (success_action_redirect).
 * @module
 */

// No userinfo, which would look like a host, and no characters that browsers read in ways of their own: blanks, controls, `\`.
const URL_PARTS =
  /^(https?):\/\/([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?((?:[/?][!$-;=?-[\]_a-z~]*)?)(#[!$-;=?-[\]_a-z~]*)?$/i;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: "80", https: "443" };

/**
 * `https://app.example.com`, in lower case and without a default port.
 * @returns `undefined` for what is no such URL.
 */
export function parseOrigin(url: string): string | undefined {
  return splitUrl(url)?.origin;
}

/**
 * `url` with what was uploaded in its query; `undefined` where it is no URL of one of `origins`: S3 ignores one that it
 * cannot read.
 */
export function formatRedirect(
  url: string,
  { origins, bucket, key, eTag }: {
    origins: ReadonlySet<string>;
    bucket: string;
    key: string;
    eTag: string;
  },
): string | undefined {
  const parts = splitUrl(url);
  if (parts === undefined || !origins.has(parts.origin)) return undefined;
  const { before, fragment } = parts;
  const query = Object.entries({ bucket, key, etag: eTag })
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return `${before}${before.includes("?") ? "&" : "?"}${query}${fragment}`;
}

function splitUrl(
  url: string,
): { origin: string; before: string; fragment: string } | undefined {
  const [, scheme, host, port, rest, fragment = ""] = URL_PARTS.exec(url) ?? [];
  if (scheme === undefined || host === undefined || rest === undefined) return undefined;
  const protocol = scheme.toLowerCase();
  const hasPort = port !== undefined && Number(port) !== Number(DEFAULT_PORTS[protocol]);
  const origin = `${protocol}://${host.toLowerCase()}${hasPort ? `:${Number(port)}` : ""}`;
  return { origin, before: url.slice(0, url.length - fragment.length), fragment };
}
