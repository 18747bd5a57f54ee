// Two passes over the same walk: one that looks, one that writes.
#include "runtime/car_archive.h"

namespace bls::car {
namespace {

class Onlooker final : public TreeVisitor {
 public:
  Status enterDirectory(std::string_view, Diagnostics&) override { return {}; }
  Status leaveDirectory(Diagnostics&) override { return {}; }
  Status beginFile(std::string_view, Diagnostics&) override { return {}; }
  Status fileBytes(std::span<const u8>, Diagnostics&) override { return {}; }
  Status endFile(Diagnostics&) override { return {}; }
};

}  // namespace

Status CarArchive::open(const char* path, Diagnostics& diag, std::unique_ptr<CarArchive>* out) {
  std::unique_ptr<ByteSource> source;
  TRY(ByteSource::ofFile(path, diag, &source));
  return over(std::move(source), CarLimits(), diag, out);
}

Status CarArchive::over(std::unique_ptr<ByteSource> source, const CarLimits& limits,
                        Diagnostics& diag, std::unique_ptr<CarArchive>* out) {
  std::unique_ptr<CarReader> reader;
  TRY(CarReader::open(std::move(source), limits, diag, &reader));
  out->reset(new CarArchive(std::move(reader)));
  return {};
}

Status CarArchive::findConfig(Diagnostics& diag, std::string* text) const {
  return findConfigFile(*reader_, diag, text);
}

Status CarArchive::check(Diagnostics& diag) const {
  Onlooker onlooker;
  CarWalk walk(*reader_);
  for (const Cid& root : roots()) TRY(walk.directory(root, onlooker, diag));
  return {};
}

Status CarArchive::extract(const char* directory, Diagnostics& diag) const {
  TRY(check(diag));
  CarWalk walk(*reader_);
  for (const Cid& root : roots()) {
    std::unique_ptr<TreeVisitor> writer;
    TRY(makeTreeWriter(directory, root.text(), diag, &writer));
    TRY(walk.directory(root, *writer, diag));
  }
  return {};
}

}  // namespace bls::car
