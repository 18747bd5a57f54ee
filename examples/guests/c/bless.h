/* Bless host functions for guests in C and C++: every import beyond WASI, its result codes, and a
 * few conveniences. One header, no library:
 *
 *   clang-22 --target=wasm32-wasi -O2 program.c -o program.wasm
 *
 * Every import returns a code, 0 for success, and writes results through its last pointers only
 * then. What a call needs from the operator is in docs/permissions.md. */
#ifndef BLESS_H
#define BLESS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BLESS_IMPORT(module, name) __attribute__((import_module(module), import_name(name))) extern

/* Input of the request and listed variables, as one text each. 1 is not used. */
enum bless_memory_code { BLESS_MEMORY_RUNTIME_ERROR = 2, BLESS_MEMORY_INVALID_PARAMETER = 3 };
BLESS_IMPORT("blockless_memory", "memory_read")
uint32_t bless_memory_read(void* buffer, uint32_t size, uint32_t* written);
BLESS_IMPORT("blockless_memory", "env_var_read")
uint32_t bless_env_var_read(void* buffer, uint32_t size, uint32_t* written);

/* Programs of the operator's drivers root, over pipes. */
enum bless_cgi_code {
  BLESS_CGI_INVALID_HANDLE = 1,
  BLESS_CGI_RUNTIME_ERROR = 2,
  BLESS_CGI_INVALID_PARAMETER = 3,
  BLESS_CGI_INVALID_EXTENSION = 4
};
BLESS_IMPORT("blockless_cgi", "cgi_list_exec") uint32_t bless_cgi_list_exec(uint32_t* handle);
BLESS_IMPORT("blockless_cgi", "cgi_list_read")
uint32_t bless_cgi_list_read(uint32_t handle, void* buffer, uint32_t size, uint32_t* count);
BLESS_IMPORT("blockless_cgi", "cgi_open")
uint32_t bless_cgi_open(const char* json, uint32_t length, uint32_t* handle);
BLESS_IMPORT("blockless_cgi", "cgi_stdout_read")
uint32_t bless_cgi_stdout_read(uint32_t handle, void* buffer, uint32_t size, uint32_t* count);
BLESS_IMPORT("blockless_cgi", "cgi_stderr_read")
uint32_t bless_cgi_stderr_read(uint32_t handle, void* buffer, uint32_t size, uint32_t* count);
BLESS_IMPORT("blockless_cgi", "cgi_stdin_write")
uint32_t bless_cgi_stdin_write(uint32_t handle, const void* data, uint32_t size, uint32_t* count);
BLESS_IMPORT("blockless_cgi", "cgi_close") uint32_t bless_cgi_close(uint32_t handle);

/* HTTP. Options are JSON: method, headers, body, connectTimeout and readTimeout in seconds. */
enum bless_http_code {
  BLESS_HTTP_INVALID_HANDLE = 1,
  BLESS_HTTP_MEMORY_ACCESS = 2,
  BLESS_HTTP_HEADER_NOT_FOUND = 4,
  BLESS_HTTP_UTF8 = 5,
  BLESS_HTTP_INVALID_ENCODING = 8,
  BLESS_HTTP_INVALID_URL = 9,
  BLESS_HTTP_REQUEST_ERROR = 10,
  BLESS_HTTP_RUNTIME_ERROR = 11,
  BLESS_HTTP_INVALID_DRIVER = 13,
  BLESS_HTTP_PERMISSION_DENIED = 14,
  BLESS_HTTP_MALFORMED_HEADERS = 15
};
BLESS_IMPORT("blockless_http", "http_req")
uint32_t bless_http_req(const char* url, uint32_t url_length, const char* options,
                        uint32_t options_length, uint32_t* handle, int32_t* status);
BLESS_IMPORT("blockless_http", "http_read_header")
uint32_t bless_http_read_header(uint32_t handle, const char* name, uint32_t name_length,
                                void* buffer, uint32_t size, uint32_t* written);
BLESS_IMPORT("blockless_http", "http_read_body")
uint32_t bless_http_read_body(uint32_t handle, void* buffer, uint32_t size, uint32_t* written);
BLESS_IMPORT("blockless_http", "http_close") uint32_t bless_http_close(uint32_t handle);

