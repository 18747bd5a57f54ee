// A Rust program over the standard library: collections, formatting, arguments, environment, files,
// and the two ways it ends badly (a chosen exit status, a panic). The first argument picks the part.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant, SystemTime};

fn collections() {
    // HashMap seeds its hash from random_get, so only order-free results are printed.
    let text = "the quick brown fox jumps over the lazy dog the end";
    let mut words: HashMap<&str, usize> = HashMap::new();
    for word in text.split(' ') {
        *words.entry(word).or_insert(0) += 1;
    }
    let mut sorted: Vec<_> = words.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    println!("{:?}", &sorted[..3]);

    let squares: BTreeMap<u64, u64> = (1..=5).map(|n| (n, n * n)).collect();
    println!("{squares:?}");
    let letters: HashSet<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    println!("{} letters", letters.len());

    let mut out = String::new();
    write!(out, "{:>8.3}|{:<6}|{:^6}|{:#x}|{:e}", std::f64::consts::PI, "ab", "cd", 255, 1234.5).unwrap();
    println!("{out}");
    println!("{:?} {:?}", "17".parse::<i32>(), "x7".parse::<i32>().is_err());
    println!("{:?}", i32::MAX.checked_add(1));
}

fn arguments() {
    let arguments: Vec<String> = std::env::args().collect();
    println!("{} arguments: {:?}", arguments.len() - 1, &arguments[1..]);
    let mut variables: Vec<_> = std::env::vars().collect();
    variables.sort();
    println!("{variables:?}");
    println!("{:?}", std::env::var("MISSING").is_err());
}

fn files() -> io::Result<()> {
    fs::create_dir_all("/w/tree/inner")?;
    let mut file = File::create("/w/tree/lines.txt")?;
    for number in 0..100 {
        writeln!(file, "line {number}")?;
    }
    drop(file);
    OpenOptions::new().append(true).open("/w/tree/lines.txt")?.write_all(b"last\n")?;

    let lines: Vec<String> = BufReader::new(File::open("/w/tree/lines.txt")?).lines().collect::<Result<_, _>>()?;
    println!("{} lines, {:?} .. {:?}", lines.len(), lines[0], lines[100]);

    let mut file = OpenOptions::new().read(true).write(true).open("/w/tree/lines.txt")?;
    file.seek(SeekFrom::Start(5))?;
    file.write_all(b"X")?;
    file.seek(SeekFrom::End(-5))?;
    let mut tail = String::new();
    file.read_to_string(&mut tail)?;
    println!("{tail:?} at {}", file.stream_position()?);
    file.set_len(20)?;
    println!("{:?}", fs::read_to_string("/w/tree/lines.txt")?);

    fs::rename("/w/tree/lines.txt", "/w/tree/inner/moved.txt")?;
    fs::hard_link("/w/tree/inner/moved.txt", "/w/tree/second.txt")?;
    fs::copy("/w/tree/second.txt", "/w/tree/copy.txt")?;
    let mut names: Vec<_> = fs::read_dir("/w/tree")?
        .map(|entry| entry.map(|e| (e.file_name().into_string().unwrap(), e.file_type().unwrap().is_dir())))
        .collect::<Result<_, _>>()?;
    names.sort();
    println!("{names:?}");
    println!("{}", fs::metadata("/w/tree/copy.txt")?.len());
    println!("{:?}", File::open("/w/none").map_err(|error| error.kind()).err());
    println!("{:?}", fs::remove_dir("/w/tree").is_err());
    println!("{:?}", File::open("/w/../../etc/passwd").is_err());
    fs::remove_file("/w/tree/second.txt")?;
    Ok(())
}

fn clocks() {
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(20));
    let slept = start.elapsed();
    println!("slept at least 20 ms: {}", slept >= Duration::from_millis(20));
    println!("after 2020: {}", SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() > 1_577_836_800);
}

fn input() {
    let sum: i64 = io::stdin().lock().lines().filter_map(|line| line.ok()?.trim().parse::<i64>().ok()).sum();
    println!("sum {sum}");
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("collections") => collections(),
        Some("arguments") => arguments(),
        Some("files") => files().expect("files"),
        Some("clocks") => clocks(),
        Some("input") => input(),
        Some("exit") => {
            std::panic::set_hook(Box::new(|info| {
                eprintln!("hook: {info}");
                std::process::exit(101);
            }));
            let empty: Vec<i32> = Vec::new();
            println!("{}", empty[std::env::args().count()]);
        }
        Some("panic") => panic!("told to panic"),
        _ => std::process::exit(2),
    }
}
