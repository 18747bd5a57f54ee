// moduleDifference: compares two decoded modules field by field.
//
// Says in one line what differs first, or nothing. Compared is everything a Module declares,
// instructions and constant expressions decoded, so that numbers of other lengths do not matter;
// types by their definitions and by canonical id; custom sections by name, content and the section
// they stand behind; branch hints by the instruction they belong to. Not compared, because the text
// format has no place for it: file offsets, sections without entries, a data count that nothing
// needs, how locals are grouped. Both modules have been validated.
#pragma once

#include <string>

#include "engine/module/module.h"

namespace bls {

std::string moduleDifference(const Module& a, const Module& b);

}  // namespace bls
