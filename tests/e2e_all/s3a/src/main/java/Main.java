import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.util.VersionInfo;

/** Hadoop's file system on S3, as Spark and Hive use it: files, folders, a listing, a rename, a deletion. */
public class Main {
  private static final byte[] BODY = new byte[12 << 20];

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("version")) {
      System.out.println(VersionInfo.getVersion());
      return;
    }
    for (int at = 0; at < BODY.length; at++) BODY[at] = (byte) at;
    Path root = new Path("s3a://" + System.getenv("JOB_BUCKET") + "/" + System.getenv("JOB_PREFIX"));
    try (FileSystem files = FileSystem.newInstance(root.toUri(), configure())) {
      if (arguments[0].equals("write")) write(files, new Path(root, "object.bin"), 1 << 20);
      else work(files, new Path(root, "folder"));
    }
  }

  private static Configuration configure() {
    Configuration settings = new Configuration();
    settings.set("fs.s3a.endpoint", System.getenv("AWS_ENDPOINT_URL"));
    settings.set("fs.s3a.endpoint.region", "us-east-1");
    settings.set("fs.s3a.access.key", System.getenv("AWS_ACCESS_KEY_ID"));
    settings.set("fs.s3a.secret.key", System.getenv("AWS_SECRET_ACCESS_KEY"));
    settings.setBoolean("fs.s3a.path.style.access", true);
    settings.set("fs.s3a.multipart.size", "5M");
    settings.set("fs.s3a.multipart.threshold", "5M");
    settings.set("fs.s3a.buffer.dir", System.getProperty("user.dir"));
    settings.setInt("fs.s3a.attempts.maximum", 2);
    settings.setInt("fs.s3a.retry.limit", 1);
    return settings;
  }

  private static void work(FileSystem files, Path folder) throws IOException {
    Path odd = new Path(folder, "a b+c%25&é=1.bin");
    write(files, odd, 1 << 20);
    write(files, odd, BODY.length); // in parts
    check(files.getFileStatus(odd).getLen() == BODY.length, "its length");
    try (InputStream in = files.open(odd)) {
      check(Arrays.equals(in.readAllBytes(), BODY), "what was read");
    }
    byte[] piece = new byte[500];
    try (FSDataInputStream in = files.open(odd)) {
      in.readFully(1000, piece);
    }
    check(Arrays.equals(piece, Arrays.copyOfRange(BODY, 1000, 1500)), "a piece");
    try {
      files.create(odd, false).close();
      check(false, "a file was created over another one");
    } catch (FileAlreadyExistsException expected) {
      // as it should be
    }
    for (String name : new String[] {"_temporary/part-0", "_temporary/part-1"}) {
      write(files, new Path(folder, name), 10);
    }
    check(files.rename(new Path(folder, "_temporary"), new Path(folder, "table")), "a rename");
    TreeSet<String> found = new TreeSet<>();
    RemoteIterator<LocatedFileStatus> all = files.listFiles(folder, true);
    while (all.hasNext()) found.add(all.next().getPath().toUri().getPath().split("/folder/")[1]);
    check(found.toString().equals("[a b+c%25&é=1.bin, table/part-0, table/part-1]"), found.toString());
    check(files.delete(folder, true), "a deletion");
    check(!files.exists(folder), "it is still there");
  }

  private static void write(FileSystem files, Path path, int length) throws IOException {
    try (FSDataOutputStream out = files.create(path, true)) {
      out.write(BODY, 0, length);
    }
  }

  private static void check(boolean isRight, String what) throws IOException {
    if (!isRight) throw new IOException("not as expected: " + what);
  }
}
