// cellwright_nmodlc FILE.mod SYMBOL OUT.cpp: the NMODL compiler without its toolchain, run while cellwright is built to
// make the built-in mechanisms. Not installed.
#include <cstdio>
#include <exception>

#include "cellwright/base/error.hpp"
#include "cellwright/base/file.hpp"
#include "cellwright/nmodl/codegen.hpp"
#include "cellwright/nmodl/front_end.hpp"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: cellwright_nmodlc FILE.mod SYMBOL OUT.cpp\n", stderr);
    return 2;
  }
  try {
    const auto description = cellwright::nmodl::compile_front_end(std::filesystem::path(argv[1]));
    cellwright::write_file_atomically(argv[3], cellwright::nmodl::generate_cpp(description, argv[2]));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
