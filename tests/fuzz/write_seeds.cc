// write_seeds DIR: the seed modules as files DIR/seeds/NUMBER.wasm, and DIR/seeds.txt with their
// names, separated by commas, as libFuzzer's -seed_inputs=@FILE takes it. The same with archives:
// DIR/car_seeds, DIR/car_seeds.txt, and for the targets of text_inputs.h.
#include <cstdio>
#include <filesystem>
#include <string>

#include "tests/car/random_car.h"
#include "tests/fuzz/text_inputs.h"
#include "tests/support/seed_modules.h"

namespace {

bool writeFile(const std::string& path, const void* data, size_t size) {
  std::FILE* out = std::fopen(path.c_str(), "wb");
  if (out == nullptr) return false;
  const bool good = std::fwrite(data, 1, size, out) == size;
  return std::fclose(out) == 0 && good;
}

bool writeArchives(const std::string& folder) {
  constexpr int kArchives = 200;
  std::filesystem::remove_all(folder + "/car_seeds");
  std::filesystem::create_directories(folder + "/car_seeds");
  bls::car::test::CarGenerator generator(1);
  std::string list;
  for (int number = 1; number <= kArchives; ++number) {
    bool weak = false;
    const std::string archive = generator.next(&weak);
    const std::string bytes = static_cast<char>(weak) + archive;
    const std::string path = "car_seeds/" + std::to_string(number) + ".car";
    if (!writeFile(folder + "/" + path, bytes.data(), bytes.size())) return false;
    list += (list.empty() ? "" : ",") + path;
  }
  return writeFile(folder + "/car_seeds.txt", list.data(), list.size());
}

bool writeTexts(const std::string& folder) {
  for (const bls::test::TextTarget& target : bls::test::textTargets()) {
    const std::string name = std::string(target.name) + "_seeds";
    std::filesystem::remove_all(folder + "/" + name);
    std::filesystem::create_directories(folder + "/" + name);
    std::string list;
    for (const std::string_view text : target.seeds) {
      const std::string path = name + "/" + std::to_string(list.size());
      if (!writeFile(folder + "/" + path, text.data(), text.size())) return false;
      list += (list.empty() ? "" : ",") + path;
    }
    if (!writeFile(folder + "/" + name + ".txt", list.data(), list.size())) return false;
  }
  return true;
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
  if (!writeArchives(folder) || !writeTexts(folder)) return 1;
  return number != 0 && writeFile(folder + "/seeds.txt", list.data(), list.size()) ? 0 : 1;
}
