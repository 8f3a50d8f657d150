/**
 * Every bound of the program: its unit is the end of its name, its reason stands beside it, and a test goes one past it.
 * @module
 */

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** Bounds that no configuration changes. */
export const LIMITS = {
  /** S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
  keyBytesMax: 1024,
  /** S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
  bucketNameCharactersMin: 3,
  bucketNameCharactersMax: 63,
  /** `backend.relaxed_bucket_names`: what S3 once allowed in us-east-1. */
  relaxedBucketNameCharactersMax: 255,
  /** S3 allows 128; the identifier is echoed into errors and logs, so it has an end. */
  accessKeyIdCharactersMax: 128,
  /** Ids of uploads and versions, which stores give out: S3 says up to 1024 bytes of a version's. */
  idCharactersMax: 1024,
  /** Parameters in one query string: presigners put headers there, {@linkcode headFieldsMax} of them. */
  queryParametersMax: 1_200,
  /** Names in one SignedHeaders list: as many as a head has fields. */
  signedHeadersMax: 1_200,
  /** S3: all user metadata of one object, names and values. */
  metadataBytesMax: 2 * KIB,

  /** S3: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html, both directions. */
  clockSkewSecondsMax: 15 * 60,
  /** S3: the longest life of a presigned URL, 7 days. */
  presignedExpiresSecondsMax: 604_800,
  /** Derived signing keys held for one secret: one a day and region in use; the oldest goes first. */
  signingKeysPerSecretMax: 8,

  /** S3: one PutObject or UploadPart. */
  putBytesMax: 5 * GIB,
  /** A CompleteMultipartUpload: 10 000 parts with the longest checksum, date and size are 2.7 MB. */
  xmlBodyBytesMax: 3 * MIB,
  /** Bytes of its texts with references. The quotes of ETags, as clients write them, are not counted. */
  partsResolvedBytesMax: 128 * KIB,
  /** Parts that are written as no client is known to write them: each takes as long as four others. */
  oddPartsMax: 1_000,
  /** A DeleteObjects: 1000 keys of 1024 bytes and their tags fit but for the longest names, as on S3. */
  deleteObjectsBytesMax: 1 * MIB,
  /** Other documents: S3's bound on a CORS configuration, the longest of them. */
  shortDocumentBytesMax: 64 * KIB,
  /** What documents hold in memory in one thread, from their first byte until they are sent on … */
  documentMemoryBytesMax: 32 * MIB,
  /** … and those of one user: two of the longest, eight DeleteObjects, or 500 short ones. */
  documentMemoryOfUserBytesMax: 8 * MIB,
  /** A head that is read at once; longer ones wait for a turn of their own. S3 takes no longer ones. */
  shortHeadCharactersMax: 8 * KIB,
  /** Work on a document before others have their turn; a request of 1 KB takes 0.2 ms. */
  workSliceMs: 4,
  /** Work on documents that are long, or stream, before others have their turn: on all of them together. */
  stepSliceMs: 1,
  /** How much of a client's XML body is read at once; most bodies are shorter. Also how much is parsed in one step. */
  documentPieceBytes: 16 * KIB,
  /** How much is read at once of the rest of a longer one: four reads of it cost less than sixteen short ones. */
  longDocumentPieceBytes: 64 * KIB,
  /** How much of a backend's XML is parsed in one step: a listing of 1000 keys has 300 KB. */
  responseDocumentPieceBytes: 64 * KIB,
  /** Waiting for the whole of an XML body. */
  documentTimeoutMs: 60_000,
  /** RGW answers 416 to an XML body above this (rgw_max_put_param_size). */
  backendXmlBodyBytesMax: 1 * MIB,
  /** Elements of a list in a request: a DeleteObjects of 1000 keys has 6000 where each has all conditions. Parts as clients write them are not counted. */
  xmlElementsMax: 6_100,
  /** The same where they may be anything: 1000 rules of replication or of a lifecycle have ten to fourteen each. */
  xmlTreeElementsMax: 16_000,
  /** Rules of one replication. S3: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationConfiguration.html */
  replicationRulesMax: 1_000,
  /** Elements of one of them: with everything that S3 knows, and a filter of ten tags, it has 62. */
  replicationRuleElementsMax: 128,
  /** Elements inside one of the children that a document is read by: a part has ten, with every checksum. */
  xmlChildElementsMax: 32,
  /** Comments and instructions in a request's document: it needs none. */
  xmlAsidesMax: 1_000,
  /** CDATA sections in a request's document: 10 000 parts have 30 000 texts. 1 MiB of nothing else would take 30 ms. */
  xmlSectionsMax: 30_000,
  /** Attributes of one element; S3's have two: a namespace and a type. */
  xmlAttributesMax: 4,
  /** One text of a request's document, as it is written: a key of 1024 bytes takes 6 KiB where each is a reference. */
  xmlTextCharactersMax: 16 * KIB,
  /** Elements inside elements; S3's deepest documents have 7 levels. */
  xmlDepthMax: 16,
  /** How much of a backend's document is in memory at a time while it streams through. */
  xmlWindowBytes: 64 * KIB,
  /** One tag, comment or CDATA section of a backend's document; a key of 1024 bytes in a section fits. */
  xmlMarkupBytesMax: 8 * KIB,
  /** Different names of elements that one document's reader remembers. */
  xmlNamesKeptMax: 256,
  /** One text of a backend's document that this program reads: a key has 1024 bytes, six times that when escaped. */
  xmlTextBytesMax: 8 * KIB,
  /** Keys in one DeleteObjects. S3: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
  deleteObjectsKeysMax: 1000,
  /** Keys of a listing that does not say how many. S3: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
  listKeysDefault: 1000,
  /** Parts of one multipart upload. */
  partNumberMax: 10_000,
  /** Backend XML that is rewritten whole: a copy of 5 TiB tells of its progress in less. Listings stream. */
  rewrittenXmlBytesMax: 1 * MIB,
  /** An ACL of the backend's: the 100 grants that S3 and RGW let it have, with long names, take 40 KiB. */
  aclBytesMax: 64 * KIB,
  /** A chunk of a body that goes to the backend with its checksum behind it; stores take 8 KiB to 16 MiB. */
  framedChunkBytes: 64 * KIB,
  /** Versions below its own prefix that the probe of a backend deletes in the end; it makes fewer. */
  probeVersionsMax: 200,
  /** Backend error documents read for their code; the rest is dropped. */
  backendErrorBytesMax: 64 * KIB,
  /** One text of an error document, before it is escaped: a key has as many. */
  errorTextBytesMax: 1 * KIB,
  /** All its texts. */
  errorDocumentBytesMax: 4 * KIB,
  /** What a line of the log shows of a `User-Agent`: those of AWS's SDKs have about 200. */
  userAgentShownCharactersMax: 512,
  /** What a line of the log shows of a query's `x-…` parameters: a name and a trace id or two. */
  customShownCharactersMax: 512,
  /** What a refusal shows of its CanonicalRequest. */
  canonicalRequestShownBytesMax: 8 * KIB,
  /** Uploads in one page. S3: max-uploads. */
  listedUploadsMax: 1000,
  /** Pages of the backend that are looked at for one page of uploads that is grouped here: each takes RGW some 10 ms. */
  groupedPagesMax: 20,
  /** Buckets in one ListBuckets answer. S3: max-buckets. */
  listBucketsMax: 10_000,
  /** Buckets beyond a page that are kept until it is known which come first, because a backend need not sort them. */
  listBucketsSpare: 1_000,

  /** One line of chunk framing: size, extension with signature, CRLF. The longest legal one is 103 bytes. */
  chunkHeaderBytesMax: 256,
  /** S3's own bound on a signed chunk is looser; 16 hexadecimal digits would already pass 2^53. */
  chunkSizeDigitsMax: 16,
  /** All trailer lines of one upload together. */
  trailerBytesMax: 4 * KIB,
  /** Trailers of one upload: one checksum and the trailer's signature. */
  trailersMax: 4,
  /** Buckets whose own CORS rules are remembered, by one thread. */
  bucketCorsEntriesMax: 500,
  /** S3: a bucket's CORS document. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html */
  bucketCorsBytesMax: 64 * KIB,
  bucketCorsRulesMax: 100,
  /** How long rules count that were read, or that there are none. What is changed through another proxy is seen after this. */
  bucketCorsLifetimeMs: 60_000,
  /** How long a backend that could not tell is not asked again. */
  bucketCorsFailureMs: 5_000,
  /** What one thread asks of the backend for preflights, which anybody may send for any name, at a time and in a second. */
  bucketCorsLookupsMax: 4,
  bucketCorsLookupsPerSecondMax: 20,
  /** Of those, what one address may have asked, over all threads: so that who invents buckets leaves some to others. */
  bucketCorsLookupsOfAddressPerSecondMax: 5,
  bucketCorsLookupsOfAddressBurst: 10,
  /** Counters of changes, shared by all threads; buckets whose names fall into the same one are asked for together. */
  bucketCorsCells: 256,
  /** Form uploads: names and values of the fields before the file. S3's bound. */
  formFieldsBytesMax: 20 * KIB,
  /** Fields of one form; 80 headers of metadata and every other field that S3 knows fit. */
  formFieldsMax: 128,
  /** The head of one part of a form: a name, a file's name, a type. */
  formPartHeadBytesMax: 4 * KIB,
  /** Waiting for a form's fields, before anybody is authenticated. */
  formFieldsTimeoutMs: 30_000,
  /** Forms of one thread whose sender is not proven yet: anybody may send half of one. */
  formsUnprovenMax: 100,
  /**
   * The rest of a form behind its fields. Up to this length it is read before the backend is asked, so that the form may end
   * in any way. A longer file's length, which the backend has to be told first, follows from how browsers end forms.
   */
  formHeldBytesMax: 1 * MIB,

  /** How much of a body is read at once, in either direction: reads of 64 KiB cost half as much again. */
  bodyPieceBytesMax: 256 * KIB,
  /** A piece of a body below this length is small. After so many small ones of one body others have their turn, because bytes could come one by one. */
  smallPieceBytesMax: 16 * KIB,
  smallReadsInARowMax: 16,

  /** How much of an upload is read and dropped after it was refused: many clients look at the answer only after they have sent a whole part. */
  discardedBodyBytesMax: 64 * MIB,
  discardedBodyTimeoutMs: 30_000,
  /** As how long a piece of it counts that is shorter than any network's packets: it costs as much as a long one. */
  discardedTinyPieceBytes: 64 * KIB,
  tinyPieceBytesMax: 512,
  /** How much of it is read at once: anybody may have thousands of such uploads, signed or not. */
  discardedPieceBytes: 16 * KIB,
  /** Refused uploads that one thread reads; with one more, the longest such is cut off: 20 KB each. */
  discardingConnectionsMax: 256,
  /** How long a refusal waits on `serve` for the upload's end: with it the connection can be used again, and the refusal is never cut off. */
  refusalDelayMsMax: 1_000,
  /** What one thread reads of documents, forms and refused uploads: at once, which takes it 2 ms, and a second. */
  readAtOnceBytesMax: 1 * MIB,
  readBytesPerSecondMax: 64 * MIB,

  /** Up to this, `fetch` may hold a body whole and send it again; from 16 KiB on Deno 2.9.6 was not seen to do so. */
  heldBodyBytesMax: 64 * KIB,
  /** Slowest upload that is waited for: a deadline is its timeout plus length over this. */
  uploadBytesPerSecondMin: 64 * KIB,
  /** Waiting for the backend to accept a connection. */
  connectTimeoutMs: 5_000,
  /** Waiting for the backend's response head, on top of the transfer's own time. */
  responseHeaderTimeoutMs: 60_000,
  /** Head of a backend's response: S3's have 2 KiB of metadata, and as much of everything else. */
  responseHeadBytesMax: 64 * KIB,
  /** What is read at once of a backend's response until its body needs more: a head and a small body. */
  responseReadBytes: 16 * KIB,
  /** Heads that announce nothing, such as `103 Early Hints`, before the one that counts. */
  informationalResponsesMax: 8,
  /** A request that cannot be repeated is given no connection that has been idle longer: backends close theirs after 2 s or more. */
  freshConnectionMs: 1_000,
  /** Handshakes with the backend given up in a row; after that one is tried at a time. */
  handshakesGivenUpMax: 64,
  /** Between two looks at the backend's connections, for those that stand still or were idle for too long. */
  connectionSweepMs: 500,
  /** Memory that bodies pass through: what is taken is the smallest that holds one; 80 KiB hold {@linkcode wholeResponseBytesMax} and a head. */
  pieceSizes: [16 * KIB, 64 * KIB, 80 * KIB, 256 * KIB],
  /** What is kept of each size for the next body, and {@linkcode largeTransfersMax} pieces at least. */
  idlePieceBytesMax: 8 * MIB,
  /** Idle backend connections are dropped after this; RGW and Hetzner keep theirs for 65 s or more. */
  idleConnectionTimeoutMs: 30_000,
  /** Hetzner counts 256 connections per source address. */
  backendConnectionsMax: 200,
  /** Part of `backend.max_connections` that is kept idle beside those in use, over all threads: 200 and 50 stay below 256. */
  idleConnectionsDivisor: 4,
  /** A client's whole request, a whole response, and the pause between two requests. */
  readTimeoutMs: 300_000,
  writeTimeoutMs: 300_000,
  idleTimeoutMs: 120_000,
  /** A request's head, before anybody is authenticated: S3 takes 8 KiB of headers, `Deno.serve` 64 KiB. */
  maxHeaderBytes: 64 * KIB,
  /** One upload decoded here: 5 GiB at 2 Mbit/s. */
  streamingUploadDurationMs: 6 * 3_600_000,
  /** Uploads of one user decoded here at a time: ten clients of aws-cli's default concurrency. */
  concurrentStreamingUploads: 100,
  /** How long a `Deno.serve` listener that is to end, or was replaced, waits for uploads: 5 GiB at 12 Mbit/s. */
  uploadsBeforeShutdownMs: 3_600_000,
  /** SIGTERM to exit. */
  shutdownTimeoutMs: 30_000,
  /** What a `Retry-After` says: long enough for a backend to draw breath. */
  retryAfterSeconds: 2,
  /** The least rate of a transfer by default, and what it is averaged over: 5 GiB would take two months. */
  bytesPerSecondOfTransferMin: 1 * KIB,
  leastRateWindowMs: 60_000,
  /** The least `bytes_per_second` of a user, each way. */
  bytesPerSecondMin: 16 * KIB,
  /** Requests that are answered at a time: five times the backend's connections. Each may hold about 1 MB. */
  inFlightRequestsMax: 1000,
  /** Requests of one thread that wait for a bucket's CORS rules before they are read; others go on without. */
  bucketCorsWaitersMax: 200,
  /** Field lines of one head, which has a bound in bytes besides: 2 KiB of metadata may be 1024 names of two letters. */
  headFieldsMax: 1_200,
  /** The extensions of all chunks of one transfer together: nobody is known to send any. */
  chunkExtensionBytesMax: 4 * KIB,
  /**
   * Memory of heads that have not come completely, and of TLS handshakes that have not ended, in one thread of the hardened listener:
   * 256 of the longest heads, or 992 handshakes, which take 77 KB each.
   */
  unfinishedHeadBytesMax: 16 * MIB,
  /** One request's head, on the hardened listener: `Deno.serve` has the same bound on headers. */
  requestHeadTimeoutMs: 30_000,
  /** Accuracy of the deadlines of a request to the backend. */
  timerTickMs: 100,
  /** How long a request without a body runs before anybody asks whether its client is still there. */
  clientWatchDelayMs: 500,
  /** Clients' connections, on the hardened listener: 10 KB each. Out of file descriptors, it would never accept again. */
  connectionsMax: 10_000,
  /** Requests in a row that a client may send before it has the answer to the one before: clients of S3 send none. */
  pipelinedRequestsMax: 100,
  /** One read of a connection in TLS on the hardened listener: the longest record, 16 KiB and what is around it. */
  tlsReadBytes: 16 * KIB + 512,
  /** How long TLS's farewell may take before the connection is closed without it. */
  tlsFarewellMs: 1_000,
  /** What is read ahead of a client: most heads fit, and 10 000 idle connections hold 20 MB. */
  idleReadBytes: 2 * KIB,
  /** Memory through which a large answer passes, which one that stands still keeps … */
  transferPieceBytes: 64 * KIB,
  /** … and how many of a thread have {@linkcode bodyPieceBytesMax} instead, while both sides are fast: for half the processor time, 16 MiB. */
  largeTransfersMax: 64,
  /** Responses up to this go out in one piece: a second one costs as much as the rest of a small request. */
  wholeResponseBytesMax: 64 * KIB,
  /** What `Deno.serve` accepts in one request's head; cannot be changed. */
  serveHeaderBytesMax: 64 * KIB,

  /** One resource or condition value of a policy: a key of 1024 bytes behind an ARN and a few variables fits twice. */
  policyPatternCharactersMax: 4096,
  /** One configuration file: {@linkcode usersMax} users of 200. The YAML package takes about 100 bytes of memory for each; V8's heap has 4 GB. */
  configFileBytesMax: 20_000_000,
  /** A file it names: a secret, or certificates; the bundle of a system has 250 KB. */
  namedFileBytesMax: 1 * MIB,
  /** Mappings and lists inside each other in a configuration file; a policy's condition is 8 deep. */
  configDepthMax: 32,
  /** Uses of one anchor in a configuration file, nested ones multiplied: resolving takes the square of it. */
  configAliasesMax: 10_000,
  /** Problems of one configuration file that are printed. */
  configProblemsShownMax: 200,
  /** How long before its end a key is warned of. */
  keyExpiryWarningDays: 30,
  /** Keys whose end is a series of its own: those that end first. */
  keyExpirySeriesMax: 1_000,
  /** Key pairs of one user: the current and the next. */
  keyPairsOfUserMax: 2,
  /** Durations in a configuration file: a timer set to more than 2^31 - 1 ms fires at once. */
  durationMsMax: 2_147_483_647,
  /** Users in one configuration file. */
  usersMax: 100_000,
  /** Shorter secrets are refused, those under the second bound warned about. */
  secretCharactersMin: 8,
  secretCharactersAdvised: 16,

  /** Log lines waiting for a reader of stdout; about two seconds of lines under full load. Later ones are dropped. */
  logBufferCharactersMax: 4 * MIB,
  /** Text of one log field: a canonical request as shown fits; a client's headers do not fill the disk. */
  logFieldCharactersMax: 8 * KIB,
  /** How long a log line may wait for others to be written with it. */
  logBatchDelayMs: 50,
  /** Between two sentences on stderr that lines of the log are lost. */
  logDroppedNoticeMs: 10_000,
  /** How long the end of the program waits for a reader of stdout. */
  logFlushTimeoutMs: 2_000,

  /** Bucket names beside the configured ones that get a label of their own in the metrics. */
  metricsSeenBucketsMax: 500,
  /** Label combinations of one metric; about 1 MB of exposition for a counter. */
  metricsSeriesMax: 10_000,
  /** The part of all time that making the metrics' text may take (one tenth), and how much it may take at once: two of the longest scrapes. */
  expositionTimeDivisor: 10,
  expositionBurstMs: 1_000,
  /** One sample of the event loop's lag. */
  eventLoopLagIntervalMs: 500,
  /** Samples after which a lag is forgotten, at the latest at twice as many: 30 s outlives two scrapes of 15 s. */
  eventLoopLagWindowSamples: 60,

  /** Between two looks at the configuration's files; a change is read once it has lasted this long. */
  configPollIntervalMs: 1_000,

  /** Connections to the listener for operators: a few scrapers and probes, each with one request. */
  adminConnectionsMax: 64,
  /** The head of a request to that listener: a scraper's has some 300 bytes. */
  adminHeadBytesMax: 8 * KIB,
  /** What is read behind such a head until the client closes. */
  adminDiscardedBytesMax: 64 * KIB,
  /** A connection to that listener, from being accepted to its end: Prometheus gives a scrape 10 s. */
  adminRequestTimeoutMs: 10_000,
  /** Connections to the console: a browser opens six; at the bound the one that has waited longest makes room. */
  consoleConnectionsMax: 128,
  /** One of its requests' head: a session's token has 2 KiB at the most, a key in a question 3 KiB. */
  consoleHeadBytesMax: 16 * KIB,
  /** A whole head, and an answer that stands still. */
  consoleRequestTimeoutMs: 10_000,
  /** Between two requests of a connection: the page of somebody who looks around. */
  consoleIdleTimeoutMs: 30_000,
  /** Distance between a question's date and the clock: its answers are for now, and browsers sign each when they send it. */
  consoleClockSkewSecondsMax: 5 * 60,
  /** Questions of one user, or of one address that has proven nothing: a view asks a few. */
  consoleRequestsPerSecondMax: 20,
  consoleRequestsBurst: 200,
  /** Files of the page for one address: a cold view takes some 50. */
  consoleFilesPerSecondMax: 100,
  consoleFilesBurst: 1_000,
  /** Answers that go on, of administrators; of all others; of one of these. Each holds a connection. */
  consoleViewersMax: 16,
  consoleUserStreamsMax: 32,
  consoleStreamsOfUserMax: 4,
  /** Between two lines of such an answer: what threads hand over comes as often. */
  consoleStreamIntervalMs: 1_000,
  /** Requests in one answer. */
  consoleRequestsShownDefault: 200,
  consoleRequestsShownMax: 500,
  /** Users, buckets and operations in one answer of counts; users in one page of who may do what. */
  consoleNamesShown: 50,
  consoleUsersShownMax: 500,
  /** How often each thread hands over what it has seen, for the console. */
  activityReportIntervalMs: 1_000,
  /** Requests of one such second that are kept one by one, and of those that were refused or failed; others are counted. */
  activityRequestsMax: 100,
  activityRefusalsMax: 300,
  /** Such requests of all threads that are kept: about 1 KB each. */
  activityRequestsKept: 5_000,
  /** What is kept of a request's path: a key of 1024 bytes, each percent-encoded. */
  activityPathCharactersMax: 3 * KIB + 128,
  /** Users, buckets and operations that are counted by name in one slot. */
  activityNamesMax: 64,
  /** Access keys of one second that are remembered as used. */
  activityKeysSeenMax: 1_000,
  /** Of the counts that are kept: what one holds, and how long. */
  activitySlotMs: 10_000,
  activityKeptMs: 3_600_000,
  /** How long the console's listener may take to end. */
  consoleShutdownTimeoutMs: 1_000,
  /** How long nobody is accepted where it failed, as when no file descriptor is left. */
  acceptPauseMs: 200,
  /** How often that is told. */
  acceptPauseToldMs: 60_000,
  /** How long the listener for operators may take to end: a scraper that does not read must not hold the program. */
  adminShutdownTimeoutMs: 1_000,

  /** Threads that answer clients; more than a machine of today has use for. */
  workersMax: 64,
  /** Between two signs of life of a worker, and between two looks at all of them. */
  workerBeatIntervalMs: 1_000,
  /** Beats missed in a row after which a worker counts as hung and another takes its place. */
  workerBeatsMissedMax: 5,
  /** Beats after which a hung worker counts as lost, and the program has to end, because its thread cannot be ended alone. */
  workerBeatsLostMax: 15,
  /** Beats a worker may take to start: reading 100 000 users takes it 3 s, or 15 on a busy machine. */
  workerStartBeatsMax: 30,
  /** A `SessionToken`: proxies on the way commonly take 8 KiB a header line, and some half of it; in a URL it is as long. */
  sessionTokenCharactersMax: 2 * KIB,
  /** What a session token holds, unpacked: a session policy of {@linkcode sessionPolicyCharactersMax}, escaped. */
  sessionBytesMax: 16 * KIB,
  /** AWS STS: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (Policy). */
  sessionPolicyCharactersMax: 2048,
  /** AWS STS: 15 minutes and 12 hours; a session of 15 minutes makes botocore ask for another before each request. */
  sessionSecondsMin: 900,
  sessionSecondsMax: 43_200,
  sessionSecondsDefault: 3_600,
  /** Sessions whose tokens a thread has open: one that comes again is not deciphered again. */
  openSessionsMax: 1_024,
  /** AWS STS: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html (WebIdentityToken). */
  webIdentityTokenCharactersMax: 20_000,
  /** The body of a request to STS: such a token and a session policy, percent-encoded. */
  stsBodyBytesMax: 64 * KIB,
  stsBodyTimeoutMs: 10_000,
  /** Parameters of one request to STS; AssumeRole's tags alone may be 100. */
  stsParametersMax: 128,
  /** Requests for STS from one address, or one IPv6 network of 64 bits: a thousand jobs behind one address start at once. */
  stsRequestsOfAddressPerSecondMax: 100,
  stsRequestsOfAddressBurst: 1_000,
  /** Tokens of one address whose signature is verified whatever others send. */
  stsTokensOfAddressPerSecond: 5,
  stsTokensOfAddressBurst: 50,
  /** Tokens of one issuer, beyond those, whose signature is verified, which takes some 0.1 ms each, whoever sends them. */
  stsTokensOfIssuerPerSecondMax: 500,
  stsTokensOfIssuerBurst: 2_000,
  /** Keys of one identity provider: large ones publish under ten. */
  keySetBytesMax: 256 * KIB,
  keySetKeysMax: 100,
  /** Asking an identity provider for its keys, from the look-up of its name to the last byte. */
  keySetTimeoutMs: 5_000,
  /** Between two times that a provider's keys are asked for, also for a key that is not among them. */
  keySetRetryMs: 10_000,
  /** Known keys are asked for again after this time; while the provider does not answer, they count for as long once more. */
  keySetFreshMs: 600_000,
  keySetStaleMs: 86_400_000,
  /** Between the clocks of an identity provider and of this program. */
  identityClockSkewMs: 60_000,
  /** `s3-proxy login`: how long it waits for somebody to enter a code, whatever the provider says. */
  deviceCodeSecondsMax: 1_800,
  /** A session of which less is left is renewed: AWS's tools run the command for each request then (15 minutes). */
  loginRenewedBeforeMs: 960_000,
  /** A session that cannot be renewed is handed out if it is still good for this long. */
  loginUsableMs: 60_000,
  /** The size of a file that `login` keeps, and of the configuration of AWS's tools. */
  privateFileBytesMax: 256 * KIB,
  /** Of one configuration. */
  identityProvidersMax: 32,
  sealingKeysMax: 3,
  sealingKeyCharactersMin: 32,

  /** The longest pause before a worker that keeps failing is started once more. */
  workerRestartBeatsMax: 30,
  /** Beats after which a worker has proven itself, and its next failure is the first again. */
  workerStableBeats: 60,
  /** Waiting for a worker's metrics; after that its last ones count. */
  workerMetricsTimeoutMs: 2_000,
  /** What a worker may take beyond the shutdown's deadline to tell how it ended. */
  workerDrainGraceMs: 1_000,
  /** Cells in which users' requests, connections and uploads are counted; users whose names fall into the same one share their bounds. */
  userCells: 65_536,
  /** Clients' addresses that a thread has read already, at about 150 bytes each. */
  knownAddressesMax: 4096,
  /** Users among whom a thread looks for the one whose turn was longest ago, at each turn. */
  usersComparedMax: 64,
  /** How long a backend's answer counts whether a bucket has versions, which conditional PutObjects depend on. */
  bucketVersionsMs: 60_000,
  /** Buckets of which a thread remembers whether they have versions: 100 KB. */
  bucketVersionsHeld: 1_000,
  /**
   * Locks on keys that may only be created; keys that fall into the same one wait for each other. So many that one user, who may
   * hold hundreds, is in the way of hardly any other key. 256 KiB of memory.
   */
  keyLockCells: 65_536,
  /** How long a writer waits for its turn on such a key; then it is told to try again. */
  keyLockTimeoutMs: 10_000,
  /** Whoever waits for another thread looks again after this time: the message may have gone to a thread that died. */
  sharedWaitSliceMs: 250,

  /** For the backend to answer what it is asked at the start. */
  backendCheckTimeoutMs: 10_000,
  /**
   * For a port that gave no answer of S3 to plain HTTP to show whether it speaks TLS. More than the second that a handshake may
   * take on a busy machine, and less than /readyz waits for the whole check.
   */
  tlsProbeTimeoutMs: 3_000,
  /** Buckets that `check --backend` asks for one by one. */
  bucketsCheckedMax: 20,
  /** How long one look at the backend counts: probes of a load balancer cost at most a connection in this time. */
  readinessProbeIntervalMs: 5_000,
  /** How long a backend that does not answer may have been silent before this program is not ready: 5 looks. */
  backendSilenceMsMax: 30_000,

  /** What the embedded demo store keeps. */
  demoStoreBytesMax: 256 * MIB,
} as const;
