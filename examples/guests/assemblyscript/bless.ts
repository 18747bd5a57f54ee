// Bless host functions for guests in AssemblyScript: every import beyond WASI, and functions with
// strings over those that most programs need. A program imports from "./bless" and is built by
//
//   npx asc program.ts -o program.wasm --optimize
//
// Codes are those of the import table; what a call needs from the operator is in docs/permissions.md.

@external("blockless_memory", "memory_read")
export declare function memory_read(buffer: usize, size: u32, written: usize): u32;
@external("blockless_memory", "env_var_read")
export declare function env_var_read(buffer: usize, size: u32, written: usize): u32;

@external("blockless_cgi", "cgi_list_exec")
export declare function cgi_list_exec(handle: usize): u32;
@external("blockless_cgi", "cgi_list_read")
export declare function cgi_list_read(handle: u32, buffer: usize, size: u32, count: usize): u32;
@external("blockless_cgi", "cgi_open")
export declare function cgi_open(json: usize, length: u32, handle: usize): u32;
@external("blockless_cgi", "cgi_stdout_read")
export declare function cgi_stdout_read(handle: u32, buffer: usize, size: u32, count: usize): u32;
@external("blockless_cgi", "cgi_stderr_read")
export declare function cgi_stderr_read(handle: u32, buffer: usize, size: u32, count: usize): u32;
@external("blockless_cgi", "cgi_stdin_write")
export declare function cgi_stdin_write(handle: u32, data: usize, size: u32, count: usize): u32;
@external("blockless_cgi", "cgi_close")
export declare function cgi_close(handle: u32): u32;

@external("blockless_http", "http_req")
export declare function http_req(url: usize, urlLength: u32, options: usize, optionsLength: u32, handle: usize, status: usize): u32;
@external("blockless_http", "http_read_header")
export declare function http_read_header(handle: u32, name: usize, nameLength: u32, buffer: usize, size: u32, written: usize): u32;
@external("blockless_http", "http_read_body")
export declare function http_read_body(handle: u32, buffer: usize, size: u32, written: usize): u32;
@external("blockless_http", "http_close")
export declare function http_close(handle: u32): u32;

@external("blockless_ipfs", "ipfs_command")
export declare function ipfs_command(json: usize, length: u32, handle: usize, status: usize): u32;
@external("blockless_ipfs", "ipfs_read")
export declare function ipfs_read(handle: u32, buffer: usize, size: u32, count: usize): u32;
@external("blockless_ipfs", "ipfs_write")
export declare function ipfs_write(handle: u32, data: usize, size: u32, count: usize): u32;
@external("blockless_ipfs", "ipfs_close")
export declare function ipfs_close(handle: u32): u32;

@external("blockless_s3", "bucket_command")
export declare function bucket_command(command: u32, json: usize, length: u32, handle: usize): u32;
@external("blockless_s3", "bucket_put_object")
export declare function bucket_put_object(json: usize, length: u32, data: usize, size: u32): u32;
@external("blockless_s3", "s3_read")
export declare function s3_read(handle: u32, buffer: usize, size: u32, count: usize): u32;
@external("blockless_s3", "s3_close")
export declare function s3_close(handle: u32): u32;

@external("blockless_socket", "create_tcp_bind_socket")
export declare function create_tcp_bind_socket(address: usize, length: u32, fd: usize): u32;
@external("blockless_socket", "tcp_connect")
export declare function tcp_connect(address: usize, length: u32, fd: usize): u32;

@external("blockless_drivers", "blockless_open")
export declare function blockless_open(url: usize, urlLength: u32, options: usize, optionsLength: u32, fd: usize): u32;

@external("blockless_llm", "llm_set_model_request")
export declare function llm_set_model_request(handle: usize, model: usize, length: u32): u32;
@external("blockless_llm", "llm_get_model_response")
export declare function llm_get_model_response(handle: u32, buffer: usize, sizeU8: u32, written: usize): u32;
@external("blockless_llm", "llm_set_model_options_request")
export declare function llm_set_model_options_request(handle: u32, json: usize, length: u32): u32;
@external("blockless_llm", "llm_get_model_options")
export declare function llm_get_model_options(handle: u32, buffer: usize, sizeU16: u32, written: usize): u32;
@external("blockless_llm", "llm_prompt_request")
export declare function llm_prompt_request(handle: u32, text: usize, length: u32): u32;
@external("blockless_llm", "llm_read_prompt_response")
export declare function llm_read_prompt_response(handle: u32, buffer: usize, sizeU16: u32, written: usize): u32;
@external("blockless_llm", "llm_close")
export declare function llm_close(handle: u32): u32;

@external("bless", "rpc_call")
export declare function rpc_call(request: usize, length: u32, response: usize, size: u32, written: usize): u32;

@external("blockless", "mcall")
export declare function mcall(json: usize, length: u32, buffer: usize, size: u32): u32;
@external("blockless", "register")
export declare function register(json: usize, length: u32, buffer: usize, size: u32): u32;

@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: u32, iovecs: usize, count: u32, written: usize): u32;

// --- Conveniences ---------------------------------------------------------------------------------

const word = new ArrayBuffer(16);  // for results

function at(offset: usize): usize {
  return changetype<usize>(word) + offset;
}

/** A text with the code of the call it came from: 0 for success. */
export class Text {
  constructor(public code: u32, public text: string) {}
}

/** The fixed input of the request. */
export function input(): Text {
  const buffer = new ArrayBuffer(65536);
  const code = memory_read(changetype<usize>(buffer), buffer.byteLength, at(0));
  if (code != 0) return new Text(code, "");
  return new Text(0, String.UTF8.decode(buffer.slice(0, load<u32>(at(0)))));
}

/** A JSON-RPC call; the whole response, of at most `most` bytes. */
export function rpc(request: string, most: i32 = 65536): Text {
  const bytes = String.UTF8.encode(request);
  const buffer = new ArrayBuffer(most);
  const code = rpc_call(changetype<usize>(bytes), bytes.byteLength, changetype<usize>(buffer), most, at(0));
  if (code != 0) return new Text(code, "");
  return new Text(0, String.UTF8.decode(buffer.slice(0, load<u32>(at(0)))));
}

/** An HTTP response. Close it. */
export class Response {
  handle: u32 = 0;
  status: i32 = 0;
  code: u32 = 0;

  /** `options` is JSON: method, headers (a string with JSON), body, connectTimeout, readTimeout in seconds. */
  constructor(url: string, options: string = '{"method":"GET","headers":"{}"}') {
    const u = String.UTF8.encode(url);
    const o = String.UTF8.encode(options);
    this.code = http_req(changetype<usize>(u), u.byteLength, changetype<usize>(o), o.byteLength, at(0), at(4));
    if (this.code == 0) {
      this.handle = load<u32>(at(0));
      this.status = load<i32>(at(4));
    }
  }
  /** The rest of the body. */
  text(): Text {
    let all = "";
    const buffer = new ArrayBuffer(4096);
    for (;;) {
      const code = http_read_body(this.handle, changetype<usize>(buffer), buffer.byteLength, at(0));
      if (code != 0) return new Text(code, all);
      const count = load<u32>(at(0));
      if (count == 0) return new Text(0, all);
      all += String.UTF8.decode(buffer.slice(0, count));
    }
  }
  close(): void {
    http_close(this.handle);
  }
}

/** A line on standard output. */
export function print(line: string): void {
  const bytes = String.UTF8.encode(line + "\n");
  store<u32>(at(0), changetype<u32>(bytes));
  store<u32>(at(4), bytes.byteLength);
  fd_write(1, at(0), 1, at(8));
}
