// The AWS SDK for Java v2 as a client under test: a command a line on stdin, an answer a line on stdout,
// both JSON. Everything is the SDK's default but for the path style and multipart uploads, which it does
// not make on its own; credentials, region, endpoint and authority come from the environment.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

public final class Main {
  private static final Duration PRESIGNED_LIFETIME = Duration.ofMinutes(5);
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    trust(System.getenv("AWS_CA_BUNDLE"));
    URI endpoint = URI.create(System.getenv("AWS_ENDPOINT_URL_S3"));
    try (S3AsyncClient client = S3AsyncClient.builder()
            .endpointOverride(endpoint).forcePathStyle(true).multipartEnabled(true).build();
        S3Presigner presigner = S3Presigner.builder().endpointOverride(endpoint)
            .serviceConfiguration(S3Configuration.builder().pathStyleAccessEnabled(true).build())
            .build();
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line; (line = lines.readLine()) != null; ) {
        System.out.write((respond(client, presigner, line) + "\n").getBytes(StandardCharsets.UTF_8));
        System.out.flush();
      }
    }
  }

  private static String respond(S3AsyncClient client, S3Presigner presigner, String line)
      throws Exception {
    try {
      Object value = run(client, presigner, JSON.readTree(line));
      return "{\"value\":" + JSON.writeValueAsString(value) + "}";
    } catch (Exception error) {
      return JSON.writeValueAsString(Map.of("error", String.valueOf(error)));
    }
  }

  private static Object run(S3AsyncClient client, S3Presigner presigner, JsonNode command)
      throws Exception {
    String bucket = text(command, "bucket");
    String key = text(command, "key");
    switch (text(command, "command")) {
      case "list_buckets":
        return client.listBuckets().join().buckets().stream().map(b -> b.name()).toList();
      case "make_bucket":
        client.createBucket(r -> r.bucket(bucket)).join();
        return null;
      case "remove_bucket":
        client.deleteBucket(r -> r.bucket(bucket)).join();
        return null;
      case "put":
        client.putObject(r -> r.bucket(bucket).key(key),
            AsyncRequestBody.fromFile(Path.of(text(command, "file")))).join();
        return null;
      case "get":
        Path file = Path.of(text(command, "file"));
        Files.deleteIfExists(file);
        client.getObject(r -> r.bucket(bucket).key(key), AsyncResponseTransformer.toFile(file)).join();
        return null;
      case "get_range":
        return client.getObject(r -> r.bucket(bucket).key(key).range(text(command, "range")),
            AsyncResponseTransformer.toBytes()).join().asByteArray();
      case "head":
        return client.headObject(r -> r.bucket(bucket).key(key)).join().contentLength();
      case "list":
        return list(client, command);
      case "copy":
        client.copyObject(r -> r.sourceBucket(text(command, "source_bucket"))
            .sourceKey(text(command, "source_key")).destinationBucket(bucket).destinationKey(key)).join();
        return null;
      case "delete_many":
        return deleteMany(client, command);
      case "presign":
        return presign(presigner, command);
      default:
        throw new IllegalArgumentException("unknown command");
    }
  }

  private static Object list(S3AsyncClient client, JsonNode command) {
    List<String> keys = new ArrayList<>();
    List<String> prefixes = new ArrayList<>();
    client.listObjectsV2Paginator(r -> r.bucket(text(command, "bucket"))
        .prefix(text(command, "prefix")).delimiter(text(command, "delimiter"))).subscribe(page -> {
          page.contents().forEach(object -> keys.add(object.key()));
          page.commonPrefixes().forEach(prefix -> prefixes.add(prefix.prefix()));
        }).join();
    return Map.of("keys", keys, "prefixes", prefixes);
  }

  private static Object deleteMany(S3AsyncClient client, JsonNode command) {
    List<ObjectIdentifier> objects = new ArrayList<>();
    command.get("keys").forEach(key -> objects.add(ObjectIdentifier.builder().key(key.asText()).build()));
    var answer = client.deleteObjects(r -> r.bucket(text(command, "bucket"))
        .delete(d -> d.objects(objects))).join();
    if (answer.hasErrors()) throw new IllegalStateException("not deleted: " + answer.errors());
    return null;
  }

  private static String presign(S3Presigner presigner, JsonNode command) {
    String bucket = text(command, "bucket");
    String key = text(command, "key");
    if (text(command, "method").equals("PUT")) {
      return presigner.presignPutObject(r -> r.signatureDuration(PRESIGNED_LIFETIME)
          .putObjectRequest(o -> o.bucket(bucket).key(key))).url().toString();
    }
    return presigner.presignGetObject(r -> r.signatureDuration(PRESIGNED_LIFETIME)
        .getObjectRequest(o -> o.bucket(bucket).key(key))).url().toString();
  }

  private static String text(JsonNode command, String name) {
    return command.path(name).asText("");
  }

  /** Java reads no PEM file on its own. */
  private static void trust(String pemFile) throws Exception {
    if (pemFile == null) return;
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (FileInputStream pem = new FileInputStream(pemFile)) {
      store.setCertificateEntry("e2e", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    Path file = Files.createTempFile("e2e", ".p12");
    try (FileOutputStream out = new FileOutputStream(file.toFile())) {
      store.store(out, "changeit".toCharArray());
    }
    System.setProperty("javax.net.ssl.trustStore", file.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
  }
}
