#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cellwright/base/shell_text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"
#include "cli/rank_session.hpp"

namespace cellwright::cli {
namespace {

struct SlurmOptions {
  std::string cell_file, time = "8:00:00", name, partition, account, memory, launcher = "srun", out;
  std::int64_t nodes = 1, ranks_per_node = 1, cpus_per_rank = 0, warning_s = 120;
  std::vector<std::string> optimise;  ///< options of `optimise`, after --
};

std::string stem(const std::string& path) {
  const std::string file = path.substr(path.find_last_of('/') + 1);
  return file.substr(0, file.find_last_of('.'));
}

/// A name without characters that mean something to Slurm or a shell.
std::string plain(std::string name) {
  const std::string good = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  for (char& c : name) c = good.find(c) == std::string::npos ? '_' : c;
  return name;
}

/// D-H:MM:SS or H:MM:SS. @throws what a wrong value of an option throws.
void check_time(const std::string& time) {
  const std::size_t dash = time.find('-');
  const std::string clock = dash == std::string::npos ? time : time.substr(dash + 1);
  const auto digits = [](std::string_view text, std::size_t most) {
    return !text.empty() && text.size() <= most && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const std::size_t first = clock.find(':'), second = clock.rfind(':');
  const bool good = first != std::string::npos && second != first && digits(clock.substr(0, first), 4) &&
                    digits(clock.substr(first + 1, second - first - 1), 2) && digits(clock.substr(second + 1), 2) &&
                    (dash == std::string::npos || digits(time.substr(0, dash), 4));
  if (!good) throw CLI::ValidationError("--time", fmt::format("must be H:MM:SS or D-H:MM:SS, not '{}'", time));
}

std::string directives(const SlurmOptions& options, const std::string& name) {
  std::string text;
  const auto add = [&](const std::string& directive, std::string_view comment) {
    text += fmt::format("#SBATCH {:<36} # {}\n", directive, comment);
  };
  add("--job-name=" + name, "as squeue shows it");
  if (!options.partition.empty()) add("--partition=" + options.partition, "where to wait");
  if (!options.account.empty()) add("--account=" + options.account, "who pays");
  add(fmt::format("--nodes={}", options.nodes), "machines");
  add(fmt::format("--ntasks-per-node={}", options.ranks_per_node), "ranks of a machine: one, or one a socket");
  if (options.cpus_per_rank > 0) {
    add(fmt::format("--cpus-per-task={}", options.cpus_per_rank), "threads of a rank");
  } else {
    add("--exclusive", "whole machines: each rank takes its part of the processors as threads");
  }
  if (!options.memory.empty()) add("--mem=" + options.memory, "of each machine");
  add("--time=" + options.time, "the limit; a run that needs longer goes on in the next turn");
  add(fmt::format("--signal=B:TERM@{}", options.warning_s), "seconds before the limit: checkpoint, then wait anew");
  add("--requeue", "after the failure of a machine");
  add("--open-mode=append", "all turns write to the same log:");
  return text + fmt::format("#SBATCH --output={}-%j.log\n", name);
}

std::string launch_line(const SlurmOptions& options, const std::string& folder) {
  std::string line =
      options.launcher == "srun" ? "srun --mpi=pmix --kill-on-bad-exit=1 --cpu-bind=none" : "mpirun --bind-to none";
  line += fmt::format(" \"$cellwright\" optimise {} --out {} --resume", shell_quoted(options.cell_file),
                      shell_quoted(folder));
  for (const std::string& option : options.optimise) line += " " + shell_quoted(option);
  return line;
}

std::string environment(const SlurmOptions& options) {
  if (options.launcher == "srun") return "";
  return "# Told to end, Open MPI's mpirun waits so many seconds, tells its ranks, and kills them after as many "
         "again.\n"
         "export OMPI_MCA_odls_base_sigkill_timeout=20\n\n";
}

std::string script(const SlurmOptions& options, const std::string& program) {
  const std::string name = plain(options.name.empty() ? stem(options.cell_file) : options.name);
  const std::string folder = run_folder(options.out, name);
  return fmt::format(
      R"SCRIPT(#!/bin/bash
# One optimisation over {nodes} machine(s), written by `cellwright slurm`. Hand it in with:  sbatch {name}.sbatch
# It may be handed in again at any time: it goes on where the run directory {folder} ends.
{directives}
cellwright={program}
most_turns=100            # then something is wrong

{environment}# Shortly before the time limit Slurm sends SIGTERM to this script. The run then keeps what has arrived, writes its
# checkpoint and ends with status 130; the job waits for its next turn and goes on.
{launch} &
run=$!
trap 'kill -TERM "$run" 2> /dev/null' TERM
wait "$run"; status=$?
while kill -0 "$run" 2> /dev/null; do wait "$run"; status=$?; done

case $status in
  0)
    echo "finished: {folder}/best_params.json, {folder}/hall_of_fame.json" ;;
  2|3|70)
    echo "cellwright refused its input (status $status, see above): not started again" ;;
  1)
    echo "the run failed (status 1, see above): not started again" ;;
  *)  # 130: stopped; 75: a rank was lost; others: a process was killed
    if [ "${{SLURM_RESTART_COUNT:-0}}" -lt "$most_turns" ]; then
      echo "status $status: next turn"
      scontrol requeue "$SLURM_JOB_ID" && sleep 120
    fi ;;
esac
exit $status
)SCRIPT",
      fmt::arg("nodes", options.nodes), fmt::arg("name", name), fmt::arg("folder", folder),
      fmt::arg("directives", directives(options, name)), fmt::arg("program", shell_quoted(program)),
      fmt::arg("environment", environment(options)), fmt::arg("launch", launch_line(options, folder)));
}

