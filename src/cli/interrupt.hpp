#pragma once
/// Ctrl-C: the first one asks the run to end after the current batch, the second one ends the process.

namespace cellwright::cli {

/// Catches SIGINT and SIGTERM from now on.
void catch_interrupts();

/// True once a signal came.
bool stop_requested();

}  // namespace cellwright::cli
