// XML as storage servers send it, read in one pass: elements and their text. Entry point:
// XmlReader.
//
// The bytes come from a server that a guest chose. No document type (so no entities of its own and
// nothing that multiplies), no recursion, at most kMaxXmlDepth open elements; what is not well
// formed ends the reading. Attributes, comments and processing instructions are skipped; prefixes
// of names are dropped. Source: XML 1.0, without validity.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ints.h"

namespace bls::s3 {

constexpr size_t kMaxXmlDepth = 64;

/// Views are into the text given, which must outlive the reader. Not thread safe.
class XmlReader {
 public:
  enum class Event : u8 { Start, End, Text, Finished, Malformed };

  explicit XmlReader(std::string_view text);
  /// The next piece. Text comes in one or more pieces, never empty. After Finished or Malformed:
  /// the same again.
  Event next();
  /// Of Start and End, without prefix.
  std::string_view name() const { return name_; }
  /// Of Text: entities decoded, line ends as they are, UTF-8.
  const std::string& text() const { return decoded_; }
  /// Open elements, the one of Start included, the one of End no longer.
  size_t depth() const { return open_.size(); }

 private:
  Event fail();
  Event markup();
  Event startTag();
  Event endTag();
  Event characters();
  bool skipPast(std::string_view end);
  bool readName(std::string_view* out);
  bool skipAttributes(bool* closed);
  void skipBlanks();
  bool has(std::string_view prefix) const { return rest_.starts_with(prefix); }

  std::string_view rest_;
  std::vector<std::string_view> open_;  // whole names
  std::string_view name_;
  std::string decoded_;
  bool sawRoot_ = false;
  bool pendingEnd_ = false;  // of <name/>
  bool failed_ = false;
};

/// Replaces the five entities and character references. False for others, or numbers that no
/// document may have.
bool decodeEntities(std::string_view text, std::string* out);

}  // namespace bls::s3