/* The IPFS node of the operator. */
enum bless_ipfs_code {
  BLESS_IPFS_INVALID_HANDLE = 1,
  BLESS_IPFS_UTF8 = 2,
  BLESS_IPFS_INVALID_METHOD = 3,
  BLESS_IPFS_INVALID_PARAMETER = 4,
  BLESS_IPFS_INVALID_ENCODING = 5,
  BLESS_IPFS_REQUEST_ERROR = 6,
  BLESS_IPFS_RUNTIME_ERROR = 7,
  BLESS_IPFS_TOO_MANY_SESSIONS = 8,
  BLESS_IPFS_INVALID_DRIVER = 9,
  BLESS_IPFS_PERMISSION_DENIED = 10
};
BLESS_IMPORT("blockless_ipfs", "ipfs_command")
uint32_t bless_ipfs_command(const char* json, uint32_t length, uint32_t* handle, uint32_t* status);
BLESS_IMPORT("blockless_ipfs", "ipfs_read")
uint32_t bless_ipfs_read(uint32_t handle, void* buffer, uint32_t size, uint32_t* count);
BLESS_IMPORT("blockless_ipfs", "ipfs_write")
uint32_t bless_ipfs_write(uint32_t handle, const void* data, uint32_t size, uint32_t* count);
BLESS_IMPORT("blockless_ipfs", "ipfs_close") uint32_t bless_ipfs_close(uint32_t handle);

/* S3. Keys of the JSON: access_key, secret_key, endpoint, region, bucket_name; prefix or path. */
enum bless_s3_command {
  BLESS_S3_CREATE = 1,
  BLESS_S3_LIST = 2,
  BLESS_S3_GET = 3,
  BLESS_S3_DELETE = 4
};
enum bless_s3_code {
  BLESS_S3_INVALID_HANDLE = 1,
  BLESS_S3_UTF8 = 2,
  BLESS_S3_INVALID_METHOD = 3,
  BLESS_S3_INVALID_PARAMETER = 4,
  BLESS_S3_INVALID_ENCODING = 5,
  BLESS_S3_CREDENTIALS = 6,
  BLESS_S3_REGION = 7,
  BLESS_S3_REQUEST_ERROR = 8,
  BLESS_S3_RUNTIME_ERROR = 9,
  BLESS_S3_TOO_MANY_SESSIONS = 10,
  BLESS_S3_INVALID_DRIVER = 11,
  BLESS_S3_PERMISSION_DENIED = 12
};
BLESS_IMPORT("blockless_s3", "bucket_command")
uint32_t bless_bucket_command(uint32_t command, const char* json, uint32_t length,
                              uint32_t* handle);
BLESS_IMPORT("blockless_s3", "bucket_put_object")
uint32_t bless_bucket_put_object(const char* json, uint32_t length, const void* data,
                                 uint32_t size);
BLESS_IMPORT("blockless_s3", "s3_read")
uint32_t bless_s3_read(uint32_t handle, void* buffer, uint32_t size, uint32_t* count);
BLESS_IMPORT("blockless_s3", "s3_close") uint32_t bless_s3_close(uint32_t handle);

/* TCP. The descriptors are WASI's: read, write, close; a bound one is for sock_accept. */
enum bless_socket_code {
  BLESS_SOCKET_PARAMETER = 1,
  BLESS_SOCKET_REFUSED = 2,
  BLESS_SOCKET_ADDRESS_IN_USE = 4
};
BLESS_IMPORT("blockless_socket", "create_tcp_bind_socket")
uint32_t bless_create_tcp_bind_socket(const char* address, uint32_t length, uint32_t* fd);
BLESS_IMPORT("blockless_socket", "tcp_connect")
uint32_t bless_tcp_connect(const char* address, uint32_t length, uint32_t* fd);

/* A driver URL as a WASI descriptor: tcp://host:port, or a scheme of the operator's. */
BLESS_IMPORT("blockless_drivers", "blockless_open")
uint32_t bless_open(const char* url, uint32_t url_length, const char* options,
                    uint32_t options_length, uint32_t* fd);

