import assert from "node:assert/strict";

const ROOT = new URL("../../../", import.meta.url);
const site = parseDirectives(await readText("nginx/s3-proxy.conf"));
const [, shown = ""] = /```nginx\n(.*?)```/s.exec(await readText("docs/NGINX.md")) ?? [];

Deno.test("docs/NGINX.md shows directives of nginx/s3-proxy.conf, and only those", () => {
  const directives = parseDirectives(shown);
  assert.ok(directives.length > 0);
  for (const directive of directives) assert.ok(site.includes(directive), directive);
});

Deno.test("the site changes nothing that is signed, and holds no body back", () => {
  for (
    const directive of [
      "proxy_pass http://s3_proxy",
      "proxy_set_header Host $http_host",
      "ignore_invalid_headers off",
      "underscores_in_headers on",
      "merge_slashes off",
      "proxy_request_buffering off",
      "proxy_buffering off",
      "client_max_body_size 0",
    ]
  ) assert.ok(site.includes(directive), directive);
});

/** `name value …`, without blocks, comments and runs of blanks. */
function parseDirectives(text: string): string[] {
  return text.replaceAll(/#.*$/gm, "").split(/[;{}]/)
    .map((directive) => directive.trim().replaceAll(/\s+/g, " "))
    .filter((directive) => directive !== "");
}

function readText(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}
