/**
 * SigV4's own percent-encoding.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html} (UriEncode).
 * @module
 */

// RFC 3986 §2.3 unreserved, which SigV4 leaves as they are.
const UNRESERVED = /^[A-Za-z0-9\-._~]*$/;
const UNRESERVED_OR_SLASH = /^[A-Za-z0-9\-._~/]*$/;

/** Encodes every byte but the unreserved ones, with upper-case digits: for query names and values. */
export function uriEncode(text: string): string {
  if (UNRESERVED.test(text)) return text;
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The same, but `/` stays: for paths. */
export function uriEncodePath(path: string): string {
  if (UNRESERVED_OR_SLASH.test(path)) return path;
  return uriEncode(path).replaceAll("%2F", "/");
}
