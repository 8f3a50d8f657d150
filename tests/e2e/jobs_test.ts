/**
 * Three clients that found faults, at their job. pyarrow is AWS's SDK for C++, which sends
 * `x-amz-api-version`; samtools looks for `ETag` in that spelling; boto3's paginators turn markers
 * back that come raw. The others of docs/CLIENTS.md are in tests/e2e_all.
 */

import { testJobs } from "./support/jobs.ts";
import { E2E_DIRECTORY } from "./support/state.ts";
import { findProgram, findPythonTools, installPythonPackages } from "./support/tools.ts";

const [boto3, pyarrow, samtools] = [
  await findPythonTools(),
  await installPythonPackages("pyarrow", ["pyarrow==26.0.1"]),
  await findProgram("samtools"),
];
const scripts = `${E2E_DIRECTORY}/python`;

testJobs([
  {
    name: "boto3 paginators",
    missing: boto3.missing,
    command: [boto3.value?.python ?? "", `${scripts}/paginators_job.py`],
  },
  {
    name: "pyarrow",
    missing: pyarrow.missing,
    command: [pyarrow.value ?? "", `${scripts}/pyarrow_job.py`],
  },
  {
    name: "samtools",
    missing: samtools.missing,
    command: [`${scripts}/samtools_job.sh`],
    transports: ["http"],
    leaves: true,
    saysNotWhy: true,
  },
  // Only this listener spells the names of response headers as S3 does.
], { name: "jobs", server: { listener: "hardened" } });
