/**
 * The console: a page for people, and the questions that it asks. It stores nothing, sets no cookie, and believes nobody
 * who has not signed.
 * @module
 */

import type { Config } from "../config/config.ts";
import type { IdentityProvider } from "../identity/identity_provider.ts";
import type { Clock } from "../lib/clock.ts";
import type { SharedMemory } from "../lib/shared_memory.ts";
import { takeToken } from "../lib/token_bucket.ts";
import { LIMITS } from "../limits.ts";
import type { Activity } from "../observability/activity.ts";
import { cutQuery } from "../observability/redact.ts";
import type { Answer } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import type { RawRequest } from "../s3/request.ts";
import { parseRequestTarget, type RequestTarget } from "../s3/target.ts";
import { ActivityLog } from "./activity_log.ts";
import { answerQuestion, continueAfter, wantsStream } from "./api.ts";
import { answerJson, answerLines } from "./answers.ts";
import { authenticate, createDoorkeeper, type Doorkeeper, type Visitor } from "./authenticate.ts";
import { describeBootstrap, findS3Endpoint } from "./bootstrap.ts";
import { ConsoleError } from "./console_error.ts";
import { FILES, INDEX } from "./files.ts";
import { readConsoleHost } from "./host.ts";
import type { ProgramState } from "./program_state.ts";
import { ProviderOrigins, type ProviderOriginsOptions } from "./provider_origins.ts";
import { listSecurityHeaders } from "./security_headers.ts";
import { StaticFiles } from "./static_files.ts";
import { Streams } from "./streams.ts";

/** What it needs. */
export interface ConsoleOptions extends ProviderOriginsOptions {
  readonly clock: Clock;
  /** Where rates are counted. */
  readonly memory: SharedMemory;
  readonly readProgram: () => ProgramState;
}

/** A request that was understood. */
interface Understood {
  readonly raw: RawRequest;
  readonly target: RequestTarget;
  readonly s3Endpoint: string;
}

/** One console; a reload changes what it answers from. */
export class Console {
  readonly #options: ConsoleOptions;
  readonly #files = new StaticFiles(FILES);
  readonly #activity = new ActivityLog();
  readonly #streams = new Streams();
  readonly #providers: ProviderOrigins;
  #config: Config;
  #doorkeeper: Doorkeeper;

  constructor(config: Config, options: ConsoleOptions) {
    this.#options = options;
    this.#providers = new ProviderOrigins(options);
    this.#config = config;
    this.#doorkeeper = createDoorkeeper(config);
  }

