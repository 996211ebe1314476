#include "cli/rank_session.hpp"

#include <csignal>
#include <cstdlib>
#include <set>

#include <fmt/format.h>
#include <unistd.h>

#include "cellwright/base/file.hpp"
#include "cellwright/evaluate/rank_crew.hpp"
#include "cellwright/run/cell_evaluator.hpp"
#include "cellwright/run/content_hash.hpp"
#include "cellwright/run/rank_startup.hpp"
#include "cli/exit_status.hpp"
#include "cli/problem_options.hpp"

namespace cellwright::cli {

namespace fs = std::filesystem;

/// The inputs of a run on this machine, in a folder that its first rank makes and removes: rank 0 has read them, and
/// nobody else does. All ranks of a machine make and destroy it together.
class LocalInputs {
 public:
  LocalInputs(parallel::Ranks& ranks, const std::vector<run::InputFile>& inputs) : ranks_(ranks) {
    std::string folder;
    if (ranks.node_rank() == 0) {
      folder = (fs::temp_directory_path() / fmt::format("cellwright-inputs-{}", ::getpid())).string();
      try {
        run::write_inputs(inputs, folder);
      } catch (const Error& error) {
        problem_ = error.diagnostics().front().message;
      }
    }
    root_ = ranks.node_broadcast(folder);
  }
  ~LocalInputs() {
    try {
      ranks_.node_barrier();
    } catch (const Error&) {
      return;  // whoever is lost ends the job
    }
    std::error_code code;
    if (ranks_.node_rank() == 0) fs::remove_all(root_, code);
  }
  LocalInputs(const LocalInputs&) = delete;
  LocalInputs& operator=(const LocalInputs&) = delete;

  /// @throws ConfigError "file-write" if this process could not write them.
  void check() const {
    if (!problem_.empty()) throw ConfigError(Diagnostic{.code = "file-write", .message = problem_});
  }
  const fs::path& root() const { return root_; }
  fs::path path(const fs::path& original) const { return run::mirrored_path(root_, original); }

 private:
  parallel::Ranks& ranks_;
  fs::path root_;
  std::string problem_;
};

namespace {

std::vector<std::string> without_program(const std::vector<std::string>& arguments) {
  return {arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end()};
}

/// --threads, or this rank's part of the machine. All ranks of a machine ask together.
std::size_t threads_of(parallel::Ranks* ranks, std::int64_t asked) {
  const std::size_t fair = ranks == nullptr ? 0 : ranks->fair_threads();
  return asked == 0 ? fair : static_cast<std::size_t>(asked);
}

std::map<std::string, std::string> hashes_of(const std::vector<run::InputFile>& inputs) {
  std::map<std::string, std::string> hashes;
  for (const run::InputFile& input : inputs) hashes[input.path] = run::hash_text(input.content);
  return hashes;
}

evaluate::RankPatience patience(double lost_after_s) {
  return {.sign_every_s = std::min(5.0, lost_after_s / 6), .lost_after_s = lost_after_s};
}

/// What another rank builds to evaluate.
std::unique_ptr<evaluate::Crew> build_crew(const run::Invitation& invitation, const LocalInputs& inputs,
                                           const RankOptions& options, std::size_t threads, int rank,
                                           run::RankReport& report) {
  const fs::path problem_file = inputs.path(invitation.problem_file);
  if (invitation.external) {
    const run::ExternalProblem problem =
        run::load_external_problem(problem_file, invitation.problem_file.parent_path(), inputs.root());
    report.problem_hash = problem.hash;
    const std::size_t first_worker = static_cast<std::size_t>(rank) * problem.workers + 1;
    return run::make_external_crew(problem, run_folder(options.out, problem.name), true, first_worker);
  }
  run::Problem problem = run::load_problem(problem_file, inputs.root());
  if (problem.cell.hoc)  // what the template itself loads is not among the inputs
    problem.cell.hoc->folder = fs::path("/") / problem.cell.hoc->folder.lexically_relative(inputs.root());
  options.simulator.apply(problem.simulator);
  report.problem_hash = problem.hash;
  report.engine = run::engine_name(problem.simulator);
  return run::make_cell_crew(run::make_cell_evaluator(problem, parallel::make_shared_executor(threads)),
                             problem.simulator.numeric);
}

std::vector<Diagnostic> errors_among(const std::vector<Diagnostic>& diagnostics) {
  std::vector<Diagnostic> errors;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity == Severity::error) errors.push_back(diagnostic);
  }
  return errors;
}

}  // namespace

std::string run_folder(const std::string& out, const std::string& name) {
  return out.empty() ? fmt::format("./{}-run", name) : out;
}

RankSession::RankSession(std::unique_ptr<parallel::Ranks> ranks, const RankOptions& options)
    : ranks_(std::move(ranks)),
      lost_after_s_(options.lost_after_s),
      threads_(threads_of(ranks_.get(), options.threads)) {}

