/**
 * The gateway, a proxy on each listener, and one scene played before all of them.
 * @module
 */

import { type Gateway, openGateway, type Transport, TRANSPORTS } from "../support/gateway.ts";
import { type ProxyChild, startProxy } from "../support/proxy_child.ts";
import { AnswerReader, type CanonicalAnswer } from "./canonical_answer.ts";
import { compareAnswers } from "./compare.ts";
import type { Row, Scene } from "./row.ts";
import { Side } from "./side.ts";

/** Who answers, over HTTP and over HTTPS. */
export interface Stage {
  readonly sides: Readonly<Record<Transport, Sides>>;
  readonly children: readonly ProxyChild[];
}

interface Sides {
  readonly gateway: Side;
  readonly proxies: readonly Side[];
}

/** A row with its answers: the gateway's, and each proxy's with what is wrong with it. */
export interface Played {
  readonly row: Row;
  readonly gateway: CanonicalAnswer;
  readonly proxies: readonly {
    readonly name: string;
    readonly answer: CanonicalAnswer;
    readonly found: readonly string[];
  }[];
}

const LISTENERS = ["serve", "hardened"] as const;

/** Sends a scene's rows to all sides, and compares. */
export async function playScene(scene: Scene, { sides }: Stage): Promise<Played[]> {
  const { gateway, proxies } = sides[scene.isSecure ? "https" : "http"];
  const [expected = [], ...others] = await Promise.all(
    [gateway, ...proxies].map((side) => playBefore(side, scene)),
  );
  return scene.rows.map((row, at) => {
    const told = pick(expected, at);
    return {
      row,
      gateway: told,
      proxies: proxies.map(({ name }, number) => {
        const answer = pick(others[number], at);
        return { name, answer, found: compareAnswers(row, { gateway: told, proxy: answer }) };
      }),
    };
  });
}

function pick(answers: readonly CanonicalAnswer[] | undefined, at: number): CanonicalAnswer {
  const answer = answers?.[at];
  if (answer === undefined) throw new Error(`Row ${at} has no answer`);
  return answer;
}

async function playBefore(side: Side, { name, rows }: Scene): Promise<CanonicalAnswer[]> {
  const answers: CanonicalAnswer[] = [];
  const reader = new AnswerReader(side);
  side.kept.clear();
  side.kept.set("owner", side.owner.id);
  side.kept.set("b", `${side.prefix}-${name.replaceAll(/[^a-z]+/g, "-")}`);
  for (const row of rows) {
    const response = await side.send(row).catch((cause) => {
      throw new Error(`${side.name} does not answer ${row.request}`, { cause });
    });
    answers.push(reader.read(response));
    for (const [kept, from] of Object.entries(row.keeps ?? {})) {
      const element = new RegExp(`<${from}>([^<]*)</${from}>`).exec(response.text)?.[1];
      side.kept.set(kept, response.header(from) ?? element ?? "nothing-was-kept");
    }
  }
  return answers;
}

/** Starts what is not there yet. */
export async function openStage(): Promise<Stage> {
  const gateway = await openGateway();
  const authority = await Deno.readTextFile(gateway.authorityFile);
  const started = await Promise.all(TRANSPORTS.map(async (transport) => {
    const children = await Promise.all(
      LISTENERS.map((listener) => startBehind(listener, { gateway, transport })),
    );
    const caCert = transport === "https" ? authority : undefined;
    return { children, sides: buildSides({ gateway, transport, children, caCert }) };
  }));
  const [http, https] = started.map(({ sides }) => sides);
  if (http === undefined || https === undefined) throw new Error("One side for each transport");
  return { sides: { http, https }, children: started.flatMap(({ children }) => children) };
}

function buildSides(
  { gateway, transport, children, caCert }: {
    gateway: Gateway;
    transport: Transport;
    children: readonly ProxyChild[];
    caCert: string | undefined;
  },
): Sides {
  return {
    gateway: new Side({
      name: "gateway",
      prefix: "same-gate",
      port: Number(new URL(gateway.endpoints[transport]).port),
      caCert,
      owner: { id: "master", displayName: "Master" },
      accessKey: gateway.accessKey,
      secretKey: gateway.secretKey,
    }),
    proxies: LISTENERS.map((listener, at) =>
      new Side({
        name: listener,
        prefix: prefixOf(listener),
        port: Number(new URL(children[at]?.endpoint ?? "").port),
        caCert,
        owner: { id: nameOf(listener), displayName: nameOf(listener) },
        ...keyOf(listener),
      })
    ),
  };
}

/** Of one length, so that lengths of answers can be compared; so are names of users. */
function prefixOf(listener: string): string {
  return `same-${listener.slice(0, 4)}`;
}

function nameOf(listener: string): string {
  return `${listener.slice(0, 4)}-u`;
}

function keyOf(listener: string): { accessKey: string; secretKey: string } {
  return { accessKey: `${listener}-key`, secretKey: `${listener}-secret-of-the-tests` };
}

async function startBehind(
  listener: string,
  { gateway, transport }: { gateway: Gateway; transport: Transport },
): Promise<ProxyChild> {
  const { accessKey, secretKey } = keyOf(listener);
  return await startProxy({
    gateway,
    transport,
    name: `same-answers-${listener}`,
    server: { listener, virtual_host_domains: ["localhost"] },
    security: { block_public_access: false },
    users: [{
      name: nameOf(listener),
      access_key: accessKey,
      secret_key: secretKey,
      grants: [{ access: "full", buckets: [`${prefixOf(listener)}-*`] }],
    }],
  });
}
