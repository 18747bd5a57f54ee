//! Bless host functions for guests in Rust, without crates: every import beyond WASI in `raw`, and safe
//! functions over those that most programs need. A program says `mod bless;` and is built by
//!
//!     rustc --target wasm32-wasi -O program.rs
//!
//! Codes are those of the import table; `Err` holds the code. What a call needs from the operator is in
//! docs/permissions.md.
#![allow(dead_code)]

/// The imports as they are. Results are written through the last pointers, on success only.
pub mod raw {
    #[link(wasm_import_module = "blockless_memory")]
    extern "C" {
        pub fn memory_read(buffer: *mut u8, size: u32, written: *mut u32) -> u32;
        pub fn env_var_read(buffer: *mut u8, size: u32, written: *mut u32) -> u32;
    }
    #[link(wasm_import_module = "blockless_cgi")]
    extern "C" {
        pub fn cgi_list_exec(handle: *mut u32) -> u32;
        pub fn cgi_list_read(handle: u32, buffer: *mut u8, size: u32, count: *mut u32) -> u32;
        pub fn cgi_open(json: *const u8, length: u32, handle: *mut u32) -> u32;
        pub fn cgi_stdout_read(handle: u32, buffer: *mut u8, size: u32, count: *mut u32) -> u32;
        pub fn cgi_stderr_read(handle: u32, buffer: *mut u8, size: u32, count: *mut u32) -> u32;
        pub fn cgi_stdin_write(handle: u32, data: *const u8, size: u32, count: *mut u32) -> u32;
        pub fn cgi_close(handle: u32) -> u32;
    }
    #[link(wasm_import_module = "blockless_http")]
    extern "C" {
        pub fn http_req(url: *const u8, url_length: u32, options: *const u8, options_length: u32,
                        handle: *mut u32, status: *mut i32) -> u32;
        pub fn http_read_header(handle: u32, name: *const u8, name_length: u32, buffer: *mut u8, size: u32,
                                written: *mut u32) -> u32;
        pub fn http_read_body(handle: u32, buffer: *mut u8, size: u32, written: *mut u32) -> u32;
        pub fn http_close(handle: u32) -> u32;
    }
    #[link(wasm_import_module = "blockless_ipfs")]
    extern "C" {
        pub fn ipfs_command(json: *const u8, length: u32, handle: *mut u32, status: *mut u32) -> u32;
        pub fn ipfs_read(handle: u32, buffer: *mut u8, size: u32, count: *mut u32) -> u32;
        pub fn ipfs_write(handle: u32, data: *const u8, size: u32, count: *mut u32) -> u32;
        pub fn ipfs_close(handle: u32) -> u32;
    }
    #[link(wasm_import_module = "blockless_s3")]
    extern "C" {
        pub fn bucket_command(command: u32, json: *const u8, length: u32, handle: *mut u32) -> u32;
        pub fn bucket_put_object(json: *const u8, length: u32, data: *const u8, size: u32) -> u32;
        pub fn s3_read(handle: u32, buffer: *mut u8, size: u32, count: *mut u32) -> u32;
        pub fn s3_close(handle: u32) -> u32;
    }
    #[link(wasm_import_module = "blockless_socket")]
    extern "C" {
        pub fn create_tcp_bind_socket(address: *const u8, length: u32, fd: *mut u32) -> u32;
        pub fn tcp_connect(address: *const u8, length: u32, fd: *mut u32) -> u32;
    }
    #[link(wasm_import_module = "blockless_drivers")]
    extern "C" {
        pub fn blockless_open(url: *const u8, url_length: u32, options: *const u8, options_length: u32,
                              fd: *mut u32) -> u32;
    }
    #[link(wasm_import_module = "blockless_llm")]
    extern "C" {
        pub fn llm_set_model_request(handle: *mut u32, model: *const u8, length: u32) -> u32;
        pub fn llm_get_model_response(handle: u32, buffer: *mut u8, size_u8: u32, written: *mut u8) -> u32;
        pub fn llm_set_model_options_request(handle: u32, json: *const u8, length: u32) -> u32;
        pub fn llm_get_model_options(handle: u32, buffer: *mut u8, size_u16: u32, written: *mut u16) -> u32;
        pub fn llm_prompt_request(handle: u32, text: *const u8, length: u32) -> u32;
        pub fn llm_read_prompt_response(handle: u32, buffer: *mut u8, size_u16: u32, written: *mut u16) -> u32;
        pub fn llm_close(handle: u32) -> u32;
    }
    #[link(wasm_import_module = "bless")]
    extern "C" {
        pub fn rpc_call(request: *const u8, length: u32, response: *mut u8, size: u32, written: *mut u32) -> u32;
    }
    #[link(wasm_import_module = "blockless")]
    extern "C" {
        pub fn mcall(json: *const u8, length: u32, buffer: *mut u8, size: u32) -> u32;
        pub fn register(json: *const u8, length: u32, buffer: *mut u8, size: u32) -> u32;
    }
}

