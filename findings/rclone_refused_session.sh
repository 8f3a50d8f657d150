#!/usr/bin/env bash
# rclone 1.76.0 (aws-sdk-go-v2), env_auth with a web identity: where STS refuses the session (403 AccessDenied), `rclone copy FOLDER remote:bucket/path`
# says that the *destination* "is a file not a directory", and names neither STS nor the refusal.
#
# Guess: NewFs asks by HEAD whether the path is an object; the request is never sent, as there are no credentials, and whatever
# its error is but "not found" is taken for an object that is there.
#
# Everything is on 127.0.0.1: a server in this script stands for STS and S3. Building rclone takes minutes. Output seen:
#   Failed to create file system for "e:bucket/path": is a file not a directory
#   asked: POST AssumeRoleWithWebIdentity
# Exits with 1 where that has changed.
set -euo pipefail
work=$(mktemp --directory)
trap 'kill "$server" 2>/dev/null; rm --recursive --force "$work"' EXIT
server=
RCLONE_PROGRAM=${RCLONE_PROGRAM:-}
if [ -z "$RCLONE_PROGRAM" ]; then
  GOBIN="$work" go install github.com/rclone/rclone@v1.76.0
  RCLONE_PROGRAM="$work/rclone"
fi

cat >"$work/server.py" <<'PYTHON'
import http.server, sys, urllib.parse

REFUSAL = b"""<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error>
<RequestId>1</RequestId></ErrorResponse>"""


class Server(http.server.BaseHTTPRequestHandler):
    def respond(self):
        length = int(self.headers.get("content-length", 0))
        form = urllib.parse.parse_qs(self.rfile.read(length).decode("latin1"))
        with open(sys.argv[1] + "/asked", "a") as file:
            file.write(f"{self.command} {form.get('Action', [self.path])[0]}\n")
        self.send_response(403)
        self.send_header("content-length", str(len(REFUSAL)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(REFUSAL)

    do_GET = do_HEAD = do_PUT = do_POST = respond

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
with open(sys.argv[1] + "/port", "w") as file:
    file.write(str(server.server_port))
server.serve_forever()
PYTHON
python3 "$work/server.py" "$work" &
server=$!
until [ -s "$work/port" ]; do sleep 0.1; done
endpoint="http://127.0.0.1:$(cat "$work/port")"
mkdir "$work/folder"
echo text >"$work/folder/file"
echo example >"$work/token"

env --ignore-environment PATH="$PATH" HOME="$work" AWS_REGION=us-east-1 AWS_ENDPOINT_URL="$endpoint" \
  AWS_ENDPOINT_URL_STS="$endpoint" AWS_ROLE_ARN=arn:aws:iam::000000000000:role/example \
  AWS_WEB_IDENTITY_TOKEN_FILE="$work/token" RCLONE_CONFIG=/dev/null RCLONE_CONFIG_E_TYPE=s3 \
  RCLONE_CONFIG_E_PROVIDER=Other RCLONE_CONFIG_E_ENV_AUTH=true RCLONE_CONFIG_E_ENDPOINT="$endpoint" \
  "$RCLONE_PROGRAM" copy --retries=1 "$work/folder" e:bucket/path 2>"$work/said" && exit 1
{
  grep --only-matching 'Failed to create file system.*' "$work/said"
  echo "asked: $(sort --unique "$work/asked")"
} | tee "$work/seen"
diff "$work/seen" - <<'SEEN'
Failed to create file system for "e:bucket/path": is a file not a directory
asked: POST AssumeRoleWithWebIdentity
SEEN
