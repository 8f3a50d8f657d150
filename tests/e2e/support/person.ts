/**
 * Somebody in front of a browser: opens a page, fills in its forms, follows its redirects.
 * @module
 */

import assert from "node:assert/strict";

const STEPS_MAX = 20;

/** What a person does with a login that a program has asked for. */
export type Answer = "confirm" | "refuse";

/** Opens the page for a device code and answers it, as `name`; resolves with the last page's text. */
export async function answerDevice(
  url: string,
  { name, answer }: { name: string; answer: Answer },
): Promise<string> {
  const cookies = new Map<string, string>();
  let page = await open({ url, cookies });
  for (let step = 0; step < STEPS_MAX; step++) {
    const form = findForm(page.html);
    if (form === undefined) return page.html;
    const fields = new URLSearchParams(form.fields);
    if (fields.has("login")) fields.set("login", name);
    if (fields.has("password")) fields.set("password", "any");
    const refuses = answer === "refuse" && page.html.includes('name="abort"');
    if (refuses) fields.set("abort", "yes");
    page = await open({ url: new URL(form.action, page.url).href, cookies, body: fields });
    if (refuses) return page.html;
  }
  assert.fail(`after ${STEPS_MAX} forms: ${page.html}`);
}

interface Visit {
  readonly url: string;
  readonly cookies: Map<string, string>;
  readonly body?: URLSearchParams;
}

async function open({ url, cookies, body }: Visit): Promise<{ url: string; html: string }> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const response = await fetch(url, {
    method: body === undefined ? "GET" : "POST",
    headers: { cookie },
    body: body ?? null,
    redirect: "manual",
  });
  for (const line of response.headers.getSetCookie()) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === "") cookies.delete(name);
    else cookies.set(name, value);
  }
  const html = await response.text();
  const location = response.headers.get("location");
  if (location === null) return { url, html };
  return await open({ url: new URL(location, url).href, cookies });
}

function findForm(
  html: string,
): { action: string; fields: [name: string, value: string][] } | undefined {
  const [, attributes = "", content = ""] = /<form([^>]*)>(.*?)<\/form>/s.exec(html) ?? [];
  const action = readAttribute(attributes, "action");
  if (action === undefined) return undefined;
  const fields = [...content.matchAll(/<input([^>]*)>/g)].flatMap(([, text = ""]) => {
    const name = readAttribute(text, "name");
    return name === undefined
      ? []
      : [[name, readAttribute(text, "value") ?? ""] as [string, string]];
  });
  return { action, fields };
}

function readAttribute(text: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1];
}
