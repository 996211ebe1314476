// Reads a list of BluePyOpt's dictionaries (JSON) and writes what became of them: ephys_dump IN.json
#include <cstdio>

#include "cellwright/base/error.hpp"
#include "cellwright/ephys/serializer.hpp"

int main(int count, char** arguments) try {
  using namespace cellwright;
  if (count != 2) return std::fprintf(stderr, "usage: ephys_dump IN.json\n"), 2;
  const text::JsonDocument document = text::load_json(arguments[1]);
  const char* separator = "[\n";
  for (const text::JsonValue& item : document.root().as_array()) {
    std::printf("%s%s", separator, ephys::to_json(*ephys::from_json(item)).c_str());
    separator = ",\n";
  }
  std::printf("\n]\n");
  return 0;
} catch (const cellwright::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
