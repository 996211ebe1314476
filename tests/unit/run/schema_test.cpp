#include "cellwright/run/schema.hpp"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cellwright/text/located_json.hpp"

namespace cellwright::run {
namespace {

TEST(Schema, KeysOfATypeAreUnique) {
  for (const TypeSchema& type : cell_file_schema()) {
    std::set<std::string_view> names;
    for (const KeyRow& row : type.keys) EXPECT_TRUE(names.insert(row.name).second) << type.name << "." << row.name;
  }
}

TEST(Schema, EveryRowSaysWhatItMeansInASentence) {
  for (const TypeSchema& type : cell_file_schema()) {
    for (const KeyRow& row : type.keys) EXPECT_TRUE(row.doc.ends_with('.')) << type.name << "." << row.name;
  }
}

TEST(Schema, DefaultsAreAmongTheChoices) {
  for (const TypeSchema& type : cell_file_schema()) {
    for (const KeyRow& row : type.keys) {
      if (row.choices.empty() || row.default_value.empty()) continue;
      const std::string value(row.default_value.substr(1, row.default_value.size() - 2));
      EXPECT_THAT(split_choices(row.choices), testing::Contains(value)) << type.name << "." << row.name;
    }
  }
}

TEST(Schema, ReferencesOfTheJsonSchemaExist) {
  const text::JsonDocument document = text::parse_json(json_schema(), "schema");
  const std::string text = json_schema();
  const text::JsonValue& definitions = document.root().at("$defs");
  for (std::size_t at = text.find("#/$defs/"); at != std::string::npos; at = text.find("#/$defs/", at + 1)) {
    const std::string name = text.substr(at + 8, text.find('"', at) - at - 8);
    EXPECT_NE(definitions.find(name), nullptr) << name;
  }
}

TEST(Schema, JsonSchemaLeavesOutWhatIsNotSupported) {
  const text::JsonDocument document = text::parse_json(json_schema(), "schema");
  const text::JsonValue& parameter = document.root().at("$defs").at("parameter").at("properties");
  EXPECT_EQ(parameter.find("step_begin"), nullptr);
  EXPECT_NE(parameter.find("bounds"), nullptr);
}

TEST(Schema, ChoicesAreSplitAtBars) {
  EXPECT_THAT(split_choices("a|b|c"), testing::ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_choices(""), testing::IsEmpty());
}

TEST(Schema, CommentKeys) {
  EXPECT_TRUE(is_comment_key("__comment"));
  EXPECT_TRUE(is_comment_key("comment_on_this"));
  EXPECT_FALSE(is_comment_key("_comment"));
}

}  // namespace
}  // namespace cellwright::run
