// write_seeds DIR: the seed modules as files DIR/seeds/NUMBER.wasm, and DIR/seeds.txt with their
// names, separated by commas, as libFuzzer's -seed_inputs=@FILE takes it.
#include <cstdio>
#include <filesystem>
#include <string>

#include "tests/support/seed_modules.h"

namespace {

bool writeFile(const std::string& path, const void* data, size_t size) {
  std::FILE* out = std::fopen(path.c_str(), "wb");
  if (out == nullptr) return false;
  const bool good = std::fwrite(data, 1, size, out) == size;
  return std::fclose(out) == 0 && good;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string folder = argv[1];
  std::filesystem::remove_all(folder + "/seeds");
  std::filesystem::create_directories(folder + "/seeds");
  std::string list;
  unsigned long number = 0;
  for (const bls::test::SeedModule& seed : bls::test::seedModules()) {
    const std::string path = "seeds/" + std::to_string(++number) + ".wasm";
    if (!writeFile(folder + "/" + path, seed.bytes.data(), seed.bytes.size())) return 1;
    list += (list.empty() ? "" : ",") + path;
  }
  std::printf("%lu seeds\n", number);
  return number != 0 && writeFile(folder + "/seeds.txt", list.data(), list.size()) ? 0 : 1;
}
