// The reader of one page.
#include "extensions/s3/listing.h"

#include <optional>

#include "extensions/base/json.h"
#include "extensions/s3/xml.h"

namespace bls::s3 {
namespace {

using extensions::jsonQuoted;
using Text = std::optional<std::string>;

std::string orNull(const Text& text) { return text ? jsonQuoted(*text) : "null"; }

struct Object {
  Text lastModified, eTag, storageClass, key;
  u64 size = 0;

  bool set(std::string_view name, const std::string& value) {
    if (name == "LastModified") lastModified = value;
    if (name == "ETag") eTag = value;
    if (name == "StorageClass") storageClass = value;
    if (name == "Key") key = value;
    return name != "Size" || setSize(value);
  }
  bool setSize(const std::string& value) {
    constexpr size_t kMostDigits = 19;
    if (value.empty() || value.size() > kMostDigits) return false;
    size = 0;
    for (char c : value) {
      if (c < '0' || c > '9') return false;
      size = size * 10 + static_cast<u64>(c - '0');
    }
    return true;
  }
  void write(std::string* out) const {
    *out += "{\"last_modified\":" + orNull(lastModified) + ",\"e_tag\":" + orNull(eTag) +
            ",\"storage_class\":" + orNull(storageClass) + ",\"key\":" + orNull(key) +
            ",\"size\":" + std::to_string(size) + '}';
  }
};

// The document by depth: 1 the root, 2 its members, 3 those of an object.
class Reader {
 public:
  explicit Reader(std::string_view xml) : reader_(xml) {}

  bool run(Page* page) {
    for (;;) {
      const XmlReader::Event event = reader_.next();
      if (event == XmlReader::Event::Finished) break;
      if (event == XmlReader::Event::Malformed || !take(event, page)) return false;
    }
    page->json =
        "{\"name\":" + orNull(name_) + ",\"is_truncated\":" + (page->truncated ? "true" : "false");
    if (prefix_) page->json += ",\"prefix\":" + orNull(prefix_);
    page->json += ",\"contents\":[" + contents_ + "]}";
    return true;
  }

 private:
  bool take(XmlReader::Event event, Page* page) {
    const size_t depth = reader_.depth();
    switch (event) {
      case XmlReader::Event::Start:
        text_.clear();
        if (depth == 1) return reader_.name() == "ListBucketResult";
        inObject_ = inObject_ || (depth == 2 && reader_.name() == "Contents");
        return true;
      case XmlReader::Event::Text: text_ += reader_.text(); return true;
      default:
        if (depth == 2 && inObject_) return object_.set(reader_.name(), text_);
        if (depth == 1) return member(page);
        return true;
    }
  }

  bool member(Page* page) {
    const std::string_view name = reader_.name();
    if (inObject_) {
      inObject_ = false;
      if (!contents_.empty()) contents_ += ',';
      object_.write(&contents_);
      object_ = {};
      return true;
    }
    if (name == "Name") name_ = text_;
    if (name == "Prefix") prefix_ = text_;
    if (name == "NextContinuationToken") page->continuation = text_;
    if (name == "IsTruncated") page->truncated = text_ == "true";
    return true;
  }

  XmlReader reader_;
  std::string text_;
  Object object_;
  std::string contents_;
  Text name_, prefix_;
  bool inObject_ = false;
};

}  // namespace

bool readListing(std::string_view xml, Page* out) {
  *out = {};
  return Reader(xml).run(out);
}

}  // namespace bls::s3
