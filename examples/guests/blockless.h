// Every host function of the Blockless runtime for guests in C (clang --target=wasm32), written
// from its ABI page: no libc, nothing to link. A guest imports only what it calls.
//
// Rules: all return an error code, 0 for success; what they store is stored on success only. Texts
// are UTF-8 with a length and no terminator; a literal is passed by BLS_TEXT("…"). The module must
// export its memory, which clang does by itself. Handles are the extension's own numbers; where a
// function gives a WASI descriptor, fd_read, fd_write, sock_accept, poll_oneoff and fd_close of
// wasi_snapshot_preview1 work on it.
#pragma once

#include <stdint.h>

#define BLS_TEXT(literal) (literal), (uint32_t)(sizeof(literal) - 1)
#define BLS_IMPORT(module, name) \
  __attribute__((import_module(module), import_name(#name))) uint32_t name

// WASI, as far as the examples need it.
typedef struct {
  void* data;
  uint32_t size;
} bls_buffer;
BLS_IMPORT("wasi_snapshot_preview1", fd_write)(uint32_t fd, const bls_buffer* list, uint32_t count,
                                               uint32_t* done);
BLS_IMPORT("wasi_snapshot_preview1", fd_read)(uint32_t fd, const bls_buffer* list, uint32_t count,
                                              uint32_t* done);
BLS_IMPORT("wasi_snapshot_preview1", fd_close)(uint32_t fd);
BLS_IMPORT("wasi_snapshot_preview1", sock_accept)(uint32_t fd, uint32_t flags, uint32_t* out);

// blockless_memory: 2 bad buffer, 3 a buffer of no size. The texts are cut to fit.
BLS_IMPORT("blockless_memory", memory_read)(void* buffer, uint32_t size, uint32_t* written);
BLS_IMPORT("blockless_memory", env_var_read)(void* buffer, uint32_t size, uint32_t* written);

// blockless_socket: addresses are "host:port". 1 parameter, 2 refused, 4 address in use.
BLS_IMPORT("blockless_socket", create_tcp_bind_socket)(const char* address, uint32_t length,
                                                       uint32_t* fd);
BLS_IMPORT("blockless_socket", tcp_connect)(const char* address, uint32_t length, uint32_t* fd);

// blockless_drivers: "tcp://host:port", or a scheme of the operator's. 9 connect, 10 no such driver
// or no URL, 12 parameters, 14 not permitted. A tcp descriptor does not block.
BLS_IMPORT("blockless_drivers", blockless_open)(const char* url, uint32_t url_length,
                                                const char* options, uint32_t options_length,
                                                uint32_t* fd);

// blockless_http: options are JSON, {"method": "get", "headers": "{}", "body": "…"}; `headers`
// holds JSON as text. 1 handle, 4 no such header, 5 UTF-8, 9 URL, 10 options, 11 not sent, 14 not
// permitted, 15 headers. A body ends with 0 bytes.
BLS_IMPORT("blockless_http", http_req)(const char* url, uint32_t url_length, const char* options,
                                       uint32_t options_length, uint32_t* handle, int32_t* status);
BLS_IMPORT("blockless_http", http_read_header)(uint32_t handle, const char* name,
                                               uint32_t name_length, void* buffer, uint32_t size,
                                               uint32_t* written);
BLS_IMPORT("blockless_http", http_read_body)(uint32_t handle, void* buffer, uint32_t size,
                                             uint32_t* written);
BLS_IMPORT("blockless_http", http_close)(uint32_t handle);

// blockless_ipfs: {"api": "files/ls", "args": [{"name": "arg", "value": "/"}]}. 1 handle, 2 UTF-8,
// 3 no such api, 4 parameter, 6 request, 10 not permitted.
BLS_IMPORT("blockless_ipfs", ipfs_command)(const char* json, uint32_t length, uint32_t* handle,
                                           uint32_t* status);
BLS_IMPORT("blockless_ipfs", ipfs_read)(uint32_t handle, void* buffer, uint32_t size,
                                        uint32_t* written);
BLS_IMPORT("blockless_ipfs", ipfs_write)(uint32_t handle, const void* buffer, uint32_t size,
                                         uint32_t* written);
BLS_IMPORT("blockless_ipfs", ipfs_close)(uint32_t handle);

// blockless_s3: {"access_key", "secret_key", "endpoint", "region", "bucket_name", "prefix" or
// "path"}. 1 handle, 2 UTF-8, 4 parameter, 8 request, 12 not permitted.
enum { BLS_S3_CREATE = 1, BLS_S3_LIST = 2, BLS_S3_GET = 3, BLS_S3_DELETE = 4 };
BLS_IMPORT("blockless_s3", bucket_command)(uint32_t command, const char* json, uint32_t length,
                                           uint32_t* handle);
BLS_IMPORT("blockless_s3", bucket_put_object)(const char* json, uint32_t length, const void* data,
                                              uint32_t size);
BLS_IMPORT("blockless_s3", s3_read)(uint32_t handle, void* buffer, uint32_t size,
                                    uint32_t* written);
BLS_IMPORT("blockless_s3", s3_close)(uint32_t handle);

// blockless_cgi: {"command": alias, "args": ["…"], "envs": [{"env_name": "A", "env_val": "1"}]}. 1
// handle, 2 runtime, 3 parameter, 4 no such extension, or not permitted.
BLS_IMPORT("blockless_cgi", cgi_list_exec)(uint32_t* handle);
BLS_IMPORT("blockless_cgi", cgi_list_read)(uint32_t handle, void* buffer, uint32_t size,
                                           uint32_t* written);
BLS_IMPORT("blockless_cgi", cgi_open)(const char* json, uint32_t length, uint32_t* handle);
BLS_IMPORT("blockless_cgi", cgi_stdout_read)(uint32_t handle, void* buffer, uint32_t size,
                                             uint32_t* written);
BLS_IMPORT("blockless_cgi", cgi_stderr_read)(uint32_t handle, void* buffer, uint32_t size,
                                             uint32_t* written);
BLS_IMPORT("blockless_cgi", cgi_stdin_write)(uint32_t handle, const void* buffer, uint32_t size,
                                             uint32_t* written);
BLS_IMPORT("blockless_cgi", cgi_close)(uint32_t handle);

// blockless_llm: the handle comes first; lengths of results are 8 or 16 bits wide. 1 handle, 2 no
// such model, 4 completion, 5 options, 9 tool, 10 not permitted.
BLS_IMPORT("blockless_llm", llm_set_model_request)(uint32_t* handle, const char* model,
                                                   uint32_t length);
BLS_IMPORT("blockless_llm", llm_get_model_response)(uint32_t handle, void* buffer, uint8_t size,
                                                    uint8_t* written);
BLS_IMPORT("blockless_llm", llm_set_model_options_request)(uint32_t handle, const char* json,
                                                           uint32_t length);
BLS_IMPORT("blockless_llm", llm_get_model_options)(uint32_t handle, void* buffer, uint16_t size,
                                                   uint16_t* written);
BLS_IMPORT("blockless_llm", llm_prompt_request)(uint32_t handle, const char* text, uint32_t length);
BLS_IMPORT("blockless_llm", llm_read_prompt_response)(uint32_t handle, void* buffer, uint16_t size,
                                                      uint16_t* written);
BLS_IMPORT("blockless_llm", llm_close)(uint32_t handle);

// bless: JSON-RPC 2.0, {"jsonrpc": "2.0", "method": "ping", "id": 1}. 1 no request, 4 pointers, 5
// the response does not fit.
BLS_IMPORT("bless", rpc_call)(const char* request, uint32_t length, void* response, uint32_t size,
                              uint32_t* written);

static inline void bls_say(const char* text, uint32_t length) {
  const bls_buffer list = {(void*)text, length};
  uint32_t done;
  fd_write(1, &list, 1, &done);
}
