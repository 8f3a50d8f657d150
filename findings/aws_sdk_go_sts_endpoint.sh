#!/usr/bin/env bash
# aws-sdk-go-v2 1.48.0 (config 1.33.16), Go 1.24 or later: with AWS_ENDPOINT_URL, which sets the endpoint of all services, the
# web identity of the environment (AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE) still goes to AWS's own STS, token and all,
# while S3 goes where the variable says. Only AWS_ENDPOINT_URL_STS changes that. Other SDKs (boto3, JavaScript, Rust) take
# AWS_ENDPOINT_URL for both.
#
# Guess: config.LoadDefaultConfig makes the STS client of its credential chain from options that do not have the base endpoint,
# which is resolved for each client from the shared configuration later.
#
# Nothing leaves this machine: HTTPS_PROXY names a recorder on 127.0.0.1 that refuses every connection and says where it would
# have gone; so no name is looked up either. Output seen:
#   AWS_ENDPOINT_URL only: CONNECT sts.eu-central-1.amazonaws.com:443
#   and AWS_ENDPOINT_URL_STS: POST / AssumeRoleWithWebIdentity
# Exits with 1 where that has changed.
set -euo pipefail
work=$(mktemp --directory)
trap 'chmod --recursive u+w "$work"; rm --recursive --force "$work"' EXIT
cd "$work"
cat >go.mod <<'MOD'
module finding

go 1.24

require (
	github.com/aws/aws-sdk-go-v2 v1.48.0
	github.com/aws/aws-sdk-go-v2/config v1.33.16
)
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

func main() {
	seen := make(chan string, 100)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	// Both the recorder of what would have left the machine, and the endpoint.
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			seen <- "CONNECT " + r.Host
		} else {
			r.ParseForm()
			seen <- r.Method + " " + r.URL.Path + " " + r.Form.Get("Action")
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	here := "http://" + listener.Addr().String()
	os.WriteFile("token", []byte("example"), 0o600)
	for name, value := range map[string]string{
		"HTTPS_PROXY": here, "NO_PROXY": "", "AWS_ENDPOINT_URL": here, "AWS_REGION": "eu-central-1",
		"AWS_ROLE_ARN": "arn:aws:iam::000000000000:role/example", "AWS_WEB_IDENTITY_TOKEN_FILE": "token",
		"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
	} {
		os.Setenv(name, value)
	}
	if len(os.Args) > 1 {
		os.Setenv("AWS_ENDPOINT_URL_STS", here)
	}
	settings, err := config.LoadDefaultConfig(context.Background(), config.WithRetryer(func() aws.Retryer {
		return aws.NopRetryer{}
	}))
	if err != nil {
		panic(err)
	}
	settings.Credentials.Retrieve(context.Background())
	fmt.Println(<-seen)
}
GO
export GOFLAGS=-mod=mod
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_PROFILE AWS_ENDPOINT_URL_STS
go build -o program .
{
  echo "AWS_ENDPOINT_URL only: $(./program)"
  echo "and AWS_ENDPOINT_URL_STS: $(./program sts)"
} | tee seen
diff seen - <<'SEEN'
AWS_ENDPOINT_URL only: CONNECT sts.eu-central-1.amazonaws.com:443
and AWS_ENDPOINT_URL_STS: POST / AssumeRoleWithWebIdentity
SEEN
