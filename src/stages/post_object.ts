/**
 * PostObject, a form upload: its fields are read, its policy is proven and held to, and then it is a PutObject.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html}.
 * @module
 */

import { networkOf } from "../iam/ip_range.ts";
import { assert } from "../lib/assert.ts";
import type { ByteSource } from "../lib/byte_source.ts";
import { LIMITS } from "../limits.ts";
import { createChecksumHasher, type ProvenChecksum, verifyChecksum } from "../payload/checksum.ts";
import { type DeclaredChecksum, parseDeclaredChecksum } from "../payload/declared_checksum.ts";
import { parseFormBoundary } from "../payload/form_parser.ts";
import type { FormFile } from "../payload/form_file.ts";
import { openForm } from "../payload/form_reader.ts";
import { type Answer, type AnswerContext, type HeaderList, respondWithXml } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import { buildFormRequest, completeFormFields } from "../s3/form_fields.ts";
import {
  type FormPolicy,
  parseFormPolicy,
  verifyFormLength,
  verifyFormPolicy,
} from "../s3/form_policy.ts";
import { formatRedirect } from "../s3/form_redirect.ts";
import type { RawRequest, RequestRules, S3Request } from "../s3/request.ts";
import { buildElement, buildRoot } from "../s3/xml.ts";
import { uriEncodePath } from "../sigv4/uri_encode.ts";
import { prepareProven } from "./prepare_body.ts";
import { NO_BODY, type PreparedBody, type PrepareOptions } from "./prepared_body.ts";

/** A form whose fields are known, and nothing proven. */
export interface PostedForm {
  /** In lower case, with the file's name put in, and with `bucket`. */
  readonly fields: ReadonlyMap<string, string>;
  readonly file: FormFile;
}

/** A form that its policy allows, as the PutObject it stands for. */
export interface AcceptedForm extends PostedForm {
  readonly request: S3Request;
  readonly policy: FormPolicy;
}

/**
 * A bound on forms whose sender is not proven yet: of the address that sends most of them, the one that has taken longest over
 * its fields gives way. Those of a browser come in one go, so strangers who hold theirs back hinder nobody.
 */
export class FormSlots {
  /** And the network of each. Who came first, first. */
  readonly #open = new Map<AbortController, string>();

  /** Takes a slot; the function gives it back. `controller` is aborted with `SlowDown` where another form needs it. */
  take(controller: AbortController, clientAddress: string): () => void {
    const isFull = this.#open.size >= LIMITS.formsUnprovenMax;
    this.#open.set(controller, networkOf(clientAddress));
    if (isFull) this.#makeRoom();
    return () => void this.#open.delete(controller);
  }

  #makeRoom(): void {
    const byNetwork = Map.groupBy(this.#open, ([, network]) => network);
    const [most = []] = [...byNetwork.values()].toSorted((one, other) => other.length - one.length);
    const [longest] = most;
    if (longest === undefined) return;
    const [controller] = longest;
    this.#open.delete(controller);
    controller.abort(new S3Error("SlowDown", { reason: "unproven_forms" }));
  }
}

/**
 * Reads the fields of the form that `sent` is.
 * @throws {S3Error} `PreconditionFailed` for another body than a form; `InvalidArgument` for a second signature; those of
 *   {@linkcode openForm} and {@linkcode completeFormFields}; `SlowDown`.
 */
export async function receiveForm(
  sent: S3Request,
  { raw, formSlots }: { raw: RawRequest; formSlots: FormSlots },
): Promise<PostedForm> {
  const { resource, sentHeaders, query, bodyLength } = sent;
  assert(resource.level === "bucket", "A form is sent to a bucket");
  const boundary = parseFormBoundary(sentHeaders.get("content-type") ?? "");
  if (boundary === undefined) {
    throw new S3Error("PreconditionFailed", {
      detail: { Condition: "Bucket POST must be of the enclosure-type multipart/form-data" },
    });
  }
  if (sentHeaders.has("authorization") || query.has("X-Amz-Signature")) {
    throw new S3Error("InvalidArgument", {
      message: "Only one auth mechanism allowed: a form is signed by its own fields.",
      reason: "malformed",
    });
  }
  if (raw.body === null) throw new S3Error("MalformedPOSTRequest");
  const bodyBytes = bodyLength.kind === "known" ? bodyLength.bytes : undefined;
  const controller = new AbortController();
  const release = formSlots.take(controller, raw.clientAddress);
  try {
    const { signal } = controller;
    const { fields, filename, file } = await openForm(raw.body, { boundary, bodyBytes, signal });
    const { bucket } = resource;
    return { fields: completeFormFields(fields, { filename, bucket }), file };
  } finally {
    release();
  }
}

