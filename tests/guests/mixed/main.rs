// The entry module in Rust: calls both libraries by import, and the C++ one by name as well.

#[link(wasm_import_module = "scale")]
extern "C" {
    fn cube(side: i32) -> i32;
}
#[link(wasm_import_module = "shapes")]
extern "C" {
    fn square(side: i32) -> i32;
}
#[link(wasm_import_module = "blockless")]
extern "C" {
    fn mcall(text: *const u8, size: usize, out: *mut u8, out_size: usize) -> u32;
}

fn main() {
    println!("Rust: {}", unsafe { cube(3) + square(2) });
    let call = r#"{"mcall": "shapes::area", "params": [6, 7]}"#;
    let mut out = vec![0u8; 16];
    let code = unsafe { mcall(call.as_ptr(), call.len(), out.as_mut_ptr(), out.len()) };
    let end = out.iter().position(|&byte| byte == 0).unwrap_or(out.len());
    println!("Rust: {} {:?} {:?}", code, String::from_utf8_lossy(&out[..end]), std::env::args().collect::<Vec<_>>());
    std::process::exit(31 + code as i32);
}
