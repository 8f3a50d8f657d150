/**
 * What every S3 client under test can do, in one vocabulary: each client's file translates it into
 * that client's own calls, with that client's default settings.
 * @module
 */

/** Where a client connects, and as whom. */
export interface Access {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** PEM file with the authority to trust; for HTTPS only. */
  readonly authorityFile: string | undefined;
  /** An empty folder for whatever the client has to keep in files. */
  readonly directory: string;
}

/** The region that clients sign for; the proxy accepts any. */
export const REGION = "us-east-1";

/** An object, or the name of one to be. */
export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

/** Bytes of an object, both ends included, from 0. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** What a listing shows. */
export interface Listing {
  readonly keys: readonly string[];
  /** Common prefixes, where a delimiter was given. */
  readonly prefixes: readonly string[];
}

/** Methods that clients make presigned URLs for. */
export type PresignedMethod = "GET" | "PUT";

/** A client at work. Every method rejects with what the client says, the S3 code or status in it. */
export interface Client {
  listBuckets(): Promise<readonly string[]>;
  makeBucket(bucket: string): Promise<void>;
  removeBucket(bucket: string): Promise<void>;
  /** Uploads a file, in parts where the client finds it large. */
  put(object: ObjectName, file: string): Promise<void>;
  /** Downloads to a file. */
  get(object: ObjectName, file: string): Promise<void>;
  getRange(object: ObjectName, range: ByteRange): Promise<Uint8Array>;
  /** The length that a HEAD tells, in bytes. */
  head(object: ObjectName): Promise<number>;
  /** Everything under `prefix`, folded at "/" where `folded`. */
  list(bucket: string, options: { prefix: string; folded: boolean }): Promise<Listing>;
  /** A server-side copy. */
  copy(source: ObjectName, target: ObjectName): Promise<void>;
  /** DeleteObjects; rejects when any key was refused. */
  deleteMany(bucket: string, keys: readonly string[]): Promise<void>;
  /** A URL that is good for some minutes. */
  presign(object: ObjectName, method: PresignedMethod): Promise<string>;
  close(): Promise<void>;
}

/** A client to be tested. */
export interface ClientKind {
  readonly name: string;
  /** Why the client cannot run here; told on stderr, and its tests are ignored. */
  readonly missing: string | undefined;
  /** What {@linkcode Client.presign} can do. */
  readonly presigns: readonly PresignedMethod[];
  /** Keys that the client itself cannot name, whatever the server. Default: none. */
  readonly cannotName?: RegExp;
  create(access: Access): Promise<Client>;
}