/**
 * Holds a form to its policy, which is proven.
 * @throws {S3Error} those of {@linkcode parseFormPolicy}, {@linkcode verifyFormPolicy} and {@linkcode buildFormRequest}.
 */
export function acceptForm(
  { fields, file }: PostedForm,
  { sent, now, rules }: { sent: S3Request; now: Date; rules: RequestRules },
): AcceptedForm {
  const policy = parseFormPolicy(fields.get("policy") ?? "");
  verifyFormPolicy(policy, { fields, now });
  return { fields, file, policy, request: buildFormRequest(sent, { fields, rules }) };
}

/**
 * The file, as the body of a PutObject: a short one is read and proven first; a long one proves itself as it goes, and
 * its last bytes wait for the form's end.
 * @throws {S3Error} `EntityTooLarge`, `EntityTooSmall`; those of the file and of its checksum.
 */
export async function prepareForm(
  { file, policy, request }: AcceptedForm,
  { source, ...options }: PrepareOptions & {
    /** What the file is read through. */
    readonly source: ByteSource;
  },
): Promise<PreparedBody> {
  const checksum = parseDeclaredChecksum(request.sentHeaders);
  if (!file.isShort) {
    const length = file.bytesIfLast ?? 0;
    verifyLength(policy, length);
    file.expectLast();
    const plan = { kind: "verify_plain", length, sha256Hex: undefined, checksum } as const;
    return await prepareProven(plan, { ...options, body: source });
  }
  const { identity: { sharesAs } } = options.authenticated;
  const release = options.uploadSlots.take(sharesAs, options.rules.maxConcurrentStreamingUploads);
  try {
    const bytes = await file.readWhole(source);
    verifyLength(policy, bytes.length);
    const proven = proveChecksum(bytes, checksum);
    const body = bytes.length === 0 ? NO_BODY.body : { kind: "bytes", bytes } as const;
    return { ...NO_BODY, body, bytes: bytes.length, proof: Promise.resolve(proven) };
  } finally {
    release();
  }
}

function verifyLength(policy: FormPolicy, bytes: number): void {
  verifyFormLength(policy, bytes);
  if (bytes <= LIMITS.putBytesMax) return;
  throw new S3Error("EntityTooLarge", {
    detail: { ProposedSize: String(bytes), MaxSizeAllowed: String(LIMITS.putBytesMax) },
  });
}

function proveChecksum(
  bytes: Uint8Array,
  declared: DeclaredChecksum | undefined,
): ProvenChecksum | undefined {
  if (declared === undefined) return undefined;
  if (declared.source === "trailer") throw new S3Error("MalformedTrailerError");
  const hasher = createChecksumHasher(declared.algorithm);
  hasher.update(bytes);
  return verifyChecksum(declared.algorithm, {
    expected: declared.expected,
    actual: hasher.digest(),
  });
}

/**
 * The answer to a form, from that to its PutObject: a redirect to an allowed origin, or the status that it asks for, 204
 * where it asks for none that there is.
 */
export function answerForm(
  answer: Answer,
  { form: { fields, request }, redirectOrigins, context }: {
    form: AcceptedForm;
    redirectOrigins: ReadonlySet<string>;
    context: AnswerContext;
  },
): Answer {
  if (answer.code !== undefined || answer.status >= 300) return answer;
  const { resource, scheme, authority, path } = request;
  assert(resource.level === "object", "A form makes an object");
  const { bucket, key } = resource;
  const location = `${scheme}://${authority}${uriEncodePath(path)}`;
  const eTag = answer.headers.find(([name]) => name === "etag")?.[1] ?? "";
  const kept = answer.headers.filter(([name]) => !/^content-(?:length|type)$/.test(name));
  const target = fields.get("success_action_redirect") ?? fields.get("redirect");
  const redirect = target === undefined
    ? undefined
    : formatRedirect(target, { origins: redirectOrigins, bucket, key, eTag });
  if (redirect !== undefined) return empty(303, [...kept, ["location", redirect]]);
  const headers: HeaderList = [...kept, ["location", location]];
  switch (fields.get("success_action_status")) {
    case "200":
      return empty(200, headers);
    case "201":
      return {
        ...respondWithXml(
          buildRoot("PostResponse", [
            buildElement("Location", location),
            buildElement("Bucket", bucket),
            buildElement("Key", key),
            buildElement("ETag", eTag),
          ]),
          { context, headers: headers.filter(([name]) => name !== "x-amz-request-id") },
        ),
        status: 201,
      };
    default:
      return { status: 204, headers, body: null, code: undefined };
  }
}

function empty(status: number, headers: HeaderList): Answer {
  return { status, headers: [...headers, ["content-length", "0"]], body: null, code: undefined };
}
