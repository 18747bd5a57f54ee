// A library in C++: prints through its own libc, exports functions on numbers, and registers `area`
// for calls by name.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

extern "C" {

__attribute__((import_module("blockless"), import_name("register"))) int hostRegister(
    const char* text, size_t size, char* out, size_t outSize);

__attribute__((export_name("alloc"))) void* guestAlloc(size_t size) { return std::malloc(size); }
__attribute__((export_name("dealloc"))) void guestFree(void* at, size_t) { std::free(at); }

__attribute__((export_name("square"))) int square(int side) {
  std::printf("C++: the square of %d\n", side);
  std::fflush(stdout);
  return side * side;
}

// [width,height] as JSON → the area as text. Returns a number that nobody looks at.
__attribute__((export_name("area"))) int area(const char* in, size_t inSize, char* out,
                                              size_t outSize) {
  const std::string text(in, inSize);
  int width = 0;
  int height = 0;
  if (std::sscanf(text.c_str(), "[%d,%d]", &width, &height) != 2) return 1;
  std::vector<char> result(outSize, ' ');
  std::snprintf(result.data(), outSize, "area %d", width * height);
  std::copy(result.begin(), result.end(), out);
  return 0;
}
}

namespace {

struct Setup {
  Setup() {
    const std::string methods = R"({"methods": ["area"]})";
    char error[128] = {};
    const int code = hostRegister(methods.data(), methods.size(), error, sizeof error - 1);
    std::printf("C++: set up, %d\n", code);
    std::fflush(stdout);
  }
} setup;

}  // namespace