RankSession::~RankSession() {
  if (!ranks_) return;
  try {
    inputs_.reset();
    invited_ ? evaluate::end_ranks(*ranks_, status_) : run::cancel_invitation(*ranks_);
  } catch (const Error&) {
    ranks_->abort(status_);
  }
}

void RankSession::abort(int status) {
  ranks_->abort(status);
  std::_Exit(status);  // GCC does not believe a virtual function that it does not return
}

void RankSession::invite(const fs::path& file, bool external, const std::vector<run::InputFile>& inputs,
                         const Program& program) {
  input_hashes_ = hashes_of(inputs);
  run::send_invitation(*ranks_, {.arguments = without_program(program.arguments),
                                 .problem_file = fs::absolute(file).lexically_normal(),
                                 .external = external,
                                 .inputs = inputs});
  invited_ = true;
  inputs_ = std::make_unique<LocalInputs>(*ranks_, inputs);
}

void RankSession::invite(const run::Problem& problem, const Program& program) {
  if (ranks_) invite(problem.file, false, run::read_inputs(problem.files, problem.cell.mechanism_directories), program);
}

void RankSession::invite(const run::ExternalProblem& problem, const Program& program) {
  if (ranks_) invite(problem.file, true, run::read_inputs(problem.files, {}), program);
}

std::shared_ptr<evaluate::CellEvaluator> RankSession::build(const run::Problem& problem) {
  std::shared_ptr<evaluate::CellEvaluator> evaluator;
  const auto build = [&] {
    if (inputs_) inputs_->check();
    evaluator = run::make_cell_evaluator(problem, parallel::make_shared_executor(threads_));
  };
  if (ranks_) {
    run::build_in_turn(*ranks_, build);
  } else {
    build();
  }
  return evaluator;
}

std::unique_ptr<evaluate::Crew> RankSession::gather(std::unique_ptr<evaluate::Crew> own,
                                                    const std::string& problem_hash, const std::string& engine,
                                                    const Console& console) {
  if (!ranks_) return own;
  inputs_->check();
  inputs_.reset();  // when the others of this machine have read theirs
  run::RankReport mine = run::report_of_this_process(ranks_->host());
  mine.problem_hash = problem_hash;
  mine.engine = engine;
  mine.files = input_hashes_;
  const std::vector<run::RankReport> reports = run::gather_reports(*ranks_, mine);
  std::vector<evaluate::Place> places;
  std::set<std::string> hosts = {mine.host};
  for (const run::RankReport& report : reports) {
    places.push_back(report.place);
    hosts.insert(report.host);
    console.detail(fmt::format("{}: {}, {} threads", report.place.name, report.instruction_set, report.threads));
    if (report.instruction_set == mine.instruction_set) continue;
    console.diagnostic({.severity = Severity::warning,
                        .code = "rank-processor",
                        .message = fmt::format("{} is of another kind ({}) than rank 0 ({}): last bits of results may "
                                               "depend on which one evaluates",
                                               report.place.name, report.instruction_set, mine.instruction_set)});
  }
  description_ = fmt::format(", {} ranks on {} machine{}", ranks_->size(), hosts.size(), hosts.size() == 1 ? "" : "s");
  return evaluate::make_rank_crew(*ranks_, std::move(own), std::move(places), patience(lost_after_s_));
}

void serve_as_rank(std::unique_ptr<parallel::Ranks> ranks, const RankOptions& options, const Program& program) {
  // Rank 0 decides when to stop.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  const std::size_t threads = threads_of(ranks.get(), options.threads);
  const std::optional<run::Invitation> invitation = run::receive_invitation(*ranks);
  int status = exit_status::success;  // rank 0 tells how it ended; another status here would hide its own
  if (invitation) {
    run::RankReport report = run::report_of_this_process(ranks->host());
    report.threads = threads;
    std::unique_ptr<evaluate::Crew> crew = evaluate::make_local_crew({}, {});
    try {
      const LocalInputs inputs(*ranks, invitation->inputs);
      report.files = hashes_of(invitation->inputs);
      const auto build = [&] {
        inputs.check();
        const auto other = run::different_arguments(invitation->arguments, without_program(program.arguments));
        if (other) throw ConfigError(Diagnostic{.code = "rank-differs", .message = *other});
        crew = build_crew(*invitation, inputs, options, threads, ranks->rank(), report);
      };
      invitation->external ? build() : run::build_in_turn(*ranks, build);
      report.place = crew->places().front();
    } catch (const Error& error) {
      report.errors = errors_among(error.diagnostics());
    }
    run::send_report(*ranks, report);
    try {
      status = evaluate::serve_rank(*ranks, *crew, patience(options.lost_after_s));
    } catch (const Error& error) {
      program.console.diagnostics(error.diagnostics());
      ranks->abort(exit_status::try_again);
    }
    crew.release();  // NOLINT: its threads may be at work, and nobody waits for them
  }
  ranks.reset();
  std::_Exit(status);
}

}  // namespace cellwright::cli
