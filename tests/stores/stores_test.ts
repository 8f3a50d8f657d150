/** Every store that can be installed here, one after the other; moto is in tests/e2e as well. */

import { testStore } from "./support/test_store.ts";

testStore("ceph");
testStore("minio");
testStore("seaweedfs");
testStore("versitygw");
testStore("rclone");
testStore("s3proxy");
testStore("moto");
