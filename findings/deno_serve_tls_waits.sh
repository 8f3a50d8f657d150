#!/usr/bin/env bash
# Deno 2.9.6, Deno.serve with a certificate, Linux: on a connection that is kept, the body of each small answer comes some 40 ms
# behind its head, over HTTP/1.1 and HTTP/2 alike, also where the body is an array of 1 KiB. Without TLS it comes at once.
#
# Guess: an answer whose body is there is one write; or the listener sets TCP_NODELAY on TLS connections, as it does on others.
#
# Behaviour: head and body are two writes, and the kernel holds the second back until the client's has confirmed the first, which
# it does after 40 ms. So curl's time from the first byte to the last is what is measured, of the second to the fourth of four
# requests on one connection. Output seen:
#   http, HTTP/1.1: at once
#   https, HTTP/1.1: 30 ms or more later
#   https, HTTP/2: 30 ms or more later
# Exits with 1 where that has changed. Needs curl, openssl and npx; only 127.0.0.1 is asked.
set -euo pipefail
work=$(mktemp --directory)
server=''
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm --recursive --force "$work"' EXIT
cd "$work"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout key.pem -out cert.pem 2>openssl.log
cat >server.ts <<'TS'
const answer = (): Response => new Response(new Uint8Array(1024));
const plain = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
const cert = Deno.readTextFileSync("cert.pem"), key = Deno.readTextFileSync("key.pem");
const secure = Deno.serve({ hostname: "127.0.0.1", port: 0, cert, key, onListen() {} }, answer);
Deno.writeTextFileSync("ports.new", `${plain.addr.port} ${secure.addr.port}\n`);
Deno.renameSync("ports.new", "ports");
TS
npm install --silent --no-audit --no-fund --prefix . deno@2.9.6 >npm.log
# The executable itself, so that its pid is the one to end.
deno=$(find node_modules/@deno -name deno -type f | head -1)
"./$deno" run --no-config --allow-net=127.0.0.1 --allow-read=. --allow-write=. server.ts &
server=$!
for _ in $(seq 100); do [ ! -e ports ] || break; sleep 0.1; done
read -r http https <ports

# The least of three, in whole milliseconds.
measure() {
  local version=$1 url=$2
  curl --silent --insecure "$version" --write-out '%{time_total} %{time_starttransfer}\n' \
    $(for request in 1 2 3 4; do echo "--output /dev/null $url/$request"; done) |
    awk 'NR > 1 { ms = int(($1 - $2) * 1000); if (least == "" || ms < least) least = ms }
      END { print (least >= 30 ? "30 ms or more later" : (least < 10 ? "at once" : least " ms later")) }'
}
{
  echo "http, HTTP/1.1: $(measure --http1.1 "http://127.0.0.1:$http")"
  echo "https, HTTP/1.1: $(measure --http1.1 "https://127.0.0.1:$https")"
  echo "https, HTTP/2: $(measure --http2 "https://127.0.0.1:$https")"
} | tee seen
diff seen - <<'SEEN'
http, HTTP/1.1: at once
https, HTTP/1.1: 30 ms or more later
https, HTTP/2: 30 ms or more later
SEEN
