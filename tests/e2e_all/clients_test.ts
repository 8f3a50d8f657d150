/**
 * The clients of docs/CLIENTS.md that public registries have, at their job: pinned from PyPI, or
 * what Debian has. Three more are in tests/e2e.
 */

import { type JobClient, testJobs } from "../e2e/support/jobs.ts";
import { findProgram, installPythonPackages } from "../e2e/support/tools.ts";

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
];

const clients: JobClient[] = [];
for (const [name, requirements, traits] of PYPI) {
  const { value = "", missing } = await installPythonPackages(name, requirements.split(" "));
  const script = `${import.meta.dirname}/python/${name.replaceAll("-", "_")}_job.py`;
  clients.push({ name, missing, command: [value, script], ...traits });
}
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
