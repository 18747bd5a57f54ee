// What a Rust program sees: the standard library over WASI, and raw imports declared by hand beside it.
// The grant is "/g"; the host made "many" with 100 files. Stdin holds "three short lines".

use std::cell::Cell;
use std::collections::HashMap;
use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, ErrorKind, IoSlice, Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

#[link(wasm_import_module = "wasi_snapshot_preview1")]
extern "C" {
    fn fd_prestat_get(fd: u32, stat: *mut [u32; 2]) -> u16;
    fn fd_prestat_dir_name(fd: u32, name: *mut u8, size: u32) -> u16;
    fn fd_fdstat_get(fd: u32, stat: *mut [u64; 3]) -> u16;
    fn fd_renumber(from: u32, to: u32) -> u16;
    fn random_get(buffer: *mut u8, size: u32) -> u16;
    fn path_readlink(fd: u32, path: *const u8, size: u32, buffer: *mut u8, length: u32, used: *mut u32) -> u16;
    fn path_symlink(target: *const u8, target_size: u32, fd: u32, path: *const u8, size: u32) -> u16;
    fn path_filestat_get(fd: u32, lookup: u32, path: *const u8, size: u32, stat: *mut [u64; 8]) -> u16;
    fn clock_time_get(id: u32, precision: u64, time: *mut u64) -> u16;
    fn sched_yield() -> u16;
}

thread_local! {
    static COUNTS: Cell<(u32, u32)> = Cell::new((0, 0));
}

fn verify(name: &str, condition: bool) {
    println!("{} {}", if condition { "ok" } else { "FAIL" }, name);
    COUNTS.with(|counts| {
        let (passed, failed) = counts.get();
        counts.set(if condition { (passed + 1, failed) } else { (passed, failed + 1) });
    });
}

fn files() -> io::Result<()> {
    let path = "/g/file";
    let mut file = File::create(path)?;
    let slices = [IoSlice::new(b"one "), IoSlice::new(b""), IoSlice::new(b"two ")];
    let written = file.write_vectored(&slices)?;
    file.write_all(&b"one two "[written..])?;
    file.write_all(b"three")?;
    file.sync_all()?;
    verify("metadata of an open file", file.metadata()?.len() == 13 && file.metadata()?.is_file());
    drop(file);
    verify("read back", fs::read_to_string(path)? == "one two three");

    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    verify("seek from end", file.seek(SeekFrom::End(-5))? == 8);
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    verify("read to the end", text == "three");
    verify("seek before the start fails", file.seek(SeekFrom::Start(0)).is_ok() && file.seek(SeekFrom::Current(-1)).is_err());
    file.set_len(3)?;
    verify("set_len", fs::read(path)? == b"one");
    verify("create_new on existing", OpenOptions::new().write(true).create_new(true).open(path).unwrap_err().kind() == ErrorKind::AlreadyExists);
    OpenOptions::new().append(true).open(path)?.write_all(b"!")?;
    verify("append", fs::read(path)? == b"one!");
    verify("truncate", OpenOptions::new().write(true).truncate(true).open(path).is_ok() && fs::read(path)?.is_empty());
    verify("missing", File::open("/g/none").unwrap_err().kind() == ErrorKind::NotFound);
    verify("outside", File::open("/g/../outside").is_err());
    verify("no grant", File::open("/elsewhere/file").is_err());
    verify("write through a read-only file", File::open(path)?.write(b"x").is_err());
    let modified = fs::metadata(path)?.modified()?;
    let age = SystemTime::now().duration_since(modified).unwrap_or(Duration::ZERO);
    verify("modified just now", age < Duration::from_secs(60));
    Ok(())
}

