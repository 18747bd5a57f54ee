// Archives that are in order: what comes out of them, and what was there before.
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/car/archive_fixture.h"

namespace bls::car::test {
namespace {

std::string pattern(size_t size, unsigned seed) {
  std::string out(size, '\0');
  u64 state = seed;
  for (char& c : out) {
    state = state * 6364136223846793005 + 1442695040888963407;
    c = static_cast<char>(state >> 56);
  }
  return out;
}

class CarExtract : public ArchiveTest {};

TEST_F(CarExtract, ATreeComesOutAsItWentIn) {
  CarBuilder car;
  const CidBytes inner = car.directory({{"c.txt", car.raw("see")}, {"empty", car.raw("")}});
  const CidBytes root =
      car.directory({{"a.txt", car.raw("ay")}, {"b", inner}, {"d", car.directory({})}});
  ASSERT_EQ(extract(car.archive({root})), "");
  EXPECT_EQ(read(tree() + "/a.txt"), "ay");
  EXPECT_EQ(read(tree() + "/b/c.txt"), "see");
  EXPECT_EQ(read(tree() + "/b/empty"), "");
  EXPECT_TRUE(std::filesystem::is_directory(tree() + "/d"));
  EXPECT_EQ(everything().size(), 7u);  // root, its tree and five entries
}

TEST_F(CarExtract, BothVersionsAndHashFunctionsOfNamesAreTaken) {
  for (const auto& [version0, blake] : {std::pair(true, false), {false, true}, {false, false}}) {
    CarBuilder car;
    car.version0 = version0;
    car.blake = blake;
    const CidBytes root = car.directory({{"f", car.raw("text")}});
    ASSERT_EQ(extract(car.archive({root})), "");
    EXPECT_EQ(archive->firstRoot().substr(0, 2), version0 ? "Qm" : "ba");
    EXPECT_EQ(read(tree() + "/f"), "text");
  }
}

TEST_F(CarExtract, FilesOfManyLevelsAreWhole) {
  CarBuilder car;
  car.chunkBytes = 10;
  car.fanOut = 3;
  for (size_t size : {0u, 1u, 10u, 11u, 30u, 31u, 90u, 91u, 270u, 271u, 5000u}) {
    car.sections.clear();
    const std::string text = pattern(size, 7);
    ASSERT_EQ(extract(car.archive({car.directory({{"f", car.file(text)}})})), "") << size;
    EXPECT_EQ(read(tree() + "/f"), text) << size;
  }
}

TEST_F(CarExtract, ANodeMayHoldBytesBesideLinks) {
  CarBuilder car;
  const CidBytes tail = car.node(NodeType::Raw, " tail", {});
  const CidBytes file = car.node(NodeType::File, "head", {{"", car.raw(" middle")}, {"", tail}});
  ASSERT_EQ(extract(car.archive({car.directory({{"f", file}})})), "");
  EXPECT_EQ(read(tree() + "/f"), "head middle tail");
}

TEST_F(CarExtract, NamesMayHoldTheirBlocks) {
  CarBuilder car;
  const CidBytes root = car.directory({{"f", CarBuilder::identity("inline", 0x55)}});
  ASSERT_EQ(extract(car.archive({root})), "");
  EXPECT_EQ(read(tree() + "/f"), "inline");
}

TEST_F(CarExtract, ABlockLinkedToTwiceIsWrittenTwice) {
  CarBuilder car;
  const CidBytes file = car.raw("same");
  const CidBytes dir = car.directory({{"one", file}, {"two", file}});
  ASSERT_EQ(extract(car.archive({car.directory({{"x", dir}, {"y", dir}})})), "");
  for (const char* path : {"/x/one", "/x/two", "/y/one", "/y/two"})
    EXPECT_EQ(read(tree() + path), "same") << path;
}

TEST_F(CarExtract, EveryRootHasAFolder) {
  CarBuilder car;
  const CidBytes one = car.directory({{"f", car.raw("1")}});
  const CidBytes two = car.directory({{"f", car.raw("2")}});
  ASSERT_EQ(extract(car.archive({one, two})), "");
  EXPECT_EQ(read(root() + "/" + archive->roots()[0].text() + "/f"), "1");
  EXPECT_EQ(read(root() + "/" + archive->roots()[1].text() + "/f"), "2");
}

TEST_F(CarExtract, OfBlocksThatComeTwiceTheLaterCounts) {
  CarBuilder car;
  const CidBytes file = car.cidOf("right", 0x55);
  car.block(file, "wrong");
  car.block(file, "right");
  ASSERT_EQ(extract(car.archive({car.directory({{"f", file}})})), "");
  EXPECT_EQ(read(tree() + "/f"), "right");
}

TEST_F(CarExtract, ASecondRunTruncatesAndReplaces) {
  CarBuilder car;
  const std::string bytes =
      car.archive({car.directory({{"d", car.directory({{"f", car.raw("short")}})}})});
  ASSERT_EQ(extract(bytes), "");
  write(tree() + "/d/f", "something much longer than before");
  write(tree() + "/d/other", "kept");
  ASSERT_EQ(extract(bytes), "");
  EXPECT_EQ(read(tree() + "/d/f"), "short");
  EXPECT_EQ(read(tree() + "/d/other"), "kept");
}

TEST_F(CarExtract, WhoHasTheOldFileOpenKeepsIt) {
  CarBuilder car;
  const std::string bytes = car.archive({car.directory({{"f", car.raw("new")}})});
  ASSERT_EQ(extract(bytes), "");
  write(tree() + "/f", "old");
  std::filesystem::create_hard_link(tree() + "/f", top() + "/other-name");
  ASSERT_EQ(extract(bytes), "");
  EXPECT_EQ(read(tree() + "/f"), "new");
  EXPECT_EQ(read(top() + "/other-name"), "old");
}

TEST_F(CarExtract, ALengthCutOffAtTheEndIsTheEnd) {
  CarBuilder car;
  const CidBytes root = car.directory({{"f", car.raw("x")}});
  ASSERT_EQ(extract(car.archive({root}) + "\x80"), "");
  ASSERT_EQ(extract(car.archive({root}) + "\xff\xff\xff"), "");
}

TEST_F(CarExtract, UnknownBlocksThatNothingLinksToAreLeftAlone) {
  CarBuilder car;
  const CidBytes root = car.directory({{"f", car.raw("x")}});
  car.block(varint(1) + varint(0x71) + varint(0x12) + varint(32) + std::string(32, 'c'), "cbor");
  car.block(varint(1) + varint(0x55) + varint(0x13) + varint(64) + std::string(64, 's'), "sha512");
  ASSERT_EQ(extract(car.archive({root})), "");
}

TEST_F(CarExtract, ConfigIsFoundBreadthFirst) {
  CarBuilder car;
  const CidBytes deep = car.directory({{"config.json", car.raw("deep")}});
  const CidBytes middle = car.directory({{"a", deep}});
  const CidBytes shallow = car.directory({{"config.json", car.raw("{\"x\": \"\u00fc\"}")}});
  const CidBytes root = car.directory({{"a", middle}, {"b", shallow}});
  EXPECT_EQ(config(car.archive({root})), "{\"x\": \"\u00fc\"}");
  EXPECT_EQ(config(car.archive({middle, shallow})), "deep");
}

TEST_F(CarExtract, ConfigMayBeAFileOfManyBlocks) {
  CarBuilder car;
  car.chunkBytes = 4;
  car.fanOut = 2;
  const std::string text = "{\"entry\": \"a.wasm\"}";
  EXPECT_EQ(config(car.archive({car.directory({{"config.json", car.file(text)}})})), text);
}

// 200 MB and more go through a program that never has a quarter of it in memory.
TEST_F(CarExtract, AFileOf200MegabytesNeedsLittleMemory) {
  constexpr size_t kSize = 200 * 1000 * 1000;
  constexpr size_t kChunk = 262144;
  const std::string path = top() + "/big.car";
  u8 wanted[kMaxDigestSize];
  {
    CarBuilder car;
    std::unique_ptr<Digest> digest = Digest::make(DigestKind::Sha256);
    std::vector<LinkSpec> leaves;
    std::ofstream body(top() + "/body", std::ios::binary);
    for (size_t at = 0; at < kSize; at += kChunk) {
      std::string part = pattern(1024, static_cast<unsigned>(at));
      while (part.size() < kChunk) part += part;
      part.resize(std::min(kChunk, kSize - at));
      digest->add({reinterpret_cast<const u8*>(part.data()), part.size()});
      const CidBytes cid = car.cidOf(part, 0x55);
      body << CarBuilder::section(cid, part);
      leaves.push_back({"", cid});
    }
    ASSERT_TRUE(digest->finish(wanted));
    std::vector<LinkSpec> above;
    for (size_t at = 0; at < leaves.size(); at += 174) {
      const auto first = leaves.begin() + static_cast<std::ptrdiff_t>(at);
      const auto last =
          leaves.begin() + static_cast<std::ptrdiff_t>(std::min(at + 174, leaves.size()));
      above.push_back({"", car.node(NodeType::File, "", {first, last})});
    }
    ASSERT_GT(above.size(), 1u);
    const CidBytes root = car.directory({{"big", car.node(NodeType::File, "", above)}});
    body.close();
    std::ofstream out(path, std::ios::binary);
    out << CarBuilder::header({root}) << car.sections;
    std::ifstream in(top() + "/body", std::ios::binary);
    out << in.rdbuf();
  }
  const pid_t child = fork();
  if (child == 0) {
    rusage before{};
    getrusage(RUSAGE_SELF, &before);
    Diagnostics diag;
    const bool good = CarArchive::open(path.c_str(), diag, &archive).ok() &&
                      archive->extract(root().c_str(), diag).ok();
    rusage after{};
    getrusage(RUSAGE_SELF, &after);
    const bool small = after.ru_maxrss - before.ru_maxrss < 8 * 1024;
    if (!small) fprintf(stderr, "grew by %ld KiB\n", after.ru_maxrss - before.ru_maxrss);
    _exit(!good ? 1 : !small ? 2 : 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
#if defined(BLS_SANITIZED)
  EXPECT_NE(WEXITSTATUS(status), 1);  // a sanitizer keeps what was freed
#else
  EXPECT_EQ(WEXITSTATUS(status), 0);
#endif
  Diagnostics diag;
  ASSERT_TRUE(CarArchive::open(path.c_str(), diag, &archive).ok());
  std::unique_ptr<Digest> digest = Digest::make(DigestKind::Sha256);
  std::ifstream in(tree() + "/big", std::ios::binary);
  std::string part(1 << 20, '\0');
  while (in.read(part.data(), static_cast<std::streamsize>(part.size())), in.gcount() > 0)
    digest->add({reinterpret_cast<const u8*>(part.data()), static_cast<size_t>(in.gcount())});
  u8 got[kMaxDigestSize];
  ASSERT_TRUE(digest->finish(got));
  EXPECT_EQ(hexOf(got), hexOf(wanted));
}

}  // namespace
}  // namespace bls::car::test
