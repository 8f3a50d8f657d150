/**
 * A key pair for TLS in tests: self-signed, for 127.0.0.1, `localhost` and names under it, valid
 * from 2020 to 2120. It protects nothing, and nothing but tests trusts it.
 * @module
 */

/** Certificate, and at the same time the authority to trust. */
export const TEST_CERTIFICATE = `
-----BEGIN CERTIFICATE-----
MIIBgDCCASegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABN2cVB0GehCPOWXj
usp6H5LBxjENOnSy+6619J/fMElG3btr4o4YH1XfoJ+dbKVwW9/KnhA9AV4opDhB
vgXH5mWjaDBmMAwGA1UdEwEB/wQCMAAwNwYDVR0RBDAwLoIJbG9jYWxob3N0ggsq
LmxvY2FsaG9zdIIOKi5zMy5sb2NhbGhvc3SHBH8AAAEwHQYDVR0OBBYEFLvaQoTu
/zgqcVEqGQs4CUBT6hTRMAoGCCqGSM49BAMCA0cAMEQCIE8uAGnQkuOa/cur6fb/
/P8MhJhOEbyF5i5ScyDzF0bAAiAXrWuMJkHXnB3/sKZdQ4ba6D9WYZrrnKBgg5bh
BKySQg==
-----END CERTIFICATE-----
`.trimStart();

/** Private key of {@linkcode TEST_CERTIFICATE}. */
export const TEST_PRIVATE_KEY = `
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2l4eHJnni6RIQ7oG
E7eVxd0GinfbR6UeA+BiPTduzkGhRANCAATdnFQdBnoQjzll47rKeh+SwcYxDTp0
svuutfSf3zBJRt27a+KOGB9V36CfnWylcFvfyp4QPQFeKKQ4Qb4Fx+Zl
-----END PRIVATE KEY-----
`.trimStart();