fn folders() -> io::Result<()> {
    fs::create_dir_all("/g/a/b/c")?;
    verify("create_dir on existing", fs::create_dir("/g/a").unwrap_err().kind() == ErrorKind::AlreadyExists);
    fs::write("/g/a/b/file", "x")?;
    fs::rename("/g/a/b", "/g/a/renamed")?;
    verify("rename moved the tree", fs::metadata("/g/a/renamed/c")?.is_dir());
    fs::hard_link("/g/a/renamed/file", "/g/a/hard")?;
    verify("hard link", fs::read("/g/a/hard")? == b"x");
    verify("copy", fs::copy("/g/a/hard", "/g/a/copy")? == 1);
    verify("remove_dir full", fs::remove_dir("/g/a").is_err());
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir("/g/many")? {
        names.push(entry?.file_name().into_string().unwrap());
    }
    names.sort();
    verify("read_dir", names.len() == 100 && names[0] == "f000" && names[99] == "f099");
    fs::remove_dir_all("/g/a")?;
    verify("remove_dir_all", fs::metadata("/g/a").is_err());
    Ok(())
}

fn process_state() {
    let arguments: Vec<String> = env::args().collect();
    verify("args", arguments[1..] == ["--flag", "ünïcode"]);
    verify("var", env::var("KEY").as_deref() == Ok("value=with=equals"));
    verify("vars", env::vars().count() == 1);
    env::set_var("OTHER", "x");
    verify("set_var", env::vars().count() == 2);
    let lines: Vec<String> = io::stdin().lock().lines().map(|line| line.unwrap()).collect();
    verify("stdin", lines == ["three", "short", "lines"]);
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(15));
    verify("sleep", start.elapsed() >= Duration::from_millis(15));
    verify("system time", SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() > 1_577_836_800);
    let map: HashMap<u32, u32> = (0..10_000).map(|n| (n, n * n)).collect();
    verify("hash map", map[&99] == 9801);
    verify("spawning a thread is refused", std::thread::Builder::new().spawn(|| ()).is_err());
}

fn raw() {
    unsafe {
        let mut stat = [0u32; 2];
        verify("prestat", fd_prestat_get(3, &mut stat) == 0 && stat == [0, 2]);
        let mut name = [0u8; 4];
        verify("prestat name", fd_prestat_dir_name(3, name.as_mut_ptr(), 2) == 0 && &name == b"/g\0\0");
        verify("prestat end", fd_prestat_get(4, &mut stat) == 8);
        let mut state = [0u64; 3];
        verify("fdstat", fd_fdstat_get(3, &mut state) == 0 && state[0] & 0xff == 3);
        verify("renumber onto closed", fd_renumber(3, 77) == 8);
        let mut bytes = [0u8; 40];
        verify("random", random_get(bytes.as_mut_ptr(), 40) == 0 && bytes.iter().any(|&byte| byte != bytes[0]));
        verify("symlink", path_symlink(b"../up".as_ptr(), 5, 3, b"link".as_ptr(), 4) == 0);
        verify("symlink absolute", path_symlink(b"/up".as_ptr(), 3, 3, b"bad".as_ptr(), 3) == 63);
        let mut used = 0;
        let got = path_readlink(3, b"link".as_ptr(), 4, bytes.as_mut_ptr(), 40, &mut used);
        verify("readlink", got == 0 && &bytes[..used as usize] == b"../up");
        let mut filestat = [0u64; 8];
        verify("stat link", path_filestat_get(3, 0, b"link".as_ptr(), 4, &mut filestat) == 0 && filestat[2] & 0xff == 7);
        verify("stat through link", path_filestat_get(3, 1, b"link".as_ptr(), 4, &mut filestat) == 63);
        let mut time = 0u64;
        verify("clock", clock_time_get(1, 0, &mut time) == 0 && clock_time_get(99, 0, &mut time) == 28);
        verify("yield", sched_yield() == 0);
    }
}

fn main() {
    files().expect("files");
    folders().expect("folders");
    process_state();
    raw();
    let (passed, failed) = COUNTS.with(|counts| counts.get());
    println!("{passed} passed, {failed} failed");
    std::process::exit((failed != 0) as i32);
}
