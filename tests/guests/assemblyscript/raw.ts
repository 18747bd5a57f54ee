// Preview 1 called raw from AssemblyScript: another compiler's idea of signatures, strings and memory.
// The shim gives console and process; the imports under test are declared here, as plain numbers.
// The grant is "/grant"; arguments "x" and "ż"; variable NAME=value; stdin holds "input".

@external("wasi_snapshot_preview1", "args_get")
declare function args_get(pointers: usize, text: usize): i32;
@external("wasi_snapshot_preview1", "args_sizes_get")
declare function args_sizes_get(count: usize, size: usize): i32;
@external("wasi_snapshot_preview1", "environ_get")
declare function environ_get(pointers: usize, text: usize): i32;
@external("wasi_snapshot_preview1", "environ_sizes_get")
declare function environ_sizes_get(count: usize, size: usize): i32;
@external("wasi_snapshot_preview1", "clock_time_get")
declare function clock_time_get(id: u32, precision: u64, time: usize): i32;
@external("wasi_snapshot_preview1", "fd_close")
declare function fd_close(fd: u32): i32;
@external("wasi_snapshot_preview1", "fd_fdstat_get")
declare function fd_fdstat_get(fd: u32, stat: usize): i32;
@external("wasi_snapshot_preview1", "fd_filestat_get")
declare function fd_filestat_get(fd: u32, stat: usize): i32;
@external("wasi_snapshot_preview1", "fd_prestat_dir_name")
declare function fd_prestat_dir_name(fd: u32, name: usize, size: usize): i32;
@external("wasi_snapshot_preview1", "fd_prestat_get")
declare function fd_prestat_get(fd: u32, stat: usize): i32;
@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(fd: u32, vectors: usize, count: usize, done: usize): i32;
@external("wasi_snapshot_preview1", "fd_readdir")
declare function fd_readdir(fd: u32, buffer: usize, size: usize, cookie: u64, used: usize): i32;
@external("wasi_snapshot_preview1", "fd_seek")
declare function fd_seek(fd: u32, offset: i64, whence: u32, position: usize): i32;
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: u32, vectors: usize, count: usize, done: usize): i32;
@external("wasi_snapshot_preview1", "path_create_directory")
declare function path_create_directory(fd: u32, path: usize, size: usize): i32;
@external("wasi_snapshot_preview1", "path_filestat_get")
declare function path_filestat_get(fd: u32, lookup: u32, path: usize, size: usize, stat: usize): i32;
@external("wasi_snapshot_preview1", "path_open")
declare function path_open(fd: u32, lookup: u32, path: usize, size: usize,
  oflags: u32, base: u64, inheriting: u64, fdflags: u32, opened: usize): i32;
@external("wasi_snapshot_preview1", "path_remove_directory")
declare function path_remove_directory(fd: u32, path: usize, size: usize): i32;
@external("wasi_snapshot_preview1", "path_rename")
declare function path_rename(fd: u32, path: usize, size: usize, newFd: u32, newPath: usize, newSize: usize): i32;
@external("wasi_snapshot_preview1", "path_unlink_file")
declare function path_unlink_file(fd: u32, path: usize, size: usize): i32;
@external("wasi_snapshot_preview1", "poll_oneoff")
declare function poll_oneoff(subscriptions: usize, events: usize, count: usize, told: usize): i32;
@external("wasi_snapshot_preview1", "random_get")
declare function random_get(buffer: usize, size: usize): i32;
@external("wasi_snapshot_preview1", "sched_yield")
declare function sched_yield(): i32;

let passed = 0;
let failed = 0;

function verify(name: string, condition: bool): void {
  console.log((condition ? "ok " : "FAIL ") + name);
  if (condition) passed++;
  else failed++;
}

const area = memory.data(1024, 16);
const result = memory.data(64, 16);

// Strings for the host are UTF-8; the buffer stays alive while a call uses it.
class Path {
  bytes: ArrayBuffer;
  constructor(text: string) { this.bytes = String.UTF8.encode(text); }
  get at(): usize { return changetype<usize>(this.bytes); }
  get size(): usize { return this.bytes.byteLength; }
}

function open(path: string, oflags: u32, rights: u64): i32 {
  const name = new Path(path);
  return path_open(3, 0, name.at, name.size, oflags, rights, rights, 0, result);
}

function text(at: usize, size: usize): string { return String.UTF8.decodeUnsafe(at, size); }

