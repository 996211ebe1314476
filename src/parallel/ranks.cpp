#include "cellwright/parallel/ranks.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include <dlfcn.h>
#include <sched.h>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "parallel/mpi/plugin.h"

namespace cellwright::parallel {
namespace {

namespace fs = std::filesystem;

constexpr const char* plugin_name = "cellwright_mpi.so";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

int integer(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

/// How many processes the launcher started together, and the variable that says so; 1 without a launcher.
struct Launch {
  int size = 1;
  std::string variable;
};

Launch find_launch() {
  // An mpirun inside a Slurm job leaves Slurm's variables of its own daemons: MPI's come first.
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS", "SLURM_STEP_NUM_TASKS"}) {
    const int size = integer(environment(variable));
    if (size > 0) return {.size = size, .variable = variable};
  }
  return {};
}

/// $CELLWRIGHT_MPI, else beside the program, else where it is installed.
fs::path find_plugin() {
  if (const std::string named = environment("CELLWRIGHT_MPI"); !named.empty()) return named;
  std::error_code code;
  const fs::path folder = fs::read_symlink("/proc/self/exe", code).parent_path();
  for (const fs::path& path : {folder / plugin_name, folder.parent_path() / "lib" / "cellwright" / plugin_name}) {
    if (fs::is_regular_file(path, code)) return path;
  }
  return {};
}

struct Plugin {
  const cw_ranks_functions* functions = nullptr;
  std::string problem{};  ///< why there is none
  fs::path path{};
};

Plugin load_plugin() {
  Plugin plugin{.path = find_plugin()};
  if (plugin.path.empty()) {
    plugin.problem = fmt::format("built without MPI: there is no {} beside the program", plugin_name);
    return plugin;
  }
  // Global: the parts that MPI loads itself look for its symbols.
  void* handle = ::dlopen(plugin.path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (handle == nullptr) {
    const char* reason = ::dlerror();
    plugin.problem = reason == nullptr ? "it cannot be loaded" : reason;
    return plugin;
  }
  const auto entry = reinterpret_cast<cw_ranks_entry>(::dlsym(handle, CW_RANKS_ENTRY));
  const cw_ranks_functions* functions = entry == nullptr ? nullptr : entry();
  if (functions == nullptr || functions->version != CW_RANKS_VERSION) {
    plugin.problem = fmt::format("'{}' is of another version of cellwright", plugin.path.string());
    return plugin;
  }
  plugin.functions = functions;
  return plugin;
}

class MpiRanks final : public Ranks {
 public:
  explicit MpiRanks(const cw_ranks_functions& mpi) : mpi_(mpi) { check(mpi_.open(&context_)); }
  ~MpiRanks() override { mpi_.close(context_); }

  int rank() const override { return mpi_.rank(context_); }
  int size() const override { return mpi_.size(context_); }
  int node_rank() const override { return mpi_.node_rank(context_); }
  std::string host() const override { return mpi_.host(context_); }

  std::string broadcast(const std::string& text) override {
    return shared(text, [this](void* data, std::uint64_t bytes) { check(mpi_.broadcast(context_, data, bytes)); });
  }
  std::string node_broadcast(const std::string& text) override {
    return shared(text, [this](void* data, std::uint64_t bytes) { check(mpi_.node_broadcast(context_, data, bytes)); });
  }

  void node_barrier() override {
    const char mine = 0;
    std::string all(static_cast<std::size_t>(mpi_.node_size(context_)), '\0');
    check(mpi_.node_gather(context_, &mine, 1, all.data()));
  }

  std::size_t fair_threads() override {
    cpu_set_t mine;
    CPU_ZERO(&mine);
    if (::sched_getaffinity(0, sizeof(mine), &mine) != 0) return 1;
    std::vector<cpu_set_t> all(static_cast<std::size_t>(mpi_.node_size(context_)));
    check(mpi_.node_gather(context_, &mine, sizeof(mine), all.data()));
    double share = 0;
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (!CPU_ISSET(cpu, &mine)) continue;
      share += 1.0 / static_cast<double>(
                         std::ranges::count_if(all, [cpu](const cpu_set_t& set) { return CPU_ISSET(cpu, &set) != 0; }));
    }
    return std::max<std::size_t>(1, static_cast<std::size_t>(share + 1e-9));
  }

  void send(int to, std::string_view bytes) override { check(mpi_.send(context_, to, bytes.data(), bytes.size())); }

  std::optional<RankMessage> receive() override {
    RankMessage message{.from = -1, .bytes = {}};
    const void* data = nullptr;
    std::uint64_t bytes = 0;
    check(mpi_.receive(context_, &message.from, &data, &bytes));
    if (message.from < 0) return std::nullopt;
    message.bytes.assign(static_cast<const char*>(data), bytes);
    return message;
  }

  [[noreturn]] void abort(int status) override {
    mpi_.abort(context_, status);
    std::_Exit(status);
  }

 private:
  void check(int code) const {
    if (code == 0) return;
    throw DistributionError(Diagnostic{.code = "mpi",
                                       .message = fmt::format("MPI reports: {}", mpi_.error_text(code)),
                                       .fix = "start the run again with --resume: it goes on"});
  }

  /// The size goes first.
  template <class Share>
  static std::string shared(std::string text, const Share& share) {
    std::uint64_t size = text.size();
    share(&size, sizeof(size));
    text.resize(size);
    if (size > 0) share(text.data(), size);
    return text;
  }

  const cw_ranks_functions& mpi_;
  cw_ranks_context* context_ = nullptr;
};

}  // namespace

std::unique_ptr<Ranks> join_ranks() {
  const Launch launch = find_launch();
  if (launch.size <= 1) return nullptr;
  const Plugin plugin = load_plugin();
  if (plugin.functions == nullptr) {
    throw DistributionError(
        Diagnostic{.code = "mpi-missing",
                   .message = fmt::format("{} processes were started together, but cellwright cannot use MPI: {}",
                                          launch.size, plugin.problem),
                   .fix = "build it with MPI (Debian: libopenmpi-dev), or start one process"});
  }
  auto ranks = std::make_unique<MpiRanks>(*plugin.functions);
  if (ranks->size() == launch.size) return ranks;
  throw DistributionError(
      Diagnostic{.code = "mpi-launch",
                 .message = fmt::format("the launcher started {} processes ({}), but MPI sees {}", launch.size,
                                        launch.variable, ranks->size()),
                 .fix = "with Slurm: srun --mpi=pmix (srun --mpi=list shows what there is), or mpirun"});
}

RanksSupport find_ranks_support() {
  const Plugin plugin = load_plugin();
  if (plugin.functions == nullptr) return {.available = false, .text = plugin.problem};
  std::string library = plugin.functions->library();
  return {.available = true, .text = library.substr(0, library.find_first_of(",\n"))};
}

}  // namespace cellwright::parallel
