# What GitLab does with the connections of a gitlab.rb, the first argument: by its own library for S3, as its classes
# for uploads, artifacts and backups call it.
require 'fog/aws'
require 'net/http'

settings = Hash.new { |hash, key| hash[key] = Hash.new(&hash.default_proc) }
define_method(:gitlab_rails) { settings }
eval(File.read(ARGV[0]), binding, ARGV[0])

def connect(connection)
  Fog::Storage.new(connection.transform_keys(&:to_sym)) # as GitLab does before it connects
end

def ask(method, url, body = nil, headers = {})
  uri = URI(url)
  Net::HTTP.start(uri.host, uri.port) do |http|
    response = http.send_request(method, uri.request_uri, body, headers)
    raise "#{method} #{url}: #{response.code} #{response.body}" unless response.code == '200'

    response
  end
end

def refused(what)
  yield
rescue Excon::Error::Forbidden => error
  raise unless error.message.include?('AccessDenied')

  puts "#{what} is refused"
else
  raise "#{what} was not refused"
end

PART = 5 * 1024 * 1024
later = Time.now + 600
store = connect(settings['object_store']['connection'])
settings['object_store']['objects'].each_value do |kind|
  next if kind['enabled'] == false

  bucket = kind['bucket']
  files = store.directories.new(key: bucket).files
  files.create(key: 'tmp/uploads/1', body: 'one', multipart_chunk_size: PART)

  # A runner, or a browser, uploads to a presigned URL; what it left is moved to its place.
  type = { 'Content-Type' => 'application/octet-stream' }
  ask('PUT', store.put_object_url(bucket, 'tmp/uploads/2', later, type), 'two', type)
  files.get('tmp/uploads/2').copy(bucket, '@final/2')
  files.get('tmp/uploads/2').destroy
  raise 'not moved' unless files.all.map(&:key) == ['@final/2', 'tmp/uploads/1']

  upload = store.initiate_multipart_upload(bucket, 'parts').body['UploadId']
  etags = [('a' * PART), 'b'].each_with_index.map do |part, index|
    query = { 'uploadId' => upload, 'partNumber' => index + 1 }
    what = { bucket_name: bucket, object_name: 'parts', method: 'PUT', query: query, headers: {} }
    ask('PUT', store.signed_url(what, later), part)['etag']
  end
  store.complete_multipart_upload(bucket, 'parts', upload, etags)
  raise 'not whole' unless files.head('parts').content_length == PART + 1
  raise 'not read' unless ask('GET', files.head('@final/2').url(later)).body == 'two'

  store.delete_multiple_objects(bucket, files.all.map(&:key))
  raise 'not deleted' unless files.all.empty?
end

backups = connect(settings['backup_upload_connection'])
  .directories.new(key: settings['backup_upload_remote_directory']).files
File.write('backup.tar', 'x' * (PART + 1))
backups.create(key: '1_gitlab_backup.tar', body: File.open('backup.tar'), multipart_chunk_size: PART)
raise 'no backup' unless backups.head('1_gitlab_backup.tar').content_length == PART + 1

refused('overwriting a backup') { backups.create(key: '1_gitlab_backup.tar', body: 'gone') }
refused('deleting a backup') { backups.new(key: '1_gitlab_backup.tar').destroy }
refused('another bucket') { store.directories.new(key: 'backups').files.create(key: 'x', body: 'x') }
