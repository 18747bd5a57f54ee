// cmark is linked statically here: nothing to export.
#pragma once

#define CMARK_EXPORT
