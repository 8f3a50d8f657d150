# The proxy as one executable on an image without a shell, not as root.
#
#   docker build --build-arg COMMIT="$(git rev-parse --short=12 HEAD)" --tag s3-proxy:0.1.0 .
#   docker run --read-only --volume "$PWD/config.yaml:/etc/s3-proxy/config.yaml:ro" \
#     --user "65532:$(stat --format=%g config.yaml)" --publish 8080:8080 s3-proxy:0.1.0
FROM --platform=$BUILDPLATFORM denoland/deno:2.9.6 AS build
WORKDIR /build
COPY deno.json deno.lock main.ts ./
COPY scripts/compile.ts scripts/
COPY src src
ARG COMMIT=unknown
ARG TARGETARCH
RUN case "$TARGETARCH" in \
      amd64) target=x86_64-unknown-linux-gnu ;; \
      arm64) target=aarch64-unknown-linux-gnu ;; \
      *) echo "no Deno for \"$TARGETARCH\"" >&2; exit 1 ;; \
    esac && \
    deno task compile --target "$target"

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /build/s3-proxy /usr/local/bin/s3-proxy
USER 65532:65532
EXPOSE 8080 9090
ENTRYPOINT ["/usr/local/bin/s3-proxy"]
CMD ["-config", "/etc/s3-proxy/config.yaml"]