/* Language models that the operator lets guests start. */
enum bless_llm_code {
  BLESS_LLM_MODEL_NOT_SET = 1,
  BLESS_LLM_MODEL_NOT_SUPPORTED = 2,
  BLESS_LLM_INITIALIZATION_FAILED = 3,
  BLESS_LLM_COMPLETION_FAILED = 4,
  BLESS_LLM_OPTIONS_NOT_SET = 5,
  BLESS_LLM_SHUTDOWN_FAILED = 6,
  BLESS_LLM_UTF8 = 7,
  BLESS_LLM_RUNTIME_ERROR = 8,
  BLESS_LLM_TOOL_ERROR = 9,
  BLESS_LLM_PERMISSION_DENIED = 10
};
BLESS_IMPORT("blockless_llm", "llm_set_model_request")
uint32_t bless_llm_set_model_request(uint32_t* handle, const char* model, uint32_t length);
BLESS_IMPORT("blockless_llm", "llm_get_model_response")
uint32_t bless_llm_get_model_response(uint32_t handle, void* buffer, uint32_t size_u8,
                                      uint8_t* written);
BLESS_IMPORT("blockless_llm", "llm_set_model_options_request")
uint32_t bless_llm_set_model_options_request(uint32_t handle, const char* json, uint32_t length);
BLESS_IMPORT("blockless_llm", "llm_get_model_options")
uint32_t bless_llm_get_model_options(uint32_t handle, void* buffer, uint32_t size_u16,
                                     uint16_t* written);
BLESS_IMPORT("blockless_llm", "llm_prompt_request")
uint32_t bless_llm_prompt_request(uint32_t handle, const char* text, uint32_t length);
BLESS_IMPORT("blockless_llm", "llm_read_prompt_response")
uint32_t bless_llm_read_prompt_response(uint32_t handle, void* buffer, uint32_t size_u16,
                                        uint16_t* written);
BLESS_IMPORT("blockless_llm", "llm_close") uint32_t bless_llm_close(uint32_t handle);

/* JSON-RPC 2.0: ping, echo, version, http.request. */
enum bless_rpc_code {
  BLESS_RPC_NOT_PARSABLE = 1,
  BLESS_RPC_INTERNAL_ERROR = 4,
  BLESS_RPC_BUFFER_TOO_SMALL = 5
};
BLESS_IMPORT("bless", "rpc_call")
uint32_t bless_rpc_call(const char* request, uint32_t length, void* response, uint32_t size,
                        uint32_t* written);

/* Other modules of the same program (configuration version 1). */
BLESS_IMPORT("blockless", "mcall")
uint32_t bless_mcall(const char* json, uint32_t length, void* buffer, uint32_t size);
BLESS_IMPORT("blockless", "register")
uint32_t bless_register(const char* json, uint32_t length, void* buffer, uint32_t size);

/* --- Conveniences ------------------------------------------------------------------------------
 */

/* One request; the handle is closed by bless_http_close. `options` as above, NUL-terminated. */
static inline uint32_t bless_http_get(const char* url, uint32_t* handle, int32_t* status) {
  static const char kOptions[] = "{\"method\":\"GET\",\"headers\":\"{}\"}";
  return bless_http_req(url, (uint32_t)strlen(url), kOptions, sizeof kOptions - 1, handle, status);
}

/* Reads until `size` bytes are there or the stream ends; `read` is one of the calls of that shape.
 */
static inline uint32_t bless_read_up_to(uint32_t (*read)(uint32_t, void*, uint32_t, uint32_t*),
                                        uint32_t handle, void* buffer, uint32_t size,
                                        uint32_t* count) {
  uint32_t code = 0, got = 1;
  *count = 0;
  while (*count < size && got != 0) {
    got = 0;
    code = read(handle, (char*)buffer + *count, size - *count, &got);
    if (code != 0) break;
    *count += got;
  }
  return code;
}

/* Writes all of `data` to a CGI extension. */
static inline uint32_t bless_cgi_write_all(uint32_t handle, const void* data, uint32_t size) {
  const char* at = (const char*)data;
  while (size != 0) {
    uint32_t count = 0;
    const uint32_t code = bless_cgi_stdin_write(handle, at, size, &count);
    if (code != 0) return code;
    at += count;
    size -= count;
  }
  return 0;
}

#ifdef __cplusplus
}
#endif
#endif
