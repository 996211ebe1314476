#pragma once

namespace cellwright::cli {

/// The whole program: parses the command line, runs the command, reports errors. @returns the exit status.
int run_program(int argc, char** argv);

}  // namespace cellwright::cli
