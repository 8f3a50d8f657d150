//! The AWS SDK for Rust as a client under test: a command a line on stdin, an answer a line on stdout, both
//! JSON. Everything is the SDK's default but for the path style; it makes no multipart uploads on its own.
//! Credentials, region and endpoint come from the environment, the authority from SSL_CERT_FILE.

use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Duration;

use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use aws_sdk_s3::Client;
use base64::prelude::{Engine, BASE64_STANDARD};
use serde_json::{json, Value};

type Answer = Result<Value, Box<dyn Error>>;

const PRESIGNED_LIFETIME: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let settings = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let config = aws_sdk_s3::config::Builder::from(&settings).force_path_style(true).build();
    let client = Client::from_conf(config);
    for line in std::io::stdin().lock().lines() {
        let answer = match run(&client, &serde_json::from_str(&line?)?).await {
            Ok(value) => json!({ "value": value }),
            Err(error) => json!({ "error": DisplayErrorContext(&*error).to_string() }),
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

async fn run(client: &Client, command: &Value) -> Answer {
    let text = |name: &str| command[name].as_str().unwrap_or_default().to_owned();
    let (bucket, key) = (text("bucket"), text("key"));
    match text("command").as_str() {
        "list_buckets" => {
            let answer = client.list_buckets().send().await?;
            Ok(json!(answer.buckets().iter().filter_map(|b| b.name()).collect::<Vec<_>>()))
        }
        "make_bucket" => {
            client.create_bucket().bucket(bucket).send().await?;
            Ok(Value::Null)
        }
        "remove_bucket" => {
            client.delete_bucket().bucket(bucket).send().await?;
            Ok(Value::Null)
        }
        "put" => {
            let body = ByteStream::from_path(text("file")).await?;
            client.put_object().bucket(bucket).key(key).body(body).send().await?;
            Ok(Value::Null)
        }
        "get" => {
            let answer = client.get_object().bucket(bucket).key(key).send().await?;
            std::fs::write(text("file"), answer.body.collect().await?.into_bytes())?;
            Ok(Value::Null)
        }
        "get_range" => {
            let range = text("range");
            let answer = client.get_object().bucket(bucket).key(key).range(range).send().await?;
            Ok(json!(BASE64_STANDARD.encode(answer.body.collect().await?.into_bytes())))
        }
        "head" => {
            let answer = client.head_object().bucket(bucket).key(key).send().await?;
            Ok(json!(answer.content_length()))
        }
        "list" => list(client, &bucket, &text("prefix"), &text("delimiter")).await,
        "copy" => {
            // The SDK leaves the encoding to its caller.
            let source = encode(&format!("{}/{}", text("source_bucket"), text("source_key")));
            client.copy_object().bucket(bucket).key(key).copy_source(source).send().await?;
            Ok(Value::Null)
        }
        "delete_many" => delete_many(client, &bucket, &command["keys"]).await,
        "presign" => {
            let config = PresigningConfig::expires_in(PRESIGNED_LIFETIME)?;
            let request = if text("method") == "PUT" {
                client.put_object().bucket(bucket).key(key).presigned(config).await?
            } else {
                client.get_object().bucket(bucket).key(key).presigned(config).await?
            };
            Ok(json!(request.uri()))
        }
        _ => Err("unknown command".into()),
    }
}

async fn list(client: &Client, bucket: &str, prefix: &str, delimiter: &str) -> Answer {
    let (mut keys, mut prefixes) = (Vec::new(), Vec::new());
    let request = client.list_objects_v2().bucket(bucket).prefix(prefix).delimiter(delimiter);
    let mut pages = request.into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page?;
        keys.extend(page.contents().iter().filter_map(|o| o.key().map(str::to_owned)));
        prefixes.extend(page.common_prefixes().iter().filter_map(|p| p.prefix().map(str::to_owned)));
    }
    Ok(json!({ "keys": keys, "prefixes": prefixes }))
}

async fn delete_many(client: &Client, bucket: &str, keys: &Value) -> Answer {
    let objects = keys
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|key| ObjectIdentifier::builder().key(key).build())
        .collect::<Result<Vec<_>, _>>()?;
    let delete = Delete::builder().set_objects(Some(objects)).build()?;
    let answer = client.delete_objects().bucket(bucket).delete(delete).send().await?;
    match answer.errors() {
        [] => Ok(Value::Null),
        errors => Err(format!("not deleted: {errors:?}").into()),
    }
}

/// Percent-encodes everything but what RFC 3986 leaves as it is, and slashes.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
