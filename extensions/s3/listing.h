// The answers of a storage server to "list": from XML to the JSON the guest reads. Entry point:
// readListing.
//
// Reference: hostcalls, section 7, command 2. Plain values; any thread.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/ints.h"

namespace bls::s3 {

/// One page.
struct Page {
  std::string json;        // the object of this page
  bool truncated = false;  // more follow, from `continuation`
  std::string continuation;
};

/// Reads a ListBucketResult (ListObjectsV2). False when the text is not one.
bool readListing(std::string_view xml, Page* out);

}  // namespace bls::s3
