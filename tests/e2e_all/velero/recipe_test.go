// docs/recipes/velero.md, by Velero's own types and its plugin for AWS: this file is put among the plugin's sources.
//
// RECIPE names the folder with the page's files.
package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/require"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"sigs.k8s.io/yaml"
)

func readLocation(t *testing.T) velerov1.BackupStorageLocation {
	text, err := os.ReadFile(filepath.Join(os.Getenv("RECIPE"), "backup-storage-location.yaml"))
	require.NoError(t, err)
	var location velerov1.BackupStorageLocation
	require.NoError(t, yaml.UnmarshalStrict(text, &location))
	require.Equal(t, "BackupStorageLocation", location.Kind)
	require.Equal(t, velerov1.SchemeGroupVersion.String(), location.APIVersion)
	return location
}

// The plugin as Velero starts it: the location's configuration, and what it adds to it.
func openStore(t *testing.T, location velerov1.BackupStorageLocation) *ObjectStore {
	config := map[string]string{
		"bucket":          location.Spec.ObjectStorage.Bucket,
		"prefix":          location.Spec.ObjectStorage.Prefix,
		"credentialsFile": filepath.Join(os.Getenv("RECIPE"), "credentials"),
	}
	for name, value := range location.Spec.Config {
		config[name] = value
	}
	store := newObjectStore(logrus.New())
	require.NoError(t, store.Init(config))
	return store
}

func TestRecipe(t *testing.T) {
	location := readLocation(t)
	store := openStore(t, location)
	bucket, prefix := location.Spec.ObjectStorage.Bucket, location.Spec.ObjectStorage.Prefix+"/"
	key := prefix + "backups/first/first.tar.gz"

	found, err := store.ListCommonPrefixes(bucket, prefix, "/") // is the location available?
	require.NoError(t, err)
	require.Empty(t, found)
	exists, err := store.ObjectExists(bucket, key)
	require.NoError(t, err)
	require.False(t, exists)

	body := bytes.Repeat([]byte("x"), 11<<20) // in parts
	require.NoError(t, store.PutObject(bucket, key, bytes.NewReader(body)))
	require.NoError(t, store.PutObject(bucket, prefix+"backups/first/velero-backup.json", strings.NewReader("{}")))
	exists, err = store.ObjectExists(bucket, key)
	require.NoError(t, err)
	require.True(t, exists)
	found, err = store.ListCommonPrefixes(bucket, prefix+"backups/", "/")
	require.NoError(t, err)
	require.Equal(t, []string{prefix + "backups/first/"}, found)

	reader, err := store.GetObject(bucket, key)
	require.NoError(t, err)
	read, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.True(t, bytes.Equal(body, read))

	url, err := store.CreateSignedURL(bucket, prefix+"backups/first/velero-backup.json", time.Minute)
	require.NoError(t, err)
	response, err := http.Get(url)
	require.NoError(t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, "{}", string(text))

	objects, err := store.ListObjects(bucket, prefix+"backups/first/")
	require.NoError(t, err)
	require.Len(t, objects, 2)
	for _, object := range objects {
		require.NoError(t, store.DeleteObject(bucket, object))
	}
}

func TestRecipeElsewhere(t *testing.T) {
	location := readLocation(t)
	store := openStore(t, location)
	bucket := location.Spec.ObjectStorage.Bucket

	_, err := store.ListCommonPrefixes(bucket, "elsewhere/", "/")
	require.ErrorContains(t, err, "AccessDenied")
	require.ErrorContains(t, err, "operation error S3: ListObjectsV2, https response error StatusCode: 403")
	require.ErrorContains(t, store.PutObject(bucket, "elsewhere/x", strings.NewReader("x")), "AccessDenied")
	require.ErrorContains(t, store.DeleteObject(bucket, "elsewhere/x"), "AccessDenied")
	_, err = store.ListCommonPrefixes("another-bucket", "velero/", "/")
	require.ErrorContains(t, err, "AccessDenied")
}
