// Every host function of the Blockless runtime for guests in Rust, without crates, written from its ABI page. Entry points: `raw`, the
// functions as they are imported, and the safe forms below. A guest imports only what it calls.
//
// All give an error code, 0 for success; what they store is stored on success only. Codes stand in `blockless.h` beside this file.

/// The imports themselves. Texts are UTF-8 with a length.
#[allow(dead_code)]
pub mod raw {
    #[repr(C)]
    pub struct Buffer {
        pub data: *mut u8,
        pub size: u32,
    }

    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    extern "C" {
        pub fn fd_write(fd: u32, list: *const Buffer, count: u32, done: *mut u32) -> u32;
        pub fn fd_read(fd: u32, list: *const Buffer, count: u32, done: *mut u32) -> u32;
        pub fn fd_close(fd: u32) -> u32;
        pub fn sock_accept(fd: u32, flags: u32, out: *mut u32) -> u32;
    }

    #[link(wasm_import_module = "blockless_memory")]
    extern "C" {
        pub fn memory_read(buffer: *mut u8, size: u32, written: *mut u32) -> u32;
        pub fn env_var_read(buffer: *mut u8, size: u32, written: *mut u32) -> u32;
    }

    #[link(wasm_import_module = "blockless_socket")]
    extern "C" {
        pub fn create_tcp_bind_socket(address: *const u8, length: u32, fd: *mut u32) -> u32;
        pub fn tcp_connect(address: *const u8, length: u32, fd: *mut u32) -> u32;
    }

    #[link(wasm_import_module = "blockless_drivers")]
    extern "C" {
        pub fn blockless_open(
            url: *const u8,
            url_length: u32,
            options: *const u8,
            options_length: u32,
            fd: *mut u32,
        ) -> u32;
    }

    #[link(wasm_import_module = "blockless_http")]
    extern "C" {
        pub fn http_req(
            url: *const u8,
            url_length: u32,
            options: *const u8,
            options_length: u32,
            handle: *mut u32,
            status: *mut i32,
        ) -> u32;
        pub fn http_read_header(
            handle: u32,
            name: *const u8,
            name_length: u32,
            buffer: *mut u8,
            size: u32,
            written: *mut u32,
        ) -> u32;
        pub fn http_read_body(handle: u32, buffer: *mut u8, size: u32, written: *mut u32) -> u32;
        pub fn http_close(handle: u32) -> u32;
    }

    #[link(wasm_import_module = "blockless_ipfs")]
    extern "C" {
        pub fn ipfs_command(
            json: *const u8,
            length: u32,
            handle: *mut u32,
            status: *mut u32,
        ) -> u32;
        pub fn ipfs_read(handle: u32, buffer: *mut u8, size: u32, written: *mut u32) -> u32;
        pub fn ipfs_write(handle: u32, buffer: *const u8, size: u32, written: *mut u32) -> u32;
        pub fn ipfs_close(handle: u32) -> u32;
    }

    #[link(wasm_import_module = "blockless_s3")]
    extern "C" {
        pub fn bucket_command(command: u32, json: *const u8, length: u32, handle: *mut u32) -> u32;
        pub fn bucket_put_object(json: *const u8, length: u32, data: *const u8, size: u32) -> u32;
        pub fn s3_read(handle: u32, buffer: *mut u8, size: u32, written: *mut u32) -> u32;
        pub fn s3_close(handle: u32) -> u32;
    }

    #[link(wasm_import_module = "blockless_cgi")]
    extern "C" {
        pub fn cgi_list_exec(handle: *mut u32) -> u32;
        pub fn cgi_list_read(handle: u32, buffer: *mut u8, size: u32, written: *mut u32) -> u32;
        pub fn cgi_open(json: *const u8, length: u32, handle: *mut u32) -> u32;
        pub fn cgi_stdout_read(handle: u32, buffer: *mut u8, size: u32, written: *mut u32) -> u32;
        pub fn cgi_stderr_read(handle: u32, buffer: *mut u8, size: u32, written: *mut u32) -> u32;
        pub fn cgi_stdin_write(handle: u32, buffer: *const u8, size: u32, written: *mut u32) -> u32;
        pub fn cgi_close(handle: u32) -> u32;
    }

