// @ts-check
/**
 * How to set up S3 clients, with the endpoint and the key's id filled in, and never the secret.
 * @module
 */

const SECRET = "YOUR_SECRET_KEY";
const TOKEN = "YOUR_SESSION_TOKEN";

/**
 * @param {{endpoint: string, region: string, accessKeyId: string, role: string | undefined}} facts
 * @returns {{name: string, text: string}[]}
 */
export function buildSnippets({ endpoint, region, accessKeyId, role }) {
  const facts = { endpoint, region, key: accessKeyId, hasToken: role !== undefined };
  return [
    { name: "aws-cli", text: buildAwsCli(facts) },
    { name: "rclone", text: buildRclone(facts) },
    { name: "s3cmd", text: buildS3cmd(facts) },
    { name: "boto3", text: buildBoto3(facts) },
    { name: "Go", text: buildGo(facts) },
    { name: "JavaScript", text: buildJavaScript(facts) },
  ];
}

/** @typedef {{endpoint: string, region: string, key: string, hasToken: boolean}} Facts */

/** @param {Facts} facts */
function buildAwsCli({ endpoint, region, key, hasToken }) {
  return `export AWS_ACCESS_KEY_ID=${quoteShell(key)} AWS_SECRET_ACCESS_KEY=${SECRET}
${
    hasToken
      ? `export AWS_SESSION_TOKEN=${TOKEN}\n`
      : ""
  }export AWS_DEFAULT_REGION=${region} AWS_ENDPOINT_URL=${endpoint}
aws s3 ls`;
}

/** @param {Facts} facts */
function buildRclone({ endpoint, region, key, hasToken }) {
  return `[s3proxy]
type = s3
provider = Other
access_key_id = ${key}
secret_access_key = ${SECRET}
${hasToken ? `session_token = ${TOKEN}\n` : ""}endpoint = ${endpoint}
region = ${region}`;
}

/** @param {Facts} facts */
function buildS3cmd({ endpoint, region, key, hasToken }) {
  const { host, protocol } = new URL(endpoint);
  return `[default]
access_key = ${key}
secret_key = ${SECRET}
${hasToken ? `access_token = ${TOKEN}\n` : ""}host_base = ${host}
host_bucket = ${host}
use_https = ${protocol === "https:" ? "True" : "False"}
bucket_location = ${region}`;
}

/** @param {Facts} facts */
function buildBoto3({ endpoint, region, key, hasToken }) {
  return `import boto3
from botocore.config import Config

s3 = boto3.client(
    "s3",
    endpoint_url=${JSON.stringify(endpoint)},
    region_name=${JSON.stringify(region)},
    aws_access_key_id=${JSON.stringify(key)},
    aws_secret_access_key="${SECRET}",
${hasToken ? `    aws_session_token="${TOKEN}",\n` : ""}    config=Config(signature_version="s3v4"),
)
print(s3.list_buckets()["Buckets"])`;
}

/** @param {Facts} facts */
function buildGo({ endpoint, region, key, hasToken }) {
  return `cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(${
    JSON.stringify(region)
  }), config.WithCredentialsProvider(
	credentials.NewStaticCredentialsProvider(${JSON.stringify(key)}, "${SECRET}", "${
    hasToken ? TOKEN : ""
  }")))
if err != nil {
	log.Fatal(err)
}
client := s3.NewFromConfig(cfg, func(o *s3.Options) {
	o.BaseEndpoint = aws.String(${JSON.stringify(endpoint)})
	o.UsePathStyle = true
})`;
}

/** @param {Facts} facts */
function buildJavaScript({ endpoint, region, key, hasToken }) {
  return `import { S3Client } from "@aws-sdk/client-s3";

const s3 = new S3Client({
  endpoint: ${JSON.stringify(endpoint)},
  region: ${JSON.stringify(region)},
  forcePathStyle: true,
  credentials: {
    accessKeyId: ${JSON.stringify(key)},
    secretAccessKey: "${SECRET}",${hasToken ? `\n    sessionToken: "${TOKEN}",` : ""}
  },
});`;
}

/** @param {string} text */
function quoteShell(text) {
  return /^[\w./+=:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
