#include "extensions/native_library.h"

#include <dlfcn.h>

namespace bls {
namespace {

std::string loaderText() {
  const char* text = dlerror();
  return text != nullptr ? text : "unknown error";
}

}  // namespace

NativeCall callNativeLibrary(const std::string& path, const char* symbol, std::string_view text,
                             int* result, std::string* why) {
  const std::string file = path.find('/') == path.npos ? "./" + path : path;
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    *why = loaderText();
    return NativeCall::NotLoadable;
  }
  void* address = dlsym(library, symbol);
  if (address == nullptr) {
    *why = loaderText();
    return NativeCall::NoSymbol;
  }
  using Entry = int (*)(const char*, int);
  *result = reinterpret_cast<Entry>(address)(text.data(), static_cast<int>(text.size()));
  return NativeCall::Done;
}

}  // namespace bls
