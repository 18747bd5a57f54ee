// Loading and looking up.
#include "extensions/net/curl_library.h"

#include <dlfcn.h>

namespace bls::net {
namespace {

struct Loaded {
  CurlLibrary library;
  const char* why = nullptr;
};

Loaded load() {
  Loaded out;
  void* handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    out.why = "libcurl.so.4 is not installed";
    return out;
  }
#define BLS_CURL_FIND(name)                                                     \
  out.library.name = reinterpret_cast<decltype(&::name)>(dlsym(handle, #name)); \
  if (out.library.name == nullptr) out.why = "libcurl.so.4 is too old: it has no " #name;
  BLS_CURL_FUNCTIONS(BLS_CURL_FIND)
#undef BLS_CURL_FIND
  if (out.why == nullptr && out.library.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    out.why = "libcurl.so.4 cannot be initialised";
  return out;
}

}  // namespace

const CurlLibrary* curlLibrary(const char** why) {
  static const Loaded loaded = load();
  if (why != nullptr) *why = loaded.why;
  return loaded.why == nullptr ? &loaded.library : nullptr;
}

}  // namespace bls::net
