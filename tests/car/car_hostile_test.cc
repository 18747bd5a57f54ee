// Archives that lie: each is refused in one line, and nothing is written.
#include <sys/wait.h>

#include "tests/car/archive_fixture.h"

namespace bls::car::test {
namespace {

class CarHostile : public ArchiveTest {
 protected:
  void refused(const std::string& bytes, const std::string& why) {
    const std::string line = extract(bytes);
    EXPECT_TRUE(contains(line, why));
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    EXPECT_TRUE(line.starts_with("error: ")) << line;
    EXPECT_TRUE(nothingWritten()) << ::testing::PrintToString(everything());
  }
};

TEST_F(CarHostile, NamesThatAreNoNamesAreRefused) {
  const std::pair<std::string, const char*> rows[] = {
      {"../x", "separator"},
      {"a/b", "separator"},
      {"/etc/passwd", "separator"},
      {"a\\b", "separator"},
      {"", "is empty"},
      {".", "not a name"},
      {"..", "not a name"},
      {std::string("a\0b", 3), "NUL"},
      {std::string(256, 'n'), "255"},
      {"\xff", "UTF-8"},
  };
  for (const auto& [name, why] : rows) {
    CarBuilder car;
    const CidBytes file = car.raw("evil");
    refused(car.archive({car.directory({{"ok", file}, {name, file}})}), why);
    // Deep down, behind files that are in order.
    CarBuilder deep;
    const CidBytes inner = deep.directory({{name, deep.raw("evil")}});
    refused(deep.archive({deep.directory({{"a", deep.raw("fine")}, {"b", inner}})}), why);
  }
}

TEST_F(CarHostile, ANameOf255BytesIsFine) {
  CarBuilder car;
  EXPECT_EQ(extract(car.archive({car.directory({{std::string(255, 'n'), car.raw("x")}})})), "");
}

TEST_F(CarHostile, ABlockWithOtherBytesIsRefusedWithItsPlace) {
  CarBuilder car;
  const CidBytes good = car.raw("good");
  const CidBytes bad = car.cidOf("what it says", 0x55);
  car.block(bad, "what it is..");
  refused(car.archive({car.directory({{"a", good}, {"b", bad}})}), "has other bytes");
  EXPECT_TRUE(contains(extract(car.archive({car.directory({{"b", bad}})})), "[at offset 0x"));
}

TEST_F(CarHostile, ADirectoryWithOtherBytesIsRefused) {
  CarBuilder car;
  const std::string right = nodeBytes(NodeType::Directory, "", {{"aaa", car.raw("x")}});
  std::string wrong = right;
  wrong[wrong.find("aaa")] = 'b';
  refused(car.archive({car.block(car.cidOf(right, 0x70), wrong)}), "has other bytes");
}

TEST_F(CarHostile, AMissingBlockIsNamed) {
  CarBuilder car;
  const CidBytes missing = car.cidOf("not there", 0x55);
  refused(car.archive({car.directory({{"a", car.raw("x")}, {"b", missing}})}),
          "not in the archive");
  refused(car.archive({car.cidOf("no root", 0x70)}), "not in the archive");
}

TEST_F(CarHostile, TwoEntriesOfOneNameAreRefused) {
  CarBuilder car;
  const CidBytes file = car.raw("x");
  refused(car.archive({car.directory({{"a", file}, {"b", file}, {"a", file}})}), "named \"a\"");
}

TEST_F(CarHostile, LinksFilesAsRootsShardsAndMetadataAreRefused) {
  CarBuilder car;
  refused(car.archive({car.directory({{"l", car.node(NodeType::Symlink, "/etc", {})}})}),
          "symbolic link");
  refused(car.archive({car.directory({{"s", car.node(NodeType::Shard, "", {})}})}), "sharded");
  refused(car.archive({car.node(NodeType::Shard, "", {})}), "sharded");
  refused(car.archive({car.directory({{"m", car.node(NodeType::Metadata, "", {})}})}), "metadata");
  refused(car.archive({car.raw("a file")}), "is a file");
  const CidBytes inFile = car.node(NodeType::File, "", {{"", car.directory({})}});
  refused(car.archive({car.directory({{"f", inFile}})}), "as a part of a file");
}

TEST_F(CarHostile, OtherCodecsAndHashFunctionsAreRefused) {
  CarBuilder car;
  const CidBytes cbor = varint(1) + varint(0x71) + varint(0x12) + varint(32) + std::string(32, 'c');
  refused(car.archive({car.directory({{"c", car.block(cbor, "x")}})}), "neither raw nor");
  const CidBytes sha1 = varint(1) + varint(0x55) + varint(0x11) + varint(20) + std::string(20, 's');
  refused(car.archive({car.directory({{"s", car.block(sha1, "x")}})}), "hash function");
  const CidBytes cut = varint(1) + varint(0x55) + varint(0x12) + varint(8) + std::string(8, 's');
  refused(car.archive({car.directory({{"s", car.block(cut, "x")}})}), "hash function");
}

TEST_F(CarHostile, ADeepTreeEndsAtTheLimit) {
  CarBuilder car;
  CidBytes cid = car.directory({});
  for (int i = 0; i < 100000; ++i) cid = car.directory({{"d", cid}});
  refused(car.archive({cid}), "deeper than 128");
  CarBuilder file;
  cid = file.raw("x");
  for (int i = 0; i < 1000; ++i) cid = file.node(NodeType::File, "", {{"", cid}});
  refused(file.archive({file.directory({{"f", cid}})}), "deeper than 128");
}

TEST_F(CarHostile, AsDeepAsTheLimitIsExtracted) {
  CarBuilder car;
  CidBytes cid = car.directory({});
  for (int i = 0; i < 127; ++i) cid = car.directory({{"d", cid}});
  EXPECT_EQ(extract(car.archive({cid})), "");
}

// Each level twice: 2^60 files in a few kilobytes.
TEST_F(CarHostile, ATreeThatMultipliesEndsAtTheLimit) {
  limits.nodes = 5000;
  CarBuilder car;
  CidBytes cid = car.raw("x");
  for (int i = 0; i < 60; ++i) cid = car.directory({{"a", cid}, {"b", cid}});
  refused(car.archive({cid}), "more than 5000 nodes");
}

TEST_F(CarHostile, BytesThatMultiplyEndAtTheLimit) {
  limits.ratioFreeBytes = 1 << 20;
  limits.ratio = 4;
  CarBuilder car;
  CidBytes cid = car.raw(std::string(1000, 'z'));
  for (int i = 0; i < 5; ++i)
    cid = car.node(NodeType::File, "", std::vector<LinkSpec>(10, LinkSpec{"", cid}));
  refused(car.archive({car.directory({{"f", cid}})}), "larger than 1048576 bytes");
}

TEST_F(CarHostile, NodesOnTheWayMayNotFillMemory) {
  limits.heldBytes = 10000;
  CarBuilder car;
  CidBytes cid = car.raw("x");
  for (int i = 0; i < 20; ++i) cid = car.node(NodeType::File, std::string(1000, 'x'), {{"", cid}});
  refused(car.archive({car.directory({{"f", cid}})}), "larger than 10000 bytes together");
}

// Only possible where digests do not hold; the walk must end all the same.
TEST_F(CarHostile, ATreeThatContainsItselfEnds) {
  setAbilities(&sizeAbilities());
  CarBuilder car(sizeAbilities());
  const size_t size = nodeBytes(NodeType::Directory, "", {{"me", car.cidOf("", 0x70)}}).size();
  const CidBytes self = car.cidOf(std::string(size, ' '), 0x70);
  const CidBytes root = car.directory({{"me", self}});
  ASSERT_EQ(root, self);
  refused(car.archive({root}), "deeper than 128");
  EXPECT_TRUE(contains(config(car.archive({root})), "no config.json"));
}

TEST_F(CarHostile, HugeLengthsAndCountsAreRefusedBeforeTheyAreBelieved) {
  CarBuilder car;
  const std::string head = CarBuilder::header({car.directory({})});
  refused(head + varint(33ull << 20), "at most 33554432");
  refused(head + varint((1ull << 63) - 1), "at most 33554432");
  refused(head + std::string(12, '\xff'), "no varint");
  refused(head + varint(1 << 20) + "abc", "ends within a section");
  refused(head + varint(0), "cut off");
  refused(varint((1ull << 63) - 1) + head, "ends within its header");
  limits.headerBytes = 100;
  refused(varint(200) + std::string(200, 'x'), "longer than 100");
}

TEST_F(CarHostile, TooManyBlocksAreRefused) {
  limits.blocks = 100;
  CarBuilder car;
  for (int i = 0; i < 101; ++i) car.raw("x");
  refused(car.archive({car.directory({})}), "more than 100 blocks");
}

TEST_F(CarHostile, HeadersThatAreNoHeadersAreRefused) {
  const auto header = [&](const std::string& map) { return varint(map.size()) + map; };
  refused("", "cut off");
  refused("PK\x03\x04 zip file, rather", "error: malformed: archive ends within its header");
  refused(header(""), "cut off");
  refused(header("\xa0"), "roots or version missing");
  refused(header("\xa2\x65roots\x9f\xff"), "no fixed size");
  refused(header("\xa2\x65roots\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
          "18446744073709551615 roots");
  refused(header("\xa2\x65roots\x9a\xff\xff\xff\xff"), "4294967295 roots");
  refused(header("\xbb\xff\xff\xff\xff\xff\xff\xff\xff"), "cut off");
  refused(header("\xa1\x7b\xff\xff\xff\xff\xff\xff\xff\xff"), "cut off");
  refused(header("\xa1\x64"
                 "evil\x01"),
          "only `roots` and `version`");
  refused(header("\xa2\x65roots\x81\xd8\x2a\x41\x01\x67version\x01"), "zero byte");
  refused(header("\xa2\x65roots\x81\xd8\x29\x41\x01\x67version\x01"), "another tag");
  refused(header("\xa2\x65roots\x80\x67version\x01junk"), "bytes behind the header");
  refused(CarBuilder::header({}, 2), "CAR version 2");
  refused(header(std::string(400000, '\x81')), "a map expected");
}

TEST_F(CarHostile, NodesThatAreNoNodesAreRefused) {
  CarBuilder car;
  const auto root = [&](const std::string& bytes) {
    car.sections.clear();
    return car.archive({car.block(car.cidOf(bytes, 0x70), bytes)});
  };
  refused(root(""), "without UnixFS data");
  refused(root("\xff"), "protobuf");
  refused(root(std::string(11, '\xff')), "protobuf");
  refused(root("\x0a\x7f"), "longer than what holds it");
  refused(root(field(1, field(1, 1ull)) + field(1, field(1, 1ull))), "repeated field");
  refused(root(field(1, field(1, 9ull))), "unknown type");
  refused(root(field(1, "")), "without a type");
  refused(root(field(1, field(2, 5ull))), "wrong type");
  refused(root(field(2, "") + field(1, field(1, 1ull))), "without a CID");
  refused(root(field(2, field(1, "")) + field(1, field(1, 1ull))), "cut off");
  refused(root(field(2, field(9, "")) + field(1, field(1, 1ull))), "unknown field");
  refused(root(field(2, field(1, car.cidOf("x", 0x55) + "y")) + field(1, field(1, 1ull))),
          "bytes behind the CID");
  refused(root("\x08\x01" + field(1, field(1, 1ull))), "unknown or repeated");
  refused(root(std::string("\x02\x00", 2)), "number 0");
  refused(root("\x0b"), "unknown type");
}

TEST_F(CarHostile, WhatIsCutOffNowhereWritesAnything) {
  CarBuilder car;
  const CidBytes file = car.raw("some text");
  const std::string whole = car.archive({car.directory({{"f", file}})});
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(extract(whole.substr(0, size)), "") << size;
    ASSERT_TRUE(nothingWritten()) << size;
  }
}

TEST_F(CarHostile, EveryFlippedByteIsNoticedOrHarmless) {
  CarBuilder car;
  const CidBytes file = car.raw("some text");
  const std::string whole = car.archive({car.directory({{"f", file}})});
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x41);
    EXPECT_NE(extract(bytes), "") << at;
    ASSERT_TRUE(nothingWritten()) << at;
  }
}

