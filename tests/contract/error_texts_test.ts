/**
 * The code, the words and the elements of S3's refusals, as S3 writes them: tools look for them. Where its own sentence is
 * not known, or says what is not so here, the proxy has one of its own and is not in this table.
 */

import { LIMITS } from "../../src/limits.ts";
import { assertWords } from "../support/error_words.ts";
import { ALICE, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import type { RawResponse } from "../support/raw_client.ts";
import { formatResponse, type Respond } from "../support/recording_backend.ts";
import { type Header, presign, sha256, signHeaders } from "../support/signer.ts";

const TARGET = "/mine/key";
const MINUTE_MS = 60_000;
const DAY = new Date().toISOString().slice(0, 10).replaceAll("-", "");
const GARBAGE = { ...ALICE, secretKey: "not-the-secret-of-alice" };
const MALFORMED = "The authorization header is malformed; ";
const IN_QUERY = "Error parsing the X-Amz-Credential parameter; ";
const EMPTY_MD5 = "1B2M2Y8AsgTpgAmY7PhCfg==";

type Send = (proxy: ProxyUnderTest) => Promise<RawResponse>;

/** name → what is sent → status, code, message → elements beside them. */
type Row = readonly [
  name: string,
  send: Send,
  status: number,
  code: string,
  message: string,
  elements?: Readonly<Record<string, string | RegExp>>,
];

/** A GET whose headers are changed after they were signed. */
function changed(change: (header: Header) => readonly Header[]): Send {
  return (proxy) => {
    const get = { method: "GET", target: TARGET };
    const host = ["host", proxy.host] as const;
    const { headers } = signHeaders({ ...get, headers: [host], ...ALICE, date: new Date() });
    return proxy.sendRaw({ ...get, headers: headers.flatMap(change) });
  };
}

function authorized(change: (authorization: string) => string): Send {
  return changed(([name, value]) => [[name, name === "Authorization" ? change(value) : value]]);
}

function without(left: string): Send {
  return changed(([name, value]) => name === left ? [] : [[name, value]]);
}

/** A GET whose presigned query is changed after it was signed. */
function presigned(change: (query: URLSearchParams) => void): Send {
  return (proxy) => {
    const headers = [["host", proxy.host]] as const;
    const input = { method: "GET", target: TARGET, headers, ...ALICE, date: new Date() };
    const [path, query] = presign({ ...input, expires: 60 }).target.split("?");
    const parameters = new URLSearchParams(query);
    change(parameters);
    return proxy.sendRaw({ method: "GET", target: `${path}?${parameters}`, headers });
  };
}

function set(name: string, value: string): Send {
  return presigned((query) => query.set(name, value));
}

function credential(text: string): (authorization: string) => string {
  return (authorization) => authorization.replace(/Credential=[^,]*/, `Credential=${text}`);
}

function signed(request: Parameters<ProxyUnderTest["send"]>[0]): Send {
  return (proxy) => proxy.send(request);
}

function preflight(headers: Readonly<Record<string, string>>): Send {
  const others = Object.entries(headers);
  return (proxy) =>
    proxy.sendRaw({
      method: "OPTIONS",
      target: TARGET,
      headers: [["host", proxy.host], ...others],
    });
}

/** A document, with headers of its own. */
function post(body: string, headers: readonly Header[] = []): Send {
  return signed({ method: "POST", target: "/mine?delete", headers, body });
}

const DELETE = "<Delete><Object><Key>k</Key></Object></Delete>";
const ago = (minutes: number): Date => new Date(Date.now() - minutes * MINUTE_MS);

/** Who sends a request: refused before anything else is looked at. */
// deno-fmt-ignore
const AUTHENTICATION: readonly Row[] = [
  ["a header without a space", authorized(() => "abc.def"), 400, "InvalidArgument",
    "Authorization header is invalid -- one and only one ' ' (space) required",
    { ArgumentName: "Authorization" }],
  ["another scheme", authorized(() => "Bearer abc.def"), 400, "InvalidArgument",
    "Unsupported Authorization Type", { ArgumentName: "Authorization", ArgumentValue: "Bearer" }],
  ["two components", authorized((text) => text.replace(/, Signature=.*/, "")), 400,
    "AuthorizationHeaderMalformed",
    `${MALFORMED}the authorization header requires three components: Credential, SignedHeaders, and Signature.`],
  ["a component without a value", authorized((text) => text.replace("SignedHeaders=", "SignedHeaders-")),
    400, "AuthorizationHeaderMalformed",
    `${MALFORMED}the authorization component "SignedHeaders-host;x-amz-content-sha256;x-amz-date" is malformed.`],
  ...["Credential", "SignedHeaders", "Signature"].map((name): Row => [
    `no ${name}`, authorized((text) => text.replace(`${name}=`, "other=")), 400,
    "AuthorizationHeaderMalformed", `${MALFORMED}missing ${name}.`,
  ]),
  ["four parts of a credential", authorized(credential("alice-key/20240101/us-east-1/s3")), 400,
    "AuthorizationHeaderMalformed",
    `${MALFORMED}the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`],
  ["another terminator", authorized(credential(`alice-key/${DAY}/us-east-1/s3/aws_request`)), 400,
    "AuthorizationHeaderMalformed",
    `${MALFORMED}incorrect terminal "aws_request". This endpoint uses "aws4_request".`],
  ["another service", authorized(credential(`alice-key/${DAY}/us-east-1/ec2/aws4_request`)), 400,
    "AuthorizationHeaderMalformed",
    `${MALFORMED}incorrect service "ec2". This endpoint belongs to "s3".`],
  ["a date that is none", authorized(credential("alice-key/32234/us-east-1/s3/aws4_request")), 400,
    "AuthorizationHeaderMalformed",
    `${MALFORMED}incorrect date format "32234". This date in the credential must be in the format "yyyyMMdd".`],
  ["another day", authorized(credential("alice-key/20200101/us-east-1/s3/aws4_request")), 400,
    "AuthorizationHeaderMalformed",
    `${MALFORMED}Invalid credential date "20200101". This date is not the same as X-Amz-Date: "${DAY}".`],
  ["another region", signed({ target: TARGET, region: "us-west-2" }), 400,
    "AuthorizationHeaderMalformed",
    `${MALFORMED}the region 'us-west-2' is wrong; expecting 'us-east-1'`, { Region: "us-east-1" }],
  ["Signature Version 2", authorized(() => "AWS alice-key:c2lnbmF0dXJl"), 400, "InvalidRequest",
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256. This is " +
    "Signature Version 2 in headers, which stays refused."],
  ["no date", without("x-amz-date"), 403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header"],
  ["no hash of the body", without("x-amz-content-sha256"), 400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256"],
  ["a hash that is none", signed({ target: TARGET, payloadHash: "abc" }), 400, "InvalidArgument",
    "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, " +
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
    { ArgumentName: "x-amz-content-sha256", ArgumentValue: "abc" }],
  ["a request of yesterday", signed({ target: TARGET, date: ago(16) }), 403, "RequestTimeTooSkewed",
    "The difference between the request time and the current time is too large.",
    { RequestTime: /^\d{8}T\d{6}Z$/, ServerTime: /Z$/, MaxAllowedSkewMilliseconds: "900000" }],
  ["an unknown key", signed({ target: TARGET, key: { ...ALICE, accessKey: "nobody" } }), 403,
    "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.",
    { AWSAccessKeyId: "nobody" }],
  ["another secret", signed({ target: TARGET, key: GARBAGE }), 403, "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    {
      AWSAccessKeyId: ALICE.accessKey,
      StringToSign: /^AWS4-HMAC-SHA256\n\d{8}T\d{6}Z\n\d{8}\/us-east-1\/s3\/aws4_request\n[0-9a-f]{64}$/,
      SignatureProvided: /^[0-9a-f]{64}$/,
      StringToSignBytes: /^41 57 53 34 2d /,
      CanonicalRequest: /^GET\n\/mine\/key\n\nhost:/,
      CanonicalRequestBytes: /^47 45 54 0a 2f /,
    }],
  ["a header that is not signed", signed({ target: TARGET, unsigned: [["x-amz-meta-a", "1"]] }), 403,
    "AccessDenied", "There were headers present in the request which were not signed",
    { HeadersNotSigned: "x-amz-meta-a" }],
  ["nobody", (proxy) => proxy.sendRaw({ method: "GET", target: TARGET, headers: [["host", proxy.host]] }),
    403, "AccessDenied", "Access Denied"],
];

/** The same of presigned URLs. */
// deno-fmt-ignore
const PRESIGNED: readonly Row[] = [
  ["a URL without its life", presigned((query) => query.delete("X-Amz-Expires")), 400,
    "AuthorizationQueryParametersError",
    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, " +
    "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."],
  ["a URL of another algorithm", set("X-Amz-Algorithm", "AWS4-SHA256"), 400,
    "AuthorizationQueryParametersError", 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"'],
  ["a URL of four parts", set("X-Amz-Credential", "alice-key/20240101/us-east-1/s3"), 400,
    "AuthorizationQueryParametersError",
    `${IN_QUERY}the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`],
  ["a URL of another terminator", set("X-Amz-Credential", `alice-key/${DAY}/us-east-1/s3/aws_request`), 400,
    "AuthorizationQueryParametersError",
    `${IN_QUERY}incorrect terminal "aws_request". This endpoint uses "aws4_request".`],
  ["a URL of another service", set("X-Amz-Credential", `alice-key/${DAY}/us-east-1/ec2/aws4_request`), 400,
    "AuthorizationQueryParametersError",
    `${IN_QUERY}incorrect service "ec2". This endpoint belongs to "s3".`],
  ["a URL of a date that is none", set("X-Amz-Credential", "alice-key/32234/us-east-1/s3/aws4_request"),
    400, "AuthorizationQueryParametersError",
    `${IN_QUERY}incorrect date format "32234". This date in the credential must be in the format "yyyyMMdd".`],
  ["a URL of another region", (proxy) => proxy.sendPresigned({ target: TARGET, expires: 60, region: "us-west-2" }),
    400, "AuthorizationQueryParametersError",
    `${IN_QUERY}the region 'us-west-2' is wrong; expecting 'us-east-1'`, { Region: "us-east-1" }],
  ["a URL of another day", set("X-Amz-Credential", "alice-key/20200101/us-east-1/s3/aws4_request"), 400,
    "AuthorizationQueryParametersError",
    `Invalid credential date "20200101". This date is not the same as X-Amz-Date: "${DAY}".`],
  ["a URL of a time that is none", set("X-Amz-Date", "2024-01-01"), 400,
    "AuthorizationQueryParametersError",
    "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""],
  ["a URL of a life that is none", set("X-Amz-Expires", "soon"), 400,
    "AuthorizationQueryParametersError", "X-Amz-Expires should be a number"],
  ["a URL of less than no life", set("X-Amz-Expires", "-1"), 400,
    "AuthorizationQueryParametersError", "X-Amz-Expires must be non-negative"],
  ["a URL of more than a week", set("X-Amz-Expires", "604801"), 400,
    "AuthorizationQueryParametersError",
    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"],
  ["a URL whose life is over", (proxy) => proxy.sendPresigned({ target: TARGET, expires: 60, date: ago(2) }),
    403, "AccessDenied", "Request has expired",
    { "X-Amz-Expires": "60", Expires: /^\d{4}-\d\d-\d\dT.*Z$/, ServerTime: /Z$/ }],
  ["a URL of tomorrow", (proxy) => proxy.sendPresigned({ target: TARGET, expires: 60, date: ago(-16) }),
    403, "AccessDenied", "Request is not valid yet", { "X-Amz-Date": /^\d{8}T/, ServerTime: /Z$/ }],
];

const LONG_KEY = "k".repeat(LIMITS.keyBytesMax + 1);
const HASH = sha256(new TextEncoder().encode("else"));

/** What is asked for. */
// deno-fmt-ignore
const REQUESTS: readonly Row[] = [
  ["another user's bucket", signed({ target: "/other/key" }), 403, "AccessDenied", "Access Denied"],
  ["a bucket with a name of two letters", signed({ target: "/ab" }), 400, "InvalidBucketName",
    "The specified bucket is not valid.", { BucketName: "ab" }],
  ["a key of 1025 bytes", signed({ target: `/mine/${LONG_KEY}` }), 400, "KeyTooLongError",
    "Your key is too long", { Size: "1025", MaxSizeAllowed: "1024" }],
  ["2049 bytes of metadata",
    signed({ method: "PUT", target: TARGET, headers: [["x-amz-meta-a", "v".repeat(2048)]], body: "x" }), 400,
    "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size",
    { MaxSizeAllowed: "2048", Size: "2049" }],
  ["a method that a bucket does not have", signed({ method: "PATCH", target: "/mine" }), 405,
    "MethodNotAllowed", "The specified method is not allowed against this resource.", { Method: "PATCH" }],
  ["a method that an object does not have", signed({ method: "POST", target: TARGET }), 405,
    "MethodNotAllowed", "The specified method is not allowed against this resource.",
    { Method: "POST", ResourceType: "OBJECT" }],
  ["a header of what is not done",
    signed({ method: "PUT", target: TARGET, headers: [["x-amz-write-offset-bytes", "0"]], body: "x" }), 501,
    "NotImplemented",
    "A header you provided implies functionality that is not implemented: x-amz-write-offset-bytes",
    { Header: "x-amz-write-offset-bytes" }],
  ["a part that there cannot be",
    signed({ method: "PUT", target: `${TARGET}?uploadId=u&partNumber=10001`, body: "x" }), 400,
    "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive",
    { ArgumentName: "partNumber", ArgumentValue: "10001" }],
  ["an upload that there cannot be", signed({ target: `${TARGET}?uploadId=..` }), 404, "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    { UploadId: ".." }],
  ["a number of keys that is none", signed({ target: "/mine?list-type=2&max-keys=many" }), 400,
    "InvalidArgument", "Provided max-keys not an integer or within integer range",
    { ArgumentName: "max-keys", ArgumentValue: "many" }],
  ["a number of keys below 0", signed({ target: "/mine?max-keys=-1" }), 400, "InvalidArgument",
    "Argument maxKeys must be an integer between 0 and 2147483647",
    { ArgumentName: "max-keys", ArgumentValue: "-1" }],
  ["a marker of parts that is none", signed({ target: `${TARGET}?uploadId=u&part-number-marker=x` }), 400,
    "InvalidArgument", "Provided part-number-marker not an integer or within integer range",
    { ArgumentName: "part-number-marker", ArgumentValue: "x" }],
  ["no buckets", signed({ target: "/?max-buckets=0" }), 400, "InvalidArgument",
    "Argument max-buckets must be an integer between 1 and 10000.", { ArgumentName: "max-buckets" }],
  ["an object's uploads", signed({ target: `${TARGET}?uploads` }), 400, "InvalidRequest",
    "Key is not expected for the GET method ?uploads subresource"],
  ["an object's versions", signed({ target: `${TARGET}?versions` }), 400, "InvalidRequest",
    "There is no such thing as the ?versions sub-resource for a key"],
  ["a part of no upload", signed({ method: "PUT", target: `${TARGET}?partNumber=1`, body: "x" }), 400,
    "InvalidArgument", "This operation does not accept partNumber without uploadId",
    { ArgumentName: "partNumber" }],
  ["an ownership that is none",
    signed({ method: "PUT", target: "/mine", headers: [["x-amz-object-ownership", "mine"]] }), 400,
    "InvalidArgument", "Invalid x-amz-object-ownership header: mine", { ArgumentName: "x-amz-object-ownership" }],
  ["a preflight of nobody", preflight({ "access-control-request-method": "GET" }), 400, "BadRequest",
    "Insufficient information. Origin request header needed."],
  ["an encoding that is none", signed({ target: "/mine?encoding-type=hex" }), 400, "InvalidArgument",
    "Invalid Encoding Method specified in Request", { ArgumentName: "encoding-type", ArgumentValue: "hex" }],
  ["a copy's source where nothing is copied",
    signed({ target: TARGET, headers: [["x-amz-copy-source", "mine/k"]] }), 400, "InvalidArgument",
    "You can only specify a copy source header for copy requests.", { ArgumentName: "x-amz-copy-source" }],
  ["a copy's source without a key",
    signed({ method: "PUT", target: TARGET, headers: [["x-amz-copy-source", "mine"]] }), 400,
    "InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
    { ArgumentName: "x-amz-copy-source" }],
  ["an ACL that is none", signed({ method: "PUT", target: `${TARGET}?acl` }), 400,
    "MissingSecurityHeader", "Your request was missing a required header", { MissingHeaderName: "x-amz-acl" }],
  ["both kinds of grants",
    signed({ method: "PUT", target: TARGET, body: "x",
      headers: [["x-amz-acl", "private"], ["x-amz-grant-read", 'id="alice-key"']] }), 400,
    "InvalidRequest", "Specifying both Canned ACLs and Header Grants is not allowed"],
  ["a session token of nobody",
    signed({ target: TARGET, headers: [["x-amz-security-token", "none"]] }), 400, "InvalidToken",
    "The provided token is malformed or otherwise invalid."],
];

/** What is sent. */
// deno-fmt-ignore
const BODIES: readonly Row[] = [
  ["a body without a length",
    signed({ method: "PUT", target: TARGET, body: { chunks: [new Uint8Array(1)] } }), 411,
    "MissingContentLength", "You must provide the Content-Length HTTP header."],
  ["an upload of more than 5 GiB", (proxy) => {
    const { headers } = signHeaders({ method: "PUT", target: TARGET, ...ALICE, date: new Date(),
      headers: [["host", proxy.host], ["content-length", String(LIMITS.putBytesMax + 1)]],
      payloadHash: "UNSIGNED-PAYLOAD" });
    return proxy.sendRaw({ method: "PUT", target: TARGET, headers });
  }, 400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size",
    { ProposedSize: "5368709121", MaxSizeAllowed: "5368709120" }],
  ["a document that is none", post("<Delete>"), 400, "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema"],
  ["a document of another hash",
    signed({ method: "POST", target: "/mine?delete", payloadHash: HASH, body: DELETE }), 400,
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { ClientComputedContentSHA256: HASH, S3ComputedContentSHA256: sha256(new TextEncoder().encode(DELETE)) }],
  ["a digest that is none", post(DELETE, [["content-md5", "x"]]), 400, "InvalidDigest",
    "The Content-MD5 you specified was invalid.", { "Content-MD5": "x" }],
  ["another digest", post(DELETE, [["content-md5", EMPTY_MD5]]), 400, "BadDigest",
    "The Content-MD5 you specified did not match what we received.",
    { ExpectedDigest: EMPTY_MD5, CalculatedDigest: /^[\w+/]{22}==$/ }],
  ["another checksum", post(DELETE, [["x-amz-checksum-crc32", "AAAAAA=="]]), 400, "BadDigest",
    "The CRC32 you specified did not match the calculated checksum."],
  ["a checksum that is none", post(DELETE, [["x-amz-checksum-crc32", "x"]]), 400, "InvalidRequest",
    "Value for x-amz-checksum-crc32 header is invalid."],
  ["two checksums",
    post(DELETE, [["x-amz-checksum-crc32", "AAAAAA=="], ["x-amz-checksum-crc32c", "AAAAAA=="]]), 400,
    "InvalidRequest",
    "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."],
  ["a checksum's name alone", post(DELETE, [["x-amz-sdk-checksum-algorithm", "CRC32"]]), 400,
    "InvalidRequest",
    "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found."],
  ["a trailer that is no checksum",
    signed({ method: "PUT", target: TARGET, payloadHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER", body: "0\r\n\r\n",
      headers: [["x-amz-decoded-content-length", "0"], ["x-amz-trailer", "x-amz-other"]] }), 400,
    "InvalidRequest", "The value specified in the x-amz-trailer header is not supported"],
  ["another region's bucket",
    signed({ method: "PUT", target: "/mine", body: "<CreateBucketConfiguration><LocationConstraint>eu-west-1" +
      "</LocationConstraint></CreateBucketConfiguration>" }), 400, "InvalidLocationConstraint",
    "The specified location-constraint is not valid", { LocationConstraint: "eu-west-1" }],
];

for (
  const [name, send, status, code, message, elements = {}] of [
    ...AUTHENTICATION,
    ...PRESIGNED,
    ...REQUESTS,
    ...BODIES,
  ]
) {
  testListeners(`S3's words for ${name}: ${code}`, async (listener) => {
    const settings = { server: { region: "us-east-1" } };
    await using proxy = await ProxyUnderTest.start({ listener, settings });
    const response = await send(proxy);
    assertWords(response, { status, code, message, elements });
    proxy.assertRefused(response, code);
  });
}

/** code → request → status → what S3 says, in answers of the backend that have a code and no words. */
// deno-fmt-ignore
const RELAYED: readonly (readonly [
  code: string,
  request: Parameters<ProxyUnderTest["send"]>[0],
  status: number,
  message: string,
  elements?: Readonly<Record<string, string>>,
])[] = [
  ["NoSuchKey", { target: TARGET }, 404, "The specified key does not exist.", { Key: "key" }],
  ["NoSuchBucket", { target: "/mine?list-type=2" }, 404, "The specified bucket does not exist",
    { BucketName: "mine" }],
  ["NoSuchVersion", { target: `${TARGET}?versionId=v1` }, 404, "The specified version does not exist.",
    { Key: "key", VersionId: "v1" }],
  ["NoSuchUpload", { target: `${TARGET}?uploadId=u1` }, 404,
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    { UploadId: "u1" }],
  ["InvalidRange", { target: TARGET, headers: [["range", "bytes=9-"]] }, 416,
    "The requested range is not satisfiable", { RangeRequested: "bytes=9-" }],
  ["PreconditionFailed", { target: TARGET, headers: [["if-match", '"e"']] }, 412,
    "At least one of the pre-conditions you specified did not hold", { Condition: "If-Match" }],
  ["InvalidPart", { target: TARGET }, 400,
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified " +
    "entity tag may not match the part's entity tag."],
  ["InvalidPartOrder", { target: TARGET }, 400,
    "The list of parts was not in ascending order. Parts must be ordered by part number."],
  ["EntityTooSmall", { target: TARGET }, 400, "Your proposed upload is smaller than the minimum allowed size"],
  ["BadDigest", { target: TARGET }, 400, "The Content-MD5 you specified did not match what we received."],
  ["BucketNotEmpty", { method: "DELETE", target: "/mine" }, 409, "The bucket you tried to delete is not empty",
    { BucketName: "mine" }],
  ["NoSuchCORSConfiguration", { target: "/mine?cors" }, 404, "The CORS configuration does not exist",
    { BucketName: "mine" }],
  ["NoSuchTagSet", { target: "/mine?tagging" }, 404, "The TagSet does not exist", { BucketName: "mine" }],
  ["NoSuchLifecycleConfiguration", { target: "/mine?lifecycle" }, 404,
    "The lifecycle configuration does not exist", { BucketName: "mine" }],
  ["NoSuchBucketPolicy", { target: "/mine?policy" }, 404, "The bucket policy does not exist",
    { BucketName: "mine" }],
  ["ObjectLockConfigurationNotFoundError", { target: "/mine?object-lock" }, 404,
    "Object Lock configuration does not exist for this bucket", { BucketName: "mine" }],
  ["SlowDown", { target: TARGET }, 503, "Please reduce your request rate."],
];

for (const [code, request, status, message, elements = {}] of RELAYED) {
  testListeners(`S3's words for the backend's ${code}`, async (listener) => {
    const body = `<Error><Code>${code}</Code><Message/></Error>`;
    const respond: Respond = () => ({ send: [formatResponse({ status, body })] });
    await using proxy = await ProxyUnderTest.start({ listener, respond });
    assertWords(await proxy.send(request), { status, code, message, elements });
  });
}
