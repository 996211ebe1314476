#include "cli/program.hpp"

int main(int argc, char** argv) { return cellwright::cli::run_program(argc, argv); }