TEST_F(CarHostile, ConfigsThatAreNoneAreRefused) {
  CarBuilder car;
  const auto with = [&](const CidBytes& cid) {
    return config(car.archive({car.directory({{"config.json", cid}})}));
  };
  EXPECT_TRUE(contains(config(car.archive({})), "error: config: archive holds no config.json"));
  EXPECT_TRUE(contains(config(car.archive({car.directory({})})), "no config.json"));
  EXPECT_TRUE(contains(with(car.raw("\xff\xfe")), "not UTF-8"));
  EXPECT_TRUE(contains(with(car.directory({})), "directory"));
  EXPECT_TRUE(contains(with(car.file(std::string((1 << 20) + 1, ' '))), "longer than 1048576"));
  EXPECT_TRUE(contains(with(car.cidOf("absent", 0x55)), "not in the archive"));
}

TEST_F(CarHostile, WithoutDigestsNothingIsOpened) {
  setAbilities(nullptr);
  EXPECT_TRUE(contains(open(CarBuilder().archive({})), "error: unsupported"));
}

// The guest's root is the folder extracted to: what it left there must not lead out of it.
TEST_F(CarHostile, LinksLeftInTheTreeAreNotFollowed) {
  CarBuilder car;
  const CidBytes dir = car.directory({{"f", car.raw("new")}});
  const std::string bytes = car.archive({car.directory({{"d", dir}, {"g", car.raw("gee")}})});
  ASSERT_EQ(open(bytes), "");
  const std::string outside = top() + "/outside";
  std::filesystem::create_directory(outside);
  write(outside + "/f", "old");
  // The folder of the tree itself.
  std::filesystem::create_directory_symlink(outside, tree());
  EXPECT_TRUE(contains(extract(bytes), "error: io: cannot open the directory"));
  std::filesystem::remove(tree());
  // A directory in it.
  std::filesystem::create_directory(tree());
  std::filesystem::create_directory_symlink(outside, tree() + "/d");
  EXPECT_TRUE(contains(extract(bytes), "cannot open the directory 'd'"));
  std::filesystem::remove(tree() + "/d");
  // A file: the link is replaced, what it points to stays.
  std::filesystem::create_symlink(outside + "/f", tree() + "/g");
  EXPECT_EQ(extract(bytes), "");
  EXPECT_EQ(read(tree() + "/g"), "gee");
  EXPECT_FALSE(std::filesystem::is_symlink(tree() + "/g"));
  EXPECT_EQ(read(outside + "/f"), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(outside),
                          std::filesystem::directory_iterator()),
            1);
}

