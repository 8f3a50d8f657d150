// The AWS SDK for Go v2 as a client under test: a command a line on stdin, an answer a line on
// stdout, both JSON. Everything is the SDK's default but for the path style; credentials, region,
// endpoint and authority come from the environment.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// presignedLifetime is how long the URLs are good for.
const presignedLifetime = 5 * time.Minute

// command is one line of input; which fields are set depends on its name.
type command struct {
	Name         string `json:"command"`
	Bucket       string
	Key          string
	File         string
	Range        string
	Prefix       string
	Delimiter    string
	SourceBucket string `json:"source_bucket"`
	SourceKey    string `json:"source_key"`
	Keys         []string
	Method       string
}

type listing struct {
	Keys     []string `json:"keys"`
	Prefixes []string `json:"prefixes"`
}

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	client := s3.NewFromConfig(settings, func(o *s3.Options) {
		o.UsePathStyle = true
		o.DisableLogOutputChecksumValidationSkipped = true // a backend without checksums is no news
	})
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		out.Encode(respond(ctx, client, lines.Bytes()))
	}
}

func respond(ctx context.Context, client *s3.Client, line []byte) any {
	var c command
	err := json.Unmarshal(line, &c)
	var value any
	if err == nil {
		value, err = run(ctx, client, c)
	}
	if err != nil {
		return map[string]string{"error": err.Error()}
	}
	return map[string]any{"value": value}
}

func run(ctx context.Context, client *s3.Client, c command) (any, error) {
	switch c.Name {
	case "list_buckets":
		return listBuckets(ctx, client)
	case "make_bucket":
		_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &c.Bucket})
		return nil, err
	case "remove_bucket":
		_, err := client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &c.Bucket})
		return nil, err
	case "put":
		return nil, put(ctx, client, c)
	case "get":
		return nil, get(ctx, client, c)
	case "get_range":
		return getRange(ctx, client, c)
	case "head":
		return head(ctx, client, c)
	case "list":
		return list(ctx, client, c)
	case "copy":
		// The SDK leaves the encoding to its caller.
		source := url.PathEscape(c.SourceBucket + "/" + c.SourceKey)
		_, err := client.CopyObject(ctx, &s3.CopyObjectInput{
			Bucket: &c.Bucket, Key: &c.Key, CopySource: &source,
		})
		return nil, err
	case "delete_many":
		return nil, deleteMany(ctx, client, c)
	case "presign":
		return presign(ctx, client, c)
	default:
		return nil, fmt.Errorf("unknown command %q", c.Name)
	}
}

func listBuckets(ctx context.Context, client *s3.Client) ([]string, error) {
	answer, err := client.ListBuckets(ctx, &s3.ListBucketsInput{})
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, bucket := range answer.Buckets {
		names = append(names, aws.ToString(bucket.Name))
	}
	return names, nil
}

func put(ctx context.Context, client *s3.Client, c command) error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = manager.NewUploader(client).Upload(ctx, &s3.PutObjectInput{
		Bucket: &c.Bucket, Key: &c.Key, Body: file,
	})
	return err
}

func get(ctx context.Context, client *s3.Client, c command) error {
	file, err := os.Create(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	answer, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &c.Bucket, Key: &c.Key})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(file, answer.Body)
	return err
}

func getRange(ctx context.Context, client *s3.Client, c command) (string, error) {
	answer, err := client.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &c.Bucket, Key: &c.Key, Range: &c.Range,
	})
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return base64.StdEncoding.EncodeToString(body), err
}

// head also asks for the attributes, whose names the SDK sends on a line each.
func head(ctx context.Context, client *s3.Client, c command) (int64, error) {
	found, err := client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &c.Bucket, Key: &c.Key})
	if err != nil {
		return 0, err
	}
	size := aws.ToInt64(found.ContentLength)
	told, err := client.GetObjectAttributes(ctx, &s3.GetObjectAttributesInput{
		Bucket: &c.Bucket, Key: &c.Key,
		ObjectAttributes: []types.ObjectAttributes{
			types.ObjectAttributesEtag, types.ObjectAttributesObjectSize,
		},
	})
	if err == nil && aws.ToInt64(told.ObjectSize) != size {
		err = fmt.Errorf("the size is %d, and %d among the attributes", size, aws.ToInt64(told.ObjectSize))
	}
	return size, err
}

func list(ctx context.Context, client *s3.Client, c command) (*listing, error) {
	found := &listing{Keys: []string{}, Prefixes: []string{}}
	input := &s3.ListObjectsV2Input{Bucket: &c.Bucket, Prefix: &c.Prefix, Delimiter: &c.Delimiter}
	for pages := s3.NewListObjectsV2Paginator(client, input); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, object := range page.Contents {
			found.Keys = append(found.Keys, aws.ToString(object.Key))
		}
		for _, prefix := range page.CommonPrefixes {
			found.Prefixes = append(found.Prefixes, aws.ToString(prefix.Prefix))
		}
	}
	return found, nil
}

func deleteMany(ctx context.Context, client *s3.Client, c command) error {
	var objects []types.ObjectIdentifier
	for _, key := range c.Keys {
		objects = append(objects, types.ObjectIdentifier{Key: aws.String(key)})
	}
	answer, err := client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: &c.Bucket, Delete: &types.Delete{Objects: objects},
	})
	if err != nil {
		return err
	}
	var refused []string
	for _, e := range answer.Errors {
		refused = append(refused, aws.ToString(e.Key)+": "+aws.ToString(e.Code))
	}
	if len(refused) > 0 {
		return fmt.Errorf("not deleted: %s", strings.Join(refused, ", "))
	}
	return nil
}

func presign(ctx context.Context, client *s3.Client, c command) (string, error) {
	presigner := s3.NewPresignClient(client, s3.WithPresignExpires(presignedLifetime))
	switch c.Method {
	case "GET":
		request, err := presigner.PresignGetObject(ctx, &s3.GetObjectInput{
			Bucket: &c.Bucket, Key: &c.Key,
		})
		if err != nil {
			return "", err
		}
		return request.URL, nil
	case "PUT":
		request, err := presigner.PresignPutObject(ctx, &s3.PutObjectInput{
			Bucket: &c.Bucket, Key: &c.Key,
		})
		if err != nil {
			return "", err
		}
		return request.URL, nil
	default:
		return "", fmt.Errorf("cannot presign %q", c.Method)
	}
}
