//! Fetches the URL given as argument: status, content type and body.
mod bless;

fn main() {
    let url = std::env::args().nth(1).unwrap_or_else(|| {
        eprintln!("usage: fetch.wasm URL");
        std::process::exit(2)
    });
    let mut response = bless::Response::get(&url).unwrap_or_else(|code| {
        eprintln!("http_req: code {code}");
        std::process::exit(1)
    });
    println!("{} {}", response.status, response.header("content-type").unwrap_or_default());
    match response.text() {
        Ok(text) => print!("{text}"),
        Err(code) => {
            eprintln!("http_read_body: code {code}");
            std::process::exit(1)
        }
    }
}