TEST_F(CarHostile, ATemporaryFileDoesNotOutliveAnError) {
  CarBuilder car;
  const std::string bytes = car.archive({car.directory({{"f", car.raw("x")}})});
  ASSERT_EQ(open(bytes), "");
  std::filesystem::create_directories(tree() + "/f/in the way");
  EXPECT_TRUE(contains(extract(bytes), "cannot write 'f'"));
  for (const std::string& path : everything())
    EXPECT_EQ(path.find(".bls-part"), std::string::npos) << path;
}

// Ends the process at a read, as a signal would.
class DeadlySource final : public ByteSource {
 public:
  DeadlySource(const std::string& bytes, int reads) : bytes_(bytes), reads_(reads) {}
  u64 size() const override { return bytes_.size(); }
  Status readAt(u64 offset, std::span<u8> out, Diagnostics&) override {
    if (--reads_ < 0) _exit(7);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return {};
  }

 private:
  std::string bytes_;
  int reads_;
};

TEST_F(CarHostile, ARunThatIsKilledLeavesWholeFilesOnly) {
  const int probe = ::open(root().c_str(), O_TMPFILE | O_WRONLY, 0600);
  if (probe < 0) GTEST_SKIP() << "no nameless files here";
  close(probe);
  CarBuilder car;
  car.chunkBytes = 5;
  const std::string text = "several blocks make this one file";
  const CidBytes file = car.file(text);
  const std::string bytes = car.archive({car.directory({{"a", file}, {"b", file}})});
  int status = 0;
  for (int reads = 0; status == 0 || WEXITSTATUS(status) == 7; ++reads) {
    ASSERT_LT(reads, 1000);
    const pid_t child = fork();
    if (child == 0) {
      Diagnostics diag;
      const bool good =
          CarArchive::over(std::make_unique<DeadlySource>(bytes, reads), limits, diag, &archive)
              .ok() &&
          archive->extract(root().c_str(), diag).ok();
      _exit(good ? 1 : 2);
    }
    ASSERT_EQ(waitpid(child, &status, 0), child);
    for (const std::string& path : everything()) {
      EXPECT_EQ(path.find(".bls-part"), std::string::npos) << path;
      if (path.ends_with("/a") || path.ends_with("/b")) EXPECT_EQ(read(top() + "/" + path), text);
    }
  }
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

TEST_F(CarHostile, AFolderThatIsNotThereIsNotMade) {
  CarBuilder car;
  ASSERT_EQ(open(car.archive({car.directory({})})), "");
  Diagnostics diag;
  const Status status = archive->extract((top() + "/absent").c_str(), diag);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error()->cls, ErrorClass::Io);
  EXPECT_TRUE(nothingWritten());
}

TEST_F(CarHostile, WhatIsNoRegularFileIsNotOpened) {
  Diagnostics diag;
  EXPECT_FALSE(CarArchive::open(root().c_str(), diag, &archive).ok());
  EXPECT_TRUE(contains(diag.first()->message, "regular file"));
  diag.clear();
  EXPECT_FALSE(CarArchive::open((top() + "/absent.car").c_str(), diag, &archive).ok());
  EXPECT_TRUE(contains(diag.first()->message, "No such file"));
}

}  // namespace
}  // namespace bls::car::test
