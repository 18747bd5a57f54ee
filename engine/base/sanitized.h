// Whether a sanitizer instruments this code: BLS_SANITIZED is defined when address or thread
// sanitizer does. g++ and clang tell it in different ways. A place that asks says why instrumented
// code should differ; nothing a user can observe may depend on it.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BLS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BLS_SANITIZED 1
#endif
#endif

// On a function that calls code made at run time: clang's function sanitizer would read what stands
// in front of it, where a region of code may begin.
#if defined(__clang__)
#define BLS_CALLS_MADE_CODE __attribute__((no_sanitize("function")))
#else
#define BLS_CALLS_MADE_CODE
#endif