  /**
   * Has every question from now on meet `config`: whoever is no administrator in it any more is refused. Answers that go on end,
   * and are asked for anew. People may sign in at `providers`.
   */
  reconfigure(config: Config, providers: readonly IdentityProvider[]): void {
    this.#config = config;
    this.#providers.reconfigure(providers);
    this.endStreams();
    this.#doorkeeper = createDoorkeeper(config);
    this.#activity.keepKeys(
      new Set(config.users.flatMap(({ keys }) => keys.map(({ accessKeyId }) => accessKeyId))),
    );
  }

  /** Ends the answers that go on. */
  endStreams(): void {
    this.#streams.endAll();
  }

  /** Takes in what a thread has done. */
  record(activity: Activity): void {
    this.#activity.add(activity, this.#options.clock().getTime());
  }

  /** Answers a request. Never rejects. */
  async answer(raw: RawRequest): Promise<Answer> {
    const host = readConsoleHost(raw.authority, this.#config.console?.origins ?? []);
    const s3Endpoint = findS3Endpoint(this.#config, host?.hostname ?? "localhost");
    const answer = await this.#answer(raw, { s3Endpoint, isKnownHost: host !== undefined })
      .catch((error: unknown) => this.#refuse(raw, error));
    answer.headers.push(...listSecurityHeaders({ s3Endpoint, providers: this.#providers.list }));
    return raw.method === "HEAD" ? { ...answer, body: null } : answer;
  }

  async #answer(
    raw: RawRequest,
    { s3Endpoint, isKnownHost }: { s3Endpoint: string; isKnownHost: boolean },
  ): Promise<Answer> {
    if (!isKnownHost) {
      throw new ConsoleError("wrong_host", {
        message: "The console is not at this host: open it by console.public_url, or as localhost.",
      });
    }
    if (raw.method !== "GET" && raw.method !== "HEAD") {
      throw new ConsoleError("method_not_allowed", { message: "Only GET and HEAD are answered." });
    }
    if (raw.body !== null) {
      throw new ConsoleError("bad_request", { message: "A request here has no body." });
    }
    const target = parseRequestTarget(raw.target);
    const understood = { raw, target, s3Endpoint };
    if (target.rawPath.startsWith("/api/")) return await this.#answerApi(understood);
    // They are in memory, and a page has many: whoever reloads it a few times is not to be left with half of it.
    this.#count(`files ${raw.clientAddress}`, {
      perSecond: LIMITS.consoleFilesPerSecondMax,
      burst: LIMITS.consoleFilesBurst,
    });
    if (target.rawPath === "/") await this.#providers.refresh(); // for its policy
    return this.#answerFile(understood);
  }

  #answerFile({ raw, target: { rawPath }, s3Endpoint }: Understood): Answer {
    if (rawPath === "/bootstrap.json") {
      return answerJson(describeBootstrap(this.#config, s3Endpoint));
    }
    const answer = this.#files.respond(rawPath === "/" ? INDEX : rawPath.slice(1), raw);
    if (answer !== undefined) return answer;
    throw new ConsoleError("not_found", { message: "There is no such page." });
  }

  async #answerApi({ raw, target }: Understood): Promise<Answer> {
    const now = this.#options.clock();
    const visitor = this.#authenticate(raw, now);
    this.#count(`user ${visitor.identity.sharesAs}`);
    if (raw.method === "GET" && wantsStream(target.query)) {
      return await this.#answerOn({ raw, target }, visitor);
    }
    return answerJson(await this.#ask({ raw, target }, { visitor, now, parameters: target.query }));
  }

  #ask(
    { raw, target }: Pick<Understood, "raw" | "target">,
    asked: { visitor: Visitor; now: Date; parameters: ReadonlyMap<string, string> },
  ): Promise<unknown> {
    const { visitor, now, parameters } = asked;
    return answerQuestion(target.rawPath, {
      ...visitor,
      config: this.#config,
      parameters,
      now,
      clientAddress: raw.clientAddress,
      activity: this.#activity,
      streams: this.#streams,
      readProgram: this.#options.readProgram,
    });
  }

  /** Each line is answered as if its request came at that moment: it ends where that would be refused, or too old. */
  async #answerOn(
    question: Pick<Understood, "raw" | "target">,
    first: Visitor,
  ): Promise<Answer> {
    const { raw, target } = question;
    const stream = this.#streams.open(first);
    let parameters: ReadonlyMap<string, string> = target.query;
    const ask = async (): Promise<unknown> => {
      const now = this.#options.clock();
      const visitor = authenticate(raw, { doorkeeper: this.#doorkeeper, now });
      const answer = await this.#ask(question, { visitor, now, parameters });
      parameters = continueAfter(parameters, answer);
      return answer;
    };
    try {
      const body = stream.createBody(
        await ask(),
        () => ask().catch((error: unknown) => void this.#refuse(raw, error)),
      );
      return answerLines(body);
    } catch (error) {
      stream.end();
      throw error;
    }
  }

  /** Strangers are counted by their address, so that they take nothing of any user's. */
  #authenticate(raw: RawRequest, now: Date): ReturnType<typeof authenticate> {
    try {
      return authenticate(raw, { doorkeeper: this.#doorkeeper, now });
    } catch (error) {
      this.#count(`address ${raw.clientAddress}`);
      throw error;
    }
  }

  #count(
    whose: string,
    rate: { readonly perSecond: number; readonly burst: number } = {
      perSecond: LIMITS.consoleRequestsPerSecondMax,
      burst: LIMITS.consoleRequestsBurst,
    },
  ): void {
    const { memory } = this.#options;
    const waitMs = takeToken(memory, {
      cell: memory.userCell(whose),
      kind: "consoleRequests",
      ...rate,
    });
    if (waitMs > 0) {
      throw new ConsoleError("slow_down", { message: "There are too many requests from here." });
    }
  }

  #refuse(raw: RawRequest, error: unknown): Answer {
    const { logger } = this.#options;
    const refusal = toConsoleError(error);
    const { code, status, message, detail } = refusal;
    if (code === "internal") logger.error("console request failed", { error: String(error) });
    else if (status === 403 || status === 421) {
      const { clientAddress: client_ip, method } = raw;
      logger.info("console request refused", {
        code,
        method,
        path: cutQuery(raw.target),
        client_ip,
      });
    }
    const answer = answerJson({ error: { code, message, ...detail } }, status);
    if (code === "slow_down") answer.headers.push(["retry-after", "1"]);
    if (code === "method_not_allowed") answer.headers.push(["allow", "GET, HEAD"]);
    return answer;
  }
}

/** What is no refusal is our own mistake, and says nothing to the client. */
function toConsoleError(error: unknown): ConsoleError {
  if (error instanceof ConsoleError) return error;
  if (error instanceof S3Error) {
    return new ConsoleError("bad_request", { message: "The request cannot be understood." });
  }
  return new ConsoleError("internal", { message: "The console could not answer." });
}
