/**
 * A client in another language: a small program that reads one command a line on stdin and writes one
 * answer a line on stdout, both JSON. It runs for as long as the client is open.
 * @module
 */

import { Buffer } from "node:buffer";
import { BARE_ENVIRONMENT } from "./command.ts";
import type { ByteRange, Client, Listing, ObjectName, PresignedMethod } from "./client.ts";

/** How the program is started. */
export interface LineProgram {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Where a form is sent, and the fields before its file. */
export interface SignedForm {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** What the program writes. */
type Answer = { readonly value: unknown } | { readonly error: string };

const ANSWER_TIMEOUT_MS = 120_000;

/** The commands: the names of {@linkcode Client}'s methods in snake_case, with the arguments' names. */
export class LineClient implements Client {
  readonly #child: Deno.ChildProcess;
  readonly #commands: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor({ program, args, env }: LineProgram) {
    this.#child = new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      env: { ...BARE_ENVIRONMENT, ...env },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#commands = this.#child.stdin.getWriter();
    this.#answers = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  async listBuckets(): Promise<string[]> {
    return await this.#ask("list_buckets", {}) as string[]; // as the program says it
  }

  async makeBucket(bucket: string): Promise<void> {
    await this.#ask("make_bucket", { bucket });
  }

  async removeBucket(bucket: string): Promise<void> {
    await this.#ask("remove_bucket", { bucket });
  }

  async put(object: ObjectName, file: string): Promise<void> {
    await this.#ask("put", { ...object, file });
  }

  async get(object: ObjectName, file: string): Promise<void> {
    await this.#ask("get", { ...object, file });
  }

  async getRange(object: ObjectName, { first, last }: ByteRange): Promise<Uint8Array> {
    const range = `bytes=${first}-${last}`;
    const base64 = await this.#ask("get_range", { ...object, range });
    return Buffer.from(String(base64), "base64");
  }

  async head(object: ObjectName): Promise<number> {
    return Number(await this.#ask("head", { ...object }));
  }

  async list(
    bucket: string,
    { prefix, folded }: { prefix: string; folded: boolean },
  ): Promise<Listing> {
    const delimiter = folded ? "/" : "";
    return await this.#ask("list", { bucket, prefix, delimiter }) as Listing; // as the program says
  }

  async copy(source: ObjectName, target: ObjectName): Promise<void> {
    const from = { source_bucket: source.bucket, source_key: source.key };
    await this.#ask("copy", { ...target, ...from });
  }

  async deleteMany(bucket: string, keys: readonly string[]): Promise<void> {
    await this.#ask("delete_many", { bucket, keys });
  }

  async presign(object: ObjectName, method: PresignedMethod): Promise<string> {
    return String(await this.#ask("presign", { ...object, method }));
  }

  /** A form for uploads, as boto3 signs it. */
  async presignPost(input: {
    bucket: string;
    key: string;
    fields: Readonly<Record<string, string>>;
    conditions: readonly unknown[];
  }): Promise<SignedForm> {
    return await this.#ask("presign_post", input) as SignedForm; // as the program says it
  }

  async close(): Promise<void> {
    await this.#commands.close();
    await this.#answers.cancel();
    const { code } = await this.#child.status;
    if (code !== 0) throw new Error(`The client ended with exit code ${code}`);
  }

  async #ask(command: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
    const line = JSON.stringify({ command, ...args });
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), ANSWER_TIMEOUT_MS);
    try {
      await this.#commands.write(new TextEncoder().encode(`${line}\n`));
      const answer: Answer = JSON.parse(await this.#readLine());
      if ("error" in answer) throw new Error(`${line}: ${answer.error}`);
      return answer.value;
    } finally {
      clearTimeout(timer);
    }
  }

  async #readLine(): Promise<string> {
    let end: number;
    while ((end = this.#text.indexOf("\n")) < 0) {
      const { done, value } = await this.#answers.read();
      if (done) throw new Error("The client ended in the middle");
      this.#text += value;
    }
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return line;
  }
}