/// A code of the import table, never 0.
pub type Code = u32;

fn check(code: u32) -> Result<(), Code> {
    if code == 0 { Ok(()) } else { Err(code) }
}

fn length(bytes: &[u8]) -> u32 {
    bytes.len() as u32
}

/// The fixed input of the request.
pub fn input() -> Result<String, Code> {
    let mut buffer = vec![0u8; 1 << 16];
    let mut written = 0;
    check(unsafe { raw::memory_read(buffer.as_mut_ptr(), length(&buffer), &mut written) })?;
    buffer.truncate(written as usize);
    Ok(String::from_utf8_lossy(&buffer).into_owned())
}

/// A JSON-RPC call; the whole response.
pub fn rpc(request: &str, most: usize) -> Result<Vec<u8>, Code> {
    let mut buffer = vec![0u8; most];
    let mut written = 0;
    check(unsafe {
        raw::rpc_call(request.as_ptr(), length(request.as_bytes()), buffer.as_mut_ptr(), length(&buffer), &mut written)
    })?;
    buffer.truncate(written as usize);
    Ok(buffer)
}

/// A CGI extension that runs; killed when dropped.
pub struct Cgi(u32);

impl Cgi {
    /// `json` names the command: `{"command":"redis","args":[],"envs":[]}`.
    pub fn open(json: &str) -> Result<Cgi, Code> {
        let mut handle = 0;
        check(unsafe { raw::cgi_open(json.as_ptr(), length(json.as_bytes()), &mut handle) })?;
        Ok(Cgi(handle))
    }
    pub fn write_all(&mut self, mut data: &[u8]) -> Result<(), Code> {
        while !data.is_empty() {
            let mut count = 0;
            check(unsafe { raw::cgi_stdin_write(self.0, data.as_ptr(), length(data), &mut count) })?;
            data = &data[count as usize..];
        }
        Ok(())
    }
    /// What is there; 0 at the end.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Code> {
        let mut count = 0;
        check(unsafe { raw::cgi_stdout_read(self.0, buffer.as_mut_ptr(), length(buffer), &mut count) })?;
        Ok(count as usize)
    }
}

impl Drop for Cgi {
    fn drop(&mut self) {
        unsafe { raw::cgi_close(self.0) };
    }
}

/// An HTTP response whose body is read piece by piece.
pub struct Response {
    handle: u32,
    pub status: i32,
}

impl Response {
    /// `options` is JSON: method, headers (a string with JSON), body, connectTimeout, readTimeout in seconds.
    pub fn request(url: &str, options: &str) -> Result<Response, Code> {
        let (mut handle, mut status) = (0, 0);
        check(unsafe {
            raw::http_req(url.as_ptr(), length(url.as_bytes()), options.as_ptr(), length(options.as_bytes()),
                          &mut handle, &mut status)
        })?;
        Ok(Response { handle, status })
    }
    pub fn get(url: &str) -> Result<Response, Code> {
        Response::request(url, r#"{"method":"GET","headers":"{}"}"#)
    }
    /// None when there is no such header. Before the first read of the body only.
    pub fn header(&self, name: &str) -> Option<String> {
        let mut buffer = vec![0u8; 8192];
        let mut written = 0;
        let code = unsafe {
            raw::http_read_header(self.handle, name.as_ptr(), length(name.as_bytes()), buffer.as_mut_ptr(),
                                  length(&buffer), &mut written)
        };
        if code != 0 {
            return None;
        }
        buffer.truncate(written as usize);
        String::from_utf8(buffer).ok()
    }
    /// 0 at the end.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Code> {
        let mut count = 0;
        check(unsafe { raw::http_read_body(self.handle, buffer.as_mut_ptr(), length(buffer), &mut count) })?;
        Ok(count as usize)
    }
    pub fn text(&mut self) -> Result<String, Code> {
        let mut all = Vec::new();
        let mut piece = [0u8; 4096];
        loop {
            let count = self.read(&mut piece)?;
            if count == 0 {
                return Ok(String::from_utf8_lossy(&all).into_owned());
            }
            all.extend_from_slice(&piece[..count]);
        }
    }
}

impl Drop for Response {
    fn drop(&mut self) {
        unsafe { raw::http_close(self.handle) };
    }
}
