/**
 * The clients of docs/CLIENTS.md that public registries have, at their job: pinned from PyPI, Go's
 * module proxy and Maven, or what Debian has. Three more are in tests/e2e.
 */

import { type JobClient, testJobs } from "../e2e/support/jobs.ts";
import {
  buildJavaProgram,
  findProgram,
  installGoProgram,
  installPythonPackages,
} from "../e2e/support/tools.ts";

/** What is said of a client beside its name, its program and what is installed. */
type Traits = Omit<JobClient, "name" | "missing" | "command">;

const PYPI: readonly (readonly [name: string, requirements: string, traits?: Traits])[] = [
  ["deltalake", "deltalake==1.6.6 pyarrow==26.0.1 obstore==0.12.1", { neverOverwrites: true }],
  ["obstore", "obstore==0.12.1"],
  ["s3fs", "s3fs==2026.9.0"],
  ["django-storages", "django-storages[s3]==1.14.6 django==5.2.19"],
  ["pyiceberg", "pyiceberg[pyarrow,sql-sqlite]==0.12.0 pyarrow==26.0.1", { neverOverwrites: true }],
  // Its wheel trusts the authorities that it brings. A raster that is there it deletes first, and of
  // a refused DELETE it says that there is no such file.
  ["rasterio", "rasterio==1.4.4", { transports: ["http"], saysNotWhy: true }],
  ["s3torchconnector", "s3torchconnectorclient==1.5.0"],
  ["awscrt", "awscrt==0.38.1", { saysNotWhy: true }],
  ["chdb", "chdb==4.4.0", { leaves: true }],
  ["mlflow", "mlflow-skinny==3.17.2"],
];

const GO: readonly (readonly [name: string, version: string, traits?: Traits])[] = [
  ["mc", "github.com/minio/mc@v0.0.0-20250313080218-cf909e1063a9"],
  ["rclone", "github.com/rclone/rclone@v1.76.0"],
  ["litestream", "github.com/benbjohnson/litestream/cmd/litestream@v0.5.18", {
    leaves: true,
    neverOverwrites: true,
  }],
  // It moves what was uploaded: a copy, and a delete.
  ["distribution", "github.com/distribution/distribution/v3/cmd/registry@v3.1.2", {
    leaves: true,
    neverOverwrites: true,
  }],
];

const clients: JobClient[] = [];
for (const [name, requirements, traits] of PYPI) {
  const { value = "", missing } = await installPythonPackages(name, requirements.split(" "));
  const script = `${import.meta.dirname}/python/${name.replaceAll("-", "_")}_job.py`;
  clients.push({ name, missing, command: [value, script], ...traits });
}
for (const [name, version, traits] of GO) {
  const { value = "", missing } = await installGoProgram(version);
  const script = `${import.meta.dirname}/programs/${name}_job.sh`;
  clients.push({ name, missing, command: [script, value], ...traits });
}
const s3a = await buildJavaProgram(`${import.meta.dirname}/s3a`, { name: "s3a" });
clients.push({
  name: "Hadoop S3A",
  missing: s3a.missing,
  command: ["java", "-classpath", s3a.value ?? "", "Main"],
  transports: ["http"], // Java has a store of authorities of its own
});
const davix = await findProgram("davix-get", { debianPackage: "davix" });
const duplicity = await findProgram("duplicity", { beside: ["python3-boto3"] });
const programs = `${import.meta.dirname}/programs`;
clients.push(
  { name: "davix", missing: davix.missing, command: [`${programs}/davix_job.sh`] },
  {
    name: "duplicity",
    missing: duplicity.missing,
    command: [`${programs}/duplicity_job.sh`],
    leaves: true, // the last full backup
    neverOverwrites: true,
  },
);

testJobs(clients, { name: "clients" });
