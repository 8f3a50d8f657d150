#!/usr/bin/env bash
# boto3 1.44.8 (botocore 1.44.8), Python 3: a session of AssumeRoleWithWebIdentity that lasts 900 s, the least that STS allows
# (DurationSeconds=900), is asked for anew before every single request to S3; one of 930 s is asked for once.
#
# Guess: credentials count as due for a refresh when less than 15 minutes are left (botocore/credentials.py,
# _advisory_refresh_timeout = 15 * 60), and a session of 15 minutes is never further from its end than that.
#
# Everything is on 127.0.0.1: a fake STS and S3 in this script counts the requests. Output seen:
#   session of 900 s: 6 requests to S3, 6 to STS
#   session of 930 s: 6 requests to S3, 1 to STS
# Exits with 1 where that has changed.
set -euo pipefail
work=$(mktemp --directory)
trap 'rm --recursive --force "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check boto3==1.44.8 botocore==1.44.8

cat >"$work/program.py" <<'PYTHON'
import datetime, http.server, os, sys, threading

counts = {"STS": 0, "S3": 0}
seconds = 0


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        counts["STS"] += 1
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
        self.answer(f"""<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId>
<SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
<Expiration>{end.strftime("%Y-%m-%dT%H:%M:%SZ")}</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>""")

    def do_HEAD(self):
        counts["S3"] += 1
        self.answer("")

    def answer(self, text):
        body = text.encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
token = os.path.join(sys.argv[1], "token")
with open(token, "w") as file:
    file.write("example")
os.environ.update(
    AWS_ENDPOINT_URL=f"http://127.0.0.1:{server.server_port}",
    AWS_REGION="us-east-1",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_ROLE_ARN="arn:aws:iam::000000000000:role/example",
    AWS_WEB_IDENTITY_TOKEN_FILE=token,
    AWS_CONFIG_FILE="/dev/null",
    AWS_SHARED_CREDENTIALS_FILE="/dev/null",
    AWS_EC2_METADATA_DISABLED="true",
)
import boto3

for seconds in (900, 930):
    counts.update(STS=0, S3=0)
    client = boto3.session.Session().client("s3")
    for _ in range(6):
        client.head_bucket(Bucket="example")
    print(f"session of {seconds} s: {counts['S3']} requests to S3, {counts['STS']} to STS")
PYTHON

env --unset=AWS_PROFILE --unset=AWS_ACCESS_KEY_ID --unset=AWS_SECRET_ACCESS_KEY --unset=HTTP_PROXY --unset=http_proxy \
  "$work/venv/bin/python" "$work/program.py" "$work" | tee "$work/seen"
diff "$work/seen" - <<'SEEN'
session of 900 s: 6 requests to S3, 6 to STS
session of 930 s: 6 requests to S3, 1 to STS
SEEN
