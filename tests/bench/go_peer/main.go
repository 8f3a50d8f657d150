// Command go_peer is what the benchmark compares s3-proxy with: the same work, written the way a Go programmer would
// write it in an afternoon. It verifies SigV4, decides by bucket, signs again with the AWS SDK's signer, and passes
// everything through httputil.ReverseProxy; it has a structured log line and Prometheus metrics for each request.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"flag"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"
)

const (
	algorithm       = "AWS4-HMAC-SHA256"
	unsignedPayload = "UNSIGNED-PAYLOAD"
	dateLayout      = "20060102T150405Z"
	skew            = 15 * time.Minute
)

type user struct{ secret, bucket string }

type claim struct {
	accessKey, date, region, signature, payload string
	scope                                       string
	signedHeaders                               []string
	isPresigned                                 bool
}

type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int)      { r.status = status; r.ResponseWriter.WriteHeader(status) }
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
func (r *recorder) Write(p []byte) (int, error) {
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// ReadFrom keeps the kernel's way from socket to socket open.
func (r *recorder) ReadFrom(source io.Reader) (int64, error) {
	n, err := io.Copy(r.ResponseWriter, source)
	r.bytes += n
	return n, err
}

var signingKeys sync.Map

func digest(key, text string) []byte { return digestBytes([]byte(key), text) }

func digestBytes(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func signingKey(secret, date, region string) []byte {
	id := secret + "\x00" + date + "\x00" + region
	if key, found := signingKeys.Load(id); found {
		return key.([]byte)
	}
	key := digestBytes(digestBytes(digestBytes(digest("AWS4"+secret, date), region), "s3"), "aws4_request")
	signingKeys.Store(id, key)
	return key
}

func readClaim(r *http.Request, query url.Values) (claim, bool) {
	if authorization := r.Header.Get("Authorization"); authorization != "" {
		rest, found := strings.CutPrefix(authorization, algorithm+" ")
		if !found {
			return claim{}, false
		}
		fields := map[string]string{}
		for _, field := range strings.Split(rest, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
			fields[name] = value
		}
		return newClaim(fields["Credential"], fields["SignedHeaders"], fields["Signature"],
			r.Header.Get("X-Amz-Date"), r.Header.Get("X-Amz-Content-Sha256"), false)
	}
	if query.Get("X-Amz-Algorithm") != algorithm {
		return claim{}, false
	}
	return newClaim(query.Get("X-Amz-Credential"), query.Get("X-Amz-SignedHeaders"), query.Get("X-Amz-Signature"),
		query.Get("X-Amz-Date"), unsignedPayload, true)
}

func newClaim(credential, signedHeaders, signature, date, payload string, isPresigned bool) (claim, bool) {
	parts := strings.Split(credential, "/")
	if len(parts) != 5 || parts[3] != "s3" || parts[4] != "aws4_request" {
		return claim{}, false
	}
	return claim{
		accessKey: parts[0], region: parts[2], scope: strings.Join(parts[1:], "/"), date: date, payload: payload,
		signature: signature, signedHeaders: strings.Split(signedHeaders, ";"), isPresigned: isPresigned,
	}, true
}

func encode(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte("0123456789ABCDEF"[c>>4])
		b.WriteByte("0123456789ABCDEF"[c&15])
	}
	return b.String()
}

func canonicalQuery(query url.Values) string {
	pairs := make([]string, 0, len(query))
	for name, values := range query {
		if name == "X-Amz-Signature" {
			continue
		}
		for _, value := range values {
			pairs = append(pairs, encode(name)+"="+encode(value))
		}
	}
	sort.Strings(pairs)
	return strings.Join(pairs, "&")
}

func verify(r *http.Request, users map[string]user, query url.Values, now time.Time) (string, user, bool) {
	c, ok := readClaim(r, query)
	if !ok {
		return "", user{}, false
	}
	u, known := users[c.accessKey]
	date, err := time.Parse(dateLayout, c.date)
	if !known || err != nil || !strings.HasPrefix(c.scope, c.date[:8]+"/") {
		return c.accessKey, u, false
	}
	if age := now.Sub(date); age < -skew || !c.isPresigned && age > skew {
		return c.accessKey, u, false
	}
	var b strings.Builder
	b.WriteString(r.Method + "\n" + strings.ReplaceAll(encode(r.URL.Path), "%2F", "/") + "\n" + canonicalQuery(query) + "\n")
	for _, name := range c.signedHeaders {
		value := strings.Join(r.Header.Values(name), ",")
		if name == "host" {
			value = r.Host
		}
		b.WriteString(name + ":" + strings.Join(strings.Fields(value), " ") + "\n")
	}
	b.WriteString("\n" + strings.Join(c.signedHeaders, ";") + "\n" + c.payload)
	sum := sha256.Sum256([]byte(b.String()))
	text := algorithm + "\n" + c.date + "\n" + c.scope + "\n" + hex.EncodeToString(sum[:])
	expected := hex.EncodeToString(digestBytes(signingKey(u.secret, c.date[:8], c.region), text))
	return c.accessKey, u, subtle.ConstantTimeCompare([]byte(expected), []byte(c.signature)) == 1
}

func refuse(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusForbidden)
	w.Write([]byte("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code + "</Code></Error>"))
}

func main() {
	listen := flag.String("listen", "", "address to listen on")
	backend := flag.String("backend", "", "origin of the backend")
	metrics := flag.String("metrics", "", "address of the metrics")
	master := flag.String("master", "", "ACCESS:SECRET of the backend")
	given := flag.String("users", "", "ACCESS:SECRET:BUCKET, ...")
	cert, key := flag.String("cert", "", "PEM file"), flag.String("key", "", "PEM file")
	flag.Parse()

	users := map[string]user{}
	for _, text := range strings.Split(*given, ",") {
		parts := strings.SplitN(text, ":", 3)
		users[parts[0]] = user{parts[1], parts[2]}
	}
	accessKey, secret, _ := strings.Cut(*master, ":")
	credentials := aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secret}
	target, err := url.Parse(*backend)
	if err != nil {
		panic(err)
	}
	logger, err := zap.NewProduction()
	if err != nil {
		panic(err)
	}
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total"}, []string{"method", "status", "user"})
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "request_seconds"}, []string{"method"})
	prometheus.MustRegister(requests, seconds)

	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	buffers := &sync.Pool{New: func() any { return make([]byte, 32<<10) }}
	proxy := &httputil.ReverseProxy{
		BufferPool: pool{buffers},
		Transport: &http.Transport{
			MaxIdleConns: 2000, MaxIdleConnsPerHost: 2000, DisableCompression: true,
			DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		},
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.Host = target.Host
			query := p.Out.URL.Query()
			for name := range query {
				if strings.HasPrefix(name, "X-Amz-") {
					query.Del(name)
				}
			}
			p.Out.URL.RawQuery = canonicalQuery(query)
			for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Content-Sha256", "X-Amz-Security-Token"} {
				p.Out.Header.Del(name)
			}
			p.Out.Header.Set("X-Amz-Content-Sha256", unsignedPayload)
			if err := signer.SignHTTP(p.Out.Context(), credentials, p.Out, unsignedPayload, "s3", "us-east-1", time.Now()); err != nil {
				panic(err)
			}
		},
	}
	answer := func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		response := &recorder{ResponseWriter: w, status: 200}
		query := r.URL.Query()
		name, u, ok := verify(r, users, query, started)
		bucket, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		switch {
		case !ok:
			refuse(response, "SignatureDoesNotMatch")
		case u.bucket != bucket:
			refuse(response, "AccessDenied")
		default:
			proxy.ServeHTTP(response, r)
		}
		took := time.Since(started)
		seconds.WithLabelValues(r.Method).Observe(took.Seconds())
		requests.WithLabelValues(r.Method, http.StatusText(response.status), name).Inc()
		logger.Info("request completed", zap.String("user", name), zap.String("method", r.Method),
			zap.String("path", r.URL.Path), zap.String("bucket", bucket), zap.Int("status", response.status),
			zap.Duration("duration", took), zap.Int64("bytes", response.bytes), zap.String("client", r.RemoteAddr),
			zap.String("user_agent", r.UserAgent()), zap.Bool("allowed", ok && u.bucket == bucket))
	}
	if *metrics != "" {
		go http.ListenAndServe(*metrics, promhttp.Handler())
	}
	server := &http.Server{Addr: *listen, Handler: http.HandlerFunc(answer), ReadHeaderTimeout: 30 * time.Second}
	if *cert != "" {
		err = server.ListenAndServeTLS(*cert, *key)
	} else {
		err = server.ListenAndServe()
	}
	os.Stderr.WriteString(err.Error() + "\n")
	os.Exit(1)
}

type pool struct{ pieces *sync.Pool }

func (p pool) Get() []byte  { return p.pieces.Get().([]byte) }
func (p pool) Put(b []byte) { p.pieces.Put(b) } //nolint:staticcheck // a slice of 32 KiB