int slurm(const SlurmOptions& options, const Program& program) {
  for (const std::string& option : options.optimise) {
    if (option == "--out" || option == "--resume" || option.starts_with("--out=")) {
      throw ConfigError(Diagnostic{.code = "slurm-option",
                                   .message = fmt::format("{} is set by the script", option),
                                   .fix = "give --out before the --; --resume is always there"});
    }
  }
  program.console.print(script(options, program.arguments.empty() ? "cellwright" : program.arguments.front()));
  return exit_status::success;
}

}  // namespace

void add_slurm_command(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "slurm", "Print a batch script for Slurm that runs `optimise` over several machines, as long as it takes");
  const auto options = std::make_shared<SlurmOptions>();
  add_file(*command, "CELL.json", options->cell_file,
           "The cell file or problem file, seen from where sbatch is called");
  const auto add_text = [&](const std::string& name, std::string& target, const std::string& type,
                            const std::string& doc) { command->add_option(name, target, doc)->type_name(type); };
  add_integer(*command, "--nodes", options->nodes, {1, 1'000'000}, "Machines");
  const auto set_time = [options](const std::string& time) {
    check_time(time);
    options->time = time;
  };
  command->add_option_function<std::string>("--time", set_time, "Time limit of one turn")
      ->type_name("H:MM:SS")
      ->default_str(options->time);
  add_integer(*command, "--ranks-per-node", options->ranks_per_node, {1, 10'000},
              "Ranks of a machine; threads do the rest");
  add_integer(*command, "--cpus-per-rank", options->cpus_per_rank, {0, 10'000},
              "Threads of a rank; 0: whole machines, shared out");
  add_integer(*command, "--warning", options->warning_s, {1, 65535},
              "Seconds before the time limit at which the run is told to end");
  add_text("--partition", options->partition, "NAME", "Partition");
  add_text("--account", options->account, "NAME", "Account");
  add_text("--mem", options->memory, "SIZE", "Memory of each machine, for example 64G");
  add_text("--name", options->name, "NAME", "Name of the job; default: that of the file");
  add_choice(*command, "--launcher", options->launcher, {"srun", "mpirun"}, "What starts the ranks")
      ->default_str("srun");
  add_text("--out", options->out, "DIR", "Run directory; default: ./NAME-run");
  command->add_option("optimise", options->optimise, "Options of `cellwright optimise`, after --")->type_name("");
  add_verbosity(*command, program.verbosity);
  command->callback(
      [options, &program] { program.command = [options, &program] { return slurm(*options, program); }; });
}

}  // namespace cellwright::cli
