// The programs `bls` and `bls-runtime`. What they do is in program.cc.
#include "tools/program.h"

int main(int argc, char** argv) { bls::tools::runProgram(argc, argv, bls::cli::nowNs()); }
