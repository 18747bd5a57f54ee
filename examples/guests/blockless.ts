// Every host function of the Blockless runtime for guests in AssemblyScript, written from its ABI page. Pointers are usize; texts are
// UTF-8 with a length (String.UTF8). A guest imports only what it calls. All give an error code, 0 for success; what they store is
// stored on success only. Codes stand in `blockless.h` beside this file.

@external("wasi_snapshot_preview1", "fd_write")
export declare function fd_write(fd: u32, list: usize, count: u32, done: usize): u32
@external("wasi_snapshot_preview1", "fd_read")
export declare function fd_read(fd: u32, list: usize, count: u32, done: usize): u32
@external("wasi_snapshot_preview1", "fd_close")
export declare function fd_close(fd: u32): u32
@external("wasi_snapshot_preview1", "sock_accept")
export declare function sock_accept(fd: u32, flags: u32, out: usize): u32
@external("blockless_memory", "memory_read")
export declare function memory_read(buffer: usize, size: u32, written: usize): u32
@external("blockless_memory", "env_var_read")
export declare function env_var_read(buffer: usize, size: u32, written: usize): u32
@external("blockless_socket", "create_tcp_bind_socket")
export declare function create_tcp_bind_socket(address: usize, length: u32, fd: usize): u32
@external("blockless_socket", "tcp_connect")
export declare function tcp_connect(address: usize, length: u32, fd: usize): u32
@external("blockless_drivers", "blockless_open")
export declare function blockless_open(url: usize, url_length: u32, options: usize, options_length: u32, fd: usize): u32
@external("blockless_http", "http_req")
export declare function http_req(url: usize, url_length: u32, options: usize, options_length: u32, handle: usize, status: usize): u32
@external("blockless_http", "http_read_header")
export declare function http_read_header(handle: u32, name: usize, name_length: u32, buffer: usize, size: u32, written: usize): u32
@external("blockless_http", "http_read_body")
export declare function http_read_body(handle: u32, buffer: usize, size: u32, written: usize): u32
@external("blockless_http", "http_close")
export declare function http_close(handle: u32): u32
@external("blockless_ipfs", "ipfs_command")
export declare function ipfs_command(json: usize, length: u32, handle: usize, status: usize): u32
@external("blockless_ipfs", "ipfs_read")
export declare function ipfs_read(handle: u32, buffer: usize, size: u32, written: usize): u32
@external("blockless_ipfs", "ipfs_write")
export declare function ipfs_write(handle: u32, buffer: usize, size: u32, written: usize): u32
@external("blockless_ipfs", "ipfs_close")
export declare function ipfs_close(handle: u32): u32
@external("blockless_s3", "bucket_command")
export declare function bucket_command(command: u32, json: usize, length: u32, handle: usize): u32
@external("blockless_s3", "bucket_put_object")
export declare function bucket_put_object(json: usize, length: u32, data: usize, size: u32): u32
@external("blockless_s3", "s3_read")
export declare function s3_read(handle: u32, buffer: usize, size: u32, written: usize): u32
@external("blockless_s3", "s3_close")
export declare function s3_close(handle: u32): u32
@external("blockless_cgi", "cgi_list_exec")
export declare function cgi_list_exec(handle: usize): u32
@external("blockless_cgi", "cgi_list_read")
export declare function cgi_list_read(handle: u32, buffer: usize, size: u32, written: usize): u32
@external("blockless_cgi", "cgi_open")
export declare function cgi_open(json: usize, length: u32, handle: usize): u32
@external("blockless_cgi", "cgi_stdout_read")
export declare function cgi_stdout_read(handle: u32, buffer: usize, size: u32, written: usize): u32
@external("blockless_cgi", "cgi_stderr_read")
export declare function cgi_stderr_read(handle: u32, buffer: usize, size: u32, written: usize): u32
@external("blockless_cgi", "cgi_stdin_write")
export declare function cgi_stdin_write(handle: u32, buffer: usize, size: u32, written: usize): u32
@external("blockless_cgi", "cgi_close")
export declare function cgi_close(handle: u32): u32
@external("blockless_llm", "llm_set_model_request")
export declare function llm_set_model_request(handle: usize, model: usize, length: u32): u32
@external("blockless_llm", "llm_get_model_response")
export declare function llm_get_model_response(handle: u32, buffer: usize, size: u8, written: usize): u32
@external("blockless_llm", "llm_set_model_options_request")
export declare function llm_set_model_options_request(handle: u32, json: usize, length: u32): u32
@external("blockless_llm", "llm_get_model_options")
export declare function llm_get_model_options(handle: u32, buffer: usize, size: u16, written: usize): u32
@external("blockless_llm", "llm_prompt_request")
export declare function llm_prompt_request(handle: u32, text: usize, length: u32): u32
@external("blockless_llm", "llm_read_prompt_response")
export declare function llm_read_prompt_response(handle: u32, buffer: usize, size: u16, written: usize): u32
@external("blockless_llm", "llm_close")
export declare function llm_close(handle: u32): u32
@external("bless", "rpc_call")
export declare function rpc_call(request: usize, length: u32, response: usize, size: u32, written: usize): u32

// Writes bytes to standard output.
export function say(data: usize, size: u32): void {
  const list = memory.data(8, 4)
  store<u32>(list, <u32>data)
  store<u32>(list, size, 4)
  fd_write(1, list, 1, memory.data(4, 4))
}
