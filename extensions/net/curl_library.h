// libcurl, loaded when the first extension that needs it is made: it and the libraries below it
// would cost every start. Entry point: curlLibrary. Everything of libcurl is called through here.
// Thread rule: curlLibrary first on the run's first thread, before the sandbox; then any thread.
#pragma once

#include <curl/curl.h>

namespace bls::net {

// The macros of curl/typecheck-gcc.h and curl.h would replace the members.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

#define BLS_CURL_FUNCTIONS(X) \
  X(curl_global_init)         \
  X(curl_easy_init)           \
  X(curl_easy_setopt)         \
  X(curl_easy_getinfo)        \
  X(curl_easy_pause)          \
  X(curl_easy_reset)          \
  X(curl_easy_cleanup)        \
  X(curl_easy_strerror)       \
  X(curl_multi_init)          \
  X(curl_multi_setopt)        \
  X(curl_multi_add_handle)    \
  X(curl_multi_remove_handle) \
  X(curl_multi_socket_action) \
  X(curl_multi_assign)        \
  X(curl_multi_info_read)     \
  X(curl_multi_cleanup)       \
  X(curl_slist_append)        \
  X(curl_slist_free_all)      \
  X(curl_url)                 \
  X(curl_url_cleanup)         \
  X(curl_url_get)             \
  X(curl_url_set)             \
  X(curl_url_strerror)        \
  X(curl_free)

struct CurlLibrary {
#define BLS_CURL_MEMBER(name) decltype(&::name) name = nullptr;
  BLS_CURL_FUNCTIONS(BLS_CURL_MEMBER)
#undef BLS_CURL_MEMBER
};

/// Null when it is not there, too old or lacks something; `*why` then says so. `why` may be null.
const CurlLibrary* curlLibrary(const char** why = nullptr);

}  // namespace bls::net