function start(): void {
  verify("args_sizes_get", args_sizes_get(result, result + 4) == 0 && load<u32>(result) == 3);
  verify("args_get", args_get(area, area + 64) == 0 && text(load<u32>(area + 8), 2) == "ż");
  verify("environ_sizes_get", environ_sizes_get(result, result + 4) == 0 && load<u32>(result) == 1 && load<u32>(result, 4) == 11);
  verify("environ_get", environ_get(area, area + 64) == 0 && text(load<u32>(area), 10) == "NAME=value");
  verify("fd_prestat_get", fd_prestat_get(3, result) == 0 && load<u32>(result, 4) == 6);
  verify("fd_prestat_dir_name", fd_prestat_dir_name(3, area, 6) == 0 && text(area, 6) == "/grant");
  verify("fd_prestat_get behind the last", fd_prestat_get(4, result) == 8);

  verify("path_open creates", open("file", 1, 0x66) == 0);
  const fd = load<u32>(result);
  const content = new Path("héllo wörld");
  store<u32>(area, <u32>content.at);
  store<u32>(area, <u32>content.size, 4);
  verify("fd_write", fd_write(fd, area, 1, result) == 0 && load<u32>(result) == 13);
  verify("fd_seek", fd_seek(fd, 1, 0, result) == 0 && load<u64>(result) == 1);
  store<u32>(area, <u32>area + 64);
  store<u32>(area, 100, 4);
  verify("fd_read", fd_read(fd, area, 1, result) == 0 && text(area + 64, load<u32>(result)) == "éllo wörld");
  verify("fd_filestat_get", fd_filestat_get(fd, area) == 0 && load<u64>(area, 32) == 13 && load<u8>(area, 16) == 4);
  verify("fd_fdstat_get", fd_fdstat_get(fd, area) == 0 && load<u8>(area) == 4);
  verify("fd_close", fd_close(fd) == 0);
  verify("fd_close again", fd_close(fd) == 8);

  const folder = new Path("folder");
  const file = new Path("file");
  const inner = new Path("folder/file");
  const outside = new Path("../file");
  verify("path_create_directory", path_create_directory(3, folder.at, folder.size) == 0);
  verify("path_create_directory again", path_create_directory(3, folder.at, folder.size) == 20);
  verify("path_rename", path_rename(3, file.at, file.size, 3, inner.at, inner.size) == 0);
  verify("path_filestat_get", path_filestat_get(3, 0, inner.at, inner.size, area) == 0 && load<u64>(area, 32) == 13);
  verify("path_filestat_get outside", path_filestat_get(3, 0, outside.at, outside.size, area) == 63);
  verify("path_open outside", open("../file", 0, 2) == 63);
  verify("path_open trailing slash", open("folder/file/", 0, 2) == 54);
  verify("path_remove_directory full", path_remove_directory(3, folder.at, folder.size) == 55);
  open("folder", 2, 0x4000);
  const opened = load<u32>(result);
  verify("fd_readdir", fd_readdir(opened, area, 1024, 0, result) == 0 && load<u32>(result) == 25 + 26 + 28);
  fd_close(opened);
  verify("path_unlink_file", path_unlink_file(3, inner.at, inner.size) == 0);
  verify("path_remove_directory", path_remove_directory(3, folder.at, folder.size) == 0);

  verify("clock_time_get", clock_time_get(1, 0, result) == 0 && load<u64>(result) > 0);
  const before = load<u64>(result);
  memory.fill(area, 0, 96);
  store<u64>(area, 99);
  store<u32>(area, 1, 16);
  store<u64>(area, 10000000, 24);
  verify("poll_oneoff", poll_oneoff(area, area + 64, 1, result) == 0 && load<u64>(area, 64) == 99 && load<u16>(area, 72) == 0);
  clock_time_get(1, 0, result);
  verify("poll_oneoff waited", load<u64>(result) - before >= 10000000);
  store<u64>(area, 0);
  store<u64>(area, 0, 8);
  verify("random_get", random_get(area, 16) == 0 && (load<u64>(area) != 0 || load<u64>(area, 8) != 0));
  verify("sched_yield", sched_yield() == 0);
  store<u32>(area, <u32>area + 64);
  store<u32>(area, 100, 4);
  verify("stdin", fd_read(0, area, 1, result) == 0 && text(area + 64, load<u32>(result)) == "input");
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed == 0 ? 0 : 1);
}

start();
