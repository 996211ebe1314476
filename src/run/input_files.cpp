#include "cellwright/run/input_files.hpp"

#include <set>

#include "cellwright/base/error.hpp"
#include "cellwright/base/file.hpp"

namespace cellwright::run {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_beside = 4 << 20;

std::string absolute_text(const fs::path& path) { return fs::absolute(path).lexically_normal().string(); }

void add_number(std::string& bytes, std::uint64_t number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

/// The text that stands at `position` behind its length.
std::string take_text(const std::string& packed, std::size_t& position) {
  std::uint64_t size = 0;
  const bool has_size = packed.size() - position >= sizeof(size);
  if (has_size) packed.copy(reinterpret_cast<char*>(&size), sizeof(size), position);
  position += sizeof(size);
  if (!has_size || size > packed.size() - position)
    throw DistributionError(Diagnostic{.code = "rank-message", .message = "a message from another rank is broken"});
  position += size;
  return packed.substr(position - size, size);
}

}  // namespace

std::vector<InputFile> read_inputs(const std::vector<fs::path>& files, const std::vector<fs::path>& folders) {
  std::set<std::string> paths;
  for (const fs::path& file : files) paths.insert(absolute_text(file));
  std::error_code code;
  for (const fs::path& folder : folders) {
    for (const auto& entry : fs::directory_iterator(folder, code)) {
      if (entry.is_regular_file(code) && entry.file_size(code) <= largest_beside)
        paths.insert(absolute_text(entry.path()));
    }
  }
  std::vector<InputFile> inputs;
  for (const std::string& path : paths) inputs.push_back({.path = path, .content = read_file(path)});
  return inputs;
}

fs::path mirrored_path(const fs::path& root, const fs::path& path) { return root / path.relative_path(); }

void write_inputs(const std::vector<InputFile>& inputs, const fs::path& root) {
  for (const InputFile& input : inputs) {
    const fs::path path = mirrored_path(root, input.path);
    fs::create_directories(path.parent_path());
    write_file_atomically(path, input.content);
  }
}

std::string pack_inputs(const std::vector<InputFile>& inputs) {
  std::string packed;
  for (const InputFile& input : inputs) {
    for (const std::string* text : {&input.path, &input.content}) {
      add_number(packed, text->size());
      packed += *text;
    }
  }
  return packed;
}

std::vector<InputFile> unpack_inputs(const std::string& packed) {
  std::vector<InputFile> inputs;
  for (std::size_t position = 0; position < packed.size();) {
    InputFile input{.path = take_text(packed, position), .content = {}};
    input.content = take_text(packed, position);
    inputs.push_back(std::move(input));
  }
  return inputs;
}

}  // namespace cellwright::run