    #[link(wasm_import_module = "blockless_llm")]
    extern "C" {
        pub fn llm_set_model_request(handle: *mut u32, model: *const u8, length: u32) -> u32;
        pub fn llm_get_model_response(
            handle: u32,
            buffer: *mut u8,
            size: u8,
            written: *mut u8,
        ) -> u32;
        pub fn llm_set_model_options_request(handle: u32, json: *const u8, length: u32) -> u32;
        pub fn llm_get_model_options(
            handle: u32,
            buffer: *mut u8,
            size: u16,
            written: *mut u16,
        ) -> u32;
        pub fn llm_prompt_request(handle: u32, text: *const u8, length: u32) -> u32;
        pub fn llm_read_prompt_response(
            handle: u32,
            buffer: *mut u8,
            size: u16,
            written: *mut u16,
        ) -> u32;
        pub fn llm_close(handle: u32) -> u32;
    }

    #[link(wasm_import_module = "bless")]
    extern "C" {
        pub fn rpc_call(
            request: *const u8,
            length: u32,
            response: *mut u8,
            size: u32,
            written: *mut u32,
        ) -> u32;
    }
}

fn counted(code: u32, count: u32) -> Result<usize, u32> {
    if code == 0 { Ok(count as usize) } else { Err(code) }
}

fn handle(code: u32, handle: u32) -> Result<u32, u32> {
    if code == 0 { Ok(handle) } else { Err(code) }
}

/// The request's standard input, cut to fit.
#[allow(dead_code)]
pub fn memory_read(buffer: &mut [u8]) -> Result<usize, u32> {
    let mut written = 0;
    let code = unsafe { raw::memory_read(buffer.as_mut_ptr(), buffer.len() as u32, &mut written) };
    counted(code, written)
}

/// The listed variables as a JSON object, cut to fit.
#[allow(dead_code)]
pub fn env_var_read(buffer: &mut [u8]) -> Result<usize, u32> {
    let mut written = 0;
    let code = unsafe { raw::env_var_read(buffer.as_mut_ptr(), buffer.len() as u32, &mut written) };
    counted(code, written)
}

/// A WASI descriptor connected to `host:port`.
#[allow(dead_code)]
pub fn tcp_connect(address: &str) -> Result<u32, u32> {
    let mut fd = 0;
    handle(unsafe { raw::tcp_connect(address.as_ptr(), address.len() as u32, &mut fd) }, fd)
}

/// A WASI descriptor that listens on `host:port`.
#[allow(dead_code)]
pub fn tcp_listen(address: &str) -> Result<u32, u32> {
    let mut fd = 0;
    handle(unsafe { raw::create_tcp_bind_socket(address.as_ptr(), address.len() as u32, &mut fd) }, fd)
}

/// A WASI descriptor of a driver.
#[allow(dead_code)]
pub fn open(url: &str, options: &str) -> Result<u32, u32> {
    let mut fd = 0;
    let code = unsafe {
        raw::blockless_open(url.as_ptr(), url.len() as u32, options.as_ptr(), options.len() as u32, &mut fd)
    };
    handle(code, fd)
}

/// A request that has its response head: handle and status.
#[allow(dead_code)]
pub fn http_request(url: &str, options: &str) -> Result<(u32, i32), u32> {
    let (mut request, mut status) = (0, 0);
    let code = unsafe {
        raw::http_req(url.as_ptr(), url.len() as u32, options.as_ptr(), options.len() as u32, &mut request, &mut status)
    };
    if code == 0 { Ok((request, status)) } else { Err(code) }
}

/// The next bytes of its body; none at the end.
#[allow(dead_code)]
pub fn http_read(request: u32, buffer: &mut [u8]) -> Result<usize, u32> {
    let mut written = 0;
    let code = unsafe { raw::http_read_body(request, buffer.as_mut_ptr(), buffer.len() as u32, &mut written) };
    counted(code, written)
}

/// JSON-RPC: the length of the response.
#[allow(dead_code)]
pub fn rpc_call(request: &str, response: &mut [u8]) -> Result<usize, u32> {
    let mut written = 0;
    let code = unsafe {
        raw::rpc_call(request.as_ptr(), request.len() as u32, response.as_mut_ptr(), response.len() as u32, &mut written)
    };
    counted(code, written)
}

/// Writes to standard output.
#[allow(dead_code)]
pub fn say(text: &[u8]) {
    let list = raw::Buffer { data: text.as_ptr() as *mut u8, size: text.len() as u32 };
    let mut done = 0;
    unsafe { raw::fd_write(1, &list, 1, &mut done) };
}
