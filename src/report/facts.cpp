#include "report/facts.hpp"

#include <cmath>

#include <fmt/format.h>

#include "cellwright/base/shell_text.hpp"
#include "cellwright/run/run_directory.hpp"

namespace cellwright::report {
namespace {

namespace fs = std::filesystem;

double total_seconds(const std::vector<run::GenerationTiming>& timings) {
  double sum = 0;
  for (const run::GenerationTiming& timing : timings) sum += timing.seconds;
  return sum;
}

std::string duration_text(double seconds) {
  if (seconds < 60) return fmt::format("{:.3g} s", seconds);
  const auto whole = static_cast<long long>(std::round(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

FactTable progress_facts(const ReportData& data) {
  const optimise::OptimiserState& state = data.run.checkpoint.state;
  FactTable table{"Progress", {}};
  const int asked = data.run.info ? data.run.info->generations : state.generation;
  table.rows.emplace_back("generations", asked > state.generation ? fmt::format("{} of {}", state.generation, asked)
                                                                  : fmt::format("{}", state.generation));
  table.rows.emplace_back("evaluations", fmt::format("{}", state.evaluations));
  table.rows.emplace_back("failed evaluations", fmt::format("{}", state.failed_evaluations));
  table.rows.emplace_back("sum of scores of the best", fmt::format("{:.6g}", state.hall_of_fame[0].fitness.sum()));
  table.rows.emplace_back("found in generation", fmt::format("{}", state.hall_of_fame[0].generation));
  const double seconds = total_seconds(data.run.timings);
  if (seconds > 0) {
    table.rows.emplace_back("time of all generations", duration_text(seconds));
    table.rows.emplace_back("evaluations per second",
                            fmt::format("{:.3g}", static_cast<double>(state.evaluations) / seconds));
  }
  return table;
}

FactTable setting_facts(const ReportData& data) {
  const run::RunIdentity& identity = data.run.checkpoint.identity;
  FactTable table{"Settings", {}};
  table.rows.emplace_back("algorithm", identity.algorithm);
  table.rows.emplace_back("seed", fmt::format("{}", identity.seed));
  table.rows.emplace_back("offspring", fmt::format("{}", identity.offspring));
  table.rows.emplace_back("eta, mutpb, cxpb",
                          fmt::format("{:g}, {:g}, {:g}", identity.eta, identity.mutpb, identity.cxpb));
  table.rows.emplace_back("hall of fame", fmt::format("{}", identity.hall_of_fame));
  if (data.run.info && data.run.info->origin.external) return table;
  table.rows.emplace_back("engine", identity.engine);
  table.rows.emplace_back("step", identity.step == "fixed"
                                      ? fmt::format("fixed, {:g} ms", identity.dt_ms)
                                      : fmt::format("{}, atol {:g}", identity.step, identity.atol));
  table.rows.emplace_back("numeric", identity.numeric);
  return table;
}

FactTable origin_facts(const ReportData& data) {
  FactTable table{"Origin", {}};
  if (data.run.info) {
    const run::RunInfo& info = *data.run.info;
    table.rows.emplace_back(info.origin.external ? "problem file" : "cell file", info.origin.problem_file.string());
    table.rows.emplace_back("started", info.started);
    table.rows.emplace_back(info.origin.external ? "workers" : "threads", fmt::format("{}", info.origin.threads));
    table.rows.emplace_back("run by", "cellwright " + info.program_version);
  }
  table.rows.emplace_back("run directory", fs::absolute(data.run.folder).lexically_normal().string());
  table.rows.emplace_back("hash of the problem", data.run.checkpoint.identity.problem_hash);
  table.rows.emplace_back("report by", fmt::format("cellwright {}, {}", data.version, data.made));
  return table;
}

}  // namespace

std::vector<FactTable> list_facts(const ReportData& data) {
  return {progress_facts(data), setting_facts(data), origin_facts(data)};
}

std::vector<std::pair<std::string, std::string>> list_commands(const ReportData& data) {
  if (!data.run.info) return {};
  const run::RunOrigin& origin = data.run.info->origin;
  const fs::path folder = fs::absolute(data.run.folder).lexically_normal();
  const std::string best = (folder / run::files::best_params).string();
  std::vector<std::pair<std::string, std::string>> commands;
  commands.emplace_back("Run it", fmt::format("cd {} && {}", shell_quoted(origin.working_directory.string()),
                                              shell_command(origin.command)));
  commands.emplace_back("Score the best parameters",
                        shell_command({"cellwright", "evaluate", origin.problem_file.string(), "--params", best}));
  if (!origin.external) {
    commands.emplace_back("Write its traces", shell_command({"cellwright", "simulate", origin.problem_file.string(),
                                                             "--params", best, "--out", "traces"}));
  }
  commands.emplace_back("Make this report again", shell_command({"cellwright", "report", folder.string()}));
  return commands;
}

}  // namespace cellwright::report
